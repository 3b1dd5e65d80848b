"""When a siren or beacon is on: pure, time as an argument."""

from collections.abc import Callable, Iterable

from embereye.model.alarm import Alarm, AlarmTable, Cause
from embereye.rules.notices import Selection, suits
from embereye.rules.overlays import in_test


class RelayCycle:
    """On while something wants it, but at most so long; then off until something else wants it.

    Args:
        most_on: s; after that it goes off.
        cool_down: s that it stays off then, whatever comes.
    """

    def __init__(self, most_on: float, cool_down: float) -> None:
        self._most_on, self._cool_down = most_on, cool_down
        self._on_since: float | None = None
        self._answered: frozenset[object] = frozenset()
        self._rest_until = float("-inf")

    def step(self, now: float, wants: Iterable[object]) -> bool:
        """Whether it is on from `now` (monotonic s) on.

        Args:
            wants: What wants it now; something that was answered with the longest time is not
                answered again.
        """
        wanted = frozenset(wants)
        if not wanted:
            self._on_since, self._answered = None, frozenset()
            return False
        if self._on_since is not None and now - self._on_since >= self._most_on:
            self._on_since, self._rest_until = None, now + self._cool_down
        if self._on_since is None and wanted - self._answered and now >= self._rest_until:
            self._on_since, self._answered = now, wanted
        return self._on_since is not None


def wanting(
    table: AlarmTable,
    selection: Selection,
    now: float,
    *,
    until_clear: bool,
    silenced: bool,
    named: Callable[[Alarm], bool | None] = lambda _alarm: None,
) -> list[Alarm]:
    """The alarms that want a relay on.

    Args:
        now: Monotonic s, as `table.silenced_until`.
        until_clear: Also those that are acknowledged, while their cause is not known to be over.
        silenced: Nothing wants it while the sound is silenced.
        named: Whether the rule behind an alarm names this relay; None: it names no target, and
            `selection` decides.
    """
    if silenced and table.silenced_until is not None and now < table.silenced_until:
        return []
    return [
        alarm
        for alarm in table.alarms
        if _uncovered(alarm, selection)
        and (suits(alarm, selection) if (choice := named(alarm)) is None else choice)
        and (alarm.unacknowledged or (until_clear and alarm.cause is not Cause.CLEAR))
    ]


def _uncovered(alarm: Alarm, selection: Selection) -> bool:
    return alarm.overlay is None or (in_test(alarm) and selection.tests)
