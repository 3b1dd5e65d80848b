"""From verdicts of detectors to what counts, and to alarms."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes import FakeClock
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from embereye.config.schema import Camera, Detection, Line, Place, Schedule, Settings, Zone
from embereye.model.alarm import AlarmKind
from embereye.model.detection import Detection as Found
from embereye.model.detection import DetectionResult
from embereye.model.ids import CameraId
from embereye.model.sighting import Sighting, ZoneEventKind
from embereye.runtime.engine import Engine
from embereye.services.intrusions import Intrusions
from embereye.services.places import places_of
from embereye.services.zone_site import zone_site
from embereye.services.zone_watch import ZoneWatch

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
SIZE = (640, 360)
NIGHT = Schedule(start="20:00", end="06:00")


def gate(**changes):
    values = {"id": "gate", "name": "Gate area", "points": LEFT, "labels": ("person",)}
    return Zone(**{**values, "alarm": True, **changes})


def stove(**changes):
    return Zone(**{"id": "stove", "name": "Stove", "points": LEFT, **changes})


FENCE = Line(id="f", name="Fence", points=((0.5, 1.0), (0.5, 0.0)))


def settings(*drawn, detection=None, **camera):
    zones = tuple(one for one in drawn if isinstance(one, Zone))
    lines = tuple(one for one in drawn if isinstance(one, Line))
    return Settings(
        places=(Place(id="yard", name="Yard"),),
        cameras=(
            Camera(
                id="c1", name="North", source="rtsp://h/1", place="yard", zones=zones,
                lines=lines, **camera,
            ),
            Camera(id="c2", name="South", source="rtsp://h/2", place="yard", zones=zones),
        ),
        detection=detection or Detection(),
    )  # fmt: skip


def at(x, foot=0.5, label="person", confidence=0.8, size=SIZE, height=0.2):
    """What was found with its foot at a fraction of the picture."""
    wide, high = size
    return Found(
        label, confidence, (x - 0.02) * wide, (foot - height) * high, 0.04 * wide, height * high
    )


class Yard:
    def __init__(self, *drawn, known=(0, 0), **changes):
        self.clock = FakeClock()
        self.engine = Engine(self.clock, on_bug=self._fail)
        self.reports, self.events, self.sightings, self.looks = [], [], [], 0
        chosen = settings(*drawn, **changes)
        intrusions = Intrusions(places_of(chosen), self.reports.append)
        self.watch = ZoneWatch(
            self.engine, zone_site(chosen), lambda _: known, intrusions, self.events.append
        )
        self.engine.on(Sighting, self.sightings.append)

    def see(self, *found, fire=0.0, smoke=0.0, camera="c1", size=SIZE, pictures=1):
        for _ in range(pictures):
            now = self.clock.now()
            self.looks += 1  # what is the same to the last digit is one look only
            seen = tuple(
                replace(one, confidence=one.confidence + 1e-6 * (self.looks % 7)) for one in found
            )
            result = DetectionResult(
                CameraId(camera), 1, now, now, seen, fire, smoke, True, "test", 0.01, size
            )
            self.engine.post(result)
            self.engine.step()
            self.clock.advance(0.125)
        return self.sightings[-1]

    def draw(self, *drawn, **changes):
        self.watch.assign(zone_site(settings(*drawn, **changes)))

    def _fail(self, text):
        raise AssertionError(text)


# --- flame and smoke -----------------------------------------------------------------------------


def test_a_camera_without_zones_keeps_its_score_without_any_box():
    assert Yard().see(fire=0.9).counting.fire == 0.9


def test_a_flame_inside_keeps_the_score_and_one_outside_loses_it():
    assert Yard(stove()).see(at(0.3, label="fire"), fire=0.9).counting.fire == 0.9
    sighting = Yard(stove()).see(at(0.7, label="fire"), fire=0.9)
    assert (sighting.counting.fire, sighting.counting.detections) == (0.0, ())
    assert sighting.seen.fire == 0.9, "the screen shows what was seen"
    assert len(sighting.seen.detections) == 1


def test_an_excluded_lamp_leaves_a_weaker_flame_its_share():
    lamp = stove(kind="exclude")
    found = at(0.3, label="fire", confidence=0.8), at(0.7, label="fire", confidence=0.6)
    sighting = Yard(lamp).see(*found, fire=0.9)
    assert sighting.counting.fire == pytest.approx(0.9 * 0.75)
    assert [one.x for one in sighting.counting.detections] == [found[1].x]


def test_a_score_without_a_box_counts_beside_an_excluded_area_only():
    assert Yard(stove(kind="exclude")).see(fire=0.9).counting.fire == 0.9
    assert Yard(stove()).see(fire=0.9).counting.fire == 0.0


def test_flame_and_smoke_are_judged_apart():
    only_fire = stove(labels=("fire",))
    found = at(0.7, label="fire"), at(0.7, label="smoke")
    sighting = Yard(only_fire).see(*found, fire=0.9, smoke=0.8)
    assert (sighting.counting.fire, sighting.counting.smoke) == (0.0, 0.8)


def test_a_flame_raises_no_intrusion():
    yard = Yard(gate(labels=()))
    yard.see(at(0.3, label="fire"), fire=0.9, pictures=10)
    assert yard.reports == []


def test_flames_are_shown_where_they_are_and_people_calmly():
    yard = Yard()
    yard.see(at(0.3), at(0.3, label="fire"))
    person, fire = yard.see(at(0.31), at(0.31, label="fire"), fire=0.9).seen.detections
    assert fire.x == at(0.31).x
    assert at(0.3).x < person.x < at(0.31).x
    assert (person.track, fire.track) == (1, 2)


# --- objects -------------------------------------------------------------------------------------


def test_a_person_inside_is_an_intrusion_with_area_time_confidence_and_camera():
    yard = Yard(gate(dwell=12.0))
    yard.see(at(0.3), pictures=96)
    assert yard.reports == []
    yard.see(at(0.3))
    (report,) = yard.reports
    assert (report.key.place, report.key.kind) == ("yard", AlarmKind.INTRUSION)
    assert report.reasons == ("person in Gate area for 12 s (0.80), camera North",)
    assert report.origin.mono == yard.clock.mono() - 0.125, "latency counts from the picture"


def test_a_person_outside_and_an_area_without_alarm_raise_nothing():
    yard = Yard(gate())
    yard.see(at(0.7), pictures=20)
    assert yard.reports == []
    yard = Yard(gate(alarm=False))
    yard.see(at(0.3), pictures=20)
    assert yard.reports == []


def test_a_line_tells_who_crossed_it_and_in_which_direction():
    yard = Yard(FENCE)
    for step in range(20):
        yard.see(at(0.3 + 0.02 * step, label="vehicle"))
    (report,) = yard.reports
    assert report.reasons == ("vehicle crossed Fence to the right (0.80), camera North",)


@pytest.mark.parametrize(
    ("local", "alarms"),
    [((2026, 1, 15, 19, 59), 0), ((2026, 1, 15, 20, 0), 1), ((2026, 1, 16, 5, 59), 1),
     ((2026, 1, 16, 6, 1), 0)],
)  # fmt: skip
def test_a_person_counts_between_20_and_6_only(local, alarms):
    yard = Yard(gate(schedule=NIGHT))
    yard.clock.jump_wall(time.mktime((*local, 0, 0, 0, -1)) - yard.clock.now().utc)
    yard.see(at(0.3), pictures=5)
    assert len(yard.reports) == alarms


@pytest.fixture
def in_berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("utc", "shown", "alarms"),
    [
        ((2026, 3, 29, 0, 59), "01:59", 0),
        ((2026, 3, 29, 1, 0), "03:00", 1),  # one minute later: 02:30 was left out
        ((2026, 3, 29, 1, 30), "03:30", 0),
        ((2026, 10, 25, 0, 30), "02:30", 1),
        ((2026, 10, 25, 1, 0), "02:00", 0),  # put back
        ((2026, 10, 25, 1, 30), "02:30", 1),
        ((2026, 10, 25, 2, 30), "03:30", 0),
    ],
)
def test_hours_follow_the_wall_clock_when_it_is_changed(utc, shown, alarms):
    yard = Yard(gate(schedule=Schedule(start="02:30", end="03:30")))
    wanted = datetime(*utc, tzinfo=UTC).timestamp()
    yard.clock.jump_wall(wanted - yard.clock.now().utc)
    assert time.strftime("%H:%M", time.localtime(wanted)) == shown
    yard.see(at(0.3), pictures=5)
    assert len(yard.reports) == alarms


def test_confidence_of_a_label_goes_before_that_of_all():
    chosen = Detection(confidence=0.5, class_confidence={"dog": 0.9})
    yard = Yard(detection=chosen)
    found = at(0.3, label="dog"), at(0.7, label="cat"), at(0.5, 0.9, label="cow", confidence=0.4)
    sighting = yard.see(*found)
    assert [one.label for one in sighting.seen.detections] == ["cat"]


def test_who_is_followed_has_a_trail_and_the_names_of_areas():
    yard = Yard(gate())
    for step in range(5):
        sighting = yard.see(at(0.3 + 0.01 * step))
    (followed,) = sighting.followed
    assert (followed.number, followed.confirmed, followed.zones) == (1, True, ("Gate area",))
    assert followed.trail[-1] == pytest.approx((0.34, 0.5))
    assert sighting.seen.detections[0].track == 1


def test_events_are_kept_with_what_they_are_about():
    yard = Yard(gate(), FENCE)
    for step in range(40):
        yard.see(at(0.3 + 0.01 * step))
    assert [(e.kind, e.name, e.label) for e in yard.events] == [
        (ZoneEventKind.ENTERED, "Gate area", "person"),
        (ZoneEventKind.CROSSED_RIGHT, "Fence", "person"),
        (ZoneEventKind.LEFT, "Gate area", "person"),
    ]
    assert yard.events[2].seconds == pytest.approx(2.5, abs=0.2)


# --- sizes ---------------------------------------------------------------------------------------


def test_boxes_of_a_sub_stream_are_placed_by_its_own_size():
    yard = Yard(gate(), known=(1920, 1080))
    yard.see(at(0.49, size=(352, 288)), size=(352, 288), pictures=5)
    assert len(yard.reports) == 1
    yard = Yard(gate(), known=(1920, 1080))
    yard.see(at(0.51, size=(352, 288)), size=(352, 288), pictures=5)
    assert yard.reports == []


def test_a_size_that_is_not_told_is_the_one_of_the_camera():
    yard = Yard(gate(), known=(1920, 1080))
    yard.see(at(0.49, size=(1920, 1080)), size=(0, 0), pictures=5)
    assert len(yard.reports) == 1


def test_without_any_size_nothing_has_a_place_and_it_is_said_once(caplog):
    yard = Yard(gate(), stove(kind="exclude"))
    sighting = yard.see(at(0.3, label="fire"), fire=0.9, size=(0, 0), pictures=5)
    assert (sighting.counting.fire, sighting.followed) == (0.9, ())
    assert len([r for r in caplog.records if "size is unknown" in r.message]) == 1


def test_boxes_that_are_no_numbers_are_left_out():
    odd = Found("person", 0.9, float("nan"), 0.0, float("inf"), 1.0)
    sighting = Yard(gate()).see(odd, at(0.3))
    assert len(sighting.seen.detections) == 1


_odd = st.floats() | st.floats(-100, 1000)
_boxes = st.builds(
    Found, st.sampled_from(["fire", "smoke", "person", ""]), _odd | st.floats(0, 1),
    _odd, _odd, _odd, _odd,
)  # fmt: skip


@settings_of(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.lists(_boxes, max_size=8), _odd, st.integers(-1, 3000), st.integers(-1, 3000)),
        max_size=5,
    )
)
def test_no_verdict_whatsoever_stops_the_watch(verdicts):
    yard = Yard(gate(), stove(), stove(id="lamp", kind="exclude"), FENCE)
    for found, score, width, height in verdicts:
        sighting = yard.see(*found, fire=score, size=(width, height))
        assert all(0 <= one.confidence <= 1.02 for one in sighting.seen.detections)
        assert not sighting.counting.fire > max(score, 0)


# --- changes while it runs -----------------------------------------------------------------------


def test_drawing_at_one_camera_loses_nobody_anywhere():
    yard = Yard(gate())
    for camera in ("c1", "c2"):
        yard.see(at(0.3), camera=camera, pictures=5)
    yard.draw(gate(), FENCE)
    sighting = yard.see(at(0.3), camera="c2")
    assert (sighting.seen.detections[0].track, sighting.followed[0].confirmed) == (1, True)
    assert yard.see(at(0.3)).seen.detections[0].track == 1


def test_unchanged_areas_keep_the_time_inside():
    yard = Yard(gate(dwell=5.0))
    yard.see(at(0.3), pictures=30)
    yard.draw(gate(dwell=5.0), detection=Detection(rate=4.0))
    yard.see(at(0.3), pictures=11)
    assert len(yard.reports) == 1


@pytest.mark.parametrize(("cache_age", "believed"), [(0.0, True), (10.0, True), (60.0, False)])
def test_a_verdict_that_stands_is_one_look_for_as_long_as_the_settings_let_it_stand(
    cache_age, believed
):
    yard = Yard(detection=Detection(cache_age=cache_age))
    for _ in range(20):  # 38 s: the same to the last digit
        yard.looks = 0
        sighting = yard.see(at(0.3))
        yard.clock.advance(1.875)
    assert sighting.followed[0].confirmed is believed


def test_a_new_least_confidence_counts_at_once():
    yard = Yard(detection=Detection(confidence=0.9))
    assert yard.see(at(0.3)).seen.detections == ()
    yard.draw(detection=Detection(confidence=0.5))
    assert len(yard.see(at(0.3)).seen.detections) == 1


def test_a_camera_that_is_not_looked_at_any_more_is_passed_on_untouched():
    yard = Yard(gate())
    yard.draw(gate(), detect=False)
    sighting = yard.see(at(0.3), fire=0.9)
    assert sighting.seen is sighting.counting


def test_an_area_taken_away_ends_its_alarm():
    yard = Yard(gate())
    yard.see(at(0.3), pictures=5)
    yard.draw()
    assert yard.reports[-1].cause.value == "clear"
