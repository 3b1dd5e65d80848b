"""A rule that people wrote, at one place: whether its cause is there, with reasons.

An input that aged out is unknown: it begins no cause, and a cause that it held stays, as unknown,
until it was seen clear. After a restart, and after a change of what a rule looks at, each of its
inputs must be seen clear once.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from embereye.model.alarm import Cause
from embereye.rules.rule_probe import Criterion, Probe
from embereye.rules.rule_words import Words

_REFRESH = 10.0  # s between new words of an unchanged cause, as of the risk
_SPACING = 2.0  # s between two reports of more reasons: each is written to the disk
_MOST_REASONS = 10  # told word for word; the rest is counted
_NO_SOURCE = "there is nothing left that it looks at"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition at one source."""

    criterion: Criterion
    words: Words


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """Conditions, each at all of its sources; it holds when it holds at any of them.

    Attributes:
        count: So many conditions must hold.
        within: s for which a condition counts after it last held; 0: all at the same moment.
    """

    conditions: tuple[tuple[Term, ...], ...]
    count: int
    within: float = 0.0

    def met(self, test: Callable[[Criterion, float], bool]) -> bool:
        """As `RulePlan.met`."""
        met = sum(any(test(t.criterion, self.within) for t in terms) for terms in self.conditions)
        return met >= self.count


