"""One live tile outside the wall: in popups and panes."""

from PySide6.QtCore import QPointF, QRect, Qt, QTimer, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from embereye.model.ids import CameraId
from embereye.ui import freshness, theme
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.notches import Notches
from embereye.ui.picture import Picture
from embereye.ui.scenes import Scenes
from embereye.ui.theme import Tokens
from embereye.ui.tile import TilePainter
from embereye.ui.tile_scene import Scene
from embereye.ui.viewport import WHOLE, Viewport
from embereye.ui.zooms import Zooms

_PERIOD = 40  # ms; 25 pictures a second, as many as cameras send
_AGE_LOOK = 6  # periods (0.24 s) between two looks at the age of a picture that stopped


class LiveView(QWidget):
    """Shows one camera with its heat, 16 : 9, never an old picture as live. GUI thread.

    The wheel zooms, the hand moves the picture, a double click shows it whole again. It never
    takes the keyboard.
    """

    def __init__(self, console: Console, demands: Demands, colours: Tokens) -> None:
        super().__init__()
        self._console = console
        self._demands = demands
        self._colours = colours
        self._scenes = Scenes(console, colours)
        self._tiles = TilePainter(colours, console.settings().wall.palette)
        self._camera: CameraId | None = None
        self._picture: Picture | None = None
        self._unchanged = 0
        self._zooms = Zooms(console)
        self._notches = Notches()
        self._held: QPointF | None = None
        self.look: freshness.Look | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self._tick)
        self.setMinimumSize(240, 135)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Live picture"))

    def show_camera(self, camera: CameraId | None) -> None:
        """Show this camera from now on; None: there is none."""
        if camera != self._camera:
            self._camera = camera
            self._picture = None
            self._zooms.keep(())
            self._want()
            self.update()

    @property
    def view(self) -> Viewport:
        """What is shown of the picture."""
        return WHOLE if self._camera is None else self._zooms.of(self._camera)

    @Slot()
    def show_whole(self) -> None:
        """End the zoom."""
        self._look_at(WHOLE)

    @Slot()
    def _tick(self) -> None:
        changed = self._camera in self._scenes.refresh()
        if self._zooms.alarmed():
            changed = True
            self._want()
        if self._camera is not None:
            tile = self._console.tile(self._camera, *self._wanted())
            if tile is None:  # read anew, perhaps with other privacy masks
                changed = changed or self._picture is not None
                self._picture = None
            elif self._picture is None or tile is not self._picture.tile:
                self._picture = Picture(tile)
                changed = True
        self._unchanged = 0 if changed else self._unchanged + 1
        if changed or self._unchanged % _AGE_LOOK == 0:
            self.update()

    def _size(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def _want(self) -> None:
        wanted = self._camera is not None and self._timer.isActive()
        sizes = {self._camera: self._wanted()} if wanted and self._camera is not None else {}
        self._demands.want(self, sizes)

    def _wanted(self) -> tuple[int, int]:
        size = self._size()
        return size if self._camera is None else self._zooms.size(self._camera, size)

    def _look_at(self, view: Viewport) -> None:
        if self._camera is not None and self._zooms.put(self._camera, view):
            self._want()
            self.update()

    def _inside(self) -> QRect | None:
        """Device pixels where the picture lies."""
        shown = self._picture is not None and self.look is not None and self.look.picture
        area = QRect(0, 0, *self._size())
        return self._picture.fitted(area) if shown and self._picture is not None else None

    def wheelEvent(self, event: QWheelEvent) -> None:
        inside, turned = self._inside(), self._notches.turned(event)
        if inside is None:
            event.ignore()
            return
        at = event.position() * self.devicePixelRatioF() - QPointF(inside.topLeft())
        x, y = at.x() / inside.width(), at.y() / inside.height()
        if turned and 0 <= x <= 1 and 0 <= y <= 1:
            self._look_at(self.view.zoomed(turned, x, y))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.view.whole or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._held = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        inside = self._inside()
        if self._held is not None and inside is not None:
            by = (event.position() - self._held) * self.devicePixelRatioF()
            self._held = event.position()
            self._look_at(self.view.panned(by.x() / inside.width(), by.y() / inside.height()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_whole()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.view.whole:
            event.ignore()
            return
        menu = QMenu(self)
        menu.addAction(self.tr("Reset the zoom")).triggered.connect(self.show_whole)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        mono = self._console.clock.mono()
        ratio = self.devicePixelRatioF()
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        self._tiles.ratio = ratio
        area = QRect(0, 0, *self._size())
        camera = None if self._camera is None else self._scenes.camera(self._camera)
        if camera is None or self._camera is None:
            self._paint_nothing(painter, area)
            return
        age = None if self._picture is None else max(0.0, mono - self._picture.tile.at.mono)
        self.look = freshness.look(camera, age)
        layer = self._scenes.layer(self._camera)
        scene = Scene(
            area=area,
            camera=camera,
            look=self.look,
            picture=self._picture,
            warmth=None if layer is None else layer.warmth(mono),
            limit_colour=self._scenes.limit_colour(self._camera),
            boxes=self._scenes.boxes(self._camera, mono),
            followed=self._scenes.followed(self._camera, mono),
            zones=self._scenes.zones(self._camera),
            overlays=self._scenes.overlays(self._camera),
            thermal=layer,
            view=self.view,
        )
        self._tiles.paint(painter, scene, mono)

    def _paint_nothing(self, painter: QPainter, area: QRect) -> None:
        painter.fillRect(area, QColor(self._colours.background))
        painter.setPen(QColor(self._colours.muted))
        painter.setFont(theme.font(theme.TEXT_PX))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.tr("No camera sees this place."))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._scenes.refresh()
        self._timer.start()
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._demands.want(self, {})

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._want()
