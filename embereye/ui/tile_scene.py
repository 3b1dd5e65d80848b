"""What one camera tile shows at one moment."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRect

from embereye.model.camera import CameraStatus
from embereye.model.detection import DetectionResult
from embereye.model.sighting import Followed
from embereye.rules.zones import size_of
from embereye.ui.freshness import Look as PictureLook
from embereye.ui.overlay import ThermalLayer, Warmth
from embereye.ui.picture import Picture
from embereye.ui.theme import Look
from embereye.ui.viewport import WHOLE, Viewport
from embereye.ui.zone_draft import Drawn


class Overlay(StrEnum):
    """What can be drawn over the picture of a camera (`cameras[].overlays`)."""

    BOXES = "boxes"
    CONTOUR = "contour"
    TRACE = "trace"
    ZONES = "zones"


USUAL = frozenset({Overlay.BOXES, Overlay.CONTOUR, Overlay.TRACE})


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything one tile shows at one moment.

    Attributes:
        area: Device pixels on the canvas.
        picture: The newest picture, None before the first.
        alarm: How the worst alarm of this camera looks, None without one.
        lit: Whether the alarm frame is in the bright half of its flash (always when acknowledged).
        limit_colour: Colour of the temperature, by the device's limits.
        boxes: Verdict whose boxes are drawn, None when switched off or too old.
        followed: Objects whose trails are drawn.
        zones: Areas and lines of the camera.
        overlays: Which of these are switched on for the camera.
        thermal: Layer to draw, None when switched off or without device.
        chosen: Whether the keyboard selection lies here.
        view: What is shown of the picture.
        steered: Whether the keys move this camera.
    """

    area: QRect
    camera: CameraStatus
    look: PictureLook
    picture: Picture | None
    alarm: Look | None = None
    lit: bool = True
    warmth: Warmth | None = None
    limit_colour: str = ""
    boxes: DetectionResult | None = None
    followed: tuple[Followed, ...] = ()
    zones: tuple[Drawn, ...] = ()
    overlays: frozenset[Overlay] = USUAL
    thermal: ThermalLayer | None = None
    chosen: bool = False
    view: Viewport = WHOLE
    steered: bool = False

    @property
    def source(self) -> tuple[int, int]:
        """The size that boxes are given in; detection may look at another stream than is shown."""
        told = (0, 0) if self.boxes is None else self.boxes.source
        tile = None if self.picture is None else self.picture.tile
        known = (0, 0) if tile is None else (tile.source_width, tile.source_height)
        return size_of(told, known) or (1, 1)
