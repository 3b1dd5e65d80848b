"""Which numbered packets came, however they overtook each other. Pure, one thread."""

from embereye.ingest.secure_packet import WINDOW

_MOST_HOLES = 4 * WINDOW  # remembered; more than one connection can leave behind


class PacketWindow:
    """Numbers up to `top`, less those that did not come yet.

    Attributes:
        top: The highest number that came.
    """

    def __init__(self, top: int) -> None:
        """Everything up to `top` counts as come."""
        self.top = top
        self._holes: list[int] = []  # ascending

    @property
    def complete_to(self) -> int:
        """The highest number below which nothing is missing any more."""
        return self._holes[0] - 1 if self._holes else self.top

    def passes(self, number: int) -> int:
        """How many missing numbers the window would leave behind for ever with this one."""
        limit = number - WINDOW
        jumped = max(0, limit - self.top)
        return jumped + sum(1 for hole in self._holes if hole <= limit)

    def take(self, number: int) -> bool:
        """Note a number; False when it came before, or was left behind."""
        top = self.top
        if number == top + 1:
            self.top = number
        elif number > top:
            self._holes.extend(range(max(top + 1, number - WINDOW + 1), number))
            self.top = number
        elif number in self._holes:
            self._holes.remove(number)
        else:
            return False
        return True

    def leave_behind(self) -> None:
        """Stop waiting for what is 64 or more below the top."""
        if self._holes and self._holes[0] <= self.top - WINDOW:
            self._holes = [hole for hole in self._holes if hole > self.top - WINDOW]

    def bound(self) -> None:
        """Forget the oldest holes when there are too many to remember."""
        del self._holes[:-_MOST_HOLES]

    def missing_before(self, number: int) -> int:
        """How many numbers below this one did not come."""
        unseen = max(0, number - 1 - self.top)
        return unseen + sum(1 for hole in self._holes if hole < number)
