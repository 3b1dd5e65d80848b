"""What moving cameras needs of the program. `app` fills this port."""

from typing import Protocol

from embereye.model.ids import CameraId
from embereye.model.ptz import PtzStatus
from embereye.ui.console import Console


class PtzConsole(Console, Protocol):
    """The program as the PTZ panel sees it. GUI thread; no method blocks."""

    def ptz(self, camera: CameraId) -> PtzStatus | None:
        """How a camera that was asked to be moved stands; None before."""
