"""PTZ mode of the wall: arrows, clicks and a panel move the selected camera."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QShortcut

from embereye.model.camera import CameraState, CameraStatus
from embereye.model.ids import CameraId
from embereye.model.ptz import PtzState, PtzStatus
from embereye.ui.ptz_console import PtzConsole
from embereye.ui.ptz_drive import Direction, PtzDrive
from embereye.ui.ptz_panel import PtzPanel
from embereye.ui.wall_page import WallPage

_LOOK = 150  # ms between looks at how the camera stands
_ASKED = 2.0  # s without an answer from the service after which the camera is asked for again
_KEPT = 30.0  # s; the service lets go of a camera that nobody wants for two minutes
_CLICK = 12  # px that the mouse may travel within a click, as for swapping tiles
_MOVES: dict[int, Direction] = {
    Qt.Key.Key_Left: (-1, 0, 0),
    Qt.Key.Key_Right: (1, 0, 0),
    Qt.Key.Key_Up: (0, 1, 0),
    Qt.Key.Key_Down: (0, -1, 0),
    Qt.Key.Key_Plus: (0, 0, 1),
    Qt.Key.Key_Equal: (0, 0, 1),
    Qt.Key.Key_Minus: (0, 0, -1),
}
_LOST = (QEvent.Type.FocusOut, QEvent.Type.Hide, QEvent.Type.WindowDeactivate)


class PtzMode(QObject):
    """Comes and goes with the key P. GUI thread.

    A camera moves only while a key or button is held. It stands still when that is released,
    when the keyboard goes elsewhere, another camera is selected, or the mode ends.
    """

    def __init__(self, console: PtzConsole, wall: WallPage) -> None:
        super().__init__(wall)
        self._console = console
        self._wall = wall
        self._canvas = wall.canvas
        self._pressed: QPoint | None = None
        self._kept_at = 0.0
        self.drive = PtzDrive(console, self)
        self.panel = PtzPanel(self.drive)
        self.panel.hide()
        wall.put_beside(self.panel)
        self.panel.closed.connect(self.end)
        self.panel.again_asked.connect(self.drive.open)
        wall.ptz_asked.connect(self.toggle)
        self._canvas.chosen.connect(self._follow)
        self._canvas.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        shortcut = QShortcut(QKeySequence("P"), wall)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.toggle)

    @property
    def active(self) -> bool:
        """Whether keys and clicks move a camera."""
        return self._timer.isActive()

    @Slot()
    def toggle(self) -> None:
        """Begin with the selected camera, or end."""
        if self.active:
            self.end()
        else:
            self.begin()

    def begin(self) -> None:
        """From now on arrows move the selected camera."""
        shown = self._canvas.cameras_shown()
        if self._canvas.selected is None and len(shown) == 1:
            self._canvas.select(shown[0])
        self._timer.start()
        self._follow(self._canvas.selected)
        self.panel.show()
        self._canvas.setFocus()

    @Slot()
    def end(self) -> None:
        """Arrows move the selection again."""
        self._timer.stop()
        self.drive.close()
        self._canvas.steer(None)
        self.panel.hide()
        self._canvas.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.active:
            return False
        if event.type() in _LOST:
            self.drive.release()
            if event.type() == QEvent.Type.Hide:
                self.end()
        elif isinstance(event, QKeyEvent):
            return self._key(event)
        elif isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
            self._click(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        kind = event.type()
        if event.key() == Qt.Key.Key_Escape:
            if kind == QEvent.Type.ShortcutOverride:
                event.accept()  # the window's own Esc would leave full screen
            elif kind == QEvent.Type.KeyPress:
                self.end()
            return kind == QEvent.Type.KeyPress
        direction = _MOVES.get(event.key())
        if direction is None or kind not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if kind == QEvent.Type.KeyRelease and not event.isAutoRepeat():
            self.drive.let_go(event.key())  # with whatever other keys
            return True
        others = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        shifted = direction[2] and others == Qt.KeyboardModifier.ShiftModifier  # "+" on some
        if others and not shifted:
            return False
        if not event.isAutoRepeat() and self._ready():
            self.drive.hold(event.key(), direction)
        return True

    def _click(self, event: QMouseEvent) -> None:
        """Bring what was clicked at to the middle, in the picture that was selected before."""
        at = event.position().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress:
            camera, _ = self._canvas.hit(at)
            self._pressed = at if camera == self.drive.camera else None
        elif event.type() == QEvent.Type.MouseButtonRelease:
            pressed, self._pressed = self._pressed, None
            if pressed is not None and (at - pressed).manhattanLength() <= _CLICK:
                self._centre(at)

    def _centre(self, at: QPoint) -> None:
        status, spot = self._status(), self._wall.zoom.spot(at)
        wanted = self.panel.centring.isChecked() and status is not None and status.centres
        if wanted and spot is not None and spot[0] == self.drive.camera:
            x, y = self._canvas.zooms.of(spot[0]).pictured(*spot[1:])
            self.drive.centre(x, y)

    @Slot(object)
    def _follow(self, camera: CameraId | None) -> None:
        """The selection moved."""
        if self.active:
            self._kept_at = self._console.clock.mono()
            self.drive.take(camera)
            self._canvas.steer(camera)
            self._look()

    @Slot()
    def _look(self) -> None:
        row, status = self._row(), self._status()
        self.panel.show_status("" if row is None else row.name, status)
        if status is None or status.state is PtzState.READY:
            self._keep(_ASKED if status is None else _KEPT)

    def _keep(self, seconds: float) -> None:
        """Say so long after the last time that the camera is wanted still, or again."""
        now = self._console.clock.mono()
        if now - self._kept_at > seconds:
            self._kept_at = now
            self.drive.open()

    def _status(self) -> PtzStatus | None:
        row = self._row()
        if row is None:
            return None
        if row.state is CameraState.DISABLED:
            text = self.tr("The camera is switched off. Enable it to move it.")
            return PtzStatus(PtzState.FAILED, text)
        return self._console.ptz(row.id)

    def _row(self) -> CameraStatus | None:
        rows = self._console.cameras().cameras
        return next((row for row in rows if row.id == self.drive.camera), None)

    def _ready(self) -> bool:
        status = self._status()
        return status is not None and status.state is PtzState.READY
