"""The time line of one camera's pictures, as all that looks at several of them counts it."""

from embereye.model.frame import Frame

_CLOSEST = 0.075  # s; motion is told from boiling by pictures about 0.1 s apart, not closer


class Pace:
    """Counts seconds from picture to picture. Lives in one thread.

    Attributes:
        time: Of the last picture that was taken, s since the first.
    """

    def __init__(self) -> None:
        self.time = 0.0
        self._last: Frame | None = None

    @property
    def begun(self) -> bool:
        """Whether any picture was taken."""
        return self._last is not None

    def take(self, frame: Frame) -> bool:
        """Go on to the next picture; False when it is closer than 75 ms to the one before."""
        if self._last is not None:
            passed = _passed(self._last, frame)
            if passed < _CLOSEST:
                return False
            self.time += passed
        self._last = frame
        return True


def _passed(before: Frame, now: Frame) -> float:
    """Seconds between two frames, by the source's clock where it makes sense.

    Media time is even where arrival jitters, but it jumps when a file starts again or a camera
    corrects its clock; then the arrival counts.
    """
    arrival = now.at.mono - before.at.mono
    media = now.media - before.media
    return media if 0 < media <= max(2 * arrival, 1.0) else max(arrival, 0.0)
