"""The camera wall: one canvas paints all tiles, driven by one timer."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtCore import Slot as QtSlot
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from embereye.model.ids import CameraId
from embereye.runtime.metrics import Samples
from embereye.ui import freshness, theme
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.picture import Picture
from embereye.ui.scenes import Scenes
from embereye.ui.theme import Tokens
from embereye.ui.tile import TilePainter
from embereye.ui.viewport import Viewport
from embereye.ui.wall_gaps import paint_empty, paint_gaps
from embereye.ui.wall_order import WallOrder
from embereye.ui.wall_slot import Slot, Switched, facts_of, scene_of
from embereye.ui.zooms import Zooms

_OVERSAMPLE = 1.5  # looks per picture: a 25 fps camera loses none to the beat of two clocks
_AGE_LOOK = 0.25  # s between two looks at the age of every picture


class WallCanvas(QWidget):
    """Paints the tiles of the present page; changed tiles only. GUI thread.

    Signals:
        remedy_asked: (RemedyAsked)
        chosen: (CameraId or None) the selection moved
        arranged: () layout, page, group or cameras changed
        menu_asked: (QPoint) global position of a context menu for the selected tile

    Attributes:
        order: The operator's arrangement; call `rearrange` after changing it.
        frozen: Cameras whose picture stands still.
        steered: The camera that the keys move, None while they do not.
        zooms: Which part of each picture is shown; change it with `look_at`.
        thermal, boxes: Whether the heat, and what was found or drawn by people, is shown at all.
        painted: New pictures painted so far, per camera, for measurements.
        ages: Seconds from the end of decoding to painting of each of them.
    """

    remedy_asked = Signal(object)
    chosen = Signal(object)
    arranged = Signal()
    menu_asked = Signal(object)

    def __init__(self, console: Console, demands: Demands, colours: Tokens) -> None:
        super().__init__()
        settings = console.settings().wall
        self._console = console
        self._demands = demands
        self._colours = colours
        self._scenes = Scenes(console, colours)
        self._tiles = TilePainter(colours, settings.palette)
        self.order = WallOrder(settings.layout)
        self.zooms = Zooms(console)
        self.frozen: set[CameraId] = set()
        self.steered: CameraId | None = None
        self.thermal = settings.overlay_thermal
        self.boxes = settings.overlay_boxes
        self.painted: dict[CameraId, int] = {}
        self.ages = Samples()
        self.selected: CameraId | None = None
        self._slots: list[Slot] = []
        self._covered = QRegion()
        self._promoted: list[CameraId] = []
        self._lit = True
        self._aged_at = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(1000 / (settings.rate * _OVERSAMPLE)))
        self._timer.timeout.connect(self.tick)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 180)
        self.setAccessibleName(self.tr("Camera wall"))

    # --- what others may do ------------------------------------------------------------------

    def rearrange(self) -> None:
        """Lay the tiles out again after a change of `order` or of the size."""
        self._place()
        self.arranged.emit()

    def select(self, camera: CameraId | None) -> None:
        """Move the selection; None takes it away."""
        if camera != self.selected:
            before, self.selected = self.selected, camera
            self._repaint({c for c in (before, camera) if c is not None})
            self.chosen.emit(camera)

    def toggle_maximised(self, camera: CameraId | None) -> None:
        """Fill the wall with `camera`, or go back to the grid."""
        self.order.maximise(None if self.order.maximised is not None else camera)
        self.rearrange()

    def toggle_frozen(self, camera: CameraId) -> None:
        """Let the picture stand still (shown as not live), or run again."""
        self.frozen ^= {camera}
        self._aged_at = 0.0

    def look_at(self, camera: CameraId, view: Viewport) -> None:
        """Show this part of the camera's picture."""
        if self.zooms.put(camera, view):
            self._demand()
            self._repaint((camera,))

    def steer(self, camera: CameraId | None) -> None:
        """Mark the camera that the keys move."""
        before, self.steered = self.steered, camera
        self._repaint({c for c in (before, camera) if c is not None})

    def toggle_thermal(self) -> None:
        self.thermal = not self.thermal
        self.update()

    def toggle_boxes(self) -> None:
        self.boxes = not self.boxes
        self.update()

    def toggle_figures(self) -> None:
        """Show rate and age of each picture, or not."""
        self._tiles.figures = not self._tiles.figures
        self.update()

    def cameras_shown(self) -> list[CameraId]:
        """Cameras on the screen, in reading order of the arrangement."""
        return [slot.camera for slot in self._slots]

    def alarmed(self, camera: CameraId) -> bool:
        """Whether an alarm of this camera waits for somebody."""
        alarm = self._scenes.alarm(camera)
        return alarm is not None and alarm.calling

    def area_of(self, camera: CameraId) -> QRect | None:
        """Device pixels of a camera's tile, None while it is not shown."""
        return next((slot.area for slot in self._slots if slot.camera == camera), None)

    def picture_area(self, camera: CameraId) -> QRect | None:
        """Device pixels where its picture lies in the tile, None while there is none."""
        for slot in self._slots:
            shown = slot.look is not None and slot.look.picture
            if slot.camera == camera and slot.picture is not None and shown:
                return slot.picture.fitted(slot.area)
        return None

    def look_of(self, camera: CameraId) -> freshness.Look | None:
        """How the tile is shown at present."""
        return next((slot.look for slot in self._slots if slot.camera == camera), None)

    def hit(self, at: QPoint) -> tuple[CameraId | None, freshness.Remedy | None]:
        """The tile and the button at a place of the widget (logical px)."""
        ratio = self.devicePixelRatioF()
        point = QPoint(round(at.x() * ratio), round(at.y() * ratio))
        for slot in self._slots:
            if slot.area.contains(point):
                remedies = (remedy for area, remedy in slot.buttons if area.contains(point))
                return slot.camera, next(remedies, None)
        return None, None

    # --- the timer ---------------------------------------------------------------------------

    @QtSlot()
    def tick(self) -> None:
        """Take the newest pictures and repaint the tiles that look different."""
        mono = self._console.clock.mono()
        dirty = self._scenes.refresh()
        promoted = self._scenes.promoted()
        for slot in self._slots:
            if slot.camera in dirty:
                slot.facts = None
        if self.zooms:
            dirty |= self.zooms.alarmed()
            if dirty:  # no longer zoomed, or the size of the source has become known
                self._demand()
        if self.order.note(self._scenes.cameras()) or promoted != self._promoted:
            self._promoted = promoted
            self.rearrange()
        dirty |= {slot.camera for slot in self._slots if self._take_newest(slot)}
        dirty |= self._flashing(mono)
        self._judge_age(mono, dirty)
        self._repaint(dirty)

    def _take_newest(self, slot: Slot) -> bool:
        """Whether the tile shows something else now.

        Of a camera that is read anew there is no picture for a moment: the one before may show
        what a new privacy mask hides, so it goes, even where it was frozen.
        """
        tile = self._console.tile(slot.camera, *slot.size)
        if tile is None:
            self.frozen.discard(slot.camera)
            shown, slot.picture = slot.picture, None
            return shown is not None
        known = slot.picture is not None and tile is slot.picture.tile
        if known or slot.camera in self.frozen:
            return False
        slot.picture = Picture(tile)
        slot.fresh = True
        return True

    def _flashing(self, mono: float) -> set[CameraId]:
        lit = int(mono * 2 * theme.FLASH_HZ) % 2 == 0
        if lit == self._lit:
            return set()
        self._lit = lit
        return {camera for camera in self.cameras_shown() if self.alarmed(camera)}

    def _judge_age(self, mono: float, dirty: set[CameraId]) -> None:
        """Painting judges the age as well, so this is for tiles that get no new pictures."""
        if mono - self._aged_at < _AGE_LOOK:
            return
        self._aged_at = mono
        for slot in self._slots:
            look = self._look(slot, mono)
            if look != slot.look:
                slot.look = look
                dirty.add(slot.camera)

    def _look(self, slot: Slot, mono: float) -> freshness.Look | None:
        camera = self._scenes.camera(slot.camera)
        if camera is None:
            return None
        age = None if slot.picture is None else max(0.0, mono - slot.picture.tile.at.mono)
        return freshness.look(camera, age, slot.camera in self.frozen)

    def _repaint(self, cameras: Iterable[CameraId]) -> None:
        wanted = set(cameras)
        if not wanted:
            return
        for slot in self._slots:
            if slot.camera in wanted:
                self.update(slot.logical)

    def _place(self) -> None:
        ratio = self.devicePixelRatioF()
        self._tiles.ratio = ratio
        size = (round(self.width() * ratio), round(self.height() * ratio))
        kept = {slot.camera: slot.picture for slot in self._slots}
        cells = self.order.cells(size, self._promoted)
        self._slots = [
            Slot(cell, cell.camera, kept.get(cell.camera), ratio)
            for cell in cells
            if cell.camera is not None
        ]
        self._covered = QRegion()
        for slot in self._slots:
            self._covered += slot.logical
        shown = set(self.cameras_shown())
        self.frozen &= shown
        if self.selected not in shown:
            self.select(None)
        self.zooms.keep(shown)
        self._demand()
        self._aged_at = 0.0
        self.update()

    def _demand(self) -> None:
        for slot in self._slots:
            slot.view = self.zooms.of(slot.camera)
            slot.size = self.zooms.size(slot.camera, slot.area.size().toTuple())
        if self._timer.isActive():  # of a minimised window every widget is still "visible"
            self._demands.want(self, {slot.camera: slot.size for slot in self._slots})

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        mono, ratio = self._console.clock.mono(), self.devicePixelRatioF()
        region = event.region()
        painter = QPainter(self)
        paint_gaps(painter, region.subtracted(self._covered), self._colours)
        if not self._slots:
            paint_empty(painter, self.rect(), self._colours)
        painter.scale(1 / ratio, 1 / ratio)
        for slot in self._slots:
            if region.intersects(slot.logical):
                painter.setClipRect(slot.area)
                self._paint_slot(painter, slot, mono)

    def _paint_slot(self, painter: QPainter, slot: Slot, mono: float) -> None:
        facts = slot.facts
        if facts is None:
            facts = slot.facts = facts_of(self._scenes, slot.camera, self._colours)
        # The age is judged again at the moment of painting: nothing old may look live.
        slot.look = self._look(slot, mono)
        switched = Switched(
            lit=self._lit or not facts.flashing,
            boxes=self.boxes,
            thermal=self.thermal,
            chosen=slot.camera == self.selected,
            steered=slot.camera == self.steered,
        )
        scene = scene_of(slot, facts, self._scenes, switched, mono)
        if scene is None:
            painter.fillRect(slot.area, QColor(self._colours.surface))
            return
        slot.buttons = self._tiles.paint(painter, scene, mono)
        if slot.fresh and slot.picture is not None:
            slot.fresh = False
            self.painted[slot.camera] = self.painted.get(slot.camera, 0) + 1
            self.ages.add(mono - slot.picture.tile.at.mono)

    # --- life --------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._scenes.refresh()
        self.order.note(self._scenes.cameras())
        self._promoted = self._scenes.promoted()
        self._timer.start()
        self.rearrange()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._demands.want(self, {})

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._place()
