"""What the screens of the self-test may ask of the program."""

from collections.abc import Mapping
from typing import Protocol

from embereye.model.daily_test import SelfTests
from embereye.ui.console import Console


class SelfTestConsole(Console, Protocol):
    """GUI thread; no method blocks."""

    def self_tests(self) -> SelfTests:
        """The self-test that runs, and the last one."""

    def waiting(self) -> Mapping[str, int]:
        """How many wait in each queue that is supervised."""
