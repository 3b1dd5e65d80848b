"""Walk tests: marked, noted, over in time, and never at the cost of a real fire."""

import math

import pytest
from fakes import FakeClock

from embereye.config.schema import Camera, Device, Place, Settings
from embereye.model.alarm import (
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.alarm_messages import EndWalkTestAsked, WalkTestAsked
from embereye.model.ids import PlaceId
from embereye.model.messages import AlarmChanged
from embereye.services.access import Access
from embereye.services.walk_test import WalkTesting

BOILER, GATE = PlaceId("boiler"), PlaceId("gate")
GATE_FIRE = AlarmKey(GATE, AlarmKind.FIRE)
SETTINGS = Settings(
    places=(Place(id="boiler", name="Boiler house"), Place(id="gate", name="Gate")),
    cameras=(
        Camera(id="c1", name="c1", source="rtsp://10.0.0.1/1", place="boiler"),
        Camera(id="c2", name="c2", source="rtsp://10.0.0.1/2", place="gate"),
        Camera(id="c3", name="c3", source="rtsp://10.0.0.1/3", place="boiler", enabled=False),
    ),
    devices=(Device(id="d1", name="d1", place="boiler"),),
)


class Notes:
    """Keeps the course of walk tests in memory."""

    def __init__(self):
        self.rows = []

    def note(self, subject, actor, text, at):
        self.rows.append((at.utc, subject, actor, text))

    def found(self, source, actor, at):
        self.rows.append((at.utc, source, actor, ""))

    def found_since(self, utc):
        return tuple(subject for at, subject, _, text in self.rows if not text and at >= utc)


class Site:
    """Alarms, and the walk tests over them."""

    def __init__(self, desk, notes=None, settings=SETTINGS):
        self.desk, self.notes, self.settings = desk, notes or Notes(), settings
        desk.alarms._board._publish = self._publish
        access = Access(lambda: self.settings)
        self.walking = WalkTesting(
            desk.engine, desk.alarms, access, self.notes, lambda: self.settings, self._publish
        )

    def _publish(self, message):
        self.desk.published.append(message)
        if isinstance(message, AlarmChanged):
            self.walking.take(message)

    def begin(self, *places, seconds=1800.0, actor="miller"):
        self.desk.ask(WalkTestAsked(places, seconds, actor))

    def restarted(self, seconds=5.0):
        desk = self.desk.restarted()
        desk.clock.advance(seconds - 5.0)
        site = Site(desk, self.notes)
        desk.alarms.restore()
        site.walking.restore()
        return site

    @property
    def running(self):
        return self.walking.current.running

    @property
    def last(self):
        return self.walking.current.last


@pytest.fixture
def site(desk):
    return Site(desk)


def test_an_alarm_in_a_walk_test_is_marked_and_calls_nobody(site):
    site.begin(BOILER)
    site.desk.report()
    assert site.desk.only.overlay.kind is OverlayKind.TEST
    assert not site.desk.only.calling
    assert site.desk.announced == []


def test_a_fire_at_another_place_is_announced_as_ever(site):
    site.begin(BOILER)
    site.desk.report(key=GATE_FIRE)
    assert site.desk.only.overlay is None
    assert [alarm.key for alarm in site.desk.announced] == [GATE_FIRE]


def test_who_raised_a_test_alarm_is_noted_once(site):
    site.begin(BOILER)
    assert site.running.expected == ("camera c1", "device d1")
    site.desk.report(sources=("device d1",))
    site.desk.report(sources=("device d1", "camera c1"), reasons=("vision fire 0.81",))
    assert site.running.tested == ("device d1", "camera c1")
    assert site.running.missing == ()
    assert [row[1] for row in site.notes.rows[1:]] == ["device d1", "camera c1"]


def test_alarms_elsewhere_prove_nothing(site):
    site.begin(BOILER)
    site.desk.report(key=GATE_FIRE, sources=("camera c2",))
    assert site.running.tested == ()


def test_a_fault_proves_nothing(site):
    site.begin(BOILER)
    key = AlarmKey(BOILER, AlarmKind.DEVICE_FAULT, "d1")
    site.desk.report(key=key, priority=Priority.DIAGNOSTIC, sources=("device d1",))
    assert site.desk.only.overlay.kind is OverlayKind.TEST
    assert site.running.tested == ()


def test_it_ends_by_itself_and_announces_what_is_still_there(site):
    site.begin(BOILER, seconds=60.0)
    site.desk.report(sources=("device d1",))
    site.desk.acknowledge()
    site.desk.step(59.0)
    assert site.running is not None
    assert site.desk.announced == []
    site.desk.step(1.5)
    site.desk.step(1.0)
    assert site.running is None
    assert [alarm.state for alarm in site.desk.announced] == [AlarmState.UNACKNOWLEDGED]
    assert site.desk.only.calling


def test_its_end_leaves_what_is_over_alone(site):
    site.begin(BOILER, seconds=60.0)
    site.desk.report()
    site.desk.acknowledge()
    site.desk.report(cause=Cause.CLEAR)
    site.desk.step(61.0)
    assert site.desk.announced == []


def test_somebody_ends_it_and_gets_the_summary(site):
    site.begin(BOILER)
    site.desk.report(sources=("device d1",))
    site.desk.ask(EndWalkTestAsked("jones"))
    assert site.running is None
    assert (site.last.ended_by, site.last.tested, site.last.missing) == (
        "jones",
        ("device d1",),
        ("camera c1",),
    )
    assert site.notes.rows[-1][2:] == (
        "jones",
        "ended: 1 raised a test alarm (device d1); 1 did not (camera c1)",
    )
    assert site.desk.only.calling


def test_all_places_are_tested_where_none_is_named(site):
    site.begin()
    assert site.running.places == (BOILER, GATE)
    assert site.running.names == ("Boiler house", "Gate")


def test_it_survives_a_restart_with_what_is_left_of_its_time(site):
    site.begin(BOILER, seconds=600.0)
    site.desk.report(sources=("device d1",))
    site.desk.step(100.0)
    later = site.restarted()
    assert later.running.tested == ("device d1",)
    assert later.running.by == "miller"
    later.desk.step(480.0)
    assert later.running is not None
    later.desk.step(16.0)
    later.desk.step(1.0)
    assert later.running is None
    assert later.last.missing == ("camera c1",)


def test_an_alarm_of_before_the_restart_still_proves_its_source(site):
    site.begin(BOILER, seconds=600.0)
    site.desk.report(sources=("device d1",))
    later = site.restarted()
    later.desk.report(sources=("device d1", "camera c1"))
    assert later.running.tested == ("device d1", "camera c1")


def test_time_that_ran_out_while_the_program_was_off_is_over(site):
    site.begin(BOILER, seconds=60.0)
    later = site.restarted(seconds=120.0)
    later.desk.step(1.0)
    later.desk.step(1.0)
    assert later.running is None
    assert later.last.missing == ("camera c1", "device d1")
    assert later.desk.alarms.current.overlays == ()


def test_a_wall_clock_that_is_set_changes_nothing_of_its_length(site):
    site.begin(BOILER, seconds=60.0)
    site.desk.clock.jump_wall(-86_400.0)
    site.desk.step(2.0)
    site.desk.step(1.0)
    left = site.running.until_utc - site.desk.clock.now().utc
    assert left == pytest.approx(57.0, abs=1.0)
    site.desk.step(58.0)
    site.desk.step(1.0)
    assert site.running is None


@pytest.mark.parametrize("seconds", [0.0, 59.9, 8 * 3600.0 + 1.0, math.nan, math.inf])
def test_it_lasts_between_a_minute_and_eight_hours(site, seconds):
    site.begin(BOILER, seconds=seconds)
    assert site.running is None
    assert site.desk.refusals == ["A walk test lasts 1 minute to 8 hours. Choose a time between."]


def test_an_unknown_place_is_refused(site):
    site.begin(PlaceId("moon"))
    assert "no place moon" in site.desk.refusals[0]


def test_a_second_one_is_refused(site):
    site.begin(BOILER)
    site.begin(GATE)
    assert site.desk.refusals == ["A walk test is running already. End it first."]
    assert site.running.places == (BOILER,)


def test_an_open_alarm_is_never_made_quiet_by_a_test(site):
    site.desk.report()
    site.desk.acknowledge()
    site.begin(BOILER, GATE)
    assert site.running is None
    assert "Boiler house has an open alarm" in site.desk.refusals[0]
    assert site.desk.alarms.current.overlays == ()


def test_an_alarm_that_waits_for_the_disk_is_not_made_quiet_either(site):
    site.desk.store.fast = False
    site.desk.report()
    assert site.desk.alarms.current.alarms == ()  # not shown yet
    site.begin(BOILER)
    site.desk.store.commit()
    site.desk.step()
    assert site.running is None
    assert site.desk.only.calling


def test_an_operator_may_neither_begin_nor_end_one(site):
    site.begin(BOILER)
    site.settings = SETTINGS.model_copy(update={"role": "operator"})
    site.desk.ask(EndWalkTestAsked("anna"))
    assert site.running is not None
    site.begin(GATE)
    assert len(site.desk.refusals) == 2
    assert all("needs the role supervisor" in text for text in site.desk.refusals)


def test_ending_none_is_refused(site):
    site.desk.ask(EndWalkTestAsked("miller"))
    assert site.desk.refusals == ["No walk test is running."]


def test_one_that_waits_for_the_disk_is_not_over(make_desk):
    desk = make_desk(clock=FakeClock())
    desk.store.fast = False
    site = Site(desk)
    site.begin(BOILER)
    site.walking._look()
    assert site.running is not None


def test_a_test_of_somebody_else_proves_nothing(site):
    site.begin(BOILER)
    now = site.desk.clock.now().utc
    scope = Scope(GATE)
    site.desk.alarms.cover(
        Overlay(OverlayKind.TEST, scope, "self-test", "system", now, now + 60.0, Priority.EMERGENCY)
    )
    site.desk.report(key=GATE_FIRE, sources=("camera c2",))
    assert site.desk.only.overlay.kind is OverlayKind.TEST
    assert site.running.tested == ()
