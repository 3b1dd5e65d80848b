"""Decides for each change of an alarm who is told, and watches that they are."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event

from embereye.model.errors import StorageError
from embereye.model.messages import WorkerFailed
from embereye.model.notice import Delivery, DeliveryState, Notice, TargetFigures
from embereye.rules.notices import OWN_FAULTS, chosen_event, events_of
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.notify_key import delivery_key
from embereye.services.notify_targets import Address, NoticeSite
from embereye.services.notify_unrecorded import quiet_now
from embereye.storage.outbox import OutboxRow, OutboxStore

_log = logging.getLogger(__name__)

_LOOK = 1.0  # s between looks when nobody wakes it: rows that the journal brought in
_ROWS = 200  # rows of one transaction: some ms
_PRUNE = 3600.0  # s between removals
_DAY = 86_400.0  # s

OVERDUE = f"{OWN_FAULTS}s"  # name of the fault "notices wait too long"


class NoticePlanner:
    """Turns rows of the outbox into deliveries. Runs in its own thread.

    Attributes:
        figures: What waits for each target; replaced as a whole, any thread.
        overdue: Why the fault is up, empty while all is well.
        site: What the settings say; replaced by the engine. Nothing is planned before the first.
    """

    def __init__(
        self,
        store: OutboxStore,
        clock: Clock,
        tell: Callable[[object], None],
        planned: Callable[[], None],
    ) -> None:
        """`planned` is called after each commit, in the writer's thread."""
        self.site: NoticeSite | None = None
        self.keep_days = 30  # the default of storage.retention_days, until the settings come
        self.figures: dict[str, TargetFigures] = {}
        self.overdue = ""
        self._store, self._clock = store, clock
        self._tell, self._planned = tell, planned
        self._inbox: Mailbox[None] = Mailbox(1, Full.DROP_OLDEST)
        self._planning: set[int] = set()
        self._committed: Mailbox[tuple[int, ...]] = Mailbox(1000, Full.GROW)
        self._unreadable = False
        self._prune_at = clock.mono() + 60.0  # not while everything starts

    def wake(self) -> None:
        """Look now. Any thread."""
        self._inbox.wake()

    def run(self, stop: Event) -> None:
        """Plan until stopped."""
        while not stop.is_set():
            self._inbox.take_all(_LOOK)
            self.step()

    def step(self) -> None:
        """Plan what is there, and judge how old the oldest is."""
        for numbers in self._committed.take_all(0.0):
            self._planning.difference_update(numbers)
        site = self.site
        if site is None:  # without targets everything would be done at once, sent to nobody
            return
        try:
            self._plan(site)
            self.figures = self._store.figures(site.addresses)
        except StorageError as error:
            self._note_unreadable(error)
            return
        self._unreadable = False
        self._judge(site)
        self._prune()

    def _plan(self, site: NoticeSite) -> None:
        rows = self._store.unplanned(_ROWS + len(self._planning))
        rows = tuple(row for row in rows if row.number not in self._planning)[:_ROWS]
        if not rows:
            return
        found = [delivery for row in rows for delivery in deliveries_of(row, site)]
        numbers = tuple(row.number for row in rows)
        self._planning.update(numbers)

        def done(error: Exception | None) -> None:
            self._committed.put(numbers)
            self._planned()
            if len(rows) == _ROWS:
                self.wake()

        self._store.plan(numbers, found, self._clock.now().utc, done)

    def _judge(self, site: NoticeSite) -> None:
        now = self._clock.now()
        limit = site.overdue
        waits = [
            (figures.oldest_utc, target)
            for target, figures in self.figures.items()
            if figures.oldest_utc is not None and now.utc - figures.oldest_utc > limit
        ]
        if waits and not self.overdue:
            since, target = min(waits)
            address = site.addresses.get(target)
            name = address.name if address is not None else target
            self.overdue = (
                f"Notices to {name} wait since {_clock_time(since)}. Look at its state under "
                "Notifications, and tell people by other means."
            )
            self._tell(WorkerFailed(OVERDUE, self.overdue, recovered=False, at=now))
        elif not waits and self.overdue:
            self.overdue = ""
            text = "All notices were sent."
            self._tell(WorkerFailed(OVERDUE, text, recovered=True, at=now))

    def _prune(self) -> None:
        if self._clock.mono() < self._prune_at:
            return
        self._prune_at = self._clock.mono() + _PRUNE
        self._store.prune(self._clock.now().utc - self.keep_days * _DAY)

    def _note_unreadable(self, error: StorageError) -> None:
        # The writer's fault alarm tells the operator already.
        level = logging.DEBUG if self._unreadable else logging.WARNING
        self._unreadable = True
        _log.log(level, "notices cannot be planned now: %s", error)


def deliveries_of(row: OutboxRow, site: NoticeSite) -> list[Delivery]:
    """Who is told of a change, and who is not because of quiet hours."""
    if row.alarm is None or row.action is None:
        return []
    events = events_of(row.alarm, row.action)
    if not events:
        return []
    notice = Notice(row.alarm, events, row.action.actor, row.action.at.utc, row.number)
    found = (_delivery(notice, address, row, site) for address in site.addresses.values())
    return [delivery for delivery in found if delivery is not None]


def _delivery(
    notice: Notice, address: Address, row: OutboxRow, site: NoticeSite
) -> Delivery | None:
    rule = site.rule_of(notice.alarm)
    named = address.id in rule.names if rule is not None and rule.names else None
    event = chosen_event(notice, address.selection, named)
    if event is None:
        return None
    quiet = quiet_now(notice, address)
    return Delivery(
        notice=notice,
        target=address.id,
        kind=address.kind,
        event=event,
        key=delivery_key(notice.alarm, address.id),
        state=DeliveryState.SKIPPED if quiet else DeliveryState.WAITING,
        error="quiet hours" if quiet else "",
    )


def _clock_time(utc: float) -> str:
    return datetime.fromtimestamp(utc).astimezone().strftime("%d %b %H:%M:%S")
