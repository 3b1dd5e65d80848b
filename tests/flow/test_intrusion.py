"""A person in a drawn area at night: from the verdict of a detector to an alarm that stays."""

import time
from pathlib import Path

from fakes import FakeClock
from waiting import until

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Place, Schedule, Sensors, Zone
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.alarm import AlarmKind, AlarmState, Cause, Priority
from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.worker import PlainThreads
from embereye.storage.detections import Wanted
from embereye.storage.queries import Slice, alarms
from embereye.storage.zone_events import zone_events

_SQUARE = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
_NIGHT = time.mktime((2026, 1, 15, 23, 0, 0, 0, 0, -1))
_NOON = time.mktime((2026, 1, 15, 12, 0, 0, 0, 0, -1))


def _program(folder: Path, utc: float) -> tuple[Program, FakeClock]:
    """A console without cameras of its own; the test is the detector."""
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    gate = Zone(
        id="gate", name="Gate area", points=_SQUARE, labels=("person",), alarm=True,
        schedule=Schedule(start="20:00", end="06:00"),
    )  # fmt: skip
    camera = Camera(id="c1", name="North", source="rtsp://h/1", place="yard", zones=(gate,))
    changes = {
        "places": (Place(id="yard", name="Yard"),),
        "cameras": (camera,),
        "sensors": Sensors(enabled=False),
    }
    store.save(changes, store.current.revision)
    clock = FakeClock(utc=utc)
    site = Site(folder, store, FileSecrets(folder), PlainThreads(), clock, safe_mode=True)
    return Program(site), clock


def _see_a_person(program: Program, clock: FakeClock) -> None:
    for picture in range(4):
        person = Detection("person", 0.81, 160.0 + picture, 100.0, 40.0, 100.0)
        now = clock.advance(0.125)
        program.engine.post(
            DetectionResult(
                CameraId("c1"), 1, now, now, (person,), 0.0, 0.0, True, "m", 0.0, (640, 360)
            )
        )
    until("verdict on the screen", lambda: bool(program.desk.detections()))


def test_a_person_in_an_area_at_night_is_an_alarm_that_a_restart_keeps(tmp_path: Path) -> None:
    program, clock = _program(tmp_path, _NIGHT)
    program.start()
    try:
        _see_a_person(program, clock)
        until("alarm", lambda: bool(program.desk.alarms().alarms))
        (alarm,) = program.desk.alarms().alarms
        (followed,) = program.desk.followed()[CameraId("c1")]
        program.desk.post(AcknowledgeAsked(alarm.id, "anna"))
        acknowledged = AlarmState.ACKNOWLEDGED
        until("answer", lambda: program.desk.alarms().alarms[0].state is acknowledged)
    finally:
        program.stop()
    assert (alarm.key.kind, alarm.priority) == (AlarmKind.INTRUSION, Priority.HIGH)
    assert alarm.reasons == ("person in Gate area (0.81), camera North",)
    assert (alarm.place_name, alarm.cameras) == ("Yard", ("c1",))
    assert followed.zones == ("Gate area",)
    assert [row["kind"] for row in zone_events(tmp_path, Wanted(label="person"))] == ["entered"]
    assert [row["kind"] for row in alarms(tmp_path, Slice())] == ["intrusion"]

    program, _ = _program(tmp_path, _NIGHT + 60)
    program.start()
    try:
        (back,) = program.desk.alarms().alarms
        assert (back.id, back.cause, back.state) == (alarm.id, Cause.UNKNOWN, acknowledged)
    finally:
        program.stop()


def test_the_same_person_at_noon_is_no_alarm(tmp_path: Path) -> None:
    program, clock = _program(tmp_path, _NOON)
    program.start()
    try:
        _see_a_person(program, clock)
    finally:
        program.stop()
    assert program.desk.alarms().alarms == ()
    assert zone_events(tmp_path, Wanted()) == []


def test_a_bug_in_what_follows_alarms_hides_none(tmp_path: Path) -> None:
    program, clock = _program(tmp_path, _NIGHT)
    told: Mailbox[AlarmChanged] = Mailbox(10, Full.GROW)
    program.bus.subscribe(told, AlarmChanged)
    program.alarm_side.incidents.take = _fail  # type: ignore[method-assign]
    program.start()
    try:
        _see_a_person(program, clock)
        until("announcement", lambda: _announced(told))
    finally:
        program.stop()


def _announced(told: Mailbox[AlarmChanged]) -> bool:
    """Whether the intrusion is among what came; the bug itself is a fault that may come with it."""
    kinds = {one.alarm.key.kind for one in told.take_all(0.0) if one.announced}
    return AlarmKind.INTRUSION in kinds


def _fail(_: object) -> None:
    raise RuntimeError("a bug")
