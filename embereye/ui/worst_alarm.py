"""What the alarm bar says first: the worst, oldest unacknowledged alarm."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent

from embereye.model.alarm import Alarm, AlarmTable
from embereye.rules.alarm_digest import digest
from embereye.rules.annunciation import worst
from embereye.rules.flood import Flood
from embereye.rules.flood import flood as flooding
from embereye.ui import theme, words
from embereye.ui.clickable import Clickable
from embereye.ui.shapes import draw_shape
from embereye.ui.theme import Look, Tokens, alarm_look

_TEXT = 15  # px
_SMALL = 12  # px; the line of a flood below the alarm
_SLIM = 560  # px; below, only the time in state, the place and the reasons have room


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    colour: str
    bold: bool


class WorstAlarm(Clickable):
    """The worst, oldest unacknowledged alarm with its time in state.

    Attributes:
        alarm: Which one, None when all is acknowledged.
    """

    def __init__(self, colours: Tokens) -> None:
        super().__init__()
        self._colours = colours
        self._utc = 0.0
        self._seen = (0, 0)  # open alarms, and how many of them are covered
        self._flood: Flood | None = None
        self.alarm: Alarm | None = None
        self.setMinimumWidth(80)

    def show_table(self, table: AlarmTable, utc: float) -> None:
        """Show the worst of the open alarms at this moment, seconds UTC."""
        alarm, known = worst(table), digest(table.alarms)
        flood = flooding(known.uncovered, utc)
        seen = (len(table.alarms), len(known.covered))
        if (alarm, int(utc), flood, seen) != (self.alarm, int(self._utc), self._flood, self._seen):
            self._seen = seen
            self.alarm, self._utc, self._flood = alarm, utc, flood
            texts = [part.text for part in self._parts()]
            self.setAccessibleName(" ".join([*texts, self.flood_text()]).strip())
            self.setToolTip("" if alarm is None else words.tip("\n".join(alarm.reasons)))
            self.update()

    def flood_text(self) -> str:
        """What is said of the flood; empty without one."""
        if self._flood is None:
            return ""
        first = self._flood.first_out
        return self.tr("△ FLOOD {0} alarms in 10 min · first {1} {2} – {3}").format(
            self._flood.count,
            words.clock_time(first.raised_utc),
            first.place_name,
            " · ".join(first.reasons),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        height = self.height() if self._flood is None else self.height() - _SMALL - 4
        if self._flood is not None:
            self._paint_flood(painter, height)
        x = 0.0
        if self.alarm is not None:
            look: Look = alarm_look(self._colours, self.alarm)
            draw_shape(painter, QRectF(0, height / 2 - 8, 16, 16), look)
            x = 24.0
        parts = self._parts()
        for number, part in enumerate(parts):
            face = theme.font(_TEXT, QFont.Weight.DemiBold if part.bold else QFont.Weight.Normal)
            metrics = QFontMetricsF(face)
            after = self._width(parts[number + 1 :]) if number == 2 else 0.0
            room = max(0.0, self.width() - x - after)
            text = metrics.elidedText(part.text, Qt.TextElideMode.ElideRight, room)
            painter.setFont(face)
            painter.setPen(QColor(part.colour))
            painter.drawText(QRectF(x, 0, room, height), Qt.AlignmentFlag.AlignVCenter, text)
            x += metrics.horizontalAdvance(text) + 8

    def _quiet_text(self) -> str:
        alarms, covered = self._seen
        if alarms > covered:
            return self.tr("All open alarms are acknowledged.")
        if covered:
            return self.tr("All open alarms are shelved, disabled or in test.")
        return self.tr("No open alarms.")

    def _paint_flood(self, painter: QPainter, top: int) -> None:
        face = theme.font(_SMALL, QFont.Weight.DemiBold)
        text = QFontMetricsF(face).elidedText(
            self.flood_text(), Qt.TextElideMode.ElideRight, self.width()
        )
        painter.setFont(face)
        painter.setPen(QColor(self._colours.fault))
        line = QRectF(0, top, self.width(), self.height() - top)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)

    def _parts(self) -> list[_Part]:
        alarm, colours = self.alarm, self._colours
        if alarm is None:
            return [_Part(self._quiet_text(), colours.muted, False)]
        elapsed = words.stopwatch(self._utc - alarm.changed_utc)
        why = " · ".join([*words.marks(alarm), *alarm.reasons])
        if self.width() < _SLIM:
            return [
                _Part(elapsed, colours.muted, False),
                _Part(alarm.place_name, colours.text, True),
                _Part(why, colours.muted, False),
            ]
        return [
            _Part(words.clock_time(alarm.raised_utc), colours.muted, False),
            _Part(alarm.place_name, colours.text, True),
            _Part(why, colours.muted, False),
            _Part(self.tr("· {0} unacknowledged").format(elapsed), colours.muted, False),
        ]

    @staticmethod
    def _width(parts: list[_Part]) -> float:
        metrics = QFontMetricsF(theme.font(_TEXT))
        return sum(metrics.horizontalAdvance(part.text) + 12 for part in parts)
