"""Every camera with its source and state, and what can be changed about it."""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.camera import CameraState, CameraStatus
from embereye.ui import words
from embereye.ui.camera_actions import CameraActions
from embereye.ui.console import Console
from embereye.ui.freshness import Remedy, RemedyAsked
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.theme import Tokens

_REFRESH = 500  # ms
_FAULTY = (CameraState.NO_SIGNAL, CameraState.WRONG_PASSWORD, CameraState.UNSUPPORTED)


class CamerasPage(QWidget):
    """A table with the same remedies that tiles offer. GUI thread.

    Signals:
        remedy_asked: (RemedyAsked)
        switch_asked: (CameraStatus) the operator wants it on or off, the opposite of now
    """

    remedy_asked = Signal(object)
    switch_asked = Signal(object)

    def __init__(self, console: Console, colours: Tokens, actions: CameraActions) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._colours = colours
        self._actions = actions
        self.model: Rows[CameraStatus] = Rows(self._fields(), lambda camera: camera.id, self)
        self.table = rows_view(self.model, self.tr("Cameras"), RowDelegate(colours, self))
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self.table.doubleClicked.connect(self._edit)
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self.add_button = self._button(self.tr("Add …"), actions.add)
        self.find_button = self._button(self.tr("Find …"), actions.find)
        self.edit_button = self._button(self.tr("Edit …"), self._edit)
        self.password_button = self._button(self.tr("Password …"), self._password)
        self.retry_button = self._button(self.tr("Retry"), self._retry)
        self.switch_button = self._button(self.tr("Disable"), self._switch)
        self.list_button = QToolButton()
        self.list_button.setText(self.tr("List …"))
        self.list_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._build_menu()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot."""
        cameras = self._console.cameras().cameras
        chosen = self.selection()
        scroll = self.table.verticalScrollBar().value()
        if self.model.show(cameras) and cameras:
            row = self.model.number_of(chosen.id) if chosen is not None else None
            self.table.setCurrentIndex(self.model.index(row or 0, 0))
            self.table.verticalScrollBar().setValue(scroll)
        live = sum(camera.state is CameraState.LIVE for camera in cameras)
        self._summary.setText(
            self.tr("{0} of {1} live").format(live, len(cameras))
            if cameras
            else self.tr("No cameras yet. Add the first one.")
        )
        self._enable()

    def selection(self) -> CameraStatus | None:
        return self.model.row(self.table.currentIndex().row())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()
        self.table.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    @Slot(QModelIndex, QModelIndex)
    def _moved(self, _current: QModelIndex, _before: QModelIndex) -> None:
        self._enable()

    def _enable(self) -> None:
        camera = self.selection()
        for button in (
            self.edit_button,
            self.password_button,
            self.retry_button,
            self.switch_button,
        ):
            button.setEnabled(camera is not None)
        for action in (self.earlier, self.later, self.remove):
            action.setEnabled(camera is not None)
        if camera is not None:
            off = camera.state is CameraState.DISABLED
            self.switch_button.setText(self.tr("Enable") if off else self.tr("Disable"))
            self.retry_button.setEnabled(not off)

    @Slot()
    def _edit(self) -> None:
        self._ask(Remedy.EDIT)

    @Slot()
    def _earlier(self) -> None:
        self._move(-1)

    @Slot()
    def _later(self) -> None:
        self._move(1)

    def _move(self, by: int) -> None:
        camera = self.selection()
        if camera is not None:
            self._actions.move(camera, by)

    @Slot()
    def _remove(self) -> None:
        camera = self.selection()
        if camera is not None:
            self._actions.remove(camera)

    def _build_menu(self) -> None:
        menu = QMenu(self)
        self.earlier = menu.addAction(self.tr("Move up"), self._earlier)
        self.later = menu.addAction(self.tr("Move down"), self._later)
        self.remove = menu.addAction(self.tr("Remove …"), self._remove)
        menu.addSeparator()
        menu.addAction(self.tr("Import CSV …"), self._actions.exchange.take)
        menu.addAction(self.tr("Export CSV …"), self._actions.exchange.export)
        self.list_button.setMenu(menu)
        for keys, action in (
            ("Ctrl+Up", self.earlier),
            ("Ctrl+Down", self.later),
            ("Delete", self.remove),
        ):
            shortcut = QShortcut(QKeySequence(keys), self.table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(action.trigger)

    @Slot()
    def _password(self) -> None:
        self._ask(Remedy.PASSWORD)

    @Slot()
    def _retry(self) -> None:
        self._ask(Remedy.RETRY)

    @Slot()
    def _switch(self) -> None:
        camera = self.selection()
        if camera is not None:
            self.switch_asked.emit(camera)

    def _ask(self, remedy: Remedy) -> None:
        camera = self.selection()
        if camera is not None:
            self.remedy_asked.emit(RemedyAsked(camera.id, remedy))

    def _button(self, caption: str, slot: object) -> QPushButton:
        button = QPushButton(caption)
        button.clicked.connect(slot)
        return button

    def _fields(self) -> list[Field[CameraStatus]]:
        return [
            Field(self.tr("Name"), lambda c: c.name, 200),
            Field(self.tr("State"), self._state, 150, colour=self._state_colour),
            Field(self.tr("Since"), self._since, 80, right=True),
            Field(self.tr("Rate"), lambda c: f"{c.counters.fps:.1f} fps", 90, right=True),
            Field(self.tr("Picture"), _size, 110, right=True),
            Field(self.tr("Reconnects"), lambda c: str(c.counters.reconnects), 100, right=True),
            Field(self.tr("Source"), lambda c: c.source, 280),
            Field(self.tr("Remarks"), lambda c: c.detail or c.remark, 0),
        ]

    def _state(self, camera: CameraStatus) -> str:
        mark = "△ " if _is_bad(camera) else ""
        return mark + camera.state.value.capitalize()

    def _state_colour(self, camera: CameraStatus) -> str:
        return self._colours.fault if _is_bad(camera) else ""

    def _since(self, camera: CameraStatus) -> str:
        return words.span(self._console.clock.mono() - camera.since.mono)

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Cameras"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self._summary, 1, Qt.AlignmentFlag.AlignVCenter)
        for button in (
            self.retry_button,
            self.password_button,
            self.edit_button,
            self.switch_button,
            self.find_button,
            self.add_button,
        ):
            head.addWidget(button)
        head.addWidget(self.list_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.table, 1)


def _is_bad(camera: CameraStatus) -> bool:
    return camera.state in (*_FAULTY, CameraState.STALE) or bool(camera.doubts)


def _size(camera: CameraStatus) -> str:
    counters = camera.counters
    return f"{counters.width} × {counters.height}" if counters.width else "–"
