"""All inputs of one place fused into one verdict for fire and one for gas, with reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from embereye.model.alarm import AlarmKind, Cause, Priority
from embereye.rules.watch import Evidence, Grade, Watch

_REFRESH = 10.0  # s between new words of an unchanged cause; values move with every packet


class Inputs(Protocol):
    """The inputs of one device or camera."""

    @property
    def watches(self) -> tuple[Watch, ...]:
        """Its limits, in the order in which reasons are told."""

    def tick(self, now: float) -> bool:
        """Let old values become unknown; True when that changed something."""

    def confirmed_clear(self, now: float, gas: bool) -> bool:
        """Whether all of them are known and clear."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say about one kind of risk at one place.

    Attributes:
        priority: Only meaningful with an ACTIVE cause.
        reasons: In words, strongest evidence first; those that began it when UNKNOWN.
        sources: Devices and cameras whose limits are tripped, in the order of the reasons.
    """

    kind: AlarmKind
    cause: Cause
    priority: Priority
    reasons: tuple[str, ...]
    sources: tuple[str, ...]


class PlaceFusion:
    """The risk of one place.

    A cause ends when every input that held it was seen clear: a silent one keeps it, as UNKNOWN,
    and no other input can end it. So a packet of one device ends only what that device began.

    Attributes:
        doubted: Sources whose values begin causes and end none: what they held stays unknown
            until they are believed again.

    Args:
        sources: Inputs by device or camera id.
        together: Seconds within which two kinds of evidence are a fire.
    """

    def __init__(self, sources: Mapping[str, Inputs], together: float) -> None:
        self.sources = dict(sources)
        self.doubted: frozenset[str] = frozenset()
        self._fire = _Risk(AlarmKind.FIRE, together)
        self._gas = _Risk(AlarmKind.GAS, together)

    def restore(self, kind: AlarmKind, told: Cause = Cause.UNKNOWN) -> None:
        """Take over a risk of before: unknown until each present source was seen clear.

        `told` is the cause that was reported last.
        """
        risk = self._gas if kind is AlarmKind.GAS else self._fire
        risk.cause = told
        risk.awaited = set(self.sources)

    def open_causes(self) -> dict[AlarmKind, Cause]:
        """The causes that are not clear."""
        risks = (self._fire, self._gas)
        return {risk.kind: risk.cause for risk in risks if risk.cause is not Cause.CLEAR}

    def tick(self, now: float) -> list[Verdict]:
        """Let old inputs become unknown; the verdicts that changed."""
        changed = [inputs.tick(now) for inputs in self.sources.values()]
        if any(changed) or self.open_causes():
            return self.judge(now)
        return []

    def judge(self, now: float) -> list[Verdict]:
        """The verdicts that changed since the last call."""
        fire, gas = self._collect()
        found = (
            self._fire.judge(now, fire, self._awaited(self._fire, fire, now)),
            self._gas.judge(now, gas, self._awaited(self._gas, gas, now)),
        )
        return [verdict for verdict in found if verdict is not None]

    def _collect(self) -> tuple[list["_Found"], list["_Found"]]:
        fire: list[_Found] = []
        gas: list[_Found] = []
        for source, inputs in self.sources.items():
            for watch in inputs.watches:
                kind = gas if watch.evidence is Evidence.GAS else fire
                kind.append(_Found(watch, source))
        return fire, gas

    def _awaited(self, risk: "_Risk", inputs: list["_Found"], now: float) -> set[str]:
        """Sources that must be seen clear before the cause can end."""
        gas = risk.kind is AlarmKind.GAS
        waiting = {source for source in risk.awaited if self._keeps(source, now, gas)}
        if self.doubted:
            waiting |= {f.source for f in inputs if f.watch.tripped and f.source in self.doubted}
        return waiting

    def _keeps(self, source: str, now: float, gas: bool) -> bool:
        if source not in self.sources:
            return False
        return source in self.doubted or not self.sources[source].confirmed_clear(now, gas)


@dataclass(frozen=True, slots=True)
class _Found:
    watch: Watch
    source: str


class _Risk:
    """One kind of risk: the cause and when to speak about it again."""

    def __init__(self, kind: AlarmKind, together: float) -> None:
        self.kind = kind
        self.cause = Cause.CLEAR
        self.awaited: set[str] = set()
        self._together = together
        self._told: set[Watch] = set()  # evidence of this occurrence that is reported already
        self._priority = Priority.DIAGNOSTIC
        self._said_at = 0.0
        self._reasons: tuple[str, ...] = ()

    def judge(self, now: float, inputs: list[_Found], awaited: set[str]) -> Verdict | None:
        self.awaited = awaited
        alone = [f for f in inputs if f.watch.tripped and f.watch.grade is not Grade.HINT]
        together = self._evidence_together(now, inputs)
        fire = len({f.watch.evidence for f in together}) > 1 or any(
            f.watch.grade is Grade.FIRE for f in alone
        )
        if fire or alone:
            telling = _strongest([*alone, *together] if fire else alone)
            return self._active(now, Priority.EMERGENCY if fire else Priority.HIGH, telling)
        if self.cause is Cause.CLEAR:
            return None
        lost = awaited or any(f.watch.lost for f in inputs)
        return self._quiet(Cause.UNKNOWN if lost else Cause.CLEAR)

    def _evidence_together(self, now: float, inputs: list[_Found]) -> list[_Found]:
        if self.kind is AlarmKind.GAS:
            return []
        return [f for f in inputs if f.watch.joins and now - f.watch.tripped_at <= self._together]

    def _active(self, now: float, priority: Priority, telling: list[_Found]) -> Verdict | None:
        more = priority > self._priority or any(f.watch not in self._told for f in telling)
        if not more and now - self._said_at < _REFRESH:
            return None
        reasons = tuple(f.watch.words for f in telling)
        if not more and reasons == self._reasons:
            return None
        self.cause = Cause.ACTIVE
        self._priority = max(priority, self._priority)
        self._told.update(f.watch for f in telling)
        self._said_at, self._reasons = now, reasons
        sources = tuple(dict.fromkeys(f.source for f in telling))
        return Verdict(self.kind, Cause.ACTIVE, priority, reasons, sources)

    def _quiet(self, cause: Cause) -> Verdict | None:
        if cause is self.cause:
            return None
        self.cause = cause
        self._told.clear()
        self._priority = Priority.DIAGNOSTIC
        return Verdict(self.kind, cause, Priority.DIAGNOSTIC, self._reasons, ())


def _strongest(found: Iterable[_Found]) -> list[_Found]:
    """The reasons worth telling, in telling order.

    The lower of two limits on one temperature, and a weak score beside a full one of the same
    camera, say nothing new.
    """
    order = {Grade.FIRE: 0, Grade.HIGH: 1, Grade.HINT: 2}
    kept: list[_Found] = []
    covered: set[tuple[Evidence, str, str]] = set()
    for item in sorted(found, key=lambda f: (f.watch.evidence, order[f.watch.grade])):
        key = item.watch.evidence, item.source, item.watch.part
        weaker = item.watch.evidence is Evidence.THERMAL or item.watch.grade is Grade.HINT
        if (weaker and key in covered) or item in kept:
            continue
        covered.add(key)
        kept.append(item)
    return kept
