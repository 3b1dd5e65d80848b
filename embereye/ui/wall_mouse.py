"""The mouse on the camera wall: select, maximise, swap, zoom, remedies, menu."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent

from embereye.model.ids import CameraId
from embereye.ui.freshness import RemedyAsked
from embereye.ui.notches import Notches
from embereye.ui.wall import WallCanvas
from embereye.ui.wall_zoom import WallZoom

_DRAG = 12  # px the mouse must travel to mean "swap"


class WallMouse(QObject):
    """Watches the mouse events of one canvas. GUI thread.

    Dragging swaps two tiles; in a zoomed one it moves the picture.
    """

    def __init__(self, canvas: WallCanvas, zoom: WallZoom) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._zoom = zoom
        self._notches = Notches()
        self._pressed: tuple[CameraId, QPoint] | None = None
        self._held: tuple[CameraId, QPoint] | None = None
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonPress:
                self._press(event)
            elif event.type() == QEvent.Type.MouseMove:
                self._drag(event.position().toPoint())
            elif event.type() == QEvent.Type.MouseButtonRelease:
                self._release(event.position().toPoint())
            elif event.type() == QEvent.Type.MouseButtonDblClick:
                self._maximise(event.position().toPoint())
        elif isinstance(event, QWheelEvent):
            if turned := self._notches.turned(event):
                self._zoom.turn(event.position().toPoint(), turned)
            return True
        elif isinstance(event, QContextMenuEvent) and self._canvas.selected is not None:
            self._canvas.menu_asked.emit(event.globalPos())
        return False

    def _press(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        camera, remedy = self._canvas.hit(at)
        self._canvas.select(camera)
        if camera is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if remedy is not None:
            self._canvas.remedy_asked.emit(RemedyAsked(camera, remedy))
        elif self._zoom.zoomed(camera):
            self._held = (camera, at)
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self._pressed = (camera, at)

    def _drag(self, at: QPoint) -> None:
        if self._held is not None:
            camera, before = self._held
            self._held = (camera, at)
            self._zoom.drag(camera, at - before)

    def _release(self, at: QPoint) -> None:
        if self._held is not None:
            self._held = None
            self._canvas.unsetCursor()
        pressed, self._pressed = self._pressed, None
        if pressed is None or (at - pressed[1]).manhattanLength() <= _DRAG:
            return
        target, _ = self._canvas.hit(at)
        if target is not None and target != pressed[0]:
            self._canvas.order.swap(pressed[0], target)
            self._canvas.rearrange()

    def _maximise(self, at: QPoint) -> None:
        self._pressed = None
        camera, remedy = self._canvas.hit(at)
        if camera is not None and remedy is None:
            self._canvas.toggle_maximised(camera)
