"""One counter of the alarm bar."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from embereye.model.camera import CameraState
from embereye.model.reading import DeviceState
from embereye.rules import annunciation
from embereye.ui import theme, words
from embereye.ui.clickable import Clickable
from embereye.ui.console import Console
from embereye.ui.shapes import draw_shape
from embereye.ui.theme import Look, Shape, Tokens, text_on


@dataclass(frozen=True, slots=True)
class Count:
    """One number: how many are not normal, whether some of them wait for somebody."""

    look: Look
    number: int
    flashing: bool


def counts(console: Console, colours: Tokens) -> tuple[Count, ...]:
    """FIRE, ALARM, FAULT, DISABLED, TEST from the present snapshots."""
    off = sum(c.state is CameraState.DISABLED for c in console.cameras().cameras)
    off += sum(d.state is DeviceState.DISABLED for d in console.devices().devices)
    numbers = annunciation.counters(console.alarms(), off)
    looks = (
        Look(colours.fire, Shape.SQUARE, True, words.priority_word("FIRE")),
        Look(colours.high, Shape.TRIANGLE, True, words.priority_word("ALARM")),
        Look(colours.fault, Shape.TRIANGLE, False, words.priority_word("FAULT")),
        Look(colours.fault, Shape.DIAMOND, False, words.priority_word("DISABLED")),
        Look(colours.test, Shape.CIRCLE, False, words.priority_word("TEST")),
    )
    found = (numbers.fire, numbers.alarm, numbers.fault, numbers.disabled, numbers.test)
    return tuple(
        Count(look, one.count, one.flashing) for look, one in zip(looks, found, strict=True)
    )


class Counter(Clickable):
    """One number of the bar with its shape and word."""

    def __init__(self, colours: Tokens) -> None:
        super().__init__()
        self._colours = colours
        self._count: Count | None = None
        self._lit = True
        self._compact = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_count(self, count: Count, lit: bool, compact: bool) -> None:
        """Show this number; `lit` is the bright half of the flash."""
        shown = (count, lit or not count.flashing, compact)
        if shown == (self._count, self._lit, self._compact):
            return
        self._count, self._lit, self._compact = shown
        self.setAccessibleName(f"{count.look.word} {count.number}")
        self.setToolTip(self._tip(count))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(self._widths()[-1]), theme.BAR_HEIGHT - 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        count = self._count
        if count is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = count.look.colour if count.number else self._colours.disabled
        box = QRectF(self.rect())
        if count.flashing and self._lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(count.look.colour))
            painter.drawRoundedRect(box, theme.CORNER, theme.CORNER)
            ink = text_on(count.look.colour)
        word_at, number_at, _ = self._widths()
        draw_shape(painter, QRectF(10, box.height() / 2 - 7, 14, 14), count.look, ink)
        painter.setPen(QColor(ink))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        if not self._compact or count.number:
            painter.setFont(theme.font(14, QFont.Weight.DemiBold))
            painter.drawText(box.adjusted(word_at, 0, 0, 0), middle, count.look.word)
        painter.setFont(theme.font(20, QFont.Weight.DemiBold))
        painter.drawText(box.adjusted(number_at, 0, 0, 0), middle, str(count.number))

    def _widths(self) -> tuple[float, float, float]:
        """Where the word and the number begin, and the whole width."""
        count = self._count
        if count is None:
            return 30, 30, 60
        word = QFontMetricsF(theme.font(14, QFont.Weight.DemiBold))
        number = QFontMetricsF(theme.font(20, QFont.Weight.DemiBold))
        hidden = self._compact and not count.number
        number_at = 30 + (0 if hidden else word.horizontalAdvance(count.look.word) + 8)
        return 30, number_at, number_at + number.horizontalAdvance(str(count.number)) + 10

    def _tip(self, count: Count) -> str:
        text = self.tr("{0}: {1} not normal").format(count.look.word, count.number)
        return self.tr("{0}, not all acknowledged").format(text) if count.flashing else text
