"""What the pages about devices may ask beside `Console`. `app` fills this port."""

from collections.abc import Sequence
from typing import Protocol

from embereye.model.device_messages import DeviceLogged
from embereye.model.firmware import FirmwareImage, Rollout
from embereye.model.ids import DeviceId
from embereye.model.security import SecurityTable
from embereye.model.thermal import RegionReading
from embereye.ui.past_console import PastConsole


class DeviceConsole(PastConsole, Protocol):
    """The program as pages about devices see it. GUI thread; no method blocks."""

    def security(self) -> SecurityTable:
        """Security events and refused peers."""

    def regions(self, device: DeviceId) -> Sequence[RegionReading]:
        """Live values of a device's thermal regions, in the order of the settings."""

    def device_log(self, device: DeviceId) -> Sequence[DeviceLogged]:
        """The newest commands, answers and events of a device, oldest first."""

    def firmware_images(self) -> tuple[FirmwareImage, ...]:
        """Signed images that may be rolled out, oldest first."""

    def rollout(self) -> Rollout:
        """How far the roll-out of firmware is."""
