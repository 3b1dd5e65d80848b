"""What the page about cameras may ask beside `Console`. `app` fills this port."""

from collections.abc import Mapping
from typing import Protocol

from embereye.model.camera_clock import ClockTable
from embereye.model.camera_figures import CameraPast
from embereye.model.ids import CameraId
from embereye.ui.console import Console


class FiguresConsole(Console, Protocol):
    """The program as the page about cameras sees it. GUI thread; no method blocks."""

    def camera_pasts(self) -> Mapping[CameraId, CameraPast]:
        """The newest minutes of each camera."""

    def camera_clocks(self) -> ClockTable:
        """How the clocks of cameras stand."""
