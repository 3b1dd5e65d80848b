"""Keys of a picture that shapes are drawn on: everything works without a mouse."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

from embereye.ui import corners
from embereye.ui.shape_canvas import D, ShapeCanvas
from embereye.ui.viewport import WHOLE

_STEP, _LEAP = 0.002, 0.02  # of the picture that an arrow key moves, without and with Shift
_PAN = 0.2  # of what is shown, for one press of a key
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_NEARER = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}  # notches
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ShapeKeys(QObject):
    """Watches the key presses of one canvas. GUI thread.

    Keys: Tab the next shape, Space its next corner, arrows move the corner or the shape, Insert
    adds a corner, Delete removes the corner or the shape; + − 0 zoom, Ctrl+arrows look elsewhere.
    While drawing, arrows move the cross, Space sets a corner, Enter ends the shape, Esc drops it.
    """

    def __init__(self, canvas: ShapeCanvas[D]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            return self._looks(event, key) or self._does(event, key)
        return super().eventFilter(watched, event)

    def _looks(self, event: QKeyEvent, key: Qt.Key) -> bool:
        """Whether the key meant what is shown of the picture."""
        canvas = self._canvas
        if key in _NEARER:
            canvas.look_at(canvas.view.zoomed(_NEARER[key]))
        elif key == Qt.Key.Key_0:
            canvas.look_at(WHOLE)
        elif key in _STEPS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            right, down = _STEPS[key]
            canvas.look_at(canvas.view.panned(-right * _PAN, -down * _PAN))
        else:
            return False
        return True

    def _does(self, event: QKeyEvent, key: Qt.Key) -> bool:
        canvas = self._canvas
        far = _LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._next_shape(key == Qt.Key.Key_Tab)
        if key in _STEPS:
            self._step(_STEPS[key][0] * far, _STEPS[key][1] * far)
        elif canvas.drawing:
            return self._draws(key)
        elif key == Qt.Key.Key_Space and canvas.selection >= 0:
            self._next_corner()
        elif key == Qt.Key.Key_Insert:
            canvas.add_corner()
        elif key in _DELETE:
            canvas.remove_corner()
        else:
            return False
        return True

    def _draws(self, key: Qt.Key) -> bool:
        """Whether the key meant the shape being drawn."""
        canvas = self._canvas
        if key == Qt.Key.Key_Space:
            place = canvas.cursor_at or canvas.field().area.center()
            canvas.set_corner(canvas.field().point(place))
        elif key in _ENTER:
            canvas.end()
        elif key == Qt.Key.Key_Escape:
            canvas.draw(False)
        elif key in _DELETE:
            canvas.drop_corner()
        else:
            return False
        return True

    def _next_shape(self, forward: bool) -> bool:
        """Tab walks through the shapes first, then leaves the picture."""
        canvas, count = self._canvas, len(self._canvas.draft.shapes)
        here = canvas.selection if canvas.selection >= 0 else -1 if forward else count
        wanted = here + (1 if forward else -1)
        if canvas.drawing or not 0 <= wanted < count:
            return False
        canvas.select(wanted)
        return True

    def _step(self, across: float, down: float) -> None:
        canvas = self._canvas
        shape, field = canvas.chosen(), canvas.field()
        gesture = ("arrows", canvas.selection, canvas.corner)
        if canvas.drawing:
            x, y = field.point(canvas.cursor_at or field.area.center())
            canvas.cursor_at = field.at(corners.inside((x + across, y + down)))
            canvas.update()
        elif shape is not None and canvas.corner is not None:
            x, y = shape.points[canvas.corner]
            place = (x + across, y + down)
            canvas.redraw(corners.with_corner(shape.points, canvas.corner, place), gesture)
        elif shape is not None:
            canvas.redraw(corners.moved(shape.points, across, down), gesture)

    def _next_corner(self) -> None:
        """From the whole shape through its corners and back to the whole."""
        shape, corner = self._canvas.chosen(), self._canvas.corner
        if shape is not None:
            wanted = 0 if corner is None else corner + 1
            self._canvas.choose_corner(wanted if wanted < len(shape.points) else None)
