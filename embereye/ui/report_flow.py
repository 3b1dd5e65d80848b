"""Lays out the blocks of a report, one below the other, over as many pages as they need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextLayout, QTextLine, QTextOption

from embereye.ui import theme
from embereye.ui.foreign_text import printable
from embereye.ui.report_parts import Block, Figures, Marked, Section, Table, Words
from embereye.ui.shapes import draw_shape
from embereye.ui.theme import Look

# On paper: text 16 : 1 and grey 5.9 : 1 against white.
INK, GREY, RULE, ZEBRA = "#1A1E22", "#5F6972", "#B8C0C8", "#F1F3F5"
_TEXT, _SMALL, _SECTION, _TITLE, _VALUE = 9.0, 8.0, 12.0, 18.0, 16.0  # pt
_PAD = 1.2  # mm around the text of a cell
_GAP = 5.0  # mm before a section
_ACROSS = 4  # key figures in a row
_KEEP = 30.0  # mm that must be free below a section's title: its table's head and a row or two
_TOLD = 20  # rows between two reports of progress

Draw = Callable[[QPainter], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The room for text of each page, device pixels, `dpi` to the inch."""

    room: QRectF
    dpi: int

    def mm(self, length: float) -> float:
        """Millimetres in device pixels."""
        return length * self.dpi / 25.4

    def font(self, points: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """The product's type face. Its tabular figures are glyphs of their own, which a PDF cannot
        name: nobody could search or copy a number.
        """
        made = QFont(theme.FAMILY)
        made.setPixelSize(round(points * self.dpi / 72))
        made.setWeight(weight)
        if hasattr(made, "setFeature"):  # Qt ≥ 6.7; a painter would take it from the application
            made.setFeature(QFont.Tag("tnum"), 0)
        return made


@dataclass(slots=True)
class _Text:
    """A text broken into lines; `left` of them are still to be placed."""

    layout: QTextLayout  # owns the lines
    left: list[QTextLine]
    colour: str = INK
    look: Look | None = None

    def fitting(self, height: float, force: bool) -> list[QTextLine]:
        """The next lines that fit into `height`; at least one if `force`."""
        taken: list[QTextLine] = []
        used = 0.0
        for line in self.left:
            if used + line.height() > height and not (force and not taken):
                break
            used += line.height()
            taken.append(line)
        return taken


class Flow:
    """Fills pages from top to bottom. Any thread.

    Attributes:
        pages: What draws each page.
    """

    def __init__(self, sheet: Sheet, going: Callable[[float], bool]) -> None:
        self.pages: list[list[Draw]] = [[]]
        self._sheet, self._going = sheet, going
        self._y = 0.0

    def head(self, title: str, lines: Sequence[str]) -> None:
        """The title of the report and what stands under it."""
        self._words(title, self._sheet.font(_TITLE, QFont.Weight.DemiBold), INK)
        for line in lines:
            self._words(line, self._sheet.font(_TEXT), GREY)

    def add(self, section: Section) -> bool:
        """Place a section; False when the work was stopped."""
        self._y += self._sheet.mm(_GAP) if self._y else 0.0
        if self._free() < self._sheet.mm(_KEEP):
            self._turn()
        self._words(section.title, self._sheet.font(_SECTION, QFont.Weight.DemiBold), INK)
        self._y += self._sheet.mm(1.0)
        return all(self._block(block) for block in section.blocks)

    def _block(self, block: Block) -> bool:
        if isinstance(block, Words):
            self._words(block.text, self._sheet.font(_TEXT), GREY if block.muted else INK)
        elif isinstance(block, Figures):
            self._figures(block)
        elif block.rows:
            return self._table(block)
        else:
            self._words(block.empty, self._sheet.font(_TEXT), GREY)
        return self._going(0.5)

    # --- words and figures -------------------------------------------------------------------

    def _words(self, text: str, font: QFont, colour: str) -> None:
        whole = self._text(text, font, self._sheet.room.width(), colour)
        while whole.left:
            lines = whole.fitting(self._free(), force=self._y == 0.0)
            if not lines:
                self._turn()
                continue
            self._put(whole, lines, 0.0, self._y)
            self._y += sum(line.height() for line in lines)

    def _figures(self, block: Figures) -> None:
        sheet, width = self._sheet, self._sheet.room.width() / _ACROSS
        height = sheet.mm(17.0)
        for start in range(0, len(block.figures), _ACROSS):
            if self._free() < height:
                self._turn()
            for place, figure in enumerate(block.figures[start : start + _ACROSS]):
                inner = width - 2 * sheet.mm(2.0)
                left, top = place * width, self._y
                box = QRectF(left, top, width - sheet.mm(2.0), height - sheet.mm(2.0))
                self.pages[-1].append(partial(_frame, box=box))
                value = self._text(
                    figure.value, sheet.font(_VALUE, QFont.Weight.DemiBold), inner, INK, figure.look
                )
                said = f"{figure.caption} · {figure.look.word}" if figure.look else figure.caption
                caption = self._text(said, sheet.font(_SMALL), inner, GREY)
                self._put(value, value.left[:1], left + sheet.mm(2.0), top + sheet.mm(1.0))
                self._put(caption, caption.left[:2], left + sheet.mm(2.0), top + sheet.mm(8.0))
            self._y += height

    # --- tables ------------------------------------------------------------------------------

    def _table(self, table: Table) -> bool:
        bold = self._sheet.font(_SMALL, QFont.Weight.DemiBold)
        normal = self._sheet.font(_SMALL)
        titles = [column.title for column in table.columns]
        head = partial(self._row, table, titles, bold, "", None)
        head()
        for number, row in enumerate(table.rows):
            if number % _TOLD == 0 and not self._going(number / len(table.rows)):
                return False
            self._row(table, row, normal, ZEBRA if number % 2 else "", head)
        return True

    def _row(
        self,
        table: Table,
        cells: Sequence[str | Marked],
        font: QFont,
        fill: str,
        head: Callable[[], None] | None,
    ) -> None:
        """One row; `head` repeats the head of the table on a new page, None in the head itself."""
        pad, widths = self._sheet.mm(_PAD), self._widths(table)
        colour = INK if head is not None else GREY
        texts = [
            self._cell(cell, font, width - 2 * pad, colour, column.right)
            for cell, width, column in zip(cells, widths, table.columns, strict=True)
        ]
        fresh = self._y == 0.0
        while True:
            room = self._free() - 2 * pad
            taken = [text.fitting(room, fresh) for text in texts]
            whole = all(len(t) == len(text.left) for t, text in zip(taken, texts, strict=True))
            if not whole and not fresh and not self._splits(texts):
                fresh = self._next(head)
                continue
            height = self._place(texts, taken, widths, fill)
            if head is None:
                rule = QRectF(0, self._y + height, self._sheet.room.width(), 0)
                self.pages[-1].append(partial(_line, box=rule))
            self._y += height
            if whole:
                return
            fresh = self._next(head)

    def _splits(self, texts: Sequence[_Text]) -> bool:
        """Whether a row goes on on the next page: only one that leaves much of this one empty."""
        height = max(sum(line.height() for line in text.left) for text in texts)
        return height > self._sheet.room.height() / 3 and self._free() > self._sheet.mm(_KEEP)

    def _next(self, head: Callable[[], None] | None) -> bool:
        """Turn the page inside a table; True: at least one line must be placed there."""
        self._turn()
        if head is not None:
            head()
        return True

    def _place(
        self,
        texts: Sequence[_Text],
        taken: Sequence[list[QTextLine]],
        widths: Sequence[float],
        fill: str,
    ) -> float:
        """Draw these lines of a row; the height, device pixels."""
        pad, left = self._sheet.mm(_PAD), 0.0
        tallest = max(sum(line.height() for line in lines) for lines in taken)
        height = tallest + 2 * pad
        if fill:
            box = QRectF(0, self._y, self._sheet.room.width(), height)
            self.pages[-1].append(partial(_fill, box=box, colour=fill))
        for text, lines, width in zip(texts, taken, widths, strict=True):
            self._put(text, lines, left + pad, self._y + pad)
            left += width
        return height

    def _widths(self, table: Table) -> list[float]:
        total = sum(column.share for column in table.columns)
        return [column.share / total * self._sheet.room.width() for column in table.columns]

    def _cell(
        self, cell: str | Marked, font: QFont, width: float, colour: str, right: bool
    ) -> _Text:
        if isinstance(cell, Marked):
            return self._text(cell.text, font, width, colour, cell.look)
        return self._text(cell, font, width, colour, right=right)

    # --- lines -------------------------------------------------------------------------------

    def _text(
        self,
        text: str,
        font: QFont,
        width: float,
        colour: str,
        look: Look | None = None,
        right: bool = False,
    ) -> _Text:
        """Break a text into lines of `width` device pixels."""
        indent = font.pixelSize() * 1.3 if look is not None else 0.0
        layout = QTextLayout(printable(text).replace("\n", "\u2028"), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setUseDesignMetrics(True)
        option.setAlignment(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
        layout.setTextOption(option)
        layout.beginLayout()
        lines = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width - indent))
            line.setPosition(QPointF(indent, 0))
            lines.append(line)
        layout.endLayout()
        return _Text(layout, lines, colour, look)

    def _put(self, text: _Text, lines: Sequence[QTextLine], left: float, top: float) -> None:
        """Draw the next lines of a text with the upper left corner there."""
        page, y = self.pages[-1], top
        if text.look is not None and lines:
            size = lines[0].ascent() * 0.8
            box = QRectF(left, y + lines[0].ascent() * 0.2, size, size)
            page.append(partial(_shape, box=box, look=text.look))
            text.look = None
        for line in lines:
            page.append(partial(_draw, text=text, line=line, at=QPointF(left, y)))
            y += line.height()
        text.left = text.left[len(lines) :]

    def _free(self) -> float:
        return self._sheet.room.height() - self._y

    def _turn(self) -> None:
        self.pages.append([])
        self._y = 0.0


def _draw(painter: QPainter, text: _Text, line: QTextLine, at: QPointF) -> None:
    painter.setPen(QColor(text.colour))
    line.draw(painter, at)


def _shape(painter: QPainter, box: QRectF, look: Look) -> None:
    draw_shape(painter, box, look)


def _fill(painter: QPainter, box: QRectF, colour: str) -> None:
    painter.fillRect(box, QColor(colour))


def _line(painter: QPainter, box: QRectF) -> None:
    painter.setPen(QColor(RULE))
    painter.drawLine(box.topLeft(), box.topRight())


def _frame(painter: QPainter, box: QRectF) -> None:
    painter.setPen(QColor(RULE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)
