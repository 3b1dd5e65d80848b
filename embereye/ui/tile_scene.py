"""What one camera tile shows at one moment."""

from dataclasses import dataclass

from PySide6.QtCore import QRect

from embereye.model.camera import CameraStatus
from embereye.model.detection import DetectionResult
from embereye.ui.freshness import Look as PictureLook
from embereye.ui.overlay import ThermalLayer, Warmth
from embereye.ui.picture import Picture
from embereye.ui.theme import Look
from embereye.ui.viewport import WHOLE, Viewport


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
    thermal: ThermalLayer | None = None
    chosen: bool = False
    view: Viewport = WHOLE
    steered: bool = False
