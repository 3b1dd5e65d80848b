"""What the screens may ask of the program. `app` fills this port; tests fill it with fakes."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from embereye.config.schema import Settings
from embereye.model.alarm import AlarmTable
from embereye.model.camera import CameraTable
from embereye.model.detection import DetectionResult
from embereye.model.frame import Tile, ViewDemand
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import DeviceTable
from embereye.model.remote import RemoteState
from embereye.model.sighting import Followed
from embereye.model.status import StatusLine
from embereye.model.trend import Trend
from embereye.runtime.clock import Clock


class Console(Protocol):
    """The program as the GUI thread sees it. No method blocks; snapshots are frozen."""

    @property
    def clock(self) -> Clock:
        """The clock of everything on the screen."""

    def settings(self) -> Settings:
        """The settings in force."""

    def alarms(self) -> AlarmTable:
        """All open alarms."""

    def cameras(self) -> CameraTable:
        """All cameras."""

    def devices(self) -> DeviceTable:
        """All devices."""

    def detections(self) -> Mapping[CameraId, DetectionResult]:
        """The newest verdict of each camera."""

    def followed(self) -> Mapping[CameraId, tuple[Followed, ...]]:
        """The objects that are followed in the picture of each camera."""

    def tile(self, camera: CameraId, width: int, height: int) -> Tile | None:
        """The newest picture made for a tile of this size; None before the first.

        The same object again means that nothing newer came. Its `at` tells its age.
        """

    def demand(self, demands: Sequence[ViewDemand]) -> None:
        """Replace what all tiles of this window want; cameras not named get no viewers."""

    def trend(self, device: DeviceId, channel: str, seconds: float) -> Trend:
        """The last `seconds` of one channel, from memory."""

    def remote_detector(self) -> RemoteState:
        """The detector on another machine."""

    def status(self) -> StatusLine:
        """Facts of the status bar."""

    def ask(self, request: object) -> None:
        """Send a request message (`model.messages`, -Asked) to the engine."""
