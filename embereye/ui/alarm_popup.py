"""What an operator must know and can do about one new alarm, without leaving the wall."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from embereye.model.alarm import Alarm
from embereye.ui import theme, words
from embereye.ui.alarm_facts import AlarmFacts, alarm_facts
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.live_view import LiveView
from embereye.ui.shapes import shape_pixmap
from embereye.ui.theme import Tokens, alarm_look, text_on
from embereye.ui.thermal_view import ThermalView
from embereye.ui.trend_strip import TrendStrip
from embereye.ui.wishes import Wishes

WIDTH = 476  # px
_PICTURE = (288, 162)  # px, 16 : 9
_NARROW = (256, 144)  # px, 16 : 9, beside a thermal picture
_HEAT = (184, 144)  # px, 4 : 3 and the room of its scale
_HEAD_PX = 15  # px of the title
_HEAD_REST = 220  # px beside the title: shape, margins and "14:03:22 · 1:02:07"
_TREND_HEIGHT = 64  # px below the pictures
_TREND_MINUTES = 5
_REASONS = 4  # lines; more are in the list


class AlarmPopup(QFrame):
    """A child of the main window, so it never takes the keyboard. GUI thread.

    Signals:
        closed: (AlarmId) the operator put it aside; the alarm itself is unchanged
        list_asked: (AlarmId) the operator wants to see it in the list
        shelve_asked: (Alarm) the operator wants to keep it quiet for a while

    Attributes:
        alarm: What it shows.
        notes: What else the stack says of it.
        more: Row below the pictures that stays empty until there is a clip of what happened
            before, or a plan of the place.
    """

    closed = Signal(object)
    list_asked = Signal(object)
    shelve_asked = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        console: Console,
        demands: Demands,
        colours: Tokens,
        wishes: Wishes,
        alarm: Alarm,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(WIDTH)
        self._console = console
        self._colours = colours
        self._wishes = wishes
        self.alarm = alarm
        self.notes: tuple[str, ...] = ()
        self.more = QHBoxLayout()
        self._slim, self._low = False, False
        self._shape, self._title, self._time = QLabel(), QLabel(), QLabel()
        self._live = LiveView(console, demands, colours)
        self._heat = ThermalView(colours, console.settings().wall.palette)
        self._heat.setFixedSize(*_HEAT)
        self._trend = TrendStrip(console, colours, _TREND_MINUTES)
        self._marks, self._reasons, self._guidance = _text(), _text(), _text()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._marks.setProperty("role", "fault")
        self._guidance.setProperty("role", "muted")
        self._header = QFrame()
        self.acknowledge_button = self._button(self.tr("Acknowledge"), self._acknowledge)
        self.acknowledge_button.setProperty("role", "primary")
        minutes = words.span(console.settings().alarms.silence)
        self.silence_button = self._button(self.tr("Silence {0}").format(minutes), self._silence)
        self.shelve_button = self._button(self.tr("Shelve…"), self._shelve)
        self.list_button = self._button(self.tr("List"), self._show_list)
        self.close_button = self._button(self.tr("Hide"), self._close)
        self._lay_out()
        self.show_alarm(alarm)

    def show_alarm(self, alarm: Alarm, notes: tuple[str, ...] = ()) -> None:
        """Show this alarm as it stands; call again when it changed.

        Args:
            notes: What else is to be said, such as how many more alarms wait at its place.
        """
        self.alarm, self.notes = alarm, notes
        name = self._show_title(alarm)
        most = 1 if self._slim else _REASONS
        reasons = list(alarm.reasons[:most])
        if len(alarm.reasons) > most:
            reasons.append(self.tr("and {0} more").format(len(alarm.reasons) - most))
        if not alarm.recorded:
            reasons.append(self.tr("△ THIS ALARM IS NOT BEING RECORDED"))
        marks = [*words.marks(alarm), *notes]
        self._marks.setText(" · ".join(marks))
        self._marks.setVisible(bool(marks))
        self._reasons.setText("\n".join(f"•  {reason}" for reason in reasons))
        self._show_facts(alarm)
        self.setAccessibleName(f"{name}: {'; '.join(alarm.reasons)}")
        self.age()

    def compact(self, slim: bool, low: bool = False) -> None:
        """Take the height that the text needs.

        Args:
            slim: Without pictures and guidance: there is no room for all popups in full.
            low: Without the trend below the pictures: the window is low.
        """
        if (slim, low) != (self._slim, self._low):
            self._slim, self._low = slim, low
            self.show_alarm(self.alarm, self.notes)
        layout = self.layout()
        if layout is not None:
            layout.invalidate()
            layout.activate()
            self.resize(WIDTH, layout.totalHeightForWidth(WIDTH))

    def age(self) -> None:
        """The clock went on."""
        elapsed = words.stopwatch(self._console.clock.now().utc - self.alarm.changed_utc)
        self._time.setText(f"{words.clock_time(self.alarm.raised_utc)} · {elapsed}")

    def _show_title(self, alarm: Alarm) -> str:
        """Head and frame in the colour of the alarm; priority and place, uncut."""
        look = alarm_look(self._colours, alarm)
        ink = text_on(look.colour)
        header = (
            f"QFrame#popup {{ background: {self._colours.surface}; border: 2px solid "
            f"{look.colour}; border-radius: 4px; }}"
            "QFrame#popup QPushButton { padding: 0 8px; }"  # five of them in one row
        )
        if header != self.styleSheet():
            self.setStyleSheet(header)
            self._header.setStyleSheet(
                f"QFrame {{ background: {look.colour}; border: none; }}"
                f"QLabel {{ color: {ink}; font-weight: 600; font-size: {_HEAD_PX}px; }}"
            )
            white = type(look)(ink, look.shape, look.filled, look.word)
            self._shape.setPixmap(shape_pixmap(white, 15))
        name = f"{words.priority_word(look.word)}  {alarm.place_name}"
        metrics = QFontMetrics(theme.font(_HEAD_PX, QFont.Weight.DemiBold))
        elide = Qt.TextElideMode.ElideRight
        self._title.setText(metrics.elidedText(name, elide, WIDTH - _HEAD_REST))
        self._title.setToolTip(words.tip(name))
        return name

    def _show_facts(self, alarm: Alarm) -> None:
        facts = alarm_facts(self._console, alarm)
        self._show_pictures(facts)
        lines = [self.tr("Do: {0}").format(facts.guidance)] if facts.guidance else []
        if facts.phones:
            lines.append(self.tr("Call: {0}").format(" · ".join(facts.phones)))
        self._guidance.setText("\n".join(lines))
        self._guidance.setVisible(bool(lines) and not self._slim)

    def _show_pictures(self, facts: AlarmFacts) -> None:
        """Camera and heat beside each other, the trend below; without heat it is at the right."""
        devices = self._console.devices().devices
        device = next((one for one in devices if one.id == facts.device), None)
        warm = device is not None and device.thermal is not None
        camera = facts.camera is not None
        self._live.setFixedSize(*(_NARROW if warm else _PICTURE))
        self._live.setVisible(camera and not self._slim)
        self._live.show_camera(facts.camera)
        self._heat.setVisible(warm and not self._slim)
        self._heat.show_device(device if warm else None)
        below = warm and camera
        target = self._below if below else self._pictures
        if self._trend.parentWidget() is None or target.indexOf(self._trend) < 0:
            target.addWidget(self._trend, 1)
        self._trend.setFixedHeight(_TREND_HEIGHT if below else _PICTURE[1])
        room = not self._slim and not (below and self._low)
        self._trend.setVisible(device is not None and room)
        self._trend.show_device(facts.device, facts.limit)

    @Slot()
    def _shelve(self) -> None:
        self.shelve_asked.emit(self.alarm)

    @Slot()
    def _acknowledge(self) -> None:
        self._wishes.acknowledge([self.alarm])

    @Slot()
    def _silence(self) -> None:
        self._wishes.silence()

    @Slot()
    def _show_list(self) -> None:
        self.list_asked.emit(self.alarm.id)

    @Slot()
    def _close(self) -> None:
        self.closed.emit(self.alarm.id)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a popup does not fall through to the wall."""
        event.accept()

    def _button(self, caption: str, slot: object) -> QPushButton:
        button = QPushButton(caption)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout(self._header)
        head.setContentsMargins(12, 8, 12, 8)
        head.addWidget(self._shape)
        head.addWidget(self._title, 1)
        head.addWidget(self._time)
        self._pictures, self._below = QHBoxLayout(), QHBoxLayout()
        self._pictures.setSpacing(8)
        self._pictures.addWidget(self._live, 0, Qt.AlignmentFlag.AlignLeft)
        self._pictures.addWidget(self._heat, 0, Qt.AlignmentFlag.AlignLeft)
        self._pictures.addWidget(self._trend, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (
            self.acknowledge_button,
            self.silence_button,
            self.shelve_button,
            self.list_button,
            self.close_button,
        ):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inner = QVBoxLayout()
        inner.setContentsMargins(12, 12, 12, 12)
        inner.setSpacing(8)
        inner.addLayout(self._pictures)
        inner.addLayout(self._below)
        inner.addLayout(self.more)
        inner.addWidget(self._marks)
        inner.addWidget(self._reasons)
        inner.addWidget(self._guidance)
        inner.addLayout(buttons)
        self._header.setFixedHeight(36)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(2, 2, 2, 2)
        outer.setSpacing(0)
        outer.addWidget(self._header)
        outer.addLayout(inner)


def _text() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
