"""Sirens and beacons: follow the open alarms themselves, never the outbox or the disk."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Event

from embereye.config.notify_options import RelayTarget
from embereye.config.schema import Settings
from embereye.links.relay import RelayLine, Standing, Wanted, keep_relays
from embereye.model.alarm import Alarm, AlarmKind, AlarmTable
from embereye.model.ids import AlarmId
from embereye.model.messages import WorkerFailed
from embereye.model.notice import TestOutcome
from embereye.rules.relay_cycle import RelayCycle, wanting
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.process import Child, ChildGone
from embereye.services.notify_targets import RuleChoice, rule_choices, selection_of

_log = logging.getLogger(__name__)

_WAITING = 10_000  # announcements; one that is dropped costs a second start of the siren, no alarm
_LOOK = 0.25  # s between looks when nobody wakes it; silence ends that late at most
_BEAT = 1.0  # s between two words to the process of a port
_HANGING = 10.0  # s without its answer; opening a network port takes up to 5 s
_AGAIN = 2.0  # s before a process that ended is started anew
_GRACE = 5.0  # s that a port may fail before it is a fault: a board that is plugged in again
_PULL = 1.0  # s that a test lasts: long enough to hear a siren, too short to alarm anybody


@dataclass(slots=True)
class _Port:
    """One serial port and its process."""

    name: str
    baud: int
    child: Child | None = None
    start_at: float = float("-inf")
    sent: Wanted | None = None
    sent_at: float = float("-inf")
    heard_at: float = 0.0
    standing: Standing = field(default_factory=Standing)
    failed_since: float | None = None
    told: bool = False


@dataclass(slots=True)
class _Test:
    """A test under way."""

    until: float
    give_up: float
    seen: bool = False


class Relays:
    """Switches relays. Runs in its own thread; `on`, `errors` and `tests` are for any thread.

    Attributes:
        on: Ids of those that are on.
        errors: Why a relay cannot be switched, by id.
        tests: What became of the last test of each.
    """

    def __init__(
        self,
        clock: Clock,
        alarms: Callable[[], AlarmTable],
        tell: Callable[[object], None],
        note: Callable[[str, str], None],
    ) -> None:
        """`note` puts into the audit what was switched: id of the relay, text."""
        self.on: frozenset[str] = frozenset()
        self.errors: Mapping[str, str] = {}
        self.tests: Mapping[str, TestOutcome] = {}
        self._clock, self._alarms, self._tell, self._note = clock, alarms, tell, note
        self._inbox: Mailbox[AlarmId] = Mailbox(_WAITING, Full.DROP_OLDEST)
        self._asked: Mailbox[str] = Mailbox(10, Full.REFUSE)
        self._settings: Mailbox[Settings] = Mailbox(1, Full.DROP_OLDEST)
        self._targets: dict[str, RelayTarget] = {}
        self._cycles: dict[str, RelayCycle] = {}
        self._ports: dict[str, _Port] = {}
        self._announced: dict[AlarmId, int] = {}
        self._testing: dict[str, _Test] = {}
        self._rules: dict[str, RuleChoice] = {}
        self._blocked = False
        self._kill = False  # at once, also where the settings cannot be saved; any thread

    def announced(self, alarm: AlarmId) -> None:
        """An alarm was announced (again): relays that reached their longest time go on again."""
        self._inbox.put(alarm)

    def changed(self) -> None:
        """Alarms changed: look now. Any thread."""
        self._inbox.wake()

    def apply(self, settings: Settings) -> None:
        """Follow changed settings. Any thread."""
        self._settings.put(settings)
        self._inbox.wake()

    def block(self, blocked: bool) -> None:
        """Switch all off at once, or let them work as far as the settings do. Any thread."""
        self._kill = blocked
        self._inbox.wake()

    def test(self, target: str) -> bool:
        """Pull a relay for a second; False when too many tests wait. Any thread."""
        taken = self._asked.put(target)
        self._inbox.wake()
        return taken

    def run(self, stop: Event) -> None:
        """Switch until stopped, then switch off."""
        try:
            while not stop.is_set():
                for alarm in self._inbox.take_all(_LOOK):
                    self._announced[alarm] = self._announced.get(alarm, 0) + 1
                self.step()
        finally:
            self._release()

    def step(self) -> None:
        """Bring all relays to where they belong."""
        for settings in self._settings.take_all(0.0):
            self._follow(settings)
        now = self._clock.mono()
        for target in self._asked.take_all(0.0):
            self._start_test(target, now)
        goal = self._goal(now)
        for port in self._ports.values():
            self._drive(port, goal, now)
        on = frozenset(name for port in self._ports.values() for name in port.standing.on)
        self._note_switched(on)
        self.on = on
        self.errors = {
            target.id: self._ports[target.port].standing.error
            for target in self._targets.values()
            if self._ports[target.port].standing.error
        }
        self._judge_tests(now)

    # --- what is wanted ----------------------------------------------------------------------

    def _goal(self, now: float) -> frozenset[str]:
        """Which relays are to be on."""
        table = self._alarms()
        known = {alarm.id for alarm in table.alarms}
        self._announced = {a: n for a, n in self._announced.items() if a in known}
        goal: set[str] = set()
        for name, target in self._targets.items():
            alarms = wanting(
                table,
                selection_of(target.occasion),
                now,
                until_clear=target.follows == "active",
                silenced=target.silenced,
                named=partial(self._named, name),
            )
            wants = {(a.id, a.priority, self._announced.get(a.id, 0)) for a in alarms}
            # Stepped also while it is not armed: arming must not start an old alarm's time anew.
            if self._cycles[name].step(now, wants) and target.armed:
                goal.add(name)
        testing = {name for name, test in self._testing.items() if now < test.until}
        off = self._blocked or self._kill
        return frozenset() if off else frozenset(goal | testing)

    def _named(self, relay: str, alarm: Alarm) -> bool | None:
        """Whether the rule behind an alarm names this relay; None: it names no target."""
        rule = self._rules.get(alarm.key.source) if alarm.key.kind is AlarmKind.RULE else None
        return relay in rule.names if rule is not None and rule.names else None

    def _follow(self, settings: Settings) -> None:
        section = settings.notifications
        self._blocked = section.relays_blocked
        self._rules = rule_choices(settings)
        new = {r.id: r for r in section.relays if r.enabled and r.port}
        for name in set(self._targets) | set(new):
            if self._targets.get(name) != new.get(name):
                self._cycles.pop(name, None)
        self._targets = new
        for name, relay in new.items():
            self._cycles.setdefault(name, RelayCycle(relay.most_on, relay.cool_down))
        wanted = {relay.port: relay.baud for relay in new.values()}
        for name, port in list(self._ports.items()):
            if wanted.get(name) != port.baud:
                self._close(self._ports.pop(name))
        for name, baud in wanted.items():
            self._ports.setdefault(name, _Port(name, baud))

    # --- the processes of the ports ----------------------------------------------------------

    def _drive(self, port: _Port, goal: frozenset[str], now: float) -> None:
        lines = tuple(_line(t) for t in self._targets.values() if t.port == port.name)
        wanted = Wanted(lines, goal & {line.id for line in lines})
        try:
            self._talk(port, wanted, now)
        except ChildGone as error:
            _log.warning("relays at %s: %s", port.name, error)
            self._close(port)
            port.start_at = now + _AGAIN
            port.standing = Standing(error="The process of this port ended; it is started again.")
        self._judge_port(port, now)

    def _talk(self, port: _Port, wanted: Wanted, now: float) -> None:
        if port.child is None:
            if now < port.start_at:
                return
            port.child = Child(f"relays {port.name}", keep_relays, port.name, port.baud)
            port.sent, port.heard_at = None, now
        if port.sent != wanted or now - port.sent_at >= _BEAT:
            port.child.send(wanted)
            port.sent, port.sent_at = wanted, now
        while (heard := port.child.receive()) is not None:
            if isinstance(heard, Standing):
                port.standing, port.heard_at = heard, now
        if now - port.heard_at > _HANGING:
            port.child.kill()
            port.child = None
            raise ChildGone("it does not answer")

    def _judge_port(self, port: _Port, now: float) -> None:
        error = port.standing.error
        if not error:
            port.failed_since = None
            if port.told:
                port.told = False
                self._report(port, "Its relays can be switched again.", recovered=True)
            return
        if port.failed_since is None:
            port.failed_since = now
        if not port.told and now - port.failed_since >= _GRACE:
            port.told = True
            self._report(port, f"Relays at {port.name} cannot be switched. {error}", False)

    def _report(self, port: _Port, text: str, recovered: bool) -> None:
        name = f"relays {port.name}"
        self._tell(WorkerFailed(name, text, recovered, self._clock.now()))

    def _close(self, port: _Port) -> None:
        child, port.child, port.sent = port.child, None, None
        port.standing = Standing()
        if port.told:
            port.told = False
            self._report(port, "It is not used any more.", recovered=True)
        if child is not None:
            child.close()

    def _release(self) -> None:
        for port in self._ports.values():
            self._close(port)
        self._ports.clear()
        self._targets.clear()

    # --- words -------------------------------------------------------------------------------

    def _note_switched(self, on: frozenset[str]) -> None:
        for name in sorted(on - self.on):
            self._note(name, "The relay was switched on.")
        for name in sorted(self.on - on):
            self._note(name, "The relay was switched off.")

    def _start_test(self, target: str, now: float) -> None:
        text = ""
        if self._blocked or self._kill:
            text = "All relays are blocked by the kill switch. Let them work first."
        elif target not in self._targets:
            text = "Switch it on, enter its port and save it before you test it."
        if text:
            self._end_test(target, False, text)
            return
        self._testing[target] = _Test(now + _PULL, now + _PULL + _GRACE)
        self.tests = {**self.tests, target: TestOutcome(None, "Switching …", self._utc())}

    def _judge_tests(self, now: float) -> None:
        for name, test in list(self._testing.items()):
            if name in self.on and not test.seen:
                test.seen, test.until = True, now + _PULL
            if test.seen and name not in self.on:
                self._end_test(name, True, f"The relay was on for {_PULL:.0f} s.")
            elif test.seen and now >= test.give_up:
                self._end_test(name, True, "The relay is on; an alarm keeps it on.")
            elif now >= test.give_up or (now >= test.until and name in self.errors):
                text = self.errors.get(name, "") or "The relay could not be switched on."
                self._end_test(name, False, text)

    def _end_test(self, name: str, good: bool, text: str) -> None:
        self._testing.pop(name, None)
        self.tests = {**self.tests, name: TestOutcome(good, text, self._utc())}

    def _utc(self) -> float:
        return self._clock.now().utc


def _line(target: RelayTarget) -> RelayLine:
    on, off = bytes.fromhex(target.on), bytes.fromhex(target.off)
    return RelayLine(target.id, target.line, on, off, target.most_on)
