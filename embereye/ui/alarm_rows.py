"""Which alarms the list shows and in which order: filtered, sorted, by place."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter
from typing import Any

from embereye.model.alarm import Alarm
from embereye.model.ids import AlarmId, PlaceId


class Column(IntEnum):
    PRIORITY = 0
    TIME = 1
    AGE = 2
    PLACE = 3
    WHAT = 4
    STATE = 5
    BY = 6
    ASSIGNED = 7


@dataclass(frozen=True, slots=True, eq=False)
class PlaceRow:
    """The head of the alarms of one place.

    Attributes:
        alarms: All of them, in their order.
        opened: Whether they are shown below it.
    """

    place: PlaceId
    name: str
    alarms: tuple[Alarm, ...]
    opened: bool

    @property
    def id(self) -> tuple[str, PlaceId]:
        """By what it is known among the ids of alarms."""
        return ("place", self.place)

    @property
    def worst(self) -> Alarm:
        """The alarm that the place looks like: calling before priority before age."""
        return max(self.alarms, key=lambda a: (a.calling, a.priority, -a.raised_utc))


Row = Alarm | PlaceRow

_KEYS: dict[Column, Callable[[Alarm], Any]] = {
    Column.TIME: lambda alarm: -alarm.raised_utc,
    Column.AGE: lambda alarm: alarm.raised_utc,
    Column.PLACE: lambda alarm: alarm.place_name.casefold(),
    Column.WHAT: lambda alarm: "; ".join(alarm.reasons).casefold(),
    Column.STATE: lambda alarm: (not alarm.calling, alarm.state.value),
    Column.BY: lambda alarm: alarm.acknowledged_by.casefold(),
    Column.ASSIGNED: lambda alarm: alarm.assigned_to.casefold(),
}


row_key: Callable[[Row], Hashable] = attrgetter("id")  # by what a row is known while it changes


def in_order(alarms: Sequence[Alarm], column: Column, descending: bool) -> list[Alarm]:
    """Sorted by a column; by priority they come in order already."""
    key = _KEYS.get(column)
    if key is not None:
        return sorted(alarms, key=key, reverse=descending)
    return list(reversed(alarms)) if descending else list(alarms)


def by_place(alarms: Iterable[Alarm], folded: set[PlaceId]) -> list[Row]:
    """The alarms below a head for each place; places in the order of their first alarm."""
    groups: defaultdict[PlaceId, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        groups[alarm.key.place].append(alarm)
    rows: list[Row] = []
    for place, members in groups.items():
        opened = place not in folded
        rows.append(PlaceRow(place, members[0].place_name, tuple(members), opened))
        rows += members if opened else ()
    return rows


class Sieve:
    """Keeps the alarms that have all words of a text; remembers what it has read of each."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._read: dict[AlarmId, tuple[Alarm, str]] = {}

    def want(self, text: str) -> None:
        """From now on all words of `text`, in any case and order."""
        self._words = text.casefold().split()
        self._read = {}

    def kept(self, alarms: Iterable[Alarm]) -> list[Alarm]:
        """Those that have them."""
        if not self._words:
            return list(alarms)
        found, read = [], {}
        for alarm in alarms:
            known = self._read.get(alarm.id)
            if known is None or known[0] is not alarm:
                known = alarm, searched(alarm)
            read[alarm.id] = known
            if all(word in known[1] for word in self._words):
                found.append(alarm)
        self._read = read
        return found


def searched(alarm: Alarm) -> str:
    """All words by which an alarm can be found."""
    parts = (
        alarm.place_name,
        *alarm.reasons,
        alarm.key.kind.value,
        alarm.key.source,
        alarm.state.value,
        alarm.acknowledged_by,
        alarm.assigned_to,
        alarm.priority.name,
    )
    return " ".join(parts).casefold()
