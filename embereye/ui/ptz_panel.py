"""Buttons that move the selected camera, beside the wall."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.ptz import PtzPreset, PtzState, PtzStatus
from embereye.ui.elided import Elided
from embereye.ui.ptz_drive import Direction, PtzDrive
from embereye.ui.words import tip

_WIDTH = 232  # px, as the facts beside a recorded picture
_KEY = (60, 44)  # px
_ROW = 28  # px; a preset
_SLOWEST, _USUAL = 5, 50  # % of the highest speed


class PtzPanel(QFrame):
    """Shows how one camera stands and what it offers. GUI thread.

    Signals:
        closed: () somebody is done
        again_asked: () ask the camera once more
    """

    closed = Signal()
    again_asked = Signal()

    def __init__(self, drive: PtzDrive) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setFixedWidth(_WIDTH)
        self._drive = drive
        self._shown: tuple[object, ...] = ()
        self._turning: list[QToolButton] = []
        self._zooming: list[QToolButton] = []
        self._name = Elided()
        self._name.setProperty("role", "muted")
        self.words = _wrapped("muted")
        self.problem = _wrapped("fault")
        self.again = QPushButton(self.tr("Try again"))
        self.again.clicked.connect(self.again_asked)
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(_SLOWEST, 100)
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.valueChanged.connect(self._speed_changed)
        self._speed_name = QLabel()
        self.home = QPushButton(self.tr("Home position"))
        self.home.clicked.connect(self._home)
        self.centring = QCheckBox(self.tr("A click centres the picture"))
        self.centring.setChecked(True)
        self._presets_name = QLabel(self.tr("Presets"))
        self._presets_name.setProperty("role", "muted")
        self.presets = QListWidget()
        self.presets.setAccessibleName(self.tr("Presets"))
        self.presets.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.presets.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.presets.itemActivated.connect(self._go)
        self.presets.currentRowChanged.connect(self._chosen)
        self.go = QPushButton(self.tr("Go to the preset"))
        self.go.clicked.connect(self._go)
        # A click leaves the keys with the wall.
        for control in (self.again, self.home, self.go, self.speed, self.centring):
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self.speed.setValue(_USUAL)
        self.show_status("", None)

    def show_status(self, camera: str, status: PtzStatus | None) -> None:
        """Show how the camera called `camera` stands; "": none is selected."""
        if (camera, status) == self._shown:
            return
        before = self._shown
        self._shown = (camera, status)
        ready = status is not None and status.state is PtzState.READY
        self._name.show_text(camera)
        self.words.setText(self._say(camera, status))
        self.words.setVisible(bool(self.words.text()))
        self.problem.setText(f"△ {status.problem}" if status is not None and status.problem else "")
        self.problem.setVisible(bool(self.problem.text()))
        self.again.setVisible(status is not None and status.state is PtzState.FAILED)
        for buttons, offered in (
            (self._turning, ready and status is not None and status.turns),
            (self._zooming, ready and status is not None and status.zooms),
        ):
            for button in buttons:
                button.setEnabled(offered)
        self.speed.setEnabled(ready)
        self.home.setVisible(ready and status is not None and status.home)
        self.centring.setVisible(ready and status is not None and status.centres)
        presets = status.presets if ready and status is not None else ()
        if presets != _presets(before) or camera != (before or ("",))[0]:
            self._list(presets)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()  # the window's own Esc would leave full screen
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._drive.release()

    def _say(self, camera: str, status: PtzStatus | None) -> str:
        if not camera:
            return self.tr("Select a camera on the wall.")
        if status is None or status.state is PtzState.ASKING:
            return self.tr("Asking the camera …")
        if status.state is PtzState.FAILED:
            return ""
        return self.tr("Arrow keys turn it, + and − zoom, Esc ends.")

    def _list(self, presets: tuple[PtzPreset, ...]) -> None:
        self.presets.clear()
        for preset in presets:
            item = QListWidgetItem(preset.name)
            item.setData(Qt.ItemDataRole.UserRole, preset.token)
            item.setToolTip(tip(preset.name))  # the camera's own words
            item.setSizeHint(QSize(0, _ROW))
            self.presets.addItem(item)
        for widget in (self._presets_name, self.presets, self.go):
            widget.setVisible(bool(presets))
        self.go.setEnabled(False)

    @Slot()
    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, QToolButton):
            self._drive.hold(button, button.property("direction"))

    @Slot()
    def _released(self) -> None:
        self._drive.let_go(self.sender())

    @Slot(int)
    def _speed_changed(self, percent: int) -> None:
        self._drive.speed = percent / 100
        self._speed_name.setText(self.tr("Speed {0} %").format(percent))

    @Slot()
    def _home(self) -> None:
        self._drive.go_home()

    @Slot(int)
    def _chosen(self, row: int) -> None:
        self.go.setEnabled(row >= 0)

    @Slot()
    def _go(self) -> None:
        item = self.presets.currentItem()
        if item is not None:
            self._drive.go_preset(str(item.data(Qt.ItemDataRole.UserRole)))

    def _key(self, caption: str, name: str, direction: Direction) -> QToolButton:
        button = QToolButton()
        button.setText(caption)
        button.setProperty("role", "key")
        button.setFixedSize(*_KEY)
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # the keys stay with the wall
        button.setProperty("direction", direction)
        button.pressed.connect(self._pressed)
        button.released.connect(self._released)
        return button

    def _directions(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        names = (
            (("↖", self.tr("Up left")), ("↑", self.tr("Up")), ("↗", self.tr("Up right"))),
            (("←", self.tr("Left")), ("■", self.tr("Stop")), ("→", self.tr("Right"))),
            (("↙", self.tr("Down left")), ("↓", self.tr("Down")), ("↘", self.tr("Down right"))),
        )
        for row, line in enumerate(names):
            for column, (caption, name) in enumerate(line):
                button = self._key(caption, name, (column - 1, 1 - row, 0))
                if row == column == 1:
                    button.pressed.connect(self._drive.halt)
                self._turning.append(button)
                grid.addWidget(button, row, column)
        return grid

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Move the camera"))
        title.setProperty("role", "title")
        close = QToolButton()
        close.setText("×")
        close.setToolTip(self.tr("End (Esc)"))
        close.setAccessibleName(self.tr("End moving the camera"))
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(close)
        zooms = QHBoxLayout()
        zooms.setSpacing(4)
        for caption, name, depth in (
            ("−", self.tr("Zoom out"), -1),
            ("+", self.tr("Zoom in"), 1),
        ):
            button = self._key(caption, name, (0, 0, depth))
            button.setFixedSize((3 * _KEY[0] + 8 - 4) // 2, _KEY[1])
            self._zooming.append(button)
            zooms.addWidget(button)
        zooms.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._name)
        grid = QHBoxLayout()
        grid.addLayout(self._directions())
        grid.addStretch(1)
        column.addLayout(grid)
        column.addLayout(zooms)
        # Words come and go below the buttons, which stay where the hand is.
        below: tuple[QWidget, ...] = (self._speed_name, self.speed, self.home, self.centring)
        words: tuple[QWidget, ...] = (self.words, self.problem, self.again)
        for widget in (*below, *words, self._presets_name, self.presets, self.go):
            column.addWidget(widget)
        column.addStretch(1)
        column.setStretchFactor(self.presets, 100)


def _wrapped(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _presets(shown: tuple[object, ...]) -> tuple[PtzPreset, ...] | None:
    status = shown[1] if shown else None
    return status.presets if isinstance(status, PtzStatus) else None
