"""Puts the pictures of the self-test among those that the detectors are given."""

from embereye.model.daily_test import CAMERA
from embereye.model.frame import Frame, FrameSource
from embereye.model.ids import CameraId
from embereye.runtime.slot import LatestSlot


class PicturesWithTest:
    """The frames of all cameras, and of the one that the self-test plays. Any thread.

    Attributes:
        shown: Where the self-test puts its newest picture.
    """

    def __init__(self, cameras: FrameSource) -> None:
        self.shown: LatestSlot[Frame] = LatestSlot()
        self._cameras = cameras

    def take(self, camera: CameraId) -> Frame | None:
        """The newest frame not yet taken, or None."""
        return self.shown.take() if camera == CAMERA else self._cameras.take(camera)

    def attend(self, camera: CameraId, until: float) -> None:
        """Every picture of it is needed, `until` monotonic s."""
        if camera != CAMERA:
            self._cameras.attend(camera, until)
