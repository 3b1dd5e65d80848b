"""Everything outgoing: e-mail, webhooks, sirens and beacons."""

from collections.abc import Callable
from dataclasses import dataclass

from embereye.config.notify_options import EmailTarget, RelayTarget, WebhookTarget
from embereye.config.schema import Settings
from embereye.config.secrets import SecretStore
from embereye.model.alarm import AlarmTable
from embereye.model.ids import AlarmId
from embereye.model.messages import AlarmChanged, RequestRefused
from embereye.model.notice import (
    BlockRelaysAsked,
    NoticeTable,
    SendTestAsked,
    TargetFigures,
    TargetKind,
    TargetState,
    TestOutcome,
)
from embereye.model.role import Operation
from embereye.model.stamp import Stamp
from embereye.rules.notices import OWN_FAULTS
from embereye.runtime.engine import Engine
from embereye.runtime.worker import Worker
from embereye.services.access import Access
from embereye.services.notify_check import target_warning
from embereye.services.notify_configuration import SUBJECT
from embereye.services.notify_courier import Courier, Link
from embereye.services.notify_plan import NoticePlanner
from embereye.services.notify_relays import Relays
from embereye.services.notify_targets import notice_site
from embereye.storage.outbox import OutboxStore

Audit = Callable[[str, str, str, str, Stamp], None]


@dataclass(frozen=True, slots=True)
class AroundNotices:
    """What the notices are wired to.

    Attributes:
        publish: To whoever shows it.
        tell: To the engine and to whoever shows it; any thread.
        audit: Keeps kind, subject, actor, text and moment; any thread.
    """

    engine: Engine
    outbox: OutboxStore
    secrets: SecretStore
    access: Access
    alarms: Callable[[], AlarmTable]
    publish: Callable[[object], None]
    tell: Callable[[object], None]
    audit: Audit


class Notices:
    """Builds and feeds the threads that send. Engine thread; `current` from any thread.

    Handles SendTestAsked, and BlockRelaysAsked as far as it must work at once; `Configuration`
    saves the latter.
    """

    def __init__(self, around: AroundNotices) -> None:
        self._around = around
        self._settings: Settings | None = None
        self._unrecorded: set[AlarmId] = set()
        clock, tell = around.engine.clock, around.tell
        self.mail = Courier(TargetKind.EMAIL, around.outbox, clock, tell)
        self.hooks = Courier(TargetKind.WEBHOOK, around.outbox, clock, tell)
        self.relays = Relays(clock, around.alarms, tell, self._note_relay)
        self.planner = NoticePlanner(around.outbox, clock, tell, self._wake_couriers)
        around.engine.on(SendTestAsked, self._test)
        around.engine.on(BlockRelaysAsked, self._block)

    @property
    def current(self) -> NoticeTable:
        """How all targets stand."""
        settings = self._settings
        if settings is None:
            return NoticeTable()
        section = settings.notifications
        figures = self.planner.figures
        states = [self._sent_state(t, figures.get(t.id)) for t in (*section.emails,)]
        states += [self._sent_state(t, figures.get(t.id)) for t in (*section.webhooks,)]
        states += [self._relay_state(relay) for relay in section.relays]
        return NoticeTable(tuple(states), section.relays_blocked, self.planner.overdue)

    def apply(self, settings: Settings) -> None:
        """Follow changed settings."""
        self._settings = settings
        site = notice_site(settings, self._around.secrets.read)
        self.planner.site = site
        self.planner.keep_days = settings.storage.retention_days
        for courier in (self.mail, self.hooks):
            courier.apply(site)
        self.relays.apply(settings)
        self.planner.wake()

    def take(self, changed: AlarmChanged) -> None:
        """An alarm changed; it is committed, unless the disk fails."""
        if changed.announced:
            self.relays.announced(changed.alarm.id)
        else:
            self.relays.changed()
        self._follow_disk(changed)
        self.planner.wake()

    def workers(self) -> tuple[tuple[str, Worker], ...]:
        """One thread each, so that none waits for another; by name."""
        return (
            (f"{OWN_FAULTS} planner", self.planner),
            (f"{OWN_FAULTS} e-mail", self.mail),
            (f"{OWN_FAULTS} webhooks", self.hooks),
            ("relays", self.relays),
        )

    def _follow_disk(self, changed: AlarmChanged) -> None:
        """An announcement that the disk does not take is sent from memory."""
        alarm = changed.alarm
        if not alarm.recorded and changed.announced:
            self._unrecorded.add(alarm.id)
            for courier in (self.mail, self.hooks):
                courier.unrecorded.put(alarm, self._around.engine.clock.mono())
        elif alarm.recorded and alarm.id in self._unrecorded:
            self._unrecorded.discard(alarm.id)
            for courier in (self.mail, self.hooks):
                courier.unrecorded.recorded(alarm.id)

    # --- requests ----------------------------------------------------------------------------

    def _test(self, asked: SendTestAsked) -> None:
        refusal = self._around.access.refusal(asked.actor, Operation.SEND_TEST)
        refusal = refusal or self._ask_test(asked.target)
        if refusal:
            message = RequestRefused(refusal, asked.actor, f"{SUBJECT}:{asked.target}")
            self._around.publish(message)
            return
        now = self._around.engine.clock.now()
        self._around.audit("notifications", asked.target, asked.actor, "A test was sent.", now)

    def _ask_test(self, target: str) -> str:
        """Why it cannot be sent, or empty."""
        found = self._target(target)
        if found is None:
            return "This target is gone. Look at the list again."
        doer: Courier | Relays = self.relays
        if isinstance(found, EmailTarget):
            doer = self.mail
        elif isinstance(found, WebhookTarget):
            doer = self.hooks
        return "" if doer.test(target) else "Too many tests are waiting. Try again in a minute."

    def _block(self, asked: BlockRelaysAsked) -> None:
        if not self._around.access.refusal(asked.actor, Operation.RELAY):
            self.relays.block(asked.blocked)  # `Configuration` tells the refusal

    def _target(self, name: str) -> EmailTarget | WebhookTarget | RelayTarget | None:
        targets = self._settings.notifications.targets if self._settings is not None else ()
        return next((target for target in targets if target.id == name), None)

    # --- states ------------------------------------------------------------------------------

    def _sent_state(
        self, target: EmailTarget | WebhookTarget, figures: TargetFigures | None
    ) -> TargetState:
        mail = isinstance(target, EmailTarget)
        courier = self.mail if mail else self.hooks
        link = courier.links.get(target.id, Link())
        return TargetState(
            id=target.id,
            kind=TargetKind.EMAIL if mail else TargetKind.WEBHOOK,
            name=target.name,
            enabled=target.enabled,
            figures=figures or TargetFigures(),
            error=link.error,
            paused=link.paused,
            warning=target_warning(target),
            test=courier.tests.get(target.id),
        )

    def _relay_state(self, target: RelayTarget) -> TargetState:
        tests: dict[str, TestOutcome] = dict(self.relays.tests)
        return TargetState(
            id=target.id,
            kind=TargetKind.RELAY,
            name=target.name,
            enabled=target.enabled,
            error=self.relays.errors.get(target.id, ""),
            armed=target.armed,
            on=target.id in self.relays.on,
            warning=target_warning(target),
            test=tests.get(target.id),
        )

    def _wake_couriers(self) -> None:
        self.mail.wake()
        self.hooks.wake()

    def _note_relay(self, relay: str, text: str) -> None:
        self._around.audit("relay", relay, "system", text, self._around.engine.clock.now())
