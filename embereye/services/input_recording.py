"""Records everything that alarms depend on and that no other record has without loss.

Readings and thermal frames are in the history. Here come the verdicts of the detectors (each look
of each camera), faults, requests of people, settings, and what was announced; a backtest plays
them again. What the rules see is not rounded: the record is exact.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from embereye.config.schema import Settings
from embereye.config.store import SettingsChanged
from embereye.model.alarm import FAULTS, AlarmKey, AlarmTable, Report
from embereye.model.daily_test import CAMERA as SELF_TEST
from embereye.model.detection import DetectionResult
from embereye.model.device_messages import RelearnAsked
from embereye.model.ids import AlarmId, CameraId, DeviceId
from embereye.model.messages import AlarmChanged, DeviceGone, DeviceSeen
from embereye.model.reading import Profile, ThermalFrame
from embereye.rules.idle import Idle
from embereye.runtime.engine import Engine
from embereye.services import input_codec as codec
from embereye.services.input_codec import Beginning
from embereye.storage.verdict_codec import VerdictRun
from embereye.storage.verdicts import Made, RecordedInput

_RUN_SECONDS = 30.0  # what a kill can lose of verdicts; 10 s would cost a third more bytes
_RUN_LOOKS = 500  # a minute at the highest rate
_FLUSH = 1.0  # s between looks for runs that are old enough; inputs are handed over at once
_ALIVE = 60.0  # s between signs of life: how exactly the end of a killed run is known
_STATE = 900.0  # s between full states: a backtest begins at one, so it plays so much too much
_PRUNE = 10.0  # s; 500 rows each, thirty times what 16 cameras write
_MOST_DEVICES = 2_000  # as in services.history; ids are not authenticated
_DAY = 86_400.0  # s


class VerdictSink(Protocol):
    """Where inputs are kept; never blocks."""

    def save_run(self, run: VerdictRun) -> None:
        """Keep what the detectors said of one camera for a while."""

    def save_inputs(self, inputs: Sequence[RecordedInput | Made]) -> None:
        """Keep everything else that the rules were told."""

    def prune(self, before: float) -> None:
        """Remove what is older than this, s UTC."""


class InputRecording:
    """Takes what the engine takes. Engine thread; about 1 µs a verdict.

    A kill loses the newest 30 s of verdicts.

    Attributes:
        learned: The idle levels of the devices; set by who knows them, before `begin`.
        mode: The arming mode in force; likewise.
        doubted: The devices that begin causes and end none; likewise. Looked at each second.
    """

    def __init__(
        self,
        engine: Engine,
        sink: VerdictSink,
        settings: Callable[[], Settings],
        alarms: Callable[[], AlarmTable],
        retention_days: int,
    ) -> None:
        self.learned: Callable[[], Mapping[DeviceId, Idle]] = dict
        self.mode: Callable[[], str] = str
        self.doubted: Callable[[], frozenset[DeviceId]] = frozenset
        self._doubted: frozenset[DeviceId] = frozenset()
        self._engine = engine
        self._sink = sink
        self._settings = settings
        self._alarms = alarms
        self._retention = retention_days * _DAY
        self._open: dict[CameraId, list[DetectionResult]] = {}
        self._seen: dict[DeviceId, Profile] = {}
        self._blind: set[DeviceId] = set()
        self._inputs: list[RecordedInput | Made] = []
        engine.on(DetectionResult, self._take)
        engine.on(ThermalFrame, self._frame)
        engine.on(DeviceSeen, self._device_seen)
        engine.on(DeviceGone, self._device_gone)
        engine.on(SettingsChanged, self._settings_changed)
        engine.on(RelearnAsked, self._message)
        for kind in codec.REQUESTS:
            engine.on(kind, self._message)
        engine.every(_FLUSH, self._flush_due)
        engine.every(_ALIVE, lambda: self._note(codec.ALIVE, str(engine.clock.mono())))
        engine.every(_STATE, lambda: self._state(codec.STATE))
        engine.every(_PRUNE, self._prune)

    def begin(self) -> None:
        """A run begins: the open alarms are back; before the engine runs."""
        self._state(codec.START)
        self._hand_over()

    def flush(self) -> None:
        """Hand over everything, before a stop."""
        for camera in list(self._open):
            self._close(camera)
        self._note(codec.STOP, "")
        self._hand_over()

    def keep_days(self, days: int) -> None:
        """Remove what is older from the disk, from now on."""
        self._retention = days * _DAY

    def witness(self, report: Report) -> None:
        """Keep a report of a fault; other reports follow from what is recorded."""
        if report.key.kind in FAULTS:
            self._note(Report.__name__, codec.message_text(report))

    def take_alarm(self, changed: AlarmChanged) -> None:
        """Keep what was announced, to compare with."""
        if changed.announced:
            announcement = codec.announcement_of_change(changed)
            self._note(codec.ANNOUNCED, codec.announcement_text(announcement))

    def _take(self, result: DetectionResult) -> None:
        if result.camera == SELF_TEST:
            return
        run = self._open.setdefault(result.camera, [])
        if run and not 0.0 <= result.at.utc - run[0].at.utc <= _RUN_SECONDS:
            self._close(result.camera)  # readers look for runs of half a minute
            run = self._open.setdefault(result.camera, [])
        run.append(result)
        if len(run) >= _RUN_LOOKS:
            self._close(result.camera)

    def _close(self, camera: CameraId) -> None:
        run = self._open.pop(camera)
        if run:
            self._sink.save_run(VerdictRun(camera, tuple(run)))

    def _frame(self, frame: ThermalFrame) -> None:
        blind = frame.celsius is None
        if blind == (frame.device in self._blind):
            return
        if not blind:
            self._blind.discard(frame.device)
        elif len(self._blind) < _MOST_DEVICES:
            self._blind.add(frame.device)
        self._note(codec.BLIND, codec.blind_text(frame.device, blind))

    def _device_seen(self, seen: DeviceSeen) -> None:
        if self._seen.get(seen.device) is seen.profile:
            return
        if len(self._seen) < _MOST_DEVICES:
            self._seen[seen.device] = seen.profile
        self._message(seen)

    def _device_gone(self, gone: DeviceGone) -> None:
        self._seen.pop(gone.device, None)
        self._message(gone)

    def _settings_changed(self, changed: SettingsChanged) -> None:
        if changed.old is not changed.new:
            self._note(codec.SETTINGS, codec.settings_text(changed.new))

    def _message(self, message: object) -> None:
        alarm: AlarmId | None = getattr(message, "alarm", None)
        key = None if alarm is None else self._key(alarm)
        self._note(type(message).__name__, codec.message_text(message, key))

    def _key(self, alarm: AlarmId) -> AlarmKey | None:
        found = (one.key for one in self._alarms().alarms if one.id == alarm)
        return next(found, None)

    def _state(self, kind: str) -> None:
        table = self._alarms()
        beginning = Beginning(
            mono=self._engine.clock.mono(),
            settings=self._settings(),
            mode=self.mode(),
            idle=dict(self.learned()),
            seen=dict(self._seen),
            blind=frozenset(self._blind),
            alarms=table.alarms,
            overlays=table.overlays,
        )
        at_utc = self._engine.clock.now().utc
        # 3,000 open alarms take 0.1 s to write down, and alarms would wait for it.
        self._inputs.append(lambda: RecordedInput(at_utc, kind, codec.beginning_text(beginning)))
        if self._doubted:
            self._note_doubted()

    def _note_doubted(self) -> None:
        self._doubted = self.doubted()
        self._note(codec.DOUBTED, codec.doubted_text(self._doubted))

    def _note(self, kind: str, text: str) -> None:
        self._inputs.append(RecordedInput(self._engine.clock.now().utc, kind, text))

    def _flush_due(self) -> None:
        now = self._engine.clock.now().utc
        if self.doubted() != self._doubted:
            self._note_doubted()
        for camera, run in list(self._open.items()):
            if run and now - run[0].at.utc >= _RUN_SECONDS:
                self._close(camera)
        self._hand_over()

    def _hand_over(self) -> None:
        if self._inputs:
            self._sink.save_inputs(self._inputs)
            self._inputs = []

    def _prune(self) -> None:
        self._sink.prune(self._engine.clock.now().utc - self._retention)


class Reports:
    """Where services report verdicts: to the alarms, then to the record. Engine thread."""

    def __init__(self, witness: Callable[[Report], None], alarms: Callable[[Report], None]) -> None:
        self._witness = witness
        self._alarms = alarms

    def report(self, report: Report) -> None:
        """Take the verdict on one key."""
        self._alarms(report)
        self._witness(report)
