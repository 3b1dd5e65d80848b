"""The alarms that are shown, kept in their order while they change."""

from bisect import bisect_left

from embereye.model.alarm import Alarm, AlarmState
from embereye.model.ids import AlarmId

_Place = tuple[int, bool, int]


class AlarmOrder:
    """Highest priority first, inside it those that call first, then oldest first.

    Ids tell the age: they count up, while the wall clock may be set back.

    A change costs a search in the sorted list, not a sort: 3,000 alarms may change 500 times a
    second.
    """

    def __init__(self) -> None:
        self._order: list[_Place] = []
        self._alarms: list[Alarm] = []  # in that order
        self._shown: dict[AlarmId, Alarm] = {}

    def __contains__(self, alarm: AlarmId) -> bool:
        return alarm in self._shown

    def put(self, alarm: Alarm) -> None:
        """Show this version of the alarm; a closed one is taken out."""
        before = self._shown.pop(alarm.id, None)
        if before is not None:
            number = bisect_left(self._order, _place(before))
            del self._order[number], self._alarms[number]
        if alarm.state is not AlarmState.NORMAL:
            self._shown[alarm.id] = alarm
            place = _place(alarm)
            number = bisect_left(self._order, place)
            self._order.insert(number, place)
            self._alarms.insert(number, alarm)

    def alarms(self) -> tuple[Alarm, ...]:
        """All of them, in order."""
        return tuple(self._alarms)


def _place(alarm: Alarm) -> _Place:
    return (-alarm.priority, not alarm.calling, alarm.id)