@dataclass(frozen=True, slots=True)
class RulePlan:
    """What must hold: `count` of the groups. Without groups it always does."""

    groups: tuple[GroupPlan, ...] = ()
    count: int = 0

    def terms(self) -> Iterator[Term]:
        """Each condition at each source; one may come several times."""
        for group in self.groups:
            for condition in group.conditions:
                yield from condition

    def criteria(self) -> frozenset[Criterion]:
        """What is looked at."""
        return frozenset(term.criterion for term in self.terms())

    def possible(self) -> bool:
        """Whether it has sources enough to hold at all."""
        return self.met(lambda *_: True)

    def met(self, test: Callable[[Criterion, float], bool]) -> bool:
        """Whether it holds where a criterion holds of which `test` says so.

        Args:
            test: Gets a criterion and how long (s) it counts after it last held.
        """
        return sum(group.met(test) for group in self.groups) >= self.count


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says now.

    Attributes:
        reasons: In words; why it began, or why it ended before its inputs did.
        sources: "camera ID", "device ID" of those that hold.
    """

    cause: Cause
    reasons: tuple[str, ...]
    sources: tuple[str, ...] = ()


class RuleCause:
    """The cause of one rule at one place. Times are monotonic seconds.

    Attributes:
        doubted: Sources that begin causes and end none ("device ID").

    Args:
        probes: One for each criterion of the plan, and no others.
        name: Of the rule; told before the first reason.
    """

    def __init__(self, plan: RulePlan, probes: Mapping[Criterion, Probe], name: str = "") -> None:
        self.plan = plan
        self._name = name
        self.cause = Cause.CLEAR
        self.doubted: frozenset[str] = frozenset()
        self._probes = probes
        self._awaited: set[Probe] = set()  # must be seen clear before the cause can end
        self._told: set[Probe] = set()
        self._said_at = 0.0
        self._reasons: tuple[str, ...] = ()

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What it watches, in the order of the rule."""
        return tuple(self._probes.values())

    @property
    def criteria(self) -> Collection[Criterion]:
        """What it looks at."""
        return self._probes.keys()

    def take_over(self, cause: Cause, reasons: tuple[str, ...] = ()) -> None:
        """Go on with a cause of before, told as `cause`; each input must be seen clear once."""
        self.cause = cause
        self._reasons = reasons
        if cause is not Cause.CLEAR:
            self._awaited = set(self._probes.values())

    def follow(self, before: "RuleCause") -> None:
        """Go on with the cause of the same rule as it was before a change of the settings."""
        self.take_over(before.cause, before._reasons)
        if before._probes.keys() == self._probes.keys():
            self._awaited = set(before._awaited)
            self._told, self._said_at = before._told, before._said_at

    def retell(self) -> None:
        """Tell an active cause again with the next look: its priority changed."""
        self._reasons, self._said_at = (), -inf

    def judge(self, now: float, barred: str = "", mode: str = "") -> Finding | None:
        """What changed since the last call; None: nothing.

        Args:
            barred: Why it does not count now; empty: it does.
            mode: The arming mode, where the rule asks for it.
        """
        if barred:
            self._awaited.clear()
            return self._quiet(Cause.CLEAR, (self._named(barred),))
        self._note_awaited()
        if self.holds(now):
            return self._active(now, mode)
        if self.cause is Cause.CLEAR:
            return None
        if self.plan.met(lambda criterion, within: self._keeps(criterion, within, now)):
            return self._quiet(Cause.UNKNOWN, self._reasons)
        reasons = self._reasons if self.plan.possible() else (self._named(_NO_SOURCE),)
        return self._quiet(Cause.CLEAR, reasons)

    def holds(self, now: float) -> bool:
        """Whether everything needed is known to hold."""
        return self.plan.met(self._counter(now))

    def _counter(self, now: float) -> Callable[[Criterion, float], bool]:
        probes = self._probes
        return lambda criterion, within: _counts(probes[criterion], within, now)

    def _keeps(self, criterion: Criterion, within: float, now: float) -> bool:
        probe = self._probes[criterion]
        if probe.lost or probe in self._awaited or _counts(probe, within, now):
            return True
        # Time that passes in silence ends nothing: what held beside it may still be there.
        return within > 0 and probe in self._told and any(p.lost for p in self._told)

    def _note_awaited(self) -> None:
        """Await no longer what was seen clear, or holds; values of doubted sources end nothing."""
        if self._awaited:
            self._awaited = {p for p in self._awaited if self._doubts(p) or _open(p)}
        if self.doubted and self.cause is not Cause.CLEAR:
            self._awaited |= {p for p in self._told if self._doubts(p)}

    def _doubts(self, probe: Probe) -> bool:
        return probe.criterion.feed.source in self.doubted

    def _active(self, now: float, mode: str) -> Finding | None:
        found = list(dict.fromkeys(self._holding(now)))
        probes = {self._probes[term.criterion] for term, _ in found}
        patience = _REFRESH if probes <= self._told else _SPACING
        if self.cause is Cause.ACTIVE and now - self._said_at < patience:
            return None
        reasons = self._words(found, now, mode)
        if self.cause is Cause.ACTIVE and reasons == self._reasons:
            return None
        self.cause, self._reasons = Cause.ACTIVE, reasons
        self._told, self._said_at = self._told | probes, now
        sources = dict.fromkeys(term.criterion.feed.source for term, _ in found)
        return Finding(
            Cause.ACTIVE, reasons, tuple(s for s in sources if not s.startswith("place"))
        )

    def _holding(self, now: float) -> Iterator[tuple[Term, bool]]:
        """Each term that makes a group hold, and whether it still does itself."""
        for group in self.plan.groups:
            if not group.met(self._counter(now)):
                continue
            for terms in group.conditions:
                for term in terms:
                    probe = self._probes[term.criterion]
                    if _counts(probe, group.within, now):
                        yield term, probe.holds

    def _words(self, found: list[tuple[Term, bool]], now: float, mode: str) -> tuple[str, ...]:
        words: list[str] = []
        for term, still in found[:_MOST_REASONS]:
            probe = self._probes[term.criterion]
            told = term.words.reason(term.criterion, probe.shown)
            words.append(told if still else f"{told}, {now - probe.held_at:.0f} s ago")
        if len(found) > _MOST_REASONS:
            words.append(f"and {len(found) - _MOST_REASONS} more")
        if mode:
            words.append(f"mode {mode}")
        return (self._named(words[0]), *words[1:]) if words else ()

    def _named(self, text: str) -> str:
        return f"{self._name}: {text}" if self._name else text

    def _quiet(self, cause: Cause, reasons: tuple[str, ...]) -> Finding | None:
        if cause is self.cause:
            return None
        self.cause = cause
        if cause is Cause.CLEAR:
            self._told.clear()
        return Finding(cause, reasons)


def _counts(probe: Probe, within: float, now: float) -> bool:
    return probe.holds or (within > 0 and now - probe.held_at <= within)


def _open(probe: Probe) -> bool:
    """Whether nobody has seen yet what it says."""
    return not (probe.holds or probe.limit.confirmed_clear)
