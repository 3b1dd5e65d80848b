"""What lies over alarms: which overlay shows, how long it lasts, what its end means."""

from collections.abc import Iterator

from embereye.model.alarm import (
    Alarm,
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.ids import PlaceId
from embereye.model.overlay_record import OverlayRecord
from embereye.model.stamp import Stamp
from embereye.rules.alarm_cycle import Step

_K = OverlayKind

# The strongest shows; the order is that of `model.alarm.Alarm.overlay`.
_STRENGTH = {_K.OUT_OF_SERVICE: 3, _K.SUPPRESSED: 2, _K.SHELVED: 1, _K.TEST: 0}

# Events of alarm actions, by kind: it began, a person ended it, it expired.
BEGUN = {
    _K.SHELVED: "shelve",
    _K.SUPPRESSED: "suppress",
    _K.OUT_OF_SERVICE: "take out of service",
    _K.TEST: "walk test",
}
ENDED = {
    _K.SHELVED: "unshelve",
    _K.SUPPRESSED: "suppression ended",
    _K.OUT_OF_SERVICE: "return to service",
    _K.TEST: "walk test ended",
}
EXPIRED = {
    _K.SHELVED: "shelving expired",
    _K.SUPPRESSED: "suppression ended",
    _K.OUT_OF_SERVICE: "out of service expired",
    _K.TEST: "walk test ended",
}
BROKEN = "shelving broken"  # a higher priority came through
REPLACED = "replaced"  # by another overlay of the same kind and scope; no alarm hears of it

_Place = tuple[PlaceId, AlarmKind | None, str | None]


class OverlayIndex:
    """The overlays in force, found by alarm key with a fixed number of look-ups.

    3,000 alarms may change 500 times a second, each change asks.
    """

    def __init__(self) -> None:
        self._by_scope: dict[_Place, list[OverlayRecord]] = {}
        self._by_number: dict[int, OverlayRecord] = {}

    def __iter__(self) -> Iterator[OverlayRecord]:
        """All, in the order in which they came; they may change meanwhile."""
        return iter(list(self._by_number.values()))

    def numbered(self, number: int) -> OverlayRecord | None:
        """The one with this number, while it is in force."""
        return self._by_number.get(number)

    def put(self, record: OverlayRecord) -> None:
        """Put one in force; it takes the place of one with its number."""
        self.remove(record)
        self._by_number[record.number] = record
        self._by_scope.setdefault(_place(record.overlay.scope), []).append(record)

    def remove(self, record: OverlayRecord) -> None:
        """Take one out of force; nothing where it is none."""
        self._by_number.pop(record.number, None)
        place = _place(record.overlay.scope)
        kept = [one for one in self._by_scope.get(place, ()) if one.number != record.number]
        if kept:
            self._by_scope[place] = kept
        else:
            self._by_scope.pop(place, None)

    def at(self, kind: OverlayKind, scope: Scope, reason: str | None = None) -> list[OverlayRecord]:
        """Those of one kind with exactly this scope (and reason, where one is given)."""
        return [
            record
            for record in self._by_scope.get(_place(scope), ())
            if record.overlay.kind is kind and reason in (None, record.overlay.reason)
        ]

    def over(self, key: AlarmKey, priority: Priority) -> OverlayRecord | None:
        """The strongest that covers this key at this priority."""
        best: OverlayRecord | None = None
        for place in _places(key):
            for record in self._by_scope.get(place, ()):
                if record.overlay.covers >= priority and (best is None or _beats(record, best)):
                    best = record
        return best


def in_test(alarm: Alarm) -> bool:
    """Whether it was raised under a walk test."""
    return alarm.overlay is not None and alarm.overlay.kind is OverlayKind.TEST


def uncovered(state: AlarmState, cause: Cause) -> Step:
    """Where an alarm stands when nothing covers it any more; pure.

    What may still be there is announced again, also where somebody had acknowledged it before; an
    alarm that returned unseen calls again.
    """
    if state in (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED):
        if cause is not Cause.CLEAR:
            return Step(AlarmState.UNACKNOWLEDGED, announced=True)
        return Step(state, announced=state is AlarmState.UNACKNOWLEDGED)
    return Step(state, announced=state is AlarmState.RETURNED)


def left(record: OverlayRecord, boot: str, now: Stamp) -> float | None:
    """Seconds that an overlay of an earlier run still lasts; None: until its condition ends.

    On the same start of the machine the monotonic clock tells, whatever was done to the wall
    clock; else the wall clock does, but it never makes an overlay longer than it was asked for.
    """
    if record.seconds is None or record.until_mono is None:
        return None
    if boot and record.boot == boot:
        seconds = record.until_mono - now.mono
    else:
        seconds = (record.overlay.until_utc or now.utc) - now.utc
    return min(max(0.0, seconds), record.seconds)


def _beats(one: OverlayRecord, other: OverlayRecord) -> bool:
    return _rank(one) > _rank(other)


def _rank(record: OverlayRecord) -> tuple[int, float, int]:
    """Stronger first, of the same kind the one that lasts longer."""
    until = float("inf") if record.until_mono is None else record.until_mono
    return _STRENGTH[record.overlay.kind], until, record.number


def _place(scope: Scope) -> _Place:
    return scope.place, scope.kind, scope.source


def _places(key: AlarmKey) -> tuple[_Place, ...]:
    place, kind, source = key.place, key.kind, key.source
    return (place, kind, source), (place, kind, None), (place, None, None), (place, None, source)
