"""The bar that is always on the screen: counters, the worst alarm, the clock."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from embereye.rules.alarm_digest import digest
from embereye.ui import theme, words
from embereye.ui.console import Console
from embereye.ui.counter import Counter, counts
from embereye.ui.theme import Tokens
from embereye.ui.wishes import Wishes
from embereye.ui.worst_alarm import WorstAlarm

_PERIOD = 250  # ms; half of one half of the flash
_NARROW = 1500  # px of window width below which counter words would crowd out the alarm


class AlarmBar(QFrame):
    """Shows what is not normal and what to do first. GUI thread.

    Signals:
        alarm_asked: (AlarmId) the operator wants to see this alarm
        list_asked: () … or the list
        test_asked: () … or to begin a walk test, or see to the one that runs
    """

    alarm_asked = Signal(object)
    list_asked = Signal()
    test_asked = Signal()

    def __init__(self, console: Console, colours: Tokens, wishes: Wishes) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setFixedHeight(theme.BAR_HEIGHT)
        self.setAccessibleName(self.tr("Alarm bar"))
        self._console = console
        self._colours = colours
        self._wishes = wishes
        self._counters = [Counter(colours) for _ in range(5)]
        self.worst = WorstAlarm(colours)
        self._unrecorded = QLabel(self.tr("△ NOT BEING RECORDED"))
        self._unrecorded.setProperty("role", "fault")
        self.acknowledge_button = QPushButton(self.tr("Acknowledge"))
        self.acknowledge_button.setProperty("role", "primary")
        self.acknowledge_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.silence_button = QPushButton(self.tr("Silence"))
        self.silence_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._clock = QLabel()
        self._clock.setProperty("role", "clock")
        self.acknowledge_button.clicked.connect(self._acknowledge)
        self.silence_button.clicked.connect(self._silence)
        self.worst.clicked.connect(self._open)
        for counter in self._counters[:-1]:
            counter.clicked.connect(self.list_asked)
        self._counters[-1].clicked.connect(self.test_asked)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot and time."""
        now = self._console.clock.now()
        table = self._console.alarms()
        lit = int(now.mono * 2 * theme.FLASH_HZ) % 2 == 0
        shown = counts(self._console, self._colours)
        self.worst.show_table(table, now.utc)
        alarm = self.worst.alarm
        compact = self.width() < _NARROW and alarm is not None
        for counter, count in zip(self._counters, shown, strict=True):
            counter.show_count(count, lit, compact)
        self.acknowledge_button.setEnabled(alarm is not None)
        self._unrecorded.setVisible(not (table.recording and digest(table.alarms).recorded))
        silenced = table.silenced_until is not None and table.silenced_until > now.mono
        left = (table.silenced_until or 0.0) - now.mono
        self.silence_button.setText(
            self.tr("Silent {0}").format(words.stopwatch(left)) if silenced else self.tr("Silence")
        )
        self.silence_button.setEnabled(alarm is not None)
        self._clock.setText(words.clock_time(now.utc))
        self._clock.setToolTip(words.full_time(now.utc))

    @Slot()
    def _acknowledge(self) -> None:
        if self.worst.alarm is not None:
            self._wishes.acknowledge([self.worst.alarm])

    @Slot()
    def _silence(self) -> None:
        self._wishes.silence()

    @Slot()
    def _open(self) -> None:
        if self.worst.alarm is not None:
            self.alarm_asked.emit(self.worst.alarm.id)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 16, 8)
        row.setSpacing(4)
        for counter in self._counters:
            row.addWidget(counter)
        line = QFrame()
        line.setFixedSize(1, 28)
        line.setStyleSheet(f"background: {self._colours.line};")
        row.addSpacing(8)
        row.addWidget(line)
        row.addSpacing(12)
        row.addWidget(self.worst, 1)
        row.addWidget(self._unrecorded)
        row.addSpacing(8)
        row.addWidget(self.acknowledge_button)
        row.addSpacing(4)
        row.addWidget(self.silence_button)
        row.addSpacing(16)
        row.addWidget(self._clock)
