"""Everything about one alarm, with a button for each action."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from embereye.model.alarm import Alarm, AlarmState, Overlay
from embereye.model.reading import DeviceStatus
from embereye.ui import words
from embereye.ui.alarm_buttons import AlarmButtons
from embereye.ui.alarm_facts import AlarmFacts, alarm_facts
from embereye.ui.alarm_permits import Action, Permits
from embereye.ui.alarm_story import AlarmStory
from embereye.ui.demands import Demands
from embereye.ui.foreign_text import printable, wrappable
from embereye.ui.incident_link import AlarmsConsole, IncidentLink
from embereye.ui.live_view import LiveView
from embereye.ui.shapes import shape_pixmap
from embereye.ui.shelved_view import overlay_word
from embereye.ui.theme import Tokens, alarm_look
from embereye.ui.thermal_view import ThermalView
from embereye.ui.trend_strip import TrendStrip

_WIDE, _SLIM = (440, 248), (320, 180)  # px, 16 : 9
_THERMAL = (320, 240)  # px, 4 : 3
_ROOMY = 1500  # px of page width from which the wide picture leaves enough for the list
_TREND_MINUTES = 10
_NOTICE = 15_000  # ms that a refusal stays


class AlarmDetail(QFrame):
    """The pane beside the list. GUI thread; `show_alarm` fills it, None empties it."""

    def __init__(
        self, console: AlarmsConsole, demands: Demands, colours: Tokens, permits: Permits
    ) -> None:
        super().__init__()
        self.setObjectName("pane")
        self._console, self._colours = console, colours
        self._alarm: Alarm | None = None
        self._facts: AlarmFacts | None = None
        self._shape, self._title = QLabel(), _wrapping("title")
        self._since, self._marks = _wrapping("muted"), _wrapping("fault")
        self._live = LiveView(console, demands, colours)
        self._thermal = ThermalView(colours, console.settings().wall.palette)
        self._thermal.setFixedSize(*_THERMAL)
        self._trend = TrendStrip(console, colours, _TREND_MINUTES)
        self._trend.setFixedHeight(96)
        self._reasons, self._guidance = _wrapping(), _wrapping()
        self._do = _wrapping("muted")
        self._do.setText(self.tr("Do"))
        self.story = AlarmStory(console, colours)
        self.incident = IncidentLink(console)
        self.buttons = AlarmButtons(permits)
        self.acknowledge_button = self.buttons.buttons[Action.ACKNOWLEDGE]
        self.silence_button = self.buttons.buttons[Action.SILENCE]
        self.reset_button = self.buttons.buttons[Action.RESET]
        self.notice = _wrapping("fault")
        self.notice.hide()
        self._notice_over = QTimer(self)
        self._notice_over.setSingleShot(True)
        self._notice_over.setInterval(_NOTICE)
        self._notice_over.timeout.connect(self.notice.hide)
        self._lay_out()
        self.show_alarm(None)

    def show_alarm(self, alarm: Alarm | None, chosen: Sequence[Alarm] = ()) -> None:
        """Show this alarm as it stands; call again when it changed.

        Args:
            chosen: What the buttons are for; the alarm itself where nothing is given.
        """
        self.buttons.show_for(chosen or ([] if alarm is None else [alarm]))
        other = self._alarm is None or alarm is None or alarm.id != self._alarm.id
        self._alarm = alarm
        self._content.setVisible(alarm is not None)
        self._nothing.setVisible(alarm is None)
        self.story.show_alarm(alarm)
        self.incident.show_alarm(alarm)
        if alarm is None:
            self._facts = None
            self._live.show_camera(None)
            self._trend.show_device(None, 0.0)
            self._thermal.show_device(None)
            return
        if other:
            self._area.verticalScrollBar().setValue(0)
        look = alarm_look(self._colours, alarm)
        self._shape.setPixmap(shape_pixmap(look, 18))
        name = wrappable(alarm.place_name)
        self._title.setText(f"{words.priority_word(look.word)}  {name}")
        self._title.setStyleSheet(f"color: {look.colour};")
        self._reasons.setText("\n".join(f"•  {wrappable(reason)}" for reason in alarm.reasons))
        self._show_facts(alarm)
        self.age()

    def show_closed(self) -> None:
        """The alarm that is shown is no longer open: it says so, until another is chosen."""
        if self._alarm is not None and self._alarm.state is not AlarmState.NORMAL:
            now = self._console.clock.now().utc
            self.show_alarm(replace(self._alarm, state=AlarmState.NORMAL, changed_utc=now))

    def tell(self, text: str) -> None:
        """Say why something was not done, beside the buttons."""
        self.notice.setText(printable(text))
        self.notice.show()
        self._notice_over.start()

    def fit(self, page_width: int) -> None:
        """Take as much width as a page of this width can spare."""
        wide = page_width >= _ROOMY
        picture = _WIDE if wide else _SLIM
        self._live.setFixedSize(*picture)
        self.buttons.fit(wide)
        self.setFixedWidth(picture[0] + 32 + 12)  # margins and scroll bar

    def look(self) -> None:
        """Show the newest thermal picture."""
        if self._facts is not None:
            device = self._device(self._facts)
            self._thermal.setVisible(device is not None and device.thermal is not None)
            self._thermal.show_device(device)

    def age(self) -> None:
        """The clock went on."""
        alarm = self._alarm
        self.incident.show_alarm(alarm)
        if alarm is None:
            return
        now = self._console.clock.now().utc
        since = self.tr("since {0}").format(words.clock_time(alarm.raised_utc))
        if now - alarm.raised_utc > 12 * 3600:  # its clock time alone would mislead
            since = self.tr("since {0}").format(words.date_time(alarm.raised_utc))
        elapsed = words.span(now - alarm.changed_utc)
        parts = [since, f"{self._state(alarm)} {elapsed}"]
        if alarm.acknowledged_by:
            parts.append(self.tr("by {0}").format(wrappable(alarm.acknowledged_by)))
        if alarm.reports > 1:
            parts.append(self.tr("{0} reports").format(alarm.reports))
        self._since.setText(" · ".join(parts))
        marks = [wrappable(mark) for mark in words.marks(alarm)]
        lines = [" · ".join(marks)] if marks else []
        if alarm.overlay is not None:
            lines.append(self._quiet(alarm.overlay, now))
        if not alarm.recorded:
            lines.append(self.tr("NOT BEING RECORDED"))
        self._marks.setText("\n".join(lines))
        self._marks.setVisible(bool(lines))

    def _state(self, alarm: Alarm) -> str:
        if alarm.state is AlarmState.NORMAL:
            return self.tr("closed")
        return words.state_word(alarm.state).lower()

    def _quiet(self, overlay: Overlay, now: float) -> str:
        text = self.tr("{0} by {1}: {2}").format(
            overlay_word(overlay.kind), wrappable(overlay.by), wrappable(overlay.reason)
        )
        if overlay.until_utc is None:
            return text
        left = words.stopwatch(overlay.until_utc - now)
        until = words.clock_time(overlay.until_utc)
        return text + "\n" + self.tr("until {0}, {1} left").format(until, left)

    def _show_facts(self, alarm: Alarm) -> None:
        facts = self._facts = alarm_facts(self._console, alarm)
        self._live.setVisible(facts.camera is not None)
        self._live.show_camera(facts.camera)
        self._trend.setVisible(facts.device is not None)
        self._trend.show_device(facts.device, facts.limit)
        self.look()
        self._guidance.setText(printable("\n".join([facts.guidance, *facts.phones]).strip()))
        self._do.setVisible(bool(self._guidance.text()))
        self._guidance.setVisible(bool(self._guidance.text()))

    def _device(self, facts: AlarmFacts) -> DeviceStatus | None:
        devices = self._console.devices().devices
        return next((device for device in devices if device.id == facts.device), None)

    @Slot(object)
    def take_notice(self, text: object) -> None:
        """A notice from a signal."""
        self.tell(str(text))

    def _lay_out(self) -> None:
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self._shape, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        column.addLayout(head)
        # The clip from before the alarm belongs below the live picture, the position on the map
        # below the thermal picture.
        for widget in (
            self._since,
            self._marks,
            self.incident,
            self._live,
            self._trend,
            self._reasons,
            self._do,
            self._guidance,
            self._thermal,
            self.story,
        ):
            column.addWidget(widget)
        column.addStretch(1)
        self._nothing = _wrapping("muted")
        self._nothing.setText(self.tr("Select an alarm to see its picture, trend and reasons."))
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside = QWidget()
        both = QVBoxLayout(inside)
        both.setContentsMargins(16, 16, 16, 16)
        both.addWidget(self._content)
        both.addWidget(self._nothing)
        self._area = QScrollArea()
        self._area.setWidget(inside)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 8, 16, 16)
        foot.setSpacing(8)
        foot.addWidget(self.notice)
        foot.addWidget(self.buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._area, 1)
        outer.addLayout(foot)
        self.fit(_ROOMY)


def _wrapping(role: str = "") -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    # A word without a break, such as a long name, must not widen the pane.
    policy = label.sizePolicy()  # knows that the height depends on the width
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    label.setSizePolicy(policy)
    if role:
        label.setProperty("role", role)
    return label
