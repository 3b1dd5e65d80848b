"""Pictures and gestures for tests of the digital zoom."""

import numpy as np
from consoles import FakeConsole
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from embereye.model.detection import Detection, DetectionResult
from embereye.model.frame import Tile
from embereye.model.ids import CameraId

QUARTERS = {  # (right, lower): BGR
    (0, 0): (200, 0, 0),
    (1, 0): (0, 200, 0),
    (0, 1): (0, 0, 200),
    (1, 1): (0, 200, 200),
}


def put_quarters(console: FakeConsole, camera: str, width: int = 640, height: int = 360) -> None:
    """A new picture whose quarters differ in colour."""
    pixels = np.zeros((height, width, 4), np.uint8)
    for (right, lower), bgr in QUARTERS.items():
        rows = slice(height // 2, None) if lower else slice(None, height // 2)
        columns = slice(width // 2, None) if right else slice(None, width // 2)
        pixels[rows, columns, :3] = bgr
    console.tiles[CameraId(camera)] = Tile(
        CameraId(camera), pixels, 1, console.clock.now(), width, height
    )


def wheel(widget: QWidget, at: QPoint, notches: float) -> None:
    """Turn the wheel over a place of the widget."""
    place = QPointF(at)
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(at)),
        QPoint(0, 0),
        QPoint(0, round(notches * 120)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def verdict(console: FakeConsole, camera: str, *found: Detection) -> None:
    """What was detected in the camera's picture just now."""
    now = console.clock.now()
    result = DetectionResult(CameraId(camera), 1, now, now, found, 0.9, 0.0, True, "test", 0.01)
    console.verdicts = {CameraId(camera): result}
