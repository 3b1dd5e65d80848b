"""Messages from many threads to one."""

from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Full(Enum):
    """What a full mailbox does with one more message."""

    DROP_OLDEST = "drop oldest"
    REFUSE = "refuse"  # put() returns False; the sender slows down or keeps the message
    GROW = "grow"  # never drops; `over` counts what went above the capacity


class Mailbox(Generic[T]):
    """A bounded queue with one reader and one wake-up per put, however many messages it brings.

    Attributes:
        dropped: Messages lost to DROP_OLDEST, or refused by REFUSE.
        over: Messages accepted above the capacity by GROW.
        high_water: Most messages that ever waited.
    """

    def __init__(self, capacity: int, full: Full) -> None:
        self._items: deque[T] = deque()
        self._ready = Condition()
        self._capacity = capacity
        self._full = full
        self._low: list[tuple[int, Callable[[], None]]] = []
        self._woken = False
        self.dropped = 0
        self.over = 0
        self.high_water = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def capacity(self) -> int:
        return self._capacity

    def put(self, item: T) -> bool:
        """Add one message; False when it was refused. Never blocks."""
        return self.put_many((item,)) == 1

    def put_many(self, items: Iterable[T]) -> int:
        """Add messages in order with one wake-up; the number accepted. Never blocks."""
        new = list(items)
        with self._ready:
            accepted = self._make_room(new)
            self._items.extend(accepted)
            self.high_water = max(self.high_water, len(self._items))
            self._ready.notify()
        return len(accepted)

    def take_all(self, timeout: float, most: int | None = None) -> list[T]:
        """Wait up to `timeout` s for messages, then return at most `most` of them, oldest first."""
        with self._ready:
            if not self._items and not self._woken and timeout > 0:
                self._ready.wait(timeout)
            self._woken = False
            taken = self._pop(most)
            due = self._low_callbacks()
        for callback in due:
            callback()
        return taken

    def wake(self) -> None:
        """Make a waiting `take_all` return now."""
        with self._ready:
            self._woken = True
            self._ready.notify()

    def when_below(self, level: int, callback: Callable[[], None]) -> None:
        """Call `callback` once, from the reader's thread, when at most `level` messages wait.

        With no more than that waiting already it is called at once, in this thread.
        """
        with self._ready:
            if len(self._items) > level:
                self._low.append((level, callback))
                return
        callback()

    def _make_room(self, new: list[T]) -> list[T]:
        excess = len(self._items) + len(new) - self._capacity
        if excess <= 0:
            return new
        if self._full is Full.GROW:
            self.over += min(excess, len(new))
            return new
        self.dropped += excess
        if self._full is Full.REFUSE:
            return new[: max(0, len(new) - excess)]
        for _ in range(min(excess, len(self._items))):
            self._items.popleft()
        return new[-self._capacity :]

    def _pop(self, most: int | None) -> list[T]:
        if most is None or most >= len(self._items):
            taken = list(self._items)
            self._items.clear()
            return taken
        return [self._items.popleft() for _ in range(most)]

    def _low_callbacks(self) -> list[Callable[[], None]]:
        if not self._low:
            return []
        count = len(self._items)
        due = [callback for level, callback in self._low if count <= level]
        self._low = [(level, callback) for level, callback in self._low if count > level]
        return due
