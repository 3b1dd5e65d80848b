"""Everything about one alarm, with its three distinct buttons."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from embereye.model.alarm import Alarm
from embereye.ui import words
from embereye.ui.alarm_facts import alarm_facts
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.live_view import LiveView
from embereye.ui.shapes import shape_pixmap
from embereye.ui.theme import Tokens, alarm_look
from embereye.ui.trend_strip import TrendStrip
from embereye.ui.wishes import Wishes, may_reset

_WIDE, _SLIM = (440, 248), (320, 180)  # px, 16 : 9
_ROOMY = 1500  # px of page width from which the wide picture leaves enough for the list
_TREND_MINUTES = 10


class AlarmDetail(QFrame):
    """The pane beside the list. GUI thread; `show_alarm` fills it, None empties it."""

    def __init__(self, console: Console, demands: Demands, colours: Tokens, wishes: Wishes) -> None:
        super().__init__()
        self.setObjectName("pane")
        self._console = console
        self._colours = colours
        self._wishes = wishes
        self._alarm: Alarm | None = None
        self._shape, self._title = QLabel(), _wrapping("title")
        self._since = _wrapping("muted")
        self._live = LiveView(console, demands, colours)
        self._trend = TrendStrip(console, colours, _TREND_MINUTES)
        self._trend.setFixedHeight(96)
        self._reasons, self._guidance = _wrapping(), _wrapping()
        self._do = _wrapping("muted")
        self._do.setText(self.tr("Do"))
        self.acknowledge_button = QPushButton(self.tr("Acknowledge"))
        self.acknowledge_button.setProperty("role", "primary")
        self.silence_button = QPushButton(self.tr("Silence"))
        self.reset_button = QPushButton(self.tr("Reset"))
        self.acknowledge_button.clicked.connect(self._acknowledge)
        self.silence_button.clicked.connect(self._silence)
        self.reset_button.clicked.connect(self._reset)
        self._lay_out()
        self.show_alarm(None)

    def show_alarm(self, alarm: Alarm | None) -> None:
        """Show this alarm as it stands; call again when it changed."""
        self._alarm = alarm
        self._content.setVisible(alarm is not None)
        self._nothing.setVisible(alarm is None)
        if alarm is None:
            self._live.show_camera(None)
            self._trend.show_device(None, 0.0)
            return
        look = alarm_look(self._colours, alarm)
        self._shape.setPixmap(shape_pixmap(look, 18))
        self._title.setText(f"{words.priority_word(look.word)}  {alarm.place_name}")
        self._title.setStyleSheet(f"color: {look.colour};")
        self._reasons.setText("\n".join(f"•  {reason}" for reason in alarm.reasons))
        facts = alarm_facts(self._console, alarm)
        self._live.setVisible(facts.camera is not None)
        self._live.show_camera(facts.camera)
        self._trend.setVisible(facts.device is not None)
        self._trend.show_device(facts.device, facts.limit)
        self._guidance.setText("\n".join([facts.guidance, *facts.phones]).strip())
        self._do.setVisible(bool(self._guidance.text()))
        self.acknowledge_button.setEnabled(alarm.unacknowledged)
        self.reset_button.setEnabled(may_reset(alarm))
        self.reset_button.setToolTip(self._reset_tip(alarm))
        self.age()

    def fit(self, page_width: int) -> None:
        """Take as much width as a page of this width can spare."""
        picture = _WIDE if page_width >= _ROOMY else _SLIM
        self._live.setFixedSize(*picture)
        self.setFixedWidth(picture[0] + 32)

    def age(self) -> None:
        """The clock went on."""
        alarm = self._alarm
        if alarm is None:
            return
        elapsed = words.span(self._console.clock.now().utc - alarm.changed_utc)
        parts = [
            self.tr("since {0}").format(words.clock_time(alarm.raised_utc)),
            f"{words.state_word(alarm.state).lower()} {elapsed}",
        ]
        if alarm.acknowledged_by:
            parts.append(self.tr("by {0}").format(alarm.acknowledged_by))
        if not alarm.recorded:
            parts.append(self.tr("NOT BEING RECORDED"))
        self._since.setText(" · ".join(parts))

    def _reset_tip(self, alarm: Alarm) -> str:
        if may_reset(alarm):
            return self.tr("Clear this alarm: its cause is gone.")
        if alarm.unacknowledged:
            return self.tr("Acknowledge first; reset is possible when the cause is gone.")
        return self.tr("Reset is possible when the alarm is latched and its cause is gone.")

    @Slot()
    def _acknowledge(self) -> None:
        if self._alarm is not None:
            self._wishes.acknowledge([self._alarm])

    @Slot()
    def _silence(self) -> None:
        self._wishes.silence()

    @Slot()
    def _reset(self) -> None:
        if self._alarm is not None:
            self._wishes.reset(self._alarm)

    def _lay_out(self) -> None:
        self.fit(_ROOMY)
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self._shape, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        column.addLayout(head)
        for widget in (
            self._since,
            self._live,
            self._trend,
            self._reasons,
            self._do,
            self._guidance,
        ):
            column.addWidget(widget)
        buttons = QHBoxLayout()
        for button in (self.acknowledge_button, self.silence_button, self.reset_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addSpacing(8)
        column.addLayout(buttons)
        column.addStretch(1)
        self._nothing = _wrapping("muted")
        self._nothing.setText(self.tr("Select an alarm to see its picture, trend and reasons."))
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._content)
        outer.addWidget(self._nothing)


def _wrapping(role: str = "") -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    return label
