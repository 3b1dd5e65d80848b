"""The thermal picture with regions on it, to be drawn, moved and read."""

from collections.abc import Mapping
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from embereye.model.reading import COLUMNS, ROWS, ThermalFrame
from embereye.model.thermal import RegionReading
from embereye.ui import theme
from embereye.ui.heat import Toning, tone
from embereye.ui.region_draft import (
    LEAST,
    Area,
    Draft,
    moved,
    snapped,
    with_point,
    without_point,
)
from embereye.ui.region_paint import RegionPainter
from embereye.ui.theme import Tokens

_GRAB = 10.0  # px around a point within which a click takes it
_NUMBERS = 16.0  # px of a cell from which on its temperature fits into it
_TENTHS = 34.0  # px of a cell from which on the temperature fits with its tenths
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_MIDDLE = (COLUMNS / 2, ROWS / 2)  # where the cross of the keyboard begins
_STEP, _LEAP = 0.25, 1.0  # cells an arrow key moves the selection, without and with Shift


class Tool(Enum):
    """What a click does."""

    SELECT = "select"
    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"
    MASK = "mask"


class ThermalCanvas(QWidget):
    """Shows one frame, 4 : 3, and edits a draft. GUI thread.

    Keys: Tab the next region, arrows move it, Delete removes it. With a tool, arrows move its
    cross, Space sets a point, Enter ends the shape, Esc leaves it.

    Signals:
        draft_changed: ()
        selected: (str) id of the area, "" for none
        tool_changed: (Tool)
    """

    draft_changed = Signal()
    selected = Signal(str)
    tool_changed = Signal(object)

    def __init__(self, colours: Tokens, toning: Toning) -> None:
        super().__init__()
        self.toning = toning
        self.draft = Draft()
        self.selection = ""
        self.numbers = False
        self._colours = colours
        self._tool = Tool.SELECT
        self._frame: ThermalFrame | None = None
        self._readings: Mapping[str, RegionReading] = {}
        self._open: list[tuple[float, float]] = []
        self._mouse: QPointF | None = None
        self._held: tuple[int | None, QPointF] | None = None  # point grabbed (None: all), where
        self.setMinimumSize(480, 360)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Thermal picture with regions"))

    @property
    def tool(self) -> Tool:
        """What a click does."""
        return self._tool

    def take_tool(self, tool: Tool) -> None:
        """From now on a click does this; an unfinished shape is dropped."""
        self._tool, self._open = tool, []
        if tool is not Tool.SELECT and self._mouse is None:
            self._mouse = self.picture_area().center()  # for those who draw by keys
        self.tool_changed.emit(tool)
        self.setCursor(
            Qt.CursorShape.ArrowCursor if tool is Tool.SELECT else Qt.CursorShape.CrossCursor
        )
        self.update()

    def show_frame(self, frame: ThermalFrame | None, readings: Mapping[str, RegionReading]) -> None:
        """Show this frame and the live values of the regions by id."""
        self._frame, self._readings = frame, readings
        self.update()

    def edit(self, draft: Draft) -> None:
        """Work on this draft."""
        self.draft, self._open, self._held = draft, [], None
        self.select("")

    def select(self, area: str) -> None:
        """Mark an area; "" none."""
        self.selection = area
        self.selected.emit(area)
        self.update()

    def change(self, area: Area) -> None:
        """Take an area that was changed elsewhere."""
        self.draft = self.draft.changed(area)
        self._tell()

    def remove_selected(self) -> None:
        """Take the selected area out of the draft."""
        if self.selection:
            self.draft = self.draft.without(self.selection)
            self.select("")
            self._tell()

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._colours.background)
        area = self.picture_area()
        if self._frame is None:
            painter.setPen(self._colours.muted)
            painter.setFont(theme.font(theme.TEXT_PX))
            text = self.tr("This device has sent no thermal picture yet.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        else:
            ratio = self.devicePixelRatioF()
            size = (max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio)))
            painter.drawImage(area, tone(self._frame, size, self.toning))
            if self.numbers and area.width() / COLUMNS >= _NUMBERS:
                self._draw_numbers(painter, area, self._frame)
        ink = RegionPainter(painter, area, self._colours)
        for drawn in self.draft.areas:
            ink.draw(drawn, self._readings.get(drawn.id), drawn.id == self.selection)
        if self._open:
            ink.draw_open(self._open, self._cell(self._mouse))
        if self._tool is not Tool.SELECT and self._mouse is not None:
            ink.draw_cross(self._mouse)
        if self._frame is not None and self._mouse is not None:
            ink.draw_spot(self._frame, self._cell(self._mouse))

    def picture_area(self) -> QRectF:
        """Where the picture lies, logical px."""
        wide = min(self.width(), self.height() * COLUMNS / ROWS)
        high = wide * ROWS / COLUMNS
        return QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high)

    def _draw_numbers(self, painter: QPainter, area: QRectF, frame: ThermalFrame) -> None:
        values = frame.celsius if frame.celsius is not None else frame.relative
        wide, high = area.width() / COLUMNS, area.height() / ROWS
        ends = self.toning.ends(frame)
        painter.setFont(theme.font(max(8.0, min(12.0, wide / 2.6))))
        digits = 1 if wide >= _TENTHS else 0
        for row in range(ROWS):
            for column in range(COLUMNS):
                value = float(values[row, column])
                light = (value - ends.low) / (ends.high - ends.low) > 0.6
                painter.setPen("#121518" if light else "#FFFFFF")
                cell = QRectF(area.x() + column * wide, area.y() + row * high, wide, high)
                text = "–" if value != value else f"{value:.{digits}f}"
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    # --- mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = self._cell(event.position())
        if at is None:
            return
        if self._tool is Tool.SELECT:
            self._grab(event.position())
        else:
            self._set_point(at)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        if self._held is not None:
            self._drag(event.position())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._end_shape()

    def leaveEvent(self, event: object) -> None:
        self._mouse = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        far = _LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        if key in _STEPS and self._tool is not Tool.SELECT:
            self._move_cross(_STEPS[key][0] * far, _STEPS[key][1] * far)
        elif key == Qt.Key.Key_Space and self._tool is not Tool.SELECT:
            self._set_point(self._cell(self._mouse) or _MIDDLE)
        elif key in _STEPS and self.selection:
            self._shift(_STEPS[key][0] * far, _STEPS[key][1] * far)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_selected()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._open:
            self._end_shape()
        elif key == Qt.Key.Key_Escape and self._open:
            self.take_tool(Tool.SELECT)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab walks through the areas first, then leaves the picture."""
        ids = [area.id for area in self.draft.areas]
        here = ids.index(self.selection) if self.selection in ids else -1 if forward else len(ids)
        wanted = here + (1 if forward else -1)
        if 0 <= wanted < len(ids):
            self.select(ids[wanted])
            return True
        return super().focusNextPrevChild(forward)

    def _set_point(self, at: tuple[float, float]) -> None:
        if self._tool is Tool.POINT:
            self._finish("point", [at])
        else:
            self._open.append(at)
            self.update()

    def _move_cross(self, across: float, down: float) -> None:
        column, row = self._cell(self._mouse) or _MIDDLE
        area = self.picture_area()
        x = min(max(column + across, 0.0), float(COLUMNS)) * area.width() / COLUMNS
        y = min(max(row + down, 0.0), float(ROWS)) * area.height() / ROWS
        self._mouse = QPointF(area.x() + x, area.y() + y)
        self.update()

    # --- editing -----------------------------------------------------------------------------

    def _grab(self, at: QPointF) -> None:
        """Take the nearest point of an area, else the area under the mouse."""
        ink = RegionPainter(None, self.picture_area(), self._colours)
        best: tuple[float, str, int] | None = None
        for area in self.draft.areas:
            for number, point in enumerate(area.points):
                distance = (ink.at(point) - at).manhattanLength()
                if distance <= _GRAB and (best is None or distance < best[0]):
                    best = (distance, area.id, number)
        if best is not None:
            self.select(best[1])
            self._held = (best[2], at)
            return
        # The one on top of the others is the one meant.
        under = [a.id for a in self.draft.areas if a.points and ink.path(a).contains(at)]
        self._held = (None, at) if under else None
        under = under or [a.id for a in self.draft.areas if a.shape == "frame"]
        self.select(under[-1] if under else "")

    def _drag(self, to: QPointF) -> None:
        area, held = self.draft.area(self.selection), self._held
        at = self._cell(to)
        if area is None or held is None or at is None:
            return
        number, before = held
        if number is not None:
            changed = with_point(area, number, at)
        else:
            picture = self.picture_area()
            across = (to.x() - before.x()) * COLUMNS / picture.width()
            down = (to.y() - before.y()) * ROWS / picture.height()
            changed = moved(area, (across, down))
            if changed.points == area.points:
                return  # less than a step yet
            self._held = (None, to)
        self.change(changed)

    def _shift(self, across: float, down: float) -> None:
        area = self.draft.area(self.selection)
        if area is not None and area.points:
            self.change(moved(area, (across, down)))

    def _end_shape(self) -> None:
        """Enter or a double click: the shape is complete when it has points enough."""
        points = list(dict.fromkeys(snapped(tuple(self._open))))
        shape = self._tool.value
        if self._tool is not Tool.SELECT and len(points) >= LEAST[shape]:
            self._finish(shape, points)

    def _finish(self, shape: str, points: list[tuple[float, float]]) -> None:
        self.draft, area = self.draft.added(shape, tuple(points))
        self.take_tool(Tool.SELECT)
        self.select(area.id)
        self._tell()

    def remove_point(self, number: int) -> None:
        """Take one point out of the selected area, if enough are left."""
        area = self.draft.area(self.selection)
        smaller = None if area is None else without_point(area, number)
        if smaller is not None:
            self.change(smaller)

    def _tell(self) -> None:
        self.update()
        self.draft_changed.emit()

    def _cell(self, at: QPointF | None) -> tuple[float, float] | None:
        """(column, row) in cells under a place in px; None outside the picture."""
        if at is None:
            return None
        area = self.picture_area()
        x = (at.x() - area.x()) * COLUMNS / area.width()
        y = (at.y() - area.y()) * ROWS / area.height()
        return (x, y) if 0 <= x <= COLUMNS and 0 <= y <= ROWS else None
