"""Alarms about objects where none should be."""

import pytest

from embereye.config.schema import Camera, Place, Settings
from embereye.model.alarm import AlarmKind, AlarmState, Cause, Priority
from embereye.model.ids import CameraId
from embereye.services.intrusions import Intruder, Intrusions
from embereye.services.places import places_of

C1, C2 = CameraId("c1"), CameraId("c2")


def places(of_c2="yard"):
    return places_of(
        Settings(
            places=(Place(id="yard", name="Yard"),),
            cameras=(
                Camera(id="c1", name="North", source="rtsp://h/1", place="yard"),
                Camera(id="c2", name="South", source="rtsp://h/2", place=of_c2),
            ),
        )
    )


def one(track=1, words="person in Gate (0.81), camera North", confidence=0.81):
    return Intruder(("zone gate", track), words, confidence)


class Yard:
    """Intrusions before real alarms, on a clock that tests move."""

    def __init__(self, desk):
        self.desk = desk
        self.intrusions = Intrusions(places(), desk.alarms.report)
        self.intrusions.assign(places(), [C1, C2], desk.clock.now())

    def see(self, camera=C1, *intruders, seconds=0.0, step=0.5):
        """Look at a camera every half second for so long, at least once."""
        for _ in range(max(1, round(seconds / step))):
            now = self.desk.clock.now()
            self.intrusions.look(camera, intruders, now, now)
            self.wait(step)

    def wait(self, seconds):
        for _ in range(max(1, round(seconds / 0.5))):
            self.desk.step(0.5)
            self.intrusions.tick(self.desk.clock.now())
        self.desk.step()

    @property
    def alarm(self):
        return self.desk.only


@pytest.fixture
def yard(desk):
    return Yard(desk)


def test_an_intruder_is_a_high_alarm_of_the_place_with_words_and_camera(yard):
    yard.see(C1, one())
    alarm = yard.alarm
    assert (alarm.key.place, alarm.key.kind) == ("yard", AlarmKind.INTRUSION)
    assert (alarm.priority, alarm.place_name) == (Priority.HIGH, "Yard")
    assert alarm.reasons == ("person in Gate (0.81), camera North",)
    assert (alarm.cameras, alarm.sources) == (("c1", "c2"), ("camera c1",))


def test_nobody_is_no_alarm(yard):
    yard.see(C1, seconds=20)
    assert yard.desk.alarms.current.alarms == ()


def test_two_cameras_of_one_place_raise_one_alarm(yard):
    yard.see(C1, one())
    yard.see(C2, one(words="person in Door (0.90), camera South", confidence=0.9), seconds=3)
    assert len(yard.desk.announced) == 1
    assert yard.alarm.reasons[0] == "person in Door (0.90), camera South", "the surest first"
    assert set(yard.alarm.sources) == {"camera c1", "camera c2"}


def test_it_ends_after_10_seconds_without_anybody_and_closes_when_acknowledged(yard):
    yard.see(C1, one())
    yard.see(C1, seconds=9)
    assert yard.alarm.cause is Cause.ACTIVE
    yard.see(C1, seconds=2)
    assert yard.alarm.state is AlarmState.RETURNED
    yard.desk.acknowledge()
    assert yard.desk.alarms.current.alarms == ()


def test_who_hides_for_a_moment_is_not_announced_again(yard):
    yard.see(C1, one())
    yard.desk.acknowledge()
    yard.see(C1, seconds=5)
    yard.see(C1, one(2))
    assert len(yard.desk.announced) == 1


def test_a_silent_camera_keeps_the_cause_as_unknown(yard):
    yard.see(C1, one())
    yard.wait(6)
    assert yard.alarm.cause is Cause.UNKNOWN
    yard.see(C2, seconds=20)
    assert yard.alarm.cause is Cause.UNKNOWN, "another camera cannot end it"
    yard.see(C1, seconds=11)
    assert yard.alarm.cause is Cause.CLEAR


def test_more_people_are_told_every_two_seconds_at_most(yard):
    for number in range(1, 9):
        yard.see(C1, *(one(n) for n in range(1, number + 1)), step=0.25)
    reports = [change for change in yard.desk.changes if change.alarm.reasons]
    assert len(reports) <= 4
    yard.see(C1, *(one(n) for n in range(1, 9)), seconds=3)
    assert len(yard.alarm.reasons) == 8


def test_a_crowd_is_counted(yard):
    yard.see(C1, *(one(n) for n in range(1, 26)))
    assert len(yard.alarm.reasons) == 11
    assert yard.alarm.reasons[-1] == "and 15 more"


def test_words_follow_a_lasting_cause_every_ten_seconds(yard):
    for second in range(60):
        yard.see(C1, one(words=f"person in Gate for {second / 2:.0f} s (0.81), camera North"))
    assert yard.alarm.reports <= 7
    assert yard.alarm.reasons != ("person in Gate for 0 s (0.81), camera North",)


def test_a_camera_that_is_gone_holds_nothing(yard):
    yard.see(C1, one())
    yard.intrusions.assign(places(), [C2], yard.desk.clock.now())
    yard.desk.step()
    assert yard.alarm.cause is Cause.CLEAR


def test_a_camera_that_moved_to_another_place_ends_its_cause_there(yard):
    yard.see(C2, one())
    yard.intrusions.assign(places(of_c2="roof"), [C1, C2], yard.desk.clock.now())
    yard.desk.step()
    assert yard.alarm.cause is Cause.CLEAR


def test_after_a_restart_the_cause_is_unknown_until_every_camera_was_clear(yard):
    yard.see(C1, one())
    later = Yard(yard.desk.restarted())
    later.intrusions.restore(later.desk.alarms.restore())
    later.see(C1, seconds=11)
    assert later.alarm.cause is Cause.UNKNOWN
    later.see(C2, seconds=11)
    assert later.alarm.cause is Cause.CLEAR


def test_after_a_restart_without_its_cameras_it_has_ended(yard):
    yard.see(C1, one())
    later = Yard(yard.desk.restarted())
    later.intrusions.restore(later.desk.alarms.restore())
    later.intrusions.assign(places(), [], later.desk.clock.now())
    later.desk.step()
    assert later.alarm.cause is Cause.CLEAR


def test_the_same_intruder_after_a_restart_is_the_same_alarm(yard):
    yard.see(C1, one())
    later = Yard(yard.desk.restarted())
    later.intrusions.restore(later.desk.alarms.restore())
    later.see(C1, one())
    assert (later.alarm.cause, later.alarm.id) == (Cause.ACTIVE, 1)


def test_a_camera_that_is_seldom_looked_at_ends_its_cause_too(yard):
    yard.see(C1, one())
    for _ in range(3):  # as `detection.floor_period` and cameras that upload pictures may have it
        yard.see(C1)
        yard.wait(9)
    assert yard.alarm.cause is Cause.CLEAR


def test_two_clear_looks_far_apart_end_nothing(yard):
    yard.see(C1, one())
    yard.see(C1)
    yard.wait(60)
    yard.see(C1)
    assert yard.alarm.cause is Cause.UNKNOWN
