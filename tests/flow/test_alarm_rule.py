"""A rule that a supervisor wrote: from the verdict of a detector to an alarm that stays."""

from pathlib import Path

from fakes import FakeClock
from waiting import until

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup, Suppression
from embereye.config.schema import Camera, Place, Sensors, Zone
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.alarm import AlarmKind, Cause
from embereye.model.alarm_messages import ArmAsked
from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.runtime.worker import PlainThreads

_LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
_UTC = 1_768_500_000.0


def _settings(folder: Path) -> SettingsStore:
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    gate = Zone(id="gate", name="Gate", points=_LEFT, labels=("person",))
    somebody = Condition(label="person", zone="gate", limit=0.6)
    night = AlarmRule(
        id="night",
        name="Night gate",
        place="yard",
        groups=(ConditionGroup(conditions=(somebody,)),),
        modes=("armed",),
        latching=True,
    )
    works = Suppression(
        id="works", name="Roadworks", place="yard", kind="rule", modes=("disarmed",)
    )
    changes = {
        "places": (Place(id="yard", name="Yard"),),
        "cameras": (
            Camera(id="c1", name="North", source="rtsp://h/1", place="yard", zones=(gate,)),
        ),
        "sensors": Sensors(enabled=False),
        "rules": (night,),
        "suppressions": (works,),
    }
    store.save(changes, store.current.revision)
    return store


def _program(folder: Path, store: SettingsStore, utc: float) -> tuple[Program, FakeClock]:
    """A console without cameras of its own; the test is the detector."""
    clock = FakeClock(utc=utc)
    site = Site(folder, store, FileSecrets(folder), PlainThreads(), clock, safe_mode=True)
    return Program(site), clock


def _see(program: Program, clock: FakeClock) -> None:
    for picture in range(5):
        person = Detection("person", 0.81, 160.0 + picture, 100.0, 40.0, 100.0)
        now = clock.advance(0.125)
        program.engine.post(
            DetectionResult(
                CameraId("c1"), 1, now, now, (person,), 0.0, 0.0, True, "m", 0.0, (640, 360)
            )
        )


def test_a_rule_alarms_by_mode_and_survives_a_restart(tmp_path: Path) -> None:
    store = _settings(tmp_path)
    program, clock = _program(tmp_path, store, _UTC)
    program.start()
    try:
        _see(program, clock)
        until("alarm", lambda: bool(program.desk.alarms().alarms))
        (alarm,) = program.desk.alarms().alarms
        assert (alarm.key.kind, alarm.key.source) == (AlarmKind.RULE, "night")
        assert alarm.place_name == "Yard"
        assert alarm.reasons == (
            "Night gate: person 0.81 in zone Gate ≥ 0.60, camera North",
            "mode armed",
        )
        assert alarm.latching
        until("commit", lambda: program.desk.alarms().alarms[0].recorded)
    finally:
        program.stop()

    program, clock = _program(tmp_path, store, clock.now().utc + 5)
    program.start()
    try:
        (alarm,) = program.desk.alarms().alarms
        assert alarm.cause is Cause.UNKNOWN
        program.engine.post(ArmAsked("disarmed", "anna"))
        until("mode", lambda: program.desk.arming().mode == "disarmed")
        until("end", lambda: program.desk.alarms().alarms[0].cause is Cause.CLEAR)
        assert program.desk.alarms().alarms[0].reasons == ("Night gate: the mode is disarmed",)
        until("suppression", lambda: bool(program.desk.alarms().overlays))
    finally:
        program.stop()

    program, clock = _program(tmp_path, store, clock.now().utc + 5)
    program.start()
    try:
        assert program.desk.arming().mode == "disarmed", "the mode survives a restart"
        assert program.desk.arming().by == "anna"
    finally:
        program.stop()
