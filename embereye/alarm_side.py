"""Builds what makes, handles and sends out alarms; a part of `app`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embereye.config.schema import Settings
from embereye.config.secrets import SecretStore
from embereye.config.store import SettingsStore
from embereye.model.alarm import Alarm
from embereye.model.frame import Frame
from embereye.model.ids import DeviceId
from embereye.model.messages import AlarmChanged, WorkerFailed
from embereye.runtime.engine import Engine
from embereye.runtime.worker import Worker
from embereye.services.access import Access
from embereye.services.alarm_commands import AlarmCommands
from embereye.services.alarm_past import AlarmPastReader
from embereye.services.alarms import Alarms
from embereye.services.arming import Arming
from embereye.services.backtest_desk import BacktestDesk
from embereye.services.daily_test import DailyTest
from embereye.services.incident_desk import IncidentDesk, IncidentPorts
from embereye.services.input_recording import InputRecording, Reports
from embereye.services.notify import AroundNotices, Notices
from embereye.services.queue_watch import QueueWatch, queues
from embereye.services.rule_review import RuleReview
from embereye.services.rule_site import rule_site
from embereye.services.rule_watch import RulePorts, RuleWatch
from embereye.services.self_test_run import SelfTestPorts
from embereye.services.self_test_stimulus import Stimulus
from embereye.services.shift_log import ShiftLog
from embereye.services.suppressions import Suppressions
from embereye.services.system_faults import SystemFaults
from embereye.services.walk_test import WalkTesting
from embereye.services.window_watch import WindowWatch
from embereye.storage.arming import ArmingStore
from embereye.storage.daily_tests import DailyTestStore
from embereye.storage.opening import Storage
from embereye.storage.shift_log import ShiftLogStore
from embereye.storage.walk_tests import WalkTestStore


@dataclass(frozen=True, slots=True)
class Around:
    """What the alarm side is given by `app`.

    Attributes:
        publish: To all who show it.
        tell: To the engine and to all who show it; any thread.
    """

    folder: Path
    engine: Engine
    storage: Storage
    store: SettingsStore
    secrets: SecretStore
    publish: Callable[[object], None]
    tell: Callable[[object], None]


class AlarmSide:
    """The alarms and everything about them. Engine thread, unless an attribute says otherwise.

    Attributes:
        access: Who may do what; any thread.
        alarms: The open alarms.
        commands: Answers what commands ask of alarms; its `answer` any thread.
        reports: Where all services report verdicts.
        recording: What a backtest plays again.
        backtests: What other rules would have done; any thread.
        past: Reads alarms that are over; any thread.
        walk_tests: Alarms that technicians make on purpose.
        self_test: Marked events through every chain, each day; its `current` any thread. `app`
            sets those of its `ports` that concern cameras and devices.
        show_in_test: Takes the pictures of the self-test; set by `app`.
        window: Whether the window answers.
        queues: What waits for whom; its `waiting` any thread.
        notices: Everything outgoing; its `current` any thread.
        incidents: What belongs together, and what people make of it; its attributes any thread.
        arming: The arming mode in force.
        review: What is wrong with the rules; any thread.
        rules: What people wrote; its `preview` and attributes any thread.
        quarantined: Devices whose values end nothing; set by `app`, which knows them.
        restored: Those that were open when the last run ended.
    """

    def __init__(self, around: Around) -> None:
        self._around = around
        self.restored: tuple[Alarm, ...] = ()
        self.past = AlarmPastReader(around.folder)
        self.access = Access(lambda: around.store.current)
        self._build_alarms(around)
        self.backtests = BacktestDesk(around.folder)
        self.notices = Notices(self._around_notices(around))
        self.incidents = IncidentDesk(self._around_incidents(around))
        SystemFaults(around.engine, self.reports.report)
        self._build_self_test(around)
        shifts = ShiftLogStore(around.folder, around.storage.audit)
        ShiftLog(around.engine, self.access, shifts, around.publish)
        self._build_rules(around)

    def start(self) -> None:
        """Bring back the alarms of the last run; before the engine runs."""
        self.incidents.start()
        self.restored = self.alarms.restore()
        self._tell_damage()
        self.walk_tests.restore()
        self.self_test.restore()
        self.arming.restore()
        self.rules.restore(self.restored)
        self.recording.begin()

    def _tell_damage(self) -> None:
        """An alarm that cannot be read is not on the screen: somebody must know."""
        damaged = self._around.storage.alarms.damaged
        if damaged:
            text = (
                f"{damaged} stored alarms or shelvings cannot be read and are left out. Look at "
                "the places yourself; the log names them, `embereye db check` tells more."
            )
            now = self._around.engine.clock.now()
            self._around.tell(WorkerFailed("stored alarms", text, recovered=False, at=now))

    def apply(self, settings: Settings) -> None:
        """Follow changed settings."""
        self.alarms.adjust(settings.alarms)
        self.recording.keep_days(settings.storage.retention_days)
        self.notices.apply(settings)
        self.incidents.apply(settings)
        self.arming.assign(settings.calendar.modes)
        self.rules.assign(rule_site(settings, self.rules.site))

    def flush(self) -> None:
        """Keep what waits, before a stop."""
        self.recording.flush()

    def take(self, changed: AlarmChanged) -> None:
        """An alarm changed and is about to be shown; each knows what one of a test means to it."""
        self.self_test.take(changed)
        self.walk_tests.take(changed)
        self.recording.take_alarm(changed)
        self.notices.take(changed)
        self.incidents.take(changed)

    def _around_notices(self, around: Around) -> AroundNotices:
        return AroundNotices(
            engine=around.engine,
            outbox=around.storage.outbox,
            secrets=around.secrets,
            access=self.access,
            alarms=lambda: self.alarms.current,
            publish=around.publish,
            tell=around.tell,
            audit=around.storage.audit.record,
        )

    def _around_incidents(self, around: Around) -> IncidentPorts:
        return IncidentPorts(
            engine=around.engine,
            store=around.storage.incidents,
            secrets=around.secrets,
            settings=lambda: around.store.current,
            publish=around.publish,
            tell=around.tell,
            refusal=self.access.refusal,
            audit=around.storage.audit.record,
        )

    def workers(self) -> tuple[tuple[str, Worker], ...]:
        """Threads of their own, by name."""
        own: tuple[tuple[str, Worker], ...] = (
            ("alarm past", self.past),
            ("rule review", self.review),
            ("backtest", self.backtests),
            ("self-test", self.stimulus),
        )
        return (*own, *self.notices.workers(), *self.incidents.workers())

    def _build_alarms(self, around: Around) -> None:
        engine, storage, settings = around.engine, around.storage, around.store.current
        section, access = settings.alarms, self.access
        self.alarms = Alarms(engine, around.publish, storage.alarms, section, access)
        self.recording = InputRecording(
            engine,
            storage.verdicts,
            lambda: around.store.current,
            lambda: self.alarms.current,
            settings.storage.retention_days,
        )
        self.reports = Reports(self.recording.witness, self.alarms.report)
        self.commands = AlarmCommands(engine, self.alarms, lambda: around.store.current)
        self.walk_tests = WalkTesting(
            engine,
            self.alarms,
            access,
            WalkTestStore(around.folder, storage.audit),
            lambda: around.store.current,
            around.publish,
        )

    def _build_self_test(self, around: Around) -> None:
        engine, store = around.engine, DailyTestStore(around.folder, around.storage.evidence)
        self.show_in_test: Callable[[Frame], None] = _nobody_looks
        self.stimulus = Stimulus(
            engine.clock, engine.post, lambda frame: self.show_in_test(frame), store.holds
        )
        self.window = WindowWatch(engine, around.tell)
        ports = SelfTestPorts(
            settings=lambda: around.store.current,
            stimulus=self.stimulus.ask,
            window=lambda: self.window.open,
            notices=lambda: self.notices.current,
            post=engine.post,
        )
        given = engine, self.alarms, self.access, store, ports, around.tell, around.publish
        self.self_test = DailyTest(*given)
        self.self_test.walking = lambda: self.walk_tests.current.running is not None
        self.queues = QueueWatch(engine, queues(engine, around.storage), around.tell)

    def _build_rules(self, around: Around) -> None:
        settings, store = around.store.current, ArmingStore(around.folder, around.storage.audit)
        modes = settings.calendar.modes
        self.arming = Arming(around.engine, self.access, store, modes, around.publish)
        self.recording.mode = self.arming.mode
        self.quarantined: Callable[[], frozenset[DeviceId]] = frozenset
        self.recording.doubted = lambda: self.quarantined()
        ports = RulePorts(
            alarms=lambda: self.alarms.current,
            mode=self.arming.mode,
            quarantined=lambda: self.quarantined(),
            suppress=Suppressions(self.alarms.suppress).take,
        )
        self.rules = RuleWatch(around.engine, rule_site(settings), self.reports.report, ports)
        clock = around.engine.clock
        self.review = RuleReview(lambda: around.store.current, clock, around.publish)


def _nobody_looks(_frame: Frame) -> None:
    """There are no detectors."""
