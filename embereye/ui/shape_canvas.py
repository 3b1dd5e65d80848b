"""The live picture of a camera with shapes on it, to be drawn and moved."""

from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from embereye.model.ids import CameraId
from embereye.ui import corners
from embereye.ui.console import Console
from embereye.ui.corners import Point, Points
from embereye.ui.demands import Demands
from embereye.ui.field import Field
from embereye.ui.newest_picture import NewestPicture
from embereye.ui.shape_draft import Shape, ShapeDraft
from embereye.ui.shape_paint import ShapePainter
from embereye.ui.theme import Tokens
from embereye.ui.undo import Undo
from embereye.ui.viewport import WHOLE, Viewport, wanted_size

_SHAPE = 16 / 9  # of the field while there is no picture

D = TypeVar("D", bound=ShapeDraft)
_D = TypeVar("_D", contravariant=True)


class Ink(Protocol[_D]):
    """How the shapes of a draft look."""

    def draw(self, tools: ShapePainter, draft: _D, selection: int, corner: int | None) -> None:
        """Draw all of them; `selection` is chosen (−1: none), and `corner` of it."""


class ShapeCanvas(QWidget, Generic[D]):
    """Shows one camera and holds a draft of the shapes on its picture. GUI thread.

    `ShapeMouse` and `ShapeKeys` turn gestures into calls of its methods.

    Signals:
        draft_changed: ()
        selected: (int) number of the shape, −1 for none
        drawing_changed: (bool) whether a click sets a corner

    Attributes:
        draft: What is drawn so far; change it with `take`.
        selection, corner: The chosen shape (−1: none), and the chosen corner of it.
        drawing: Whether a click sets a corner; `kind` says of what.
        cursor_at: Where the cross is drawn, px.
        view: Which part of the picture is shown.
        newest: The picture.
    """

    draft_changed = Signal()
    selected = Signal(int)
    drawing_changed = Signal(bool)

    def __init__(
        self,
        console: Console,
        demands: Demands,
        colours: Tokens,
        camera: CameraId,
        draft: D,
        ink: Ink[D],
    ) -> None:
        super().__init__()
        self.draft = draft
        self.selection = -1
        self.corner: int | None = None
        self.drawing = False
        self.kind = ""
        self.cursor_at: QPointF | None = None
        self.view = WHOLE
        self.steps: Undo[D] = Undo()
        self._console = console
        self._camera = camera
        self._colours = colours
        self._ink = ink
        self.newest = NewestPicture(console, demands, camera, self)
        self.newest.changed.connect(self.update)
        self._open: list[Point] = []
        self.setMinimumSize(480, 270)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Picture to draw on"))

    # --- what others may do ------------------------------------------------------------------

    def edit(self, draft: D) -> None:
        """Work on this draft."""
        self.draft = draft
        self.steps.forget()
        self.draw(False)
        self.select(-1)
        self.draft_changed.emit()

    def take(self, draft: D, gesture: object = None) -> None:
        """Go on with this draft; `gesture`: what makes one step for `undo` (`ui.undo`)."""
        if draft != self.draft:
            self.steps.note(self.draft, gesture)
            self._show(draft)

    @Slot()
    def undo(self) -> None:
        """Take back the last corner being drawn, else the last step."""
        if self._open:
            self.drop_corner()
        else:
            self._show(self.steps.undo(self.draft))

    @Slot()
    def redo(self) -> None:
        """Do again what was taken back."""
        self._show(self.steps.redo(self.draft))

    @Slot(int)
    def select(self, number: int) -> None:
        """Mark a shape; −1: none."""
        number = number if number < len(self.draft.shapes) else -1
        self.selection, self.corner = number, None
        self.selected.emit(number)
        self.update()

    def choose_corner(self, corner: int | None) -> None:
        """Mark a corner of the selected shape; None: the whole."""
        self.corner = corner
        self.update()

    def draw(self, on: bool, kind: str = "") -> None:
        """From now on a click sets a corner of a new shape, or no more; an open one is dropped."""
        self.drawing, self.kind, self._open = on and not self.draft.full(kind), kind, []
        if self.drawing and self.cursor_at is None:
            self.cursor_at = self.field().area.center()  # for those who draw by keys
        shape = Qt.CursorShape.CrossCursor if self.drawing else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.drawing_changed.emit(self.drawing)
        self.update()

    def chosen(self) -> Shape | None:
        """The selected shape."""
        return self.draft.shapes[self.selection] if self.selection >= 0 else None

    def field(self) -> Field:
        """Where the picture lies."""
        if self.newest.picture is not None:
            return Field(QRectF(self.newest.picture.fitted(self.rect())), self.view)
        wide = min(float(self.width()), self.height() * _SHAPE)
        area = QRectF(0.0, 0.0, wide, wide / _SHAPE)
        area.moveCenter(QRectF(self.rect()).center())
        return Field(area, self.view)

    def look_at(self, view: Viewport) -> None:
        """Show this part of the picture."""
        if view != self.view:
            self.view = view
            self._want()
            self.update()

    # --- the selected shape ------------------------------------------------------------------

    def redraw(self, points: Points, gesture: object = None) -> None:
        """Give the selected shape other corners."""
        if self.selection >= 0:
            self.take(self.draft.redrawn(self.selection, points), gesture)

    @Slot()
    def remove(self) -> None:
        """Take the selected shape out of the draft."""
        if self.selection >= 0:
            draft = self.draft.without(self.selection)
            self.select(-1)
            self.take(draft)

    @Slot()
    def add_corner(self) -> None:
        """One more corner behind the chosen one, else behind the last one."""
        shape = self.chosen()
        if shape is not None:
            last = len(shape.points) - (1 if shape.closed else 2)
            after = last if self.corner is None else min(self.corner, last)
            self.insert_corner(after, None)

    def insert_corner(self, after: int, at: Point | None) -> None:
        """One more corner behind number `after`, unless the shape has the most."""
        shape = self.chosen()
        most = self.draft.most(self.draft.kind_of(self.selection)) if shape is not None else 0
        if shape is not None and len(shape.points) < most:
            self.corner = after + 1
            self.redraw(corners.with_new_corner(shape.points, after, at))

    @Slot()
    def remove_corner(self) -> None:
        """Remove the chosen corner if it can be spared; the whole shape where none is chosen."""
        shape, least = self.chosen(), self.draft.least(self.draft.kind_of(self.selection))
        if self.corner is None:
            self.remove()
        elif shape is not None and len(shape.points) > least:
            smaller = corners.without_corner(shape.points, self.corner)
            self.corner = min(self.corner, len(smaller) - 1)
            self.redraw(smaller)

    # --- drawing -----------------------------------------------------------------------------

    def set_corner(self, at: Point) -> None:
        """A further corner of the shape being drawn; the first one once more ends a polygon."""
        field = self.field()
        closes = self.draft.least(self.kind) > 2
        first = closes and field.corner(tuple(self._open[:1]), field.at(at)) == 0
        if first and len(self._open) >= self.draft.least(self.kind):
            self.end()
            return
        if len(self._open) < self.draft.most(self.kind) and at not in self._open[-1:]:
            self._open.append(at)
        self.update()

    def drop_corner(self) -> None:
        """Take back the last corner of the shape being drawn."""
        self._open = self._open[:-1]
        self.update()

    def end(self) -> None:
        """The shape being drawn is complete when it has corners enough."""
        points = tuple(dict.fromkeys(self._open))
        if len(points) >= self.draft.least(self.kind):
            draft, number = self.draft.added(points, self.kind)
            self.draw(False)
            self.take(draft)
            self.select(number)

    def _show(self, draft: D) -> None:
        self.draft = draft
        count = len(draft.shapes)
        if self.selection >= count:
            self.select(count - 1)
        shape = self.chosen()
        if shape is not None and self.corner is not None and self.corner >= len(shape.points):
            self.corner = None
        self.draft_changed.emit()
        self.update()

    # --- the picture -------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.newest.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._want()

    def _want(self) -> None:
        if not self.isVisible():
            return
        ratio = self.devicePixelRatioF()
        size = max(2, round(self.width() * ratio)), max(2, round(self.height() * ratio))
        picture = self.newest.picture
        if picture is not None and not self.view.whole:
            source = picture.tile.source_width, picture.tile.source_height
            rows = self._console.settings().cameras
            more = any(row.id == self._camera and row.sub_source for row in rows)
            size = wanted_size(size, self.view.zoom, source, more)
        self.newest.start(size)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.background))
        field, picture = self.field(), self.newest.picture
        painter.setClipRect(field.area)
        tools = ShapePainter(painter, field, self._colours)
        if picture is not None:
            picture.draw(painter, field.area.toRect(), self.newest.live, self.view)
        else:
            tools.empty(self.tr("The camera shows no picture now."))
        self._ink.draw(tools, self.draft, self.selection, self.corner)
        if picture is not None and not self.newest.live:
            tools.remark(self.tr("△ NOT LIVE: the picture is old."))
        if self.drawing:
            tools.open(self._open, self.cursor_at if self._open else None)
            if self.cursor_at is not None:
                tools.cross(self.cursor_at)

    def leaveEvent(self, event: object) -> None:
        if not self.hasFocus():
            self.cursor_at = None
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Only the cross; `ShapeMouse` does the rest."""
        self.cursor_at = event.position()
        if self.drawing:
            self.update()
