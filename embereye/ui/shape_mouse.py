"""The mouse on a picture that shapes are drawn on: corners, shapes, zoom."""

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from embereye.ui import corners
from embereye.ui.field import Field
from embereye.ui.notches import Notches
from embereye.ui.shape_canvas import D, ShapeCanvas
from embereye.ui.shape_draft import Shape

_PANNING = (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)


class ShapeMouse(QObject):
    """Watches the mouse events of one canvas. GUI thread.

    The left button draws, selects and drags; the wheel zooms, the middle or right button moves a
    zoomed picture. Near the edge of the picture a corner snaps to it.
    """

    def __init__(self, canvas: ShapeCanvas[D]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._notches = Notches()
        self._held: QPointF | None = None  # where the mouse took hold of the corner or the shape
        self._panned: QPointF | None = None
        self._gesture = 0
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonPress:
                self._press(event)
            elif event.type() == QEvent.Type.MouseMove:
                self._move(event.position())
            elif event.type() == QEvent.Type.MouseButtonRelease:
                self._held = self._panned = None
            elif event.type() == QEvent.Type.MouseButtonDblClick:
                self._double(event.position())
        elif isinstance(event, QWheelEvent):
            if turned := self._notches.turned(event):
                self._zoom(turned, event.position())
            return True
        return False

    def _press(self, event: QMouseEvent) -> None:
        canvas = self._canvas
        if event.button() in _PANNING:
            self._panned = event.position()
        elif event.button() is Qt.MouseButton.LeftButton:
            self._gesture += 1
            if canvas.drawing:
                canvas.set_corner(canvas.field().snapped(event.position()))
            else:
                self._grab(event.position())

    def _move(self, at: QPointF) -> None:
        if self._panned is not None:
            area, by = self._canvas.field().area, at - self._panned
            self._panned = at
            view = self._canvas.view.panned(by.x() / area.width(), by.y() / area.height())
            self._canvas.look_at(view)
        elif self._held is not None:
            self._drag(at, self._held)

    def _double(self, at: QPointF) -> None:
        """Ends the shape being drawn; on an edge of the selected one it adds a corner."""
        canvas = self._canvas
        shape, field = canvas.chosen(), canvas.field()
        if canvas.drawing:
            canvas.end()
        elif shape is not None and field.corner(shape.points, at) is None:
            edge = field.edge(shape.points, at, shape.closed)
            if edge is not None:
                canvas.insert_corner(edge, field.point(at))

    def _grab(self, at: QPointF) -> None:
        """Take a corner of the selected shape, else the shape under the mouse."""
        canvas = self._canvas
        field, shape = canvas.field(), canvas.chosen()
        corner = None if shape is None else field.corner(shape.points, at)
        if corner is None:
            on_top = reversed(range(len(canvas.draft.shapes)))
            under = (n for n in on_top if _meant(field, canvas.draft.shapes[n], at))
            canvas.select(next(under, -1))
            shape = canvas.chosen()
            corner = None if shape is None else field.corner(shape.points, at)
        canvas.choose_corner(corner)
        self._held = at if shape is not None else None

    def _drag(self, to: QPointF, held: QPointF) -> None:
        canvas, gesture = self._canvas, ("drag", self._gesture)
        shape, field = canvas.chosen(), canvas.field()
        if shape is None:
            return
        if canvas.corner is not None:
            place = field.snapped(to)
            canvas.redraw(corners.with_corner(shape.points, canvas.corner, place), gesture)
            return
        changed = corners.moved(shape.points, *field.step(to - held))
        if changed != shape.points:
            self._held = to
            canvas.redraw(changed, gesture)

    def _zoom(self, notches: int, at: QPointF) -> None:
        area = self._canvas.field().area
        x, y = (at.x() - area.x()) / area.width(), (at.y() - area.y()) / area.height()
        if 0 <= x <= 1 and 0 <= y <= 1:
            self._canvas.look_at(self._canvas.view.zoomed(notches, x, y))


def _meant(field: Field, shape: Shape, at: QPointF) -> bool:
    inner = shape.closed and field.covers(shape.points, at)
    return inner or field.edge(shape.points, at, shape.closed) is not None
