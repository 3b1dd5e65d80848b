"""Alarms that call, beside the wall, one card each."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from embereye.model.alarm import Alarm
from embereye.rules.alarm_digest import digest
from embereye.ui import theme, words
from embereye.ui.console import Console
from embereye.ui.shapes import draw_shape
from embereye.ui.theme import Tokens, alarm_look

_WIDTH = 296  # px
_CARDS = 40  # drawn at most; the rest is summed up, the list page has all of them
_PERIOD = 500  # ms


class AlarmDrawer(QFrame):
    """Folds away by itself while nothing calls. GUI thread.

    Signals:
        alarm_asked: (AlarmId)
    """

    alarm_asked = Signal(object)

    def __init__(self, console: Console, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("drawer")
        self.setFixedWidth(_WIDTH)
        self._console = console
        self._colours = colours
        self._seen: object = None
        self._cards: list[_Card] = []
        title = QLabel(self.tr("Unacknowledged"))
        title.setProperty("role", "strong")
        self._number = QLabel()
        self._number.setProperty("role", "muted")
        self._more = QLabel()
        self._more.setProperty("role", "muted")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._number)
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self._more)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        scroll.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 12, 12, 12)
        outer.setSpacing(12)
        outer.addLayout(head)
        outer.addWidget(scroll, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot; cards are reused."""
        table = self._console.alarms()
        if table is self._seen:
            return
        self._seen = table
        waiting = digest(table.alarms).calling
        self._number.setText(str(len(waiting)))
        for index, alarm in enumerate(waiting[:_CARDS]):
            if index == len(self._cards):
                self._add_card()
            self._cards[index].show_alarm(alarm)
        for card in self._cards[len(waiting) :]:
            card.hide()
        rest = len(waiting) - _CARDS
        self._more.setVisible(rest > 0)
        self._more.setText(self.tr("and {0} more in the list (Ctrl+E)").format(rest))

    @property
    def empty(self) -> bool:
        """Whether nothing waits for anybody."""
        return not digest(self._console.alarms().alarms).calling

    def _add_card(self) -> None:
        card = _Card(self._colours)
        card.asked.connect(self.alarm_asked)
        self._cards.append(card)
        self._column.insertWidget(len(self._cards) - 1, card)


class _Card(QWidget):
    """One alarm in three lines.

    Signals:
        asked: (AlarmId)
    """

    asked = Signal(object)

    def __init__(self, colours: Tokens) -> None:
        super().__init__()
        self._colours = colours
        self._alarm: Alarm | None = None
        self.setFixedHeight(88)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_alarm(self, alarm: Alarm) -> None:
        self.setVisible(True)
        if alarm is self._alarm:
            return
        self._alarm = alarm
        reasons = "\n".join([*words.marks(alarm), *alarm.reasons])
        self.setAccessibleName(f"{alarm.place_name}: {reasons}")
        self.setToolTip(words.tip(reasons))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH - 24, 88)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._alarm is not None:
            self.asked.emit(self._alarm.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._alarm is not None:
            self.asked.emit(self._alarm.id)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        alarm = self._alarm
        if alarm is None:
            return
        painter = QPainter(self)
        look, box = alarm_look(self._colours, alarm), QRectF(self.rect())
        painter.fillRect(box, QColor(self._colours.raised))
        painter.fillRect(QRectF(0, 0, 4, box.height()), QColor(look.colour))
        if self.hasFocus():
            painter.setPen(QColor(self._colours.focus))
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        draw_shape(painter, QRectF(16, 12, 14, 14), look)
        strong, plain = theme.font(14, QFont.Weight.DemiBold), theme.font(theme.TEXT_PX)
        self._line(painter, strong, look.colour, 8, words.priority_word(look.word), 36)
        painter.setFont(plain)
        painter.setPen(QColor(self._colours.muted))
        painter.drawText(
            QRectF(0, 8, box.width() - 12, 22),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            words.clock_time(alarm.raised_utc),
        )
        self._line(painter, strong, self._colours.text, 34, alarm.place_name, 16)
        text = "; ".join([*words.marks(alarm), *alarm.reasons])
        self._line(painter, plain, self._colours.muted, 58, text, 16)

    def _line(self, painter: QPainter, face: QFont, colour: str, y: int, text: str, x: int) -> None:
        room = self.width() - x - 12
        painter.setFont(face)
        painter.setPen(QColor(colour))
        shown = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(x, y, room, 22), Qt.AlignmentFlag.AlignVCenter, shown)
