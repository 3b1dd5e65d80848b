"""How long a camera whose whole picture changed is left alone: never for long, nor often."""

from collections.abc import Iterable

from embereye.model.alarm import Alarm, AlarmKind, Cause
from embereye.model.ids import CameraId

_LONGEST = 10.0  # s in one go; a dome that an operator moves all the time is looked at in between
_BETWEEN = 10.0  # s that it is looked at after a pause, whatever changes: blasts come in series


def burning(alarms: Iterable[Alarm]) -> frozenset[CameraId]:
    """The cameras of fires that are not over; what they remember is evidence."""
    return frozenset(
        CameraId(camera)
        for alarm in alarms
        if alarm.key.kind is AlarmKind.FIRE and alarm.cause is not Cause.CLEAR
        for camera in alarm.cameras
    )


class ScenePause:
    """The pauses of one camera. Monotonic seconds; one thread.

    Lights, an infra-red filter and a turning camera let every cell of a picture change at once,
    which says nothing of fire until it has settled. A flash-over does the same: so a pause is
    short, and what burns is seen after it.

    Attributes:
        until: End of the newest pause.
    """

    __slots__ = ("_began", "until")

    def __init__(self) -> None:
        self.until = float("-inf")
        self._began = float("-inf")

    def ask(self, now: float, until: float) -> bool:
        """Somebody wants a pause until then; whether one begins now."""
        if now < self.until:
            self.until = max(self.until, min(until, self._began + _LONGEST))
            return False
        if until <= now or now - self.until < _BETWEEN:
            return False
        self._began, self.until = now, min(until, now + _LONGEST)
        return True

    def holds(self, now: float) -> bool:
        """Whether it is left alone at `now`."""
        return now < self.until
