"""When a connection that comes and goes is one fault instead of a chain of them."""

from collections import deque

# Five losses in ten minutes: a device that restarts once, or a network that is switched over,
# makes two or three; every two minutes somebody would be called. Chattering is 3 in 60 s
# (alarms, section Presentation) and is far inside.
LOSSES = 5
WINDOW = 600.0  # s
_CHATTER, _CHATTER_WINDOW = 3, 60.0  # losses, s


class Flapping:
    """Counts how often one device was lost. Monotonic seconds."""

    __slots__ = ("_losses", "unstable")

    def __init__(self) -> None:
        self._losses: deque[float] = deque(maxlen=LOSSES)
        self.unstable = False

    def note(self, now: float) -> None:
        """Its connection closed, or its packets stopped."""
        self._losses.append(now)
        self._look(now)

    def look(self, now: float) -> bool:
        """Whether it is unstable now; that ends when it was not lost for the whole window."""
        self._look(now)
        return self.unstable

    def _look(self, now: float) -> None:
        if self.unstable:
            self.unstable = now - self._losses[-1] < WINDOW
            if not self.unstable:
                self._losses.clear()
            return
        many = len(self._losses) == LOSSES and now - self._losses[0] < WINDOW
        recent = [at for at in self._losses if now - at < _CHATTER_WINDOW]
        self.unstable = many or len(recent) >= _CHATTER
