"""The keys of a player: step, play, speed."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from embereye.ui.icons import icon
from embereye.ui.player import SPEEDS
from embereye.ui.theme import Tokens

_ICON = QSize(20, 20)


class Transport(QWidget):
    """Buttons below a recorded picture. GUI thread.

    Signals:
        stepped: (int) 1 to the next frame, -1 to the previous one
        alarm_stepped: (int) the same for alarms
        played: (bool) play or pause
        speed_chosen: (int) seconds of history a second
        export_asked: () keep the frame that is shown
    """

    stepped = Signal(int)
    alarm_stepped = Signal(int)
    played = Signal(bool)
    speed_chosen = Signal(int)
    export_asked = Signal()

    def __init__(self, colours: Tokens) -> None:
        super().__init__()
        self._colours = colours
        self.play = QToolButton()
        self.play.setCheckable(True)
        self.play.setIcon(icon("playback", colours))
        self.play.setIconSize(_ICON)
        self.play.setToolTip(self.tr("Play or pause (Space)"))
        self.play.setAccessibleName(self.tr("Play"))
        self.play.setMinimumSize(88, 32)
        self.play.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.play.setText(self.tr("Play"))
        self.play.clicked.connect(self.played)
        self.speed = QComboBox()
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.setToolTip(self.tr("Seconds of history a second"))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed} ×", speed)
        self.speed.currentIndexChanged.connect(self._choose_speed)
        self.export = QPushButton(self.tr("Export frame …"))
        self.export.clicked.connect(self.export_asked)
        self.export.hide()
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self._lay_out()

    def show_playing(self, playing: bool) -> None:
        """Show whether it plays."""
        if self.play.isChecked() != playing:
            self.play.setChecked(playing)
        self.play.setText(self.tr("Pause") if playing else self.tr("Play"))

    def show_speed(self, speed: int) -> None:
        """Show this speed."""
        self.speed.setCurrentIndex(max(0, self.speed.findData(speed)))

    @Slot()
    def _choose_speed(self) -> None:
        self.speed_chosen.emit(int(self.speed.currentData()))

    @Slot()
    def _step(self) -> None:
        self.stepped.emit(self._direction())

    @Slot()
    def _step_alarm(self) -> None:
        self.alarm_stepped.emit(self._direction())

    def _direction(self) -> int:
        button = self.sender()
        return 0 if button is None else int(button.property("direction"))

    def _button(self, tip: str, direction: int) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setProperty("direction", direction)
        button.setMinimumSize(40, 32)
        button.setIconSize(_ICON)
        return button

    def _frame_button(self, name: str, tip: str, direction: int) -> QToolButton:
        button = self._button(tip, direction)
        button.setIcon(icon(name, self._colours))
        button.clicked.connect(self._step)
        return button

    def _alarm_button(self, text: str, tip: str, direction: int) -> QToolButton:
        button = self._button(tip, direction)
        button.setText(text)
        button.clicked.connect(self._step_alarm)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._alarm_button(self.tr("‹ Alarm"), self.tr("Previous alarm"), -1))
        row.addWidget(self._frame_button("page-previous", self.tr("Previous frame (Left)"), -1))
        row.addWidget(self.play)
        row.addWidget(self._frame_button("page-next", self.tr("Next frame (Right)"), 1))
        row.addWidget(self._alarm_button(self.tr("Alarm ›"), self.tr("Next alarm"), 1))
        row.addSpacing(12)
        row.addWidget(QLabel(self.tr("Speed")))
        row.addWidget(self.speed)
        row.addSpacing(12)
        row.addWidget(self.note, 1)
        row.addWidget(self.export)
