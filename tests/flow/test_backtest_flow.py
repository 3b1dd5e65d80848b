"""A session of the real program on disk, played again: the same alarms; other limits, others."""

import time
from pathlib import Path

from waiting import until

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup
from embereye.config.schema import Camera, Device, DeviceLimits, Place, Sensors, Settings
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.ingest.simulate import DeviceSimulator
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.model.alarm import AlarmKind, Cause
from embereye.model.backtest import Outcome
from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged, SoundChanged
from embereye.runtime.clock import SystemClock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.worker import PlainThreads
from embereye.services.backtest import Backtest, BacktestAsked
from embereye.storage.queries import Slice, actions, alarms

_SMOKE = ConditionGroup(
    conditions=(
        Condition(input="label", label="person", limit=0.6, hits=2, of=3),
        Condition(input="thermal", limit=20.0),
    )
)


def _settings(folder: Path) -> SettingsStore:
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    changes = {
        "places": (Place(id="boiler", name="Boiler house"),),
        "cameras": (Camera(id="c1", name="North", source="rtsp://h/1", place="boiler"),),
        "devices": (
            Device(
                id="4711",
                name="Thermal",
                place="boiler",
                profile="centi27",
                limits=DeviceLimits(thermal_high=28.0, thermal_fire=250.0, thermal_delay=0.5),
            ),
        ),
        "rules": (AlarmRule(id="both", name="Somebody there", place="boiler", groups=(_SMOKE,)),),
        "sensors": Sensors(port=0),
    }
    store.save(changes, store.current.revision)
    return store


def _look(program: Program, clock: SystemClock, fire: float, number: int) -> None:
    at = clock.now()
    person = Detection("person", 0.81, 160.0 + number, 100.0, 40.0, 100.0)
    program.engine.post(
        DetectionResult(
            CameraId("c1"), number, at.later(-0.1), at, (person,), fire, 0.0, True, "m", 0.0,
            (640, 360),
        )
    )  # fmt: skip


def _session(folder: Path, store: SettingsStore) -> list[AlarmChanged]:
    """Some seconds of a device over TCP, verdicts, a fault and an acknowledgement."""
    clock = SystemClock()
    site = Site(folder, store, FileSecrets(folder), PlainThreads(), clock, safe_mode=True)
    program = Program(site)
    told: Mailbox[AlarmChanged] = Mailbox(1000, Full.GROW)
    program.bus.subscribe(told, AlarmChanged)
    program.start()
    try:
        until("port", lambda: program.devices.server.port != 0)
        port = program.devices.server.port
        device = SimulatedDevice("4711", profile="centi27", rate=2.0)
        program.supervise("simulator", DeviceSimulator("127.0.0.1", port, [device], clock))
        until("thermal alarm", lambda: _has(program, AlarmKind.FIRE))
        program.engine.post(SoundChanged(False, "No sound.", clock.now()))
        for number in range(8):
            _look(program, clock, 0.9, number)
            time.sleep(0.13)  # 8 looks a second, as cameras have; the record is in real time
        until("rule", lambda: _has(program, AlarmKind.RULE))
        until("fault", lambda: _has(program, AlarmKind.SYSTEM_FAULT))
        for alarm in program.desk.alarms().alarms:
            program.desk.post(AcknowledgeAsked(alarm.id, "anna"))
        program.engine.post(SoundChanged(True, "", clock.now()))
        until("end", lambda: not _has(program, AlarmKind.SYSTEM_FAULT))
        program.engine.post(SoundChanged(False, "No sound again.", clock.now()))
        until("fault again", lambda: _has(program, AlarmKind.SYSTEM_FAULT))
    finally:
        program.stop()
    return [changed for changed in told.take_all(0.0) if changed.announced]


def _has(program: Program, kind: AlarmKind) -> bool:
    found = [a for a in program.desk.alarms().alarms if a.key.kind is kind]
    return any(alarm.cause is Cause.ACTIVE for alarm in found)


def _with_limit(settings: Settings, celsius: float) -> Settings:
    (device,) = settings.devices
    limits = device.limits.model_copy(update={"thermal_high": celsius})
    return settings.model_copy(update={"devices": (device.model_copy(update={"limits": limits}),)})


def test_a_real_session_is_repeated_alarm_by_alarm(tmp_path: Path) -> None:
    store, clock = _settings(tmp_path), SystemClock()
    since = clock.now().utc
    told = _session(tmp_path, store)
    until = clock.now().utc
    result = Backtest(tmp_path, clock).run(
        BacktestAsked(since, until, store.current), lambda _: True
    )
    assert result.problem == ""
    # In order of what caused them: a picture is older than its verdict.
    told.sort(key=lambda changed: (changed.origin or changed.at).utc)
    live = [(c.alarm.key, c.alarm.priority, c.alarm.reasons) for c in told]
    assert len(live) >= 5
    replayed = [row.tried for row in result.rows]
    assert [(one.key, one.priority, one.reasons) for one in replayed if one] == live
    assert max(abs(row.shift) for row in result.rows) < 0.5
    assert {row.outcome for row in result.rows} == {Outcome.SAME}
    stored = {row["id"]: row for row in alarms(tmp_path, Slice())}
    assert {(row["place"], row["kind"], row["source"]) for row in stored.values()} == {
        (one.key.place, one.key.kind.value, one.key.source) for one in replayed if one
    }
    assert any(row["actor"] == "anna" for number in stored for row in actions(tmp_path, number))

    tried = _with_limit(store.current, 200.0)
    other = Backtest(tmp_path, clock).run(
        BacktestAsked(since, until, store.current, tried), lambda _: True
    )
    fires = [row for row in other.rows if row.one.key.kind is AlarmKind.FIRE]
    assert [row.outcome for row in fires] == [Outcome.SAME]
    assert fires[0].shift > 0.1, "without the thermal limit the fire is seen by the camera only"
