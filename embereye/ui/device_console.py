"""What the pages about devices may ask beside `Console`. `app` fills this port."""

from typing import Protocol

from embereye.model.firmware import FirmwareImage, Rollout
from embereye.model.security import SecurityTable
from embereye.ui.console import Console


class DeviceConsole(Console, Protocol):
    """The program as pages about devices see it. GUI thread; no method blocks."""

    def security(self) -> SecurityTable:
        """Security events and refused peers."""

    def firmware_images(self) -> tuple[FirmwareImage, ...]:
        """Signed images that may be rolled out, oldest first."""

    def rollout(self) -> Rollout:
        """How far the roll-out of firmware is."""
