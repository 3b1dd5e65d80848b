"""Every camera with its source and state, and what can be changed about it."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from embereye.model.camera import CameraState, CameraStatus
from embereye.model.camera_clock import CheckClockAsked
from embereye.ui.camera_actions import CameraActions
from embereye.ui.camera_columns import ALSO_IN_DETAILS, CameraColumns
from embereye.ui.camera_console import FiguresConsole
from embereye.ui.camera_stats import CameraStats
from embereye.ui.freshness import Remedy, RemedyAsked
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Rows, rows_view
from embereye.ui.table_page import RowChoice, filter_field, lay_beside
from embereye.ui.theme import Tokens

_REFRESH = 500  # ms
_ROOMY = 1000  # px of table width that leave room for them beside the remarks


class CamerasPage(QWidget):
    """A table with the same remedies that tiles offer, and details. GUI thread.

    Signals:
        remedy_asked: (RemedyAsked)
        switch_asked: (CameraStatus) the operator wants it on or off, the opposite of now
        snapshot_asked: (CameraId) save what it shows
        masks_asked: (CameraId) draw its privacy masks
        zones_asked: (CameraId) draw its zones and lines
    """

    remedy_asked = Signal(object)
    switch_asked = Signal(object)
    snapshot_asked = Signal(object)
    masks_asked = Signal(object)
    zones_asked = Signal(object)

    def __init__(self, console: FiguresConsole, colours: Tokens, actions: CameraActions) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._actions = actions
        self._columns = CameraColumns(console, colours, self)
        fields = self._columns.fields()
        self.model: Rows[CameraStatus] = Rows(fields, lambda camera: camera.id, self)
        self.table = rows_view(self.model, self.tr("Cameras"), RowDelegate(colours, self), True)
        self._choice = RowChoice(self.table, self.model)
        self._choice.moved.connect(self._show)
        self.table.doubleClicked.connect(self._edit)
        self.search = filter_field(
            self.tr("Filter: name, group, source …"), self.tr("Filter cameras"), 200
        )
        self.search.textChanged.connect(self.refresh)
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self.detail = CameraStats(console, colours)
        self.detail.clock_asked.connect(self._check_clock)
        self._make_buttons(actions)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot."""
        cameras = self._console.cameras().cameras
        self._columns.renew()
        text = self.search.text().casefold()
        self.model.show([c for c in cameras if not text or text in _words(c).casefold()])
        self._summary.setText(self._summed_up(cameras))
        self._show(self.selection())

    def selection(self) -> CameraStatus | None:
        chosen: CameraStatus | None = self._choice.row()
        return chosen

    def pane_width(self) -> int:
        """Width of the detail pane at the right, px."""
        return self.detail.width()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()
        self.table.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Remarks must not be cut off in a narrow window."""
        super().resizeEvent(event)
        roomy = self.table.width() >= _ROOMY
        for column in ALSO_IN_DETAILS:
            self.table.setColumnHidden(column, not roomy)
        self.table.setColumnWidth(0, 220 if roomy else 132)

    def _summed_up(self, cameras: tuple[CameraStatus, ...]) -> str:
        if not cameras:
            return self.tr("No cameras yet. Add the first one, or find it in the network.")
        live = sum(camera.state is CameraState.LIVE for camera in cameras)
        text = self.tr("{0} of {1} live").format(live, len(cameras))
        if not self.model.rowCount():
            text += " · " + self.tr("none fits the filter")
        return text

    @Slot(object)
    def _show(self, camera: CameraStatus | None) -> None:
        self.detail.show_camera(camera)
        for button in (
            self.edit_button,
            self.password_button,
            self.retry_button,
            self.switch_button,
        ):
            button.setEnabled(camera is not None)
        drawing = (self.masks, self.zones, self.snapshot)
        for action in (self.earlier, self.later, self.remove, *drawing):
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

    @Slot()
    def _mask(self) -> None:
        camera = self.selection()
        if camera is not None:
            self.masks_asked.emit(camera.id)

    @Slot()
    def _zone(self) -> None:
        camera = self.selection()
        if camera is not None:
            self.zones_asked.emit(camera.id)

    @Slot()
    def _save_snapshot(self) -> None:
        camera = self.selection()
        if camera is not None:
            self.snapshot_asked.emit(camera.id)

    @Slot(object)
    def _check_clock(self, camera: CameraStatus) -> None:
        self._console.ask(CheckClockAsked(camera.id, self._console.settings().operator))

    def _make_buttons(self, actions: CameraActions) -> None:
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

    def _build_menu(self) -> None:
        menu = QMenu(self)
        self.earlier = menu.addAction(self.tr("Move up"), self._earlier)
        self.later = menu.addAction(self.tr("Move down"), self._later)
        self.remove = menu.addAction(self.tr("Remove …"), self._remove)
        menu.addSeparator()
        self.masks = menu.addAction(self.tr("Privacy masks …"), self._mask)
        self.zones = menu.addAction(self.tr("Zones and lines …"), self._zone)
        self.snapshot = menu.addAction(self.tr("Save a snapshot …\tS"), self._save_snapshot)
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

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Cameras"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self._summary, 1, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.search)
        tools = QHBoxLayout()
        for button in (
            self.retry_button,
            self.password_button,
            self.edit_button,
            self.switch_button,
        ):
            tools.addWidget(button)
        tools.addStretch(1)
        for entry in (self.find_button, self.add_button, self.list_button):
            tools.addWidget(entry)
        lay_beside(self, (head, tools, self.table), self.detail)


def _words(camera: CameraStatus) -> str:
    """What the filter looks at."""
    where = f"{camera.group} {camera.place} {camera.source}"
    return f"{camera.name} {camera.id} {where} {camera.state.value} {camera.remark}"
