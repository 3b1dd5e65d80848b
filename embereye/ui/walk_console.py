"""What the screens of walk tests may ask of the program."""

from typing import Protocol

from embereye.model.walk_test import WalkTests
from embereye.ui.console import Console


class WalkConsole(Console, Protocol):
    """GUI thread; no method blocks."""

    def walk_tests(self) -> WalkTests:
        """The walk test that runs, and the one before."""
