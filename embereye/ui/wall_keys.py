"""Keys of the camera wall: everything works without a mouse."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent

from embereye.ui.wall import WallCanvas
from embereye.ui.wall_zoom import WallZoom

_FORGET = 3000  # ms after which half-typed digits are forgotten
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_NEARER = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}  # notches
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class WallKeys(QObject):
    """Watches the key presses of one canvas. GUI thread.

    Signals:
        typed: (str) digits typed so far, empty when done
    """

    typed = Signal(str)

    def __init__(self, canvas: WallCanvas, zoom: WallZoom) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._zoom = zoom
        self._digits = ""
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(_FORGET)
        self._forget.timeout.connect(self._clear)
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                return self._handle(event)
            if event.type() == QEvent.Type.ShortcutOverride and self._restores(event):
                event.accept()  # the window's own Esc would leave full screen first
        return super().eventFilter(watched, event)

    def _handle(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in _NEARER and not plain & ~_SHIFT:  # "+" needs Shift on many keyboards
            return self._zoom.step(_NEARER[key])
        if key in _STEPS and plain == _SHIFT:
            return self._zoom.shift(*_STEPS[key])
        if plain != Qt.KeyboardModifier.NoModifier:
            return False
        if Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            # No number of a tile begins with 0, so it is free for this.
            resets = key == Qt.Key.Key_0 and not self._digits.strip("0")
            if not (resets and self._zoom.reset(self._canvas.selected)):
                self._type(event.text())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif key in _STEPS:
            self._step(*_STEPS[key])
        else:
            return self._command(key)
        return True

    def _restores(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_Escape and self._canvas.order.maximised is not None

    def _command(self, key: Qt.Key) -> bool:
        canvas = self._canvas
        if key == Qt.Key.Key_Space and canvas.selected is not None:
            canvas.toggle_frozen(canvas.selected)
        elif key == Qt.Key.Key_F:
            canvas.toggle_figures()
        elif key == Qt.Key.Key_PageDown:
            canvas.order.turn(1)
            canvas.rearrange()
        elif key == Qt.Key.Key_PageUp:
            canvas.order.turn(-1)
            canvas.rearrange()
        elif key == Qt.Key.Key_Escape and canvas.order.maximised is not None:
            canvas.toggle_maximised(None)
        else:
            return False
        return True

    def _type(self, digit: str) -> None:
        self._digits = (self._digits + digit)[-3:]
        self._forget.start()
        self.typed.emit(self._digits)

    def _enter(self) -> None:
        canvas, shown = self._canvas, self._canvas.cameras_shown()
        if self._digits:
            number = int(self._digits)
            if 1 <= number <= len(shown):
                canvas.select(shown[number - 1])
            self._clear()
        elif canvas.selected is not None or canvas.order.maximised is not None:
            canvas.toggle_maximised(canvas.selected)

    def _step(self, right: int, down: int) -> None:
        """Move the selection to the nearest tile in that direction."""
        canvas, shown = self._canvas, self._canvas.cameras_shown()
        if not shown:
            return
        here = None if canvas.selected is None else canvas.area_of(canvas.selected)
        if here is None:
            canvas.select(shown[0])
            return
        best: tuple[float, int] | None = None
        for index, camera in enumerate(shown):
            area = canvas.area_of(camera)
            if area is None:
                continue
            delta = area.center() - here.center()
            along = delta.x() * right + delta.y() * down
            aside = abs(delta.x() * down) + abs(delta.y() * right)
            if along > min(here.width(), here.height()) // 4:
                best = min(best or (1e9, 0), (along + 2.0 * aside, index))
        if best is not None:
            canvas.select(shown[best[1]])

    @Slot()
    def _clear(self) -> None:
        self._digits = ""
        self._forget.stop()
        self.typed.emit("")
