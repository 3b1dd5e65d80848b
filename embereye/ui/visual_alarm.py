"""Replaces the siren while no sound can be heard: the edge of the whole window flashes."""

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from embereye.model.alarm import Alarm
from embereye.rules import annunciation
from embereye.ui import theme, words
from embereye.ui.console import Console
from embereye.ui.theme import Tokens, alarm_look, text_on
from embereye.ui.tones import rule_tones

_EDGE = 8  # px
STRIP = 40  # px
_PERIOD = 250  # ms
_LEAST = 16  # characters of the place that are shown in any case


class VisualAlarm(QWidget):
    """Lies over its parent, lets every click through, shows only while it is needed.

    GUI thread; `sound_problem` tells it whether the siren works.

    Signals:
        room_asked: (str) why there is no sound; keep STRIP px below the alarm bar free for it
            while that is so, lest the page jumps under the mouse when an alarm comes
    """

    room_asked = Signal(str)

    def __init__(self, parent: QWidget, console: Console, colours: Tokens) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setAccessibleName(self.tr("Visual alarm"))
        self._over = parent
        self._console = console
        self._colours = colours
        self._problem = ""
        self._lit = True
        self._painted: tuple[bool, Alarm | None, str] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self.refresh)
        parent.installEventFilter(self)
        self.hide()

    @Slot(str)
    def sound_problem(self, text: str) -> None:
        """Why no sound can be heard, empty while it works."""
        self._problem = text
        self.room_asked.emit(text)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show or hide, and flash."""
        now = self._console.clock.mono()
        table, tones = self._console.alarms(), rule_tones(self._console.settings())
        # A walk test needs no substitute for its chime.
        needed = bool(self._problem) and annunciation.siren(table, now, tones)
        self._lit = int(now * 2 * theme.FLASH_HZ) % 2 == 0
        if needed and not self.isVisible():
            self.setGeometry(self._place())
            self.show()
        elif not needed and self.isVisible():
            self.hide()
        if needed:
            self._repaint(annunciation.worst(table))
        if bool(self._problem) != self._timer.isActive():
            self._timer.start() if self._problem else self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._place())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        alarm = annunciation.worst(self._console.alarms())
        if alarm is None:
            return
        look = alarm_look(self._colours, alarm)
        fill = QColor(look.colour) if self._lit else QColor(self._colours.raised)
        ink = QColor(text_on(look.colour) if self._lit else look.colour)
        painter = QPainter(self)
        box = self.rect()
        painter.fillRect(0, 0, box.width(), STRIP, fill)
        painter.fillRect(0, 0, _EDGE, box.height(), fill)
        painter.fillRect(box.width() - _EDGE, 0, _EDGE, box.height(), fill)
        painter.fillRect(0, box.height() - _EDGE, box.width(), _EDGE, fill)
        painter.setPen(ink)
        painter.setFont(_font())
        line = QRectF(_EDGE, 0, box.width() - 2 * _EDGE, STRIP)
        text = self.text(words.priority_word(look.word), alarm.place_name, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)

    def text(self, priority: str, place: str, width: float) -> str:
        """Words of the strip in `width` px: a long place is cut, never the priority before it."""
        metrics = QFontMetricsF(_font())
        pattern = self.tr("{0} · {1} — NO SOUND: {2}")
        room = width - metrics.horizontalAdvance(pattern.format(priority, "", self._problem))
        least = metrics.averageCharWidth() * _LEAST
        place = metrics.elidedText(place, Qt.TextElideMode.ElideRight, max(room, least))
        whole = pattern.format(priority, place, self._problem)
        return metrics.elidedText(whole, Qt.TextElideMode.ElideRight, width)

    def _repaint(self, alarm: Alarm | None) -> None:
        """Only what differs: this lies over the whole window, and all below is painted with it."""
        if self._over.children()[-1] is not self:
            self.raise_()
        shown = (self._lit, alarm, self._problem)
        if shown != self._painted:
            self._painted = shown
            inside = QRect(_EDGE, STRIP, self.width() - 2 * _EDGE, self.height() - STRIP - _EDGE)
            self.update(QRegion(self.rect()) - QRegion(inside))

    def _place(self) -> QRect:
        """All of the parent below the alarm bar, which is never covered."""
        bar = theme.BAR_HEIGHT
        return QRect(0, bar, self._over.width(), max(0, self._over.height() - bar))


def _font() -> QFont:
    return theme.font(20, QFont.Weight.DemiBold)
