"""What pages about the past may ask beside `Console`. `app` fills this port."""

from collections.abc import Callable
from typing import Protocol

from embereye.model.past import PastAsked
from embereye.ui.console import Console


class Past(Protocol):
    """Questions whose answers must be read from the disk. GUI thread; does not block."""

    def recall(self, asked: PastAsked, reply: Callable[[object], object]) -> None:
        """Call `reply` with the answer (`model.past`, -Read), in another thread."""


class PastConsole(Console, Past, Protocol):
    """The program as pages about the past see it."""
