"""The rules and alarms of one run, on a clock that the record moves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from embereye.config.schema import Settings
from embereye.model.alarm import Alarm, AlarmAction, AlarmKey, AlarmState, Overlay, Report
from embereye.model.detection import DetectionResult
from embereye.model.ids import AlarmId, CameraId, DeviceId
from embereye.model.messages import AlarmChanged
from embereye.model.overlay_record import OverlayRecord
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.idle import Idle
from embereye.rules.zones import Size
from embereye.runtime.engine import Engine
from embereye.services import input_codec as codec
from embereye.services.access import Access
from embereye.services.alarms import Alarms
from embereye.services.arming import Arming
from embereye.services.commits import Done
from embereye.services.input_codec import Announcement, Asked, Beginning
from embereye.services.intrusions import Intrusions
from embereye.services.places import fault_keys, places_of
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.services.rule_site import rule_site
from embereye.services.rule_watch import RulePorts, RuleWatch
from embereye.services.suppressions import Suppressions
from embereye.services.thermal_background import ThermalBackgrounds
from embereye.services.walk_test import WalkTesting
from embereye.services.zone_site import zone_site
from embereye.services.zone_watch import ZoneWatch
from embereye.storage.arming import ChosenMode
from embereye.storage.thermal_background import SavedBackground

_SILENCE = 1800.0  # s; a program that runs gives a sign of life each 60 s, so the record has ended

Bulk = SensorReading | DetectionResult | ThermalFrame


class ReplayClock:
    """A clock that the record moves; both scales are seconds UTC of the record, never back."""

    BOOT = "replay"

    def __init__(self, utc: float) -> None:
        self._utc = utc

    def now(self) -> Stamp:
        return Stamp(self._utc, self._utc)

    def mono(self) -> float:
        return self._utc

    def boot(self) -> str:
        return self.BOOT

    def move(self, utc: float) -> None:
        """Go on to this moment."""
        self._utc = max(self._utc, utc)


@dataclass(slots=True)
class AlarmMemory:
    """Keeps alarms and overlays as the database does, over the runs of one replay."""

    alarms: dict[AlarmId, Alarm] = field(default_factory=dict)
    overlays: dict[int, OverlayRecord] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1))
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def begin_with(self, beginning: Beginning) -> None:
        """Take over what was open and in force by the record."""
        self.alarms = {alarm.id: alarm for alarm in beginning.alarms}
        self._ids = count(max(self.alarms, default=0) + 1)
        kept = [_kept(overlay, next(self._numbers)) for overlay in beginning.overlays]
        self.overlays = {record.number: record for record in kept}

    def load_open(self) -> tuple[Alarm, ...]:
        return tuple(self.alarms[number] for number in sorted(self.alarms))

    def next_id(self) -> AlarmId:
        return AlarmId(next(self._ids))

    def save(self, alarm: Alarm, action: AlarmAction, done: Done) -> None:
        if alarm.state is AlarmState.NORMAL:
            self.alarms.pop(alarm.id, None)
        else:
            self.alarms[alarm.id] = alarm
        done(None)

    def load_overlays(self) -> tuple[OverlayRecord, ...]:
        return tuple(self.overlays[number] for number in sorted(self.overlays))

    def next_overlay(self) -> int:
        return next(self._numbers)

    def save_overlay(self, record: OverlayRecord, done: Done) -> None:
        if record.end:
            self.overlays.pop(record.number, None)
        else:
            self.overlays[record.number] = record
        done(None)


class Unkept:
    """Keeps nothing: what a replay learns, and modes and tests that it plays, are nobody's."""

    def save(self, *_: Any) -> None:
        """Nothing."""

    def forget(self, device: DeviceId) -> None:
        """Nothing."""

    def note(self, *_: Any) -> None:
        """Nothing."""

    def found(self, *_: Any) -> None:
        """Nothing."""

    def found_since(self, utc: float) -> tuple[str, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class RecordedMode(Unkept):
    """The arming mode that was in force when a record began."""

    mode: str
    utc: float

    def last(self) -> ChosenMode | None:
        """It, unless nobody knows."""
        return ChosenMode(self.mode, "", self.utc) if self.mode else None


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a replay's verdicts and announcements go."""

    report: Callable[[Report], None]
    announced: Callable[[Announcement], None]


class ReplayStack:
    """The same services as in the program, in one thread: rules, zones, risk, alarms.

    Args:
        clock: Stands at the beginning of the run, or where its timers were due.
        beginning: What was known then.
        memory: Holds the alarms that were open then; goes on over runs.
    """

    def __init__(
        self,
        clock: ReplayClock,
        settings: Settings,
        beginning: Beginning,
        memory: AlarmMemory,
        outputs: Outputs,
        backgrounds: Mapping[DeviceId, SavedBackground],
    ) -> None:
        self.settings = settings
        self.bugs: list[str] = []
        self._clock = clock
        self._outputs = outputs
        self._blind = set(beginning.blind)
        self._doubted: frozenset[DeviceId] = frozenset()
        self.engine = engine = Engine(clock, self.bugs.append)
        access = Access(lambda: self.settings)
        self.alarms = Alarms(engine, self._published, memory, settings.alarms, access)
        learned = ThermalBackgrounds(engine, Unkept(), backgrounds)
        idle, report = beginning.idle, self._report
        self.risk = Risk(engine, risk_site(settings), report, idle, _unsaved, learned)
        intrusions = Intrusions(places_of(settings), report)
        self.zones = ZoneWatch(engine, zone_site(settings), _no_size, intrusions, lambda _: None)
        mode = RecordedMode(beginning.mode, clock.now().utc)
        self.arming = Arming(engine, access, mode, settings.calendar.modes, _unheard)
        ports = RulePorts(
            alarms=lambda: self.alarms.current,
            mode=self.arming.mode,
            quarantined=lambda: self._doubted,
            suppress=Suppressions(self.alarms.suppress).take,
        )
        self.rules = RuleWatch(engine, rule_site(settings), report, ports)
        WalkTesting(engine, self.alarms, access, Unkept(), lambda: self.settings, _unheard)
        self._restore()

    def _restore(self) -> None:
        restored = self.alarms.restore()
        self.arming.restore()
        for service in (self.risk, self.zones, self.rules):
            service.restore(restored)
        self.apply(self.settings)

    def apply(self, settings: Settings) -> None:
        """Follow changed settings, as the program does."""
        self.settings = settings
        self.arming.assign(settings.calendar.modes)
        self.risk.assign(risk_site(settings))
        self.zones.assign(zone_site(settings))
        self.rules.assign(rule_site(settings, self.rules.site))
        self.alarms.adjust(settings.alarms)
        self.alarms.keep_faults(fault_keys(settings))
        self._settle()

    def take(self, utc: float, message: Bulk) -> None:
        """Take a reading, a frame or a verdict that came at `utc`, s."""
        self.run_until(utc)
        if isinstance(message, ThermalFrame) and message.device in self._blind:
            message = replace(
                message, celsius=None, max_celsius=None, min_celsius=None, mean_celsius=None
            )
        self.engine.hand_on(message)
        self._settle()

    def ask(self, utc: float, asked: Asked) -> bool:
        """Take a fault, a fact or a request; False for a request about an alarm that is not here.

        Its own moments are put on the clock of the replay.
        """
        self.run_until(utc)
        message = codec.on_one_clock(asked.message)
        if isinstance(message, Report):
            self._report(message)
        elif asked.key is not None:
            alarm = self._open(asked.key)
            if alarm is None:
                return False
            self.engine.hand_on(replace(message, alarm=alarm.id))
        else:
            self.engine.hand_on(message)
        self.engine.step()
        self._settle()
        return True

    def go_blind(self, device: DeviceId, blind: bool) -> None:
        """From now on frames of this device have no temperatures (or have them again)."""
        (self._blind.add if blind else self._blind.discard)(device)

    def doubt(self, utc: float, devices: frozenset[DeviceId]) -> None:
        """From now on these devices begin causes and end none."""
        self.run_until(utc)
        self._doubted = devices
        self.risk.quarantine(devices)
        self._settle()

    def run_until(self, utc: float) -> None:
        """Let the clock go on; what is due in between happens in its time.

        Of a silence of hours only the beginning: all has aged by then, and years would take hours.
        """
        if utc - self._clock.mono() > _SILENCE:
            self.run_until(self._clock.mono() + _SILENCE)
            self._clock.move(utc)
        while self.engine.next_due <= utc:
            self._clock.move(self.engine.next_due)
            self.engine.step()
            self._settle()
        self._clock.move(utc)

    def _settle(self) -> None:
        """Handle what the services told themselves: commits, looks at changed alarms."""
        while len(self.engine.mailbox):
            self.engine.step()

    def _report(self, report: Report) -> None:
        self._outputs.report(report)
        self.alarms.report(report)

    def _published(self, message: object) -> None:
        if isinstance(message, AlarmChanged) and message.announced:
            self._outputs.announced(codec.announcement_of_change(message))

    def _open(self, key: AlarmKey) -> Alarm | None:
        return next((alarm for alarm in self.alarms.current.alarms if alarm.key == key), None)


def _kept(overlay: Overlay, number: int) -> OverlayRecord:
    """As the database keeps it; both scales of a replay's clock are seconds UTC."""
    until = overlay.until_utc
    seconds = None if until is None else max(0.0, until - overlay.since_utc)
    return OverlayRecord(number, overlay, seconds, ReplayClock.BOOT, until)


def _unheard(message: object) -> None:
    """Nobody looks at a replay."""


def _no_size(_: CameraId) -> Size:
    return 0, 0


def _unsaved(device: DeviceId, idle: Idle, at: Stamp) -> None:
    """Nobody keeps the idle levels of a replay."""
