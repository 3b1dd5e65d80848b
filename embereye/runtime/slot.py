"""A place for the newest value: writers replace, readers take."""

from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds one value; the newest wins. Any number of writers and readers, any thread.

    Attributes:
        put_count: Values ever put.
        replaced: Values that were superseded before anybody took them.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._value: T | None = None
        self._fresh = False
        self.put_count = 0
        self.replaced = 0

    @property
    def fresh(self) -> bool:
        """Whether there is a value that nobody took yet."""
        return self._fresh

    def put(self, value: T) -> None:
        """Replace whatever is there."""
        with self._lock:
            if self._fresh:
                self.replaced += 1
            self._value = value
            self._fresh = True
            self.put_count += 1

    def take(self) -> T | None:
        """The value if it was not taken before, else None."""
        with self._lock:
            if not self._fresh:
                return None
            self._fresh = False
            return self._value

    def peek(self) -> T | None:
        """The newest value, taken or not."""
        return self._value

    def clear(self) -> None:
        """Forget the value."""
        with self._lock:
            self._value = None
            self._fresh = False

    def close(self) -> None:
        """Nobody needs it any more."""
        self.clear()
