"""From reports to occurrences, and two lists of occurrences side by side; pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from embereye.model.alarm import AlarmKey, Cause, Report
from embereye.model.backtest import Compared, Occurrence, Outcome, Tally

MOST = 100_000  # occurrences of one side; rules that flood end there


class Ledger:
    """Turns the reports of the rules into occurrences.

    Reports of one cause closer than the merge window are one occurrence, as they are one alarm.

    Args:
        window: Merge window, s.
    """

    def __init__(self, window: float) -> None:
        self.window = window
        self.lost = 0  # occurrences above MOST
        self._found: list[Occurrence] = []
        self._newest: dict[AlarmKey, int] = {}
        self._last: dict[AlarmKey, float] = {}
        self._causes: dict[AlarmKey, Cause] = {}

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """All so far, in order of their beginning; one that goes on has no end."""
        return tuple(self._found)

    def take(self, report: Report) -> None:
        """Take one verdict."""
        key, at = report.key, report.origin.utc
        if report.cause is Cause.ACTIVE:
            self._active(report, at)
            self._last[key] = at
        elif key in self._newest and self._causes.get(key) is not Cause.CLEAR:
            self._last[key] = at
            if report.cause is Cause.CLEAR:
                index = self._newest[key]
                self._found[index] = replace(self._found[index], end_utc=at)
        self._causes[key] = report.cause

    def _active(self, report: Report, at: float) -> None:
        index = self._newest.get(report.key)
        goes_on = self._causes.get(report.key) is Cause.ACTIVE
        if index is None or not (goes_on or at - self._last[report.key] <= self.window):
            self._begin(report, at)
            return
        before = self._found[index]
        graver = report.priority > before.priority
        called = graver or self._causes.get(report.key) is Cause.CLEAR
        after = replace(before, end_utc=None, times=before.times + called)
        if graver:
            why = report.reasons
            after = replace(after, priority=report.priority, reasons=why, sources=report.sources)
        self._found[index] = after

    def _begin(self, report: Report, at: float) -> None:
        if len(self._found) >= MOST:
            self.lost += 1
            self._newest.pop(report.key, None)
            return
        self._newest[report.key] = len(self._found)
        start = Occurrence(
            report.key, report.place_name, at, None, report.priority, report.reasons, report.sources
        )
        self._found.append(start)


def compare(
    present: Iterable[Occurrence], tried: Iterable[Occurrence], slack: float
) -> tuple[Compared, ...]:
    """Both sides by key: what overlaps, or comes within `slack` s, is the same occurrence."""
    mine, theirs = _by_key(present), _by_key(tried)
    rows = [
        row
        for key in {**mine, **theirs}
        for row in _paired(mine.get(key, []), theirs.get(key, []), slack)
    ]
    return tuple(sorted(rows, key=lambda row: row.one.start_utc))


def tallies(rows: Sequence[Compared], heading: Callable[[Occurrence], str]) -> tuple[Tally, ...]:
    """How many occurrences each side has by heading, in order of the headings."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        for side, occurrence in enumerate((row.present, row.tried)):
            if occurrence is not None:
                counts[heading(occurrence)][side] += 1
    return tuple(Tally(name, *counts[name]) for name in sorted(counts))


def _by_key(found: Iterable[Occurrence]) -> dict[AlarmKey, list[Occurrence]]:
    keys: dict[AlarmKey, list[Occurrence]] = defaultdict(list)
    for one in found:
        keys[one.key].append(one)
    return {key: sorted(ones, key=lambda one: one.start_utc) for key, ones in keys.items()}


def _paired(mine: list[Occurrence], theirs: list[Occurrence], slack: float) -> list[Compared]:
    """Two sorted lists of one key, walked side by side; of several that fit, the nearest."""
    rows, i, j = [], 0, 0
    while i < len(mine) and j < len(theirs):
        apart = _apart(mine[i], theirs[j], slack)
        first = mine[i].start_utc < theirs[j].start_utc
        if (apart and first) or (not apart and _nearer(mine[i : i + 2], theirs[j : j + 2])):
            rows.append(Compared(Outcome.ONLY_PRESENT, mine[i], None))
            i += 1
        elif apart or _nearer(theirs[j : j + 2], mine[i : i + 2]):
            rows.append(Compared(Outcome.ONLY_TRIED, None, theirs[j]))
            j += 1
        else:
            rows.append(Compared(Outcome.SAME, mine[i], theirs[j]))
            i, j = i + 1, j + 1
    rows += [Compared(Outcome.ONLY_PRESENT, one, None) for one in mine[i:]]
    return rows + [Compared(Outcome.ONLY_TRIED, None, one) for one in theirs[j:]]


def _nearer(ones: list[Occurrence], others: list[Occurrence]) -> bool:
    """Whether the second of these fits the first of those better, and no later one as well."""
    if len(ones) < 2:
        return False
    starts = [other.start_utc for other in others]
    away = abs(ones[1].start_utc - starts[0])
    if away >= abs(ones[0].start_utc - starts[0]):
        return False
    return len(starts) < 2 or away < abs(ones[1].start_utc - starts[1])


def _apart(one: Occurrence, other: Occurrence, slack: float) -> bool:
    first, second = sorted((one, other), key=lambda each: each.start_utc)
    end = float("inf") if first.end_utc is None else first.end_utc
    return second.start_utc > end + slack
