"""The live picture of a camera with privacy masks on it, to be drawn and moved."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from embereye.model.ids import CameraId
from embereye.ui import theme
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.mask_draft import LEAST, MOST, Mask, MaskDraft, Point, inside
from embereye.ui.mask_paint import Field, MaskPainter
from embereye.ui.newest_picture import NewestPicture
from embereye.ui.theme import Tokens

_STEP, _LEAP = 0.002, 0.02  # of the picture that an arrow key moves, without and with Shift
_SHAPE = 16 / 9  # of the field while there is no picture
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MaskCanvas(QWidget):
    """Shows one camera and edits a draft of its masks. GUI thread.

    Keys: Tab the next mask, Space its next corner, arrows move the corner or the mask, Insert adds
    a corner, Delete removes the corner or the mask. While drawing, arrows move the cross, Space
    sets a corner, Enter ends the mask, Esc drops it.

    Signals:
        draft_changed: ()
        selected: (int) number of the mask, −1 for none
        drawing_changed: (bool) whether a click sets a corner
    """

    draft_changed = Signal()
    selected = Signal(int)
    drawing_changed = Signal(bool)

    def __init__(
        self, console: Console, demands: Demands, colours: Tokens, camera: CameraId
    ) -> None:
        super().__init__()
        self.draft = MaskDraft()
        self.selection = -1
        self.corner: int | None = None
        self.drawing = False
        self._colours = colours
        self._newest = NewestPicture(console, demands, camera, self)
        self._newest.changed.connect(self.update)
        self._open: list[Point] = []
        self._mouse: QPointF | None = None
        self._held: QPointF | None = None  # where the mouse took hold of the corner or the mask
        self.setMinimumSize(480, 270)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Picture with privacy masks"))

    # --- what others may do ------------------------------------------------------------------

    def edit(self, draft: MaskDraft) -> None:
        """Work on this draft."""
        self.draft = draft
        self.draw(False)
        self.select(-1)
        self.draft_changed.emit()

    @Slot(int)
    def select(self, number: int) -> None:
        """Mark a mask; −1: none."""
        number = number if number < len(self.draft.masks) else -1
        self.selection, self.corner = number, None
        self.selected.emit(number)
        self.update()

    @Slot(bool)
    def draw(self, on: bool) -> None:
        """From now on a click sets a corner of a new mask, or no more; an open one is dropped."""
        self.drawing, self._open = on and not self.draft.full, []
        if self.drawing and self._mouse is None:
            self._mouse = self.field().area.center()  # for those who draw by keys
        shape = Qt.CursorShape.CrossCursor if self.drawing else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.drawing_changed.emit(self.drawing)
        self.update()

    def change(self, mask: Mask) -> None:
        """Replace the selected mask."""
        if self.selection >= 0:
            self._take(self.draft.changed(self.selection, mask))

    @Slot()
    def remove(self) -> None:
        """Take the selected mask out of the draft."""
        if self.selection >= 0:
            draft = self.draft.without(self.selection)
            self.select(-1)
            self._take(draft)

    def chosen(self) -> Mask | None:
        """The selected mask."""
        return self.draft.masks[self.selection] if self.selection >= 0 else None

    def field(self) -> Field:
        """Where the picture lies."""
        if self._newest.picture is not None:
            return Field(QRectF(self._newest.picture.fitted(self.rect())))
        wide = min(float(self.width()), self.height() * _SHAPE)
        area = QRectF(0.0, 0.0, wide, wide / _SHAPE)
        area.moveCenter(QRectF(self.rect()).center())
        return Field(area)

    # --- the picture -------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._newest.start(self._size())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._newest.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._newest.start(self._size())

    def _size(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(2, round(self.width() * ratio)), max(2, round(self.height() * ratio))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.background))
        field = self.field()
        self._paint_picture(painter, field)
        ink = MaskPainter(painter, field, self._colours)
        for number, mask in enumerate(self.draft.masks):
            chosen = number == self.selection
            ink.draw(mask, chosen, self.corner if chosen else None)
        if self._newest.picture is not None and not self._newest.live:
            ink.draw_remark(self.tr("△ NOT LIVE: the picture is old."))
        if self.drawing:
            ink.draw_open(self._open, self._mouse if self._open else None)
            if self._mouse is not None:
                ink.draw_cross(self._mouse)

    def _paint_picture(self, painter: QPainter, field: Field) -> None:
        area, picture = field.area.toRect(), self._newest.picture
        if picture is not None:
            picture.draw(painter, area, self._newest.live)
            return
        painter.fillRect(area, QColor(self._colours.surface))
        painter.setPen(QColor(self._colours.muted))
        painter.setFont(theme.font(theme.TEXT_PX))
        text = self.tr("The camera shows no picture now.")
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    # --- mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self.drawing:
            self._set_corner(self.field().point(event.position()))
        else:
            self._grab(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        if self._held is not None:
            self._drag(event.position())
        elif self.drawing:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ends the mask being drawn; on an edge of the selected one it adds a corner."""
        mask, field = self.chosen(), self.field()
        if self.drawing:
            self._end()
        elif mask is not None and field.corner(mask, event.position()) is None:
            edge = field.edge(mask, event.position())
            if edge is not None:
                self.change(mask.with_new_corner(edge, field.point(event.position())))

    def leaveEvent(self, event: object) -> None:
        if not self.hasFocus():
            self._mouse = None
            self.update()

    def _grab(self, at: QPointF) -> None:
        """Take a corner of the selected mask, else the mask under the mouse."""
        field, mask = self.field(), self.chosen()
        corner = None if mask is None else field.corner(mask, at)
        if corner is None:
            on_top = reversed(range(len(self.draft.masks)))
            under = (n for n in on_top if self._meant(field, self.draft.masks[n], at))
            self.select(next(under, -1))
            mask = self.chosen()
            corner = None if mask is None else field.corner(mask, at)
        self.corner = corner
        self._held = at if mask is not None else None
        self.update()

    def _meant(self, field: Field, mask: Mask, at: QPointF) -> bool:
        return field.covers(mask, at) or field.edge(mask, at) is not None

    def _drag(self, to: QPointF) -> None:
        mask, held = self.chosen(), self._held
        if mask is None or held is None:
            return
        if self.corner is not None:
            self.change(mask.with_corner(self.corner, self.field().point(to)))
            return
        changed = mask.moved(*self.field().step(to - held))
        if changed != mask:
            self._held = to
            self.change(changed)

    # --- keys --------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        far = _LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        if key in _STEPS:
            self._step(_STEPS[key][0] * far, _STEPS[key][1] * far)
        elif self.drawing and self._draws(key):
            return
        elif key == Qt.Key.Key_Space and self.selection >= 0:
            self._next_corner()
        elif key == Qt.Key.Key_Insert:
            self.add_corner()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_corner()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab walks through the masks first, then leaves the picture."""
        count = len(self.draft.masks)
        here = self.selection if self.selection >= 0 else -1 if forward else count
        wanted = here + (1 if forward else -1)
        if not self.drawing and 0 <= wanted < count:
            self.select(wanted)
            return True
        return super().focusNextPrevChild(forward)

    @Slot()
    def add_corner(self) -> None:
        """One more corner behind the chosen one, else behind the last one."""
        mask = self.chosen()
        if mask is not None:
            after = len(mask.points) - 1 if self.corner is None else self.corner
            larger = mask.with_new_corner(after)
            if larger != mask:
                self.corner = after + 1
                self.change(larger)

    @Slot()
    def remove_corner(self) -> None:
        """Remove the chosen corner; the whole mask where none is chosen."""
        mask = self.chosen()
        if self.corner is None:
            self.remove()
        elif mask is not None:
            smaller = mask.without_corner(self.corner)
            self.corner = min(self.corner, len(smaller.points) - 1)
            self.change(smaller)

    def _draws(self, key: Qt.Key) -> bool:
        """Whether the key meant the mask being drawn."""
        if key == Qt.Key.Key_Space:
            place = self._mouse or self.field().area.center()
            self._set_corner(self.field().point(place))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._end()
        elif key == Qt.Key.Key_Escape:
            self.draw(False)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._open = self._open[:-1]
            self.update()
        else:
            return False
        return True

    def _step(self, across: float, down: float) -> None:
        mask, field = self.chosen(), self.field()
        if self.drawing:
            x, y = field.point(self._mouse or field.area.center())
            self._mouse = field.at(inside((x + across, y + down)))
            self.update()
        elif mask is not None and self.corner is not None:
            x, y = mask.points[self.corner]
            self.change(mask.with_corner(self.corner, (x + across, y + down)))
        elif mask is not None:
            self.change(mask.moved(across, down))

    def _next_corner(self) -> None:
        """From the whole mask through its corners and back to the whole."""
        mask = self.chosen()
        if mask is not None:
            wanted = 0 if self.corner is None else self.corner + 1
            self.corner = wanted if wanted < len(mask.points) else None
            self.update()

    # --- drawing -----------------------------------------------------------------------------

    def _set_corner(self, at: Point) -> None:
        """A further corner; the first one once more ends the mask."""
        field = self.field()
        mask = Mask("", tuple(self._open))
        if len(self._open) >= LEAST and field.corner(mask, field.at(at)) == 0:
            self._end()
            return
        if len(self._open) < MOST and at not in self._open[-1:]:
            self._open.append(at)
        self.update()

    def _end(self) -> None:
        """The mask is complete when it has corners enough."""
        points = tuple(dict.fromkeys(self._open))
        if len(points) >= LEAST:
            draft = self.draft.added(points)
            self.draw(False)
            self._take(draft)
            self.select(len(draft.masks) - 1)

    def _take(self, draft: MaskDraft) -> None:
        self.draft = draft
        self.draft_changed.emit()
        self.update()
