"""Which alarms and detections of one place are one incident.

The window runs from the *last* event: fixed buckets would split one incident in two. Times are
monotonic seconds of the events themselves, so neither a jump of the wall clock nor a timer that
fires late changes what belongs together.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from embereye.model.ids import AlarmId, IncidentId, PlaceId

# s for which the alarms of an ended group are remembered: the longest merge window of alarms
# (3600 s) brings one back with its number, and a minute more
_KEPT = 3660.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What belongs together.

    Attributes:
        window: Seconds after the last event within which the next one belongs to it.
        idle: Seconds without an event after which detections alone are shown as an incident.
        types: Labels that make an incident, also without an alarm.
        fast_confidence: From which on they do so at once, 0–1.
    """

    window: float = 90.0
    idle: float = 30.0
    types: frozenset[str] = frozenset({"fire", "smoke", "person"})
    fast_confidence: float = 0.90

    def fast(self, label: str, confidence: float) -> bool:
        """Whether this detection opens an incident at once."""
        return label in self.types and confidence >= self.fast_confidence


@dataclass(slots=True, eq=False)
class Group:
    """One incident in the making.

    Attributes:
        first, last: First and last event, monotonic s.
        shown: False while only uncertain detections of a moment are in it.
        idle: Nothing came for the idle time; set by `Grouping.look`.
        ended: Nothing that happens now belongs to it; set by `Grouping.look`.
        alarms: All its alarms; they never leave it.
        open: Those that are still open; while there is one the group goes on.
    """

    number: IncidentId
    place: PlaceId
    first: float
    last: float
    shown: bool = False
    idle: bool = False
    ended: bool = False
    alarms: set[AlarmId] = field(default_factory=set)
    open: set[AlarmId] = field(default_factory=set)

    def takes(self, at: float, window: float) -> bool:
        """Whether an event of the moment `at` belongs to it."""
        return bool(self.open) or at - self.last <= window

    def note(self, at: float) -> None:
        """Something of it happened at this moment."""
        self.first, self.last = min(self.first, at), max(self.last, at)
        self.idle = self.ended = False


class Grouping:
    """Puts each event into the group of its place. Lives in one thread.

    What arrives late joins the present group of its place; an alarm always stays in its own.

    Args:
        number: Makes numbers of new groups.
    """

    def __init__(self, number: Callable[[], IncidentId], terms: Terms | None = None) -> None:
        self.terms = terms or Terms()
        self._number = number
        self._current: dict[PlaceId, Group] = {}
        self._of_alarm: dict[AlarmId, Group] = {}
        self._former: list[Group] = []

    def alarm(self, place: PlaceId, alarm: AlarmId, open_now: bool, at: float) -> Group:
        """An alarm was raised, changed or ended; it is always shown at once."""
        group = self._of_alarm.get(alarm)
        if group is None:
            group = self._taking(place, at)
            self._of_alarm[alarm] = group
            group.alarms.add(alarm)
        group.note(at)
        group.shown = True
        if open_now:
            group.open.add(alarm)
        else:
            group.open.discard(alarm)
        return group

    def seen(self, place: PlaceId, at: float, fast: bool) -> Group:
        """A detection of one of the types; `fast` opens the incident at once."""
        group = self._taking(place, at)
        group.note(at)
        group.shown = group.shown or fast
        return group

    def restore(self, group: Group) -> None:
        """Go on with a group of an earlier run; the newest one of a place counts."""
        for alarm in group.alarms:
            self._of_alarm[alarm] = group
        present = self._current.get(group.place)
        if present is None or present.last <= group.last:
            self._replace(group)
        else:
            self._former.append(group)

    def look(self, now: float) -> list[Group]:
        """Groups that became shown, idle or ended by the passing of time."""
        changed = [g for g in (*self._current.values(), *self._former) if self._aged(g, now)]
        self._forget(now)
        return changed

    def _taking(self, place: PlaceId, at: float) -> Group:
        group = self._current.get(place)
        if group is None or not group.takes(at, self.terms.window):
            group = Group(self._number(), place, at, at)
            self._replace(group)
        return group

    def _replace(self, group: Group) -> None:
        before = self._current.get(group.place)
        if before is not None:
            self._former.append(before)
        self._current[group.place] = group

    def _aged(self, group: Group, now: float) -> bool:
        before = (group.shown, group.idle, group.ended)
        quiet = now - group.last
        replaced = self._current.get(group.place) is not group
        group.idle = group.idle or quiet >= self.terms.idle or replaced
        over = quiet > self.terms.window or replaced
        group.ended = group.ended or (over and not group.open)
        lasted = now - group.first >= self.terms.window
        group.shown = group.shown or group.idle or group.ended or lasted
        return (group.shown, group.idle, group.ended) != before

    def _forget(self, now: float) -> None:
        kept = [g for g in self._former if g.open or now - g.last <= _KEPT]
        for group in self._former:
            if not group.open and now - group.last > _KEPT:
                self._drop(group)
        self._former = kept
        for place, group in list(self._current.items()):
            if group.ended and now - group.last > max(_KEPT, self.terms.window):
                del self._current[place]
                self._drop(group)

    def _drop(self, group: Group) -> None:
        for alarm in group.alarms:
            self._of_alarm.pop(alarm, None)
