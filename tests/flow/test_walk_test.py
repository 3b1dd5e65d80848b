"""A walk test in the whole program: marked, over a restart, then real again."""

import time
from collections.abc import Callable
from pathlib import Path

from fakes import FakeClock

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Device, Place, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, Cause, OverlayKind, Priority, Report
from embereye.model.alarm_messages import WalkTestAsked
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import AlarmChanged
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.worker import PlainThreads
from embereye.storage.queries import Slice, actions, audit

_WAIT = 20.0  # s; a loaded machine is slow
_UTC = 1_768_500_000.0
_BOILER = AlarmKey(PlaceId("boiler"), AlarmKind.FIRE)
_GATE = AlarmKey(PlaceId("gate"), AlarmKind.FIRE)


class _Console:
    """One run of the program on a data directory.

    Attributes:
        announced: Ids of the alarms that were announced, as they came.
    """

    def __init__(self, folder: Path, utc: float) -> None:
        store = SettingsStore(Layers(folder / "settings.toml", environment={}))
        changes = {
            "places": (Place(id="boiler", name="Boiler house"), Place(id="gate", name="Gate")),
            "devices": (
                Device(id="d1", name="d1", place="boiler"),
                Device(id="d2", name="d2", place="boiler"),
            ),
            "sensors": Sensors(enabled=False),
        }
        store.save(changes, store.current.revision)
        self.clock = FakeClock(utc=utc)
        site = Site(folder, store, FileSecrets(folder), PlainThreads(), self.clock, safe_mode=True)
        self.program = Program(site)
        self._box: Mailbox[object] = Mailbox(1000, Full.GROW)
        self.program.bus.subscribe(self._box, AlarmChanged)
        self.announced: list[AlarmId] = []

    def __enter__(self) -> "_Console":
        self.program.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.program.stop()

    def burn(self, key: AlarmKey, *sources: str) -> Alarm:
        """Report a fire as the rules do, in the engine's thread; the alarm as it is shown."""
        now = self.clock.now()
        report = Report(
            key, Cause.ACTIVE, Priority.EMERGENCY, ("flame digital",), now, sources=sources
        )
        self.program.engine.call_later(0.0, lambda: self.program.alarms.report(report))
        self.until(lambda: self.of(key) is not None)
        alarm = self.of(key)
        assert alarm is not None
        return alarm

    def of(self, key: AlarmKey) -> Alarm | None:
        return next((a for a in self.program.desk.alarms().alarms if a.key == key), None)

    def until(self, met: Callable[[], bool]) -> None:
        end = time.monotonic() + _WAIT
        while not met():
            assert time.monotonic() < end, f"it did not happen within {_WAIT} s"
            time.sleep(0.01)
            for message in self._box.take_all(0.0):
                if isinstance(message, AlarmChanged) and message.announced:
                    self.announced.append(message.alarm.id)


def _recorded(folder: Path, text: str) -> bool:
    return any(row["text"] == text for row in audit(folder, Slice()))


def test_a_walk_test_goes_on_after_a_restart_and_its_end_makes_alarms_real(tmp_path: Path) -> None:
    with _Console(tmp_path, _UTC) as console:
        desk = console.program.desk
        desk.ask(WalkTestAsked((PlaceId("boiler"),), 600.0, "anna"))
        console.until(lambda: bool(desk.alarms().overlays))
        tested = console.burn(_BOILER, "device d1")
        assert tested.overlay is not None
        assert tested.overlay.kind is OverlayKind.TEST
        real = console.burn(_GATE)
        console.until(lambda: console.announced == [real.id])
        console.until(lambda: _recorded(tmp_path, "raised a test alarm"))

    with _Console(tmp_path, _UTC + 300.0) as console:
        running = console.program.desk.walk_tests().running
        assert running is not None
        assert (running.tested, running.missing) == (("device d1",), ("device d2",))
        tested = console.burn(_BOILER, "device d1")
        assert not tested.calling
        console.clock.advance(301.0)
        console.until(lambda: tested.id in console.announced)
        alarm = console.of(_BOILER)
        assert alarm is not None
        assert alarm.calling
        console.clock.advance(2.0)
        console.until(lambda: console.program.desk.walk_tests().last is not None)
    text = "ended: 1 raised a test alarm (device d1); 1 did not (device d2)"
    assert _recorded(tmp_path, text)
    assert "cause" in [row["event"] for row in actions(tmp_path, tested.id)]
