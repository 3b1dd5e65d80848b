"""Sends what waits for the targets of one kind, at least once and in order per alarm."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

from embereye.links.failure import DeliveryFailed
from embereye.model.errors import ConfigError, StorageError
from embereye.model.messages import WorkerFailed
from embereye.model.notice import Delivery, DeliveryState, NoticeEvent, TargetKind, TestOutcome
from embereye.rules.notices import OWN_FAULTS, in_cooldown
from embereye.runtime.clock import Clock
from embereye.runtime.http_exchange import Allowance
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.notify_targets import Address, NoticeSite, Outlet
from embereye.services.notify_test import test_delivery
from embereye.services.notify_unrecorded import Unrecorded
from embereye.storage.outbox import OutboxStore

_log = logging.getLogger(__name__)

_LOOK = 1.0  # s between looks when nobody wakes it
_HEADS = 20  # between two looks at what is urgent now
_LONGEST_PAUSE = 60.0  # s between two tries of one notice, and of one target
_PAUSED = 5  # failures in a row after which a target is shown as paused
# Tries before a notice is given up: a wall clock that is set by years makes it look old at once.
_LEAST_TRIES = 20
_TESTS = 10  # waiting tests; people ask for them one at a time
_ANNOUNCING = (NoticeEvent.ANNOUNCED, NoticeEvent.ESCALATED)


@dataclass(slots=True)
class Link:
    """How one target stands. Courier's thread; `snapshot` copies are for others.

    Attributes:
        failures: In a row.
        try_at: Not before this monotonic s.
        error: Of the last try, empty after a good one.
        fault: Whether a fault is up for it.
    """

    failures: int = 0
    try_at: float = float("-inf")
    error: str = ""
    fault: bool = False

    @property
    def paused(self) -> bool:
        """Whether it failed so often that it is tried only now and then."""
        return self.failures >= _PAUSED


class Courier:
    """One thread for one kind of target: a mail server that hangs never delays webhooks.

    Attributes:
        links: How the targets stand; replaced as a whole, any thread.
        tests: What became of the last test of each target; the same.
        unrecorded: Announcements that the disk does not take.
    """

    def __init__(
        self,
        kind: TargetKind,
        store: OutboxStore,
        clock: Clock,
        tell: Callable[[object], None],
    ) -> None:
        self.links: dict[str, Link] = {}
        self.tests: dict[str, TestOutcome] = {}
        self.unrecorded = Unrecorded()
        self._kind, self._store, self._clock, self._tell = kind, store, clock, tell
        self._inbox: Mailbox[str] = Mailbox(_TESTS, Full.REFUSE)
        self._sites: Mailbox[NoticeSite] = Mailbox(1, Full.DROP_OLDEST)
        self._committed: Mailbox[int] = Mailbox(1000, Full.GROW)
        self._lost: Mailbox[int] = Mailbox(1000, Full.GROW)
        self._site = NoticeSite()
        self._begun = False  # settings came; before, every target would look as if it were gone
        self._outlets: dict[str, Outlet] = {}
        self._links: dict[str, Link] = {}
        self._row_at: dict[int, float] = {}  # id of a delivery → not before this monotonic s
        self._lack: dict[int, tuple[str, ...]] = {}  # … → who lacks it; the disk may fail
        self._settling: dict[int, str] = {}  # sent, not committed yet: id → target
        self._unstored: set[int] = set()  # sent, but that cannot be written down
        self._unreadable = False

    def wake(self) -> None:
        """Look now. Any thread."""
        self._inbox.wake()

    def apply(self, site: NoticeSite) -> None:
        """Follow changed settings. Any thread."""
        self._sites.put(site)
        self.wake()

    def test(self, target: str) -> bool:
        """Send a test to a target soon; False when too many wait. Any thread."""
        return self._inbox.put(target)

    def run(self, stop: Event) -> None:
        """Send until stopped."""
        while not stop.is_set():
            for target in self._inbox.take_all(_LOOK):
                self._follow_settings()
                self._send_test(target, stop.is_set)
            while self.step(stop.is_set) and not stop.is_set():
                pass  # as long as something can be sent

    def step(self, cancelled: Callable[[], bool] = lambda: False) -> int:
        """Try what is due now; how many were sent. Courier's thread."""
        self._follow_settings()
        if not self._begun:
            return 0
        for number in self._committed.take_all(0.0):
            self._settling.pop(number, None)
        for number in self._lost.take_all(0.0):
            self._settling.pop(number, None)
            self._unstored.add(number)
        self._send_unrecorded(cancelled)
        sent = 0
        for delivery in self._heads():
            if cancelled():
                break
            sent += self._attempt(delivery, cancelled)
        self.links = {name: replace(link) for name, link in self._links.items()}
        return sent

    def _heads(self) -> tuple[Delivery, ...]:
        now = self._clock.mono()
        targets = {name for name, link in self._links.items() if now < link.try_at}
        rows = {number for number, at in self._row_at.items() if now < at}
        try:
            heads = self._store.heads(
                self._kind,
                _HEADS,
                targets | self._busy(),
                rows | set(self._settling) | self._unstored,
            )
        except StorageError as error:
            level = logging.DEBUG if self._unreadable else logging.WARNING
            self._unreadable = True
            _log.log(level, "%s notices cannot be read now: %s", self._kind.value, error)
            return ()
        self._unreadable = False
        return heads

    def _busy(self) -> set[str]:
        """Targets that wait for the commit of what was sent, since a cooldown counts from it."""
        return {target for target in self._settling.values() if self._counts(target)}

    def _counts(self, target: str) -> bool:
        address = self._site.addresses.get(target)
        if address is None:
            return False
        return address.cooldown > 0 or any(r.cooldown > 0 for r in self._site.rules.values())

    def _resting(self, delivery: Delivery) -> bool:
        """Whether a try just before, of the same look, has told something about its target."""
        link = self._links.get(delivery.target)
        failed = link is not None and self._clock.mono() < link.try_at
        return failed or delivery.target in self._busy()

    def _attempt(self, delivery: Delivery, cancelled: Callable[[], bool]) -> int:
        """One try; 1 when something was settled."""
        if self._resting(delivery):
            return 0
        address = self._site.addresses.get(delivery.target)
        try:
            reason = self._skip(delivery, address)
        except StorageError as error:
            _log.debug("the cooldown of %s cannot be read: %s", delivery.target, error)
            return 0
        if address is None or reason:
            self._settle(delivery, DeliveryState.SKIPPED, reason)
            return 1
        if self.unrecorded.was_told(delivery):
            self._settle(delivery, DeliveryState.SENT, "sent while the disk failed")
            return 1
        link = self._links.setdefault(address.id, Link())
        rest = self._lack.get(delivery.id, delivery.rest)
        try:
            self._send(address, replace(delivery, rest=rest), cancelled)
        except DeliveryFailed as failure:
            if cancelled():
                return 0  # the program stops; that says nothing about the target
            return self._failed(delivery, address, link, failure)
        self._worked(address, link)
        self._settle(delivery, DeliveryState.SENT, "")
        return 1

    def _send_unrecorded(self, cancelled: Callable[[], bool]) -> None:
        """Announcements that wait in memory only: no later than if the disk worked."""
        for delivery in self.unrecorded.due(self._kind, self._site, self._clock.mono()):
            address = self._site.addresses[delivery.target]
            link = self._links.setdefault(address.id, Link())
            if self._clock.mono() < link.try_at or cancelled():
                continue
            try:
                self._send(address, delivery, cancelled)
            except DeliveryFailed as failure:
                self._rest(link, failure)
                if not failure.final:
                    continue
            else:
                self._worked(address, link)
            self.unrecorded.tell(delivery)

    def _skip(self, delivery: Delivery, address: Address | None) -> str:
        """Why it is not sent at all, or empty."""
        if address is None or address.kind is not self._kind:
            return "its target is gone or switched off"
        alarm = delivery.notice.alarm
        rule = self._site.rule_of(alarm)
        cooldown = max(address.cooldown, rule.cooldown if rule is not None else 0.0)
        if cooldown <= 0.0 or delivery.event is NoticeEvent.ESCALATED:
            return ""
        if delivery.event not in _ANNOUNCING:
            before = self._store.last_announcement(delivery)
            skipped = before is not None and before[0] is DeliveryState.SKIPPED
            return "its announcement was not sent" if skipped else ""
        key = alarm.key
        at, priority = self._store.last_sent(address.id, key.place, key.kind.value, key.source)
        ago = self._clock.now().utc - at if at else None
        higher = alarm.priority > priority
        return "cooldown" if in_cooldown(cooldown, ago) and not higher else ""

    def _send(self, address: Address, delivery: Delivery, cancelled: Callable[[], bool]) -> None:
        end = self._clock.mono() + address.deadline
        allowance = Allowance(self._clock, end, cancelled)
        try:
            outlet = self._outlets.get(address.id)
            if outlet is None:
                outlet = self._outlets[address.id] = address.outlet()
            outlet.send(delivery, self._clock.now().utc, allowance)
        except ConfigError as error:
            raise DeliveryFailed(str(error)) from None

    # --- what became of it -------------------------------------------------------------------

    def _failed(
        self, delivery: Delivery, address: Address, link: Link, failure: DeliveryFailed
    ) -> int:
        now = self._clock.now()
        link.error = str(failure)
        age = now.utc - delivery.notice.at_utc
        old = age > self._site.keep_trying and delivery.tries >= _LEAST_TRIES
        if failure.final or old:
            state = DeliveryState.SENT if failure.partly else DeliveryState.FAILED
            self._settle(delivery, state, link.error)
            self._complain(address, link, f"A notice to {address.name} is lost. {link.error}")
            return 1
        if link.failures == 0:
            _log.warning("%s %s: %s", self._kind.value, address.id, failure)
        pause = self._rest(link, failure)
        # Longer than that of its target: if it is this notice that fails, others go meanwhile.
        row_pause = max(pause, _pause(delivery.tries + 2))
        self._row_at[delivery.id] = now.mono + row_pause
        lack = failure.rest if failure.partly else self._lack.get(delivery.id, delivery.rest)
        self._lack[delivery.id] = lack
        self._store.failed(delivery, link.error, now.utc + row_pause, lack)
        return 0

    def _rest(self, link: Link, failure: DeliveryFailed) -> float:
        """Leave a target alone for a while; for how many s."""
        pause = failure.after if failure.after is not None else _pause(link.failures)
        link.error = str(failure)
        link.failures += 1
        link.try_at = self._clock.mono() + pause
        return pause

    def _worked(self, address: Address, link: Link) -> None:
        if link.failures:
            _log.info("%s %s works again", self._kind.value, address.id)
        link.failures, link.try_at, link.error = 0, float("-inf"), ""
        if link.fault:
            link.fault = False
            self._report(address.id, f"Notices to {address.name} are taken again.", True)

    def _complain(self, address: Address, link: Link, text: str) -> None:
        _log.error("%s", text)
        if not link.fault:
            link.fault = True
            self._report(address.id, text, False)

    def _report(self, target: str, text: str, recovered: bool) -> None:
        name = f"{OWN_FAULTS} {target}"
        self._tell(WorkerFailed(name, text, recovered, self._clock.now()))

    def _settle(self, delivery: Delivery, state: DeliveryState, error: str) -> None:
        self._settling[delivery.id] = delivery.target
        self._row_at.pop(delivery.id, None)
        self._lack.pop(delivery.id, None)
        now = self._clock.now().utc
        done = partial(self._committed_one, delivery.id)
        self._store.settle(delivery, state, error, now, done)

    def _committed_one(self, number: int, error: Exception | None) -> None:
        if error is None:
            self._committed.put(number)
            self.wake()
            return
        # It is sent again after the next start, with the same key; never again before.
        self._lost.put(number)

    # --- settings and tests ------------------------------------------------------------------

    def _follow_settings(self) -> None:
        for site in self._sites.take_all(0.0):
            self._site, self._begun = site, True
            self._outlets.clear()  # servers and passwords may be others
            self._row_at.clear()
            for name, link in list(self._links.items()):
                link.failures, link.try_at = 0, float("-inf")
                address = site.addresses.get(name)
                if link.fault and (address is None or address.kind is self._kind):
                    link.fault = False
                    self._report(name, "Its settings were changed.", True)
                if address is None:
                    del self._links[name]

    def _send_test(self, target: str, cancelled: Callable[[], bool]) -> None:
        now = self._clock.now()
        address = self._site.addresses.get(target)
        if address is None:
            outcome = TestOutcome(False, "Switch it on and save it before you test it.", now.utc)
        else:
            self.tests = {**self.tests, target: TestOutcome(None, "Sending …", now.utc)}
            outcome = self._tested(address, cancelled)
        self.tests = {**self.tests, target: outcome}

    def _tested(self, address: Address, cancelled: Callable[[], bool]) -> TestOutcome:
        started = self._clock.now()
        try:
            self._send(address, test_delivery(address, started), cancelled)
        except DeliveryFailed as failure:
            return TestOutcome(False, str(failure), started.utc)
        took = self._clock.mono() - started.mono
        self._worked(address, self._links.setdefault(address.id, Link()))
        return TestOutcome(True, f"The test was taken after {took:.1f} s.", started.utc)


def _pause(failures: int) -> float:
    return min(2.0 ** min(failures, 10), _LONGEST_PAUSE)
