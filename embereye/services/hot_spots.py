"""Where cameras should look closely, because a thermal sensor beside them sees something hot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.config.schema import Device, Settings
from embereye.model.frame import Part
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import COLUMNS, ROWS, Profile, ThermalFrame
from embereye.rules.alignment import Alignment, alignment_of, problem_of
from embereye.rules.closeup import part_of
from embereye.rules.hot_region import HotBox, hot_boxes
from embereye.rules.thermal_region import masked_cells
from embereye.runtime.engine import Engine

_PERIOD = 0.5  # s between two looks at one device; a detector needs some pictures anyway
_KEPT = 15.0  # s for which a spot counts; three periods of a slow device
_WHOLE = alignment_of(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))


@dataclass(frozen=True, slots=True)
class HotSpot:
    """Hot spots in the picture of a camera.

    Attributes:
        boxes: Hottest first; empty when the sensor is not aligned with the camera.
        at: Monotonic seconds of the thermal picture.
    """

    boxes: tuple[HotBox, ...]
    at: float


class HotSpots:
    """Hot spots of all cameras. Engine thread; `current` from any thread.

    Handles ThermalFrame.

    Args:
        hurry: Looks at a camera with the full rate for some seconds (`DetectionFeeder.hurry`).
        look_closely: Makes closeups of a part until a moment (`Views.look_closely`).
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        hurry: Callable[[CameraId, float], None],
        look_closely: Callable[[CameraId, Part | None, float], None] = lambda *_: None,
    ) -> None:
        self.current: Mapping[CameraId, HotSpot] = {}
        self._engine = engine
        self._hurry = hurry
        self._look_closely = look_closely
        self._parts: dict[CameraId, Part | None] = {}
        self._views: dict[DeviceId, _View] = {}
        self.apply(settings)
        engine.on(ThermalFrame, self._frame)

    def apply(self, settings: Settings) -> None:
        """Follow changed settings."""
        self._views = {
            DeviceId(device.id): _View(device)
            for device in settings.devices
            if device.enabled and device.camera
        }
        self._parts.clear()

    def of(self, camera: CameraId) -> tuple[HotBox, ...]:
        """The boxes that count now. Any thread."""
        found = self.current.get(camera)
        if found is None or self._engine.clock.mono() - found.at > _KEPT:
            return ()
        return found.boxes

    def _frame(self, frame: ThermalFrame) -> None:
        view = self._views.get(frame.device)
        if view is None or frame.celsius is None or frame.profile is Profile.RAW:
            return
        now = frame.at.mono
        if now - view.looked < _PERIOD:
            return
        view.looked = now
        boxes = hot_boxes(view.counting(frame.celsius), view.alignment or _WHOLE)
        if boxes:
            self._hurry(view.camera, _KEPT)
        shown = boxes if view.alignment is not None else ()
        if boxes or view.camera in self.current:
            self.current = {**self.current, view.camera: HotSpot(shown, now)}
            part = self._parts[view.camera] = part_of(shown, self._parts.get(view.camera))
            self._look_closely(view.camera, part, now + _KEPT)


class _View:
    """How one device looks at the picture of its camera."""

    __slots__ = ("_masked", "alignment", "camera", "looked")

    def __init__(self, device: Device) -> None:
        self.camera = CameraId(device.camera)
        self.looked = -np.inf
        # An alignment that cannot be used is refused by the editor; in a file it counts as none.
        usable = device.alignment and problem_of(device.alignment) is None
        self.alignment: Alignment | None = alignment_of(device.alignment) if usable else None
        flags = masked_cells(tuple(mask.points for mask in device.masks))
        self._masked = None if flags is None else flags.reshape(ROWS, COLUMNS)

    def counting(self, celsius: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._masked is None:
            return celsius
        return np.where(self._masked, np.float32(np.nan), celsius)
