"""Settings change while alarms are open: none of them loses its state."""

from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from fakes import FakeClock
from waiting import WAIT, until

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Device, Place, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsChanged, SettingsStore
from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.alarm_messages import AssignAsked, ShelveAsked
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import AcknowledgeAsked
from embereye.runtime.worker import PlainThreads
from embereye.storage.database import EVIDENCE_FILE, open_writer

YARD, HALL = PlaceId("yard"), PlaceId("hall")
KEYS = {
    AlarmKey(YARD, AlarmKind.FIRE): Priority.EMERGENCY,
    AlarmKey(HALL, AlarmKind.GAS): Priority.HIGH,
    AlarmKey(YARD, AlarmKind.CAMERA_FAULT, "c1"): Priority.DIAGNOSTIC,
    AlarmKey(HALL, AlarmKind.DEVICE_FAULT, "d1"): Priority.DIAGNOSTIC,
}
PLACES = (Place(id="yard", name="Yard"), Place(id="hall", name="Hall"))
CAMERA = Camera(id="c1", name="North", source="rtsp://h/1", place="yard")
DEVICE = Device(id="d1", name="D1", place="hall")


@dataclass(frozen=True)
class _Verdict:
    report: Report


@dataclass(frozen=True)
class _Followed:
    """All that was posted before it is done."""


class _Console:
    """A program without cameras of its own; the test is what judges and who handles."""

    def __init__(self, folder: Path) -> None:
        self.store = SettingsStore(Layers(folder / "settings.toml", environment={}))
        if not self.store.current.cameras:
            quiet = {"sensors": Sensors(enabled=False)}
            self.save(places=PLACES, cameras=(CAMERA,), devices=(DEVICE,), **quiet)
        self.clock = FakeClock()
        site = Site(
            folder, self.store, FileSecrets(folder), PlainThreads(), self.clock, safe_mode=True
        )
        self.program = Program(site)
        self.followed = Event()
        self.program.engine.on(_Followed, lambda _: self.followed.set())
        self.program.engine.on(_Verdict, lambda v: self.program.alarms.report(v.report))

    def save(self, **changes: object) -> SettingsChanged:
        old = self.store.current
        return SettingsChanged(old, self.store.save(changes, old.revision))

    def change(self, **changes: object) -> None:
        """Save, and wait until the engine has followed it."""
        self.followed.clear()
        self.program.engine.post(self.save(**changes))
        self.program.engine.post(_Followed())
        assert self.followed.wait(WAIT)

    def cause(self) -> None:
        for key, priority in KEYS.items():
            report = Report(key, Cause.ACTIVE, priority, ("r",), self.clock.now(), key.place)
            self.program.engine.post(_Verdict(report))
        until("alarms", lambda: len(self.alarms()) == len(KEYS))

    def handle(self) -> None:
        """The fire is shelved and assigned, the gas acknowledged."""
        post = self.program.engine.post
        post(ShelveAsked(AlarmId(1), 3600.0, "hot work", "anna"))
        post(AssignAsked(AlarmId(1), "tom", "anna"))
        post(AcknowledgeAsked(AlarmId(2), "anna"))
        until("answer", lambda: bool(self.alarms()[KEY_GAS].acknowledged_by))

    def alarms(self) -> dict[AlarmKey, Alarm]:
        return {alarm.key: alarm for alarm in self.program.desk.alarms().alarms}


KEY_FIRE, KEY_GAS, KEY_CAMERA, KEY_DEVICE = KEYS
_Facts = dict[AlarmKey, tuple[object, ...]]


def _facts(alarms: dict[AlarmKey, Alarm], *, causes: bool = True) -> _Facts:
    """What people decided, and what is known of the cause."""
    return {
        key: (
            a.id,
            a.state,
            a.cause if causes else None,
            a.overlay,
            a.assigned_to,
            a.acknowledged_by,
        )
        for key, a in alarms.items()
    }


_HARMLESS: tuple[dict[str, object], ...] = (
    {"places": (Place(id="yard", name="Yard 7"), PLACES[1])},
    {"cameras": (CAMERA.model_copy(update={"name": "Other", "source": "rtsp://h/2"}),)},
    {"devices": (DEVICE.model_copy(update={"name": "Other"}),)},
    {"role": "viewer", "operator": "ben"},
)


def test_no_alarm_changes_when_names_sources_and_roles_do(tmp_path: Path) -> None:
    console = _Console(tmp_path)
    console.program.start()
    try:
        console.cause()
        console.handle()
        before = _facts(console.alarms())
        for change in _HARMLESS:
            console.change(**change)
            assert _facts(console.alarms()) == before, change
    finally:
        console.program.stop()
    again = _Console(tmp_path)
    again.program.start()
    try:
        back = again.alarms()
        assert _facts(back, causes=False) == {
            key: (facts[0], facts[1], None, *facts[3:]) for key, facts in before.items()
        }
    finally:
        again.program.stop()


@pytest.mark.parametrize(
    ("change", "ended"),
    [
        ({"cameras": (CAMERA.model_copy(update={"place": "hall"}),)}, KEY_CAMERA),
        ({"places": (PLACES[0],), "devices": ()}, KEY_DEVICE),
    ],
    ids=["a camera is moved", "a place goes with its device"],
)
def test_only_the_fault_of_what_went_away_ends(
    tmp_path: Path, change: dict[str, object], ended: AlarmKey
) -> None:
    console = _Console(tmp_path)
    console.program.start()
    try:
        console.cause()
        console.handle()
        before = _facts(console.alarms())
        console.change(**change)
        until("end", lambda: console.alarms()[ended].cause is Cause.CLEAR)
        after = _facts(console.alarms())
        assert {key for key in KEYS if after[key] != before[key]} == {ended}
        assert console.alarms()[ended].unacknowledged
    finally:
        console.program.stop()


def test_an_alarm_that_cannot_be_read_at_the_start_is_a_fault(tmp_path: Path) -> None:
    console = _Console(tmp_path)
    console.program.start()
    console.cause()
    console.program.stop()
    connection = open_writer(tmp_path / EVIDENCE_FILE, durable=True)
    connection.execute("UPDATE alarms SET cause = 'flipped' WHERE id = 1")
    connection.close()
    again = _Console(tmp_path)
    again.program.start()
    try:
        key = AlarmKey(PlaceId("system"), AlarmKind.SYSTEM_FAULT, "worker stored alarms")
        until("fault", lambda: key in again.alarms())
        assert set(again.alarms()) == {*KEYS, key} - {KEY_FIRE}
        assert "1 stored alarms or shelvings cannot be read" in again.alarms()[key].reasons[0]
    finally:
        again.program.stop()
