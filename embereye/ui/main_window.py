"""The window: bar above, rail at the left, one page, drawer, status line."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QVBoxLayout, QWidget

from embereye.model.alarm import Alarm
from embereye.model.ids import AlarmId, DeviceId
from embereye.model.messages import RequestRefused, WorkerFailed
from embereye.ui.acknowledging import Acknowledging
from embereye.ui.alarm_bar import AlarmBar
from embereye.ui.alarm_drawer import AlarmDrawer
from embereye.ui.alarm_permits import Action
from embereye.ui.alarm_refresh import AlarmRefresh
from embereye.ui.beside import found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.demands import Demands
from embereye.ui.key_sheet import KeySheet
from embereye.ui.keys import Keys
from embereye.ui.leaving import may_leave
from embereye.ui.pages import Page, Pages
from embereye.ui.popup_stack import PopupStack
from embereye.ui.program_console import ProgramConsole
from embereye.ui.rail import Rail
from embereye.ui.remedies import Remedies
from embereye.ui.self_test_popup import SelfTestPopup
from embereye.ui.sounds import Sounds
from embereye.ui.speech import Speech
from embereye.ui.speech_voice import ChildVoice
from embereye.ui.status_line import StatusLine
from embereye.ui.theme import Tokens
from embereye.ui.tray import Tray
from embereye.ui.visual_alarm import STRIP, VisualAlarm
from embereye.ui.walk_screens import WalkScreens
from embereye.ui.wishes import Wishes

_LEAST = (1280, 720)  # px
_ROOMY = 1600  # px of window width that leave enough of the wall beside drawer and popups


class MainWindow(QMainWindow):
    """Shows the program and sends the operator's wishes; decides nothing. GUI thread.

    Close the bridge before this window dies.

    Signals:
        closed: () the operator closed the window: end the program
        alarm_painted: (AlarmChanged) its popup, bar and list were updated, for latency
    """

    closed = Signal()
    alarm_painted = Signal(object)

    def __init__(
        self, console: ProgramConsole, bridge: Bridge, sounds: Sounds, colours: Tokens
    ) -> None:
        super().__init__()
        self.setWindowTitle("EmberEye")
        self.setMinimumSize(*_LEAST)
        self._console = console
        self._locked = False
        self.sounds = sounds
        self.wishes = Wishes(console)
        self.remedies = Remedies(console, self.wishes, self)
        self.demands = Demands(console, console.settings().wall.rate)
        self.bar = AlarmBar(console, colours, self.wishes)
        self.pages = Pages(console, bridge, self.demands, colours, self.wishes)
        self.wall, self.alarms = self.pages.wall, self.pages.alarms
        self.devices, self.trends = self.pages.devices, self.pages.trends
        self.drawer = AlarmDrawer(console, colours)
        self.status = StatusLine(console)
        self.rail = Rail(self.pages.entries(), colours)
        self.walk = WalkScreens(console, colours, self.wishes, self)
        self._whole = self._lay_out()
        self.popups = PopupStack(self._whole, console, self.demands, colours, self.wishes)
        self.self_test = SelfTestPopup(
            self._whole, console, self.demands, colours, self.wishes, sounds
        )
        self.visual = VisualAlarm(self._whole, console, colours)
        self.tray = Tray(self, console, colours)
        self.speech = Speech(console, ChildVoice(console.clock))
        self.acknowledging = Acknowledging(
            console, self.wishes, self.pages, self.popups, self.bar.worst
        )
        self._refresh = AlarmRefresh(self._refresh_alarms, self)
        self._refresh.painted.connect(self.alarm_painted)
        self._connect(bridge)
        self._add_keys()
        self.show_page(Page.WALL)
        self._refresh_alarms()

    @Slot(int)
    def show_page(self, number: int) -> None:
        """Bring one of the pages to the front."""
        self.pages.setCurrentIndex(number)
        self.rail.choose(number)
        self._fold_drawer()
        self.popups.make_slim(number != Page.WALL)
        if number == Page.WALL:
            self.wall.canvas.setFocus()

    def show_alarm(self, alarm: AlarmId | None) -> None:
        """Show the list with this alarm selected."""
        self.show_page(Page.ALARMS)
        if alarm is not None:
            self.alarms.select(alarm)

    # --- from the bridge ---------------------------------------------------------------------

    def _refresh_alarms(self) -> None:
        self.sounds.refresh()
        self.bar.refresh()
        self.popups.refresh()
        self.self_test.refresh()
        self.drawer.refresh()
        self._fold_drawer()
        self.visual.refresh()
        self.tray.refresh()

    @Slot(object)
    def _refused(self, message: RequestRefused | WorkerFailed) -> None:
        self.status.notice(message.text)

    @Slot(str)
    def _sound_problem(self, text: str) -> None:
        self.status.sound_problem(text)
        self.pages.health.sound_problem(text)
        self.visual.sound_problem(text)

    # --- wishes ------------------------------------------------------------------------------

    @Slot(object)
    def _show_trend(self, device: DeviceId) -> None:
        self.show_page(Page.TRENDS)
        self.trends.show_device(device)

    @Slot(object)
    def _shelve(self, alarm: Alarm) -> None:
        self.alarms.actions_on.do(Action.SHELVE, (alarm,))

    # --- window ------------------------------------------------------------------------------

    @Slot()
    def toggle_full_screen(self) -> None:
        """Only bar and page, or everything. The alarm bar never goes."""
        if self._locked:
            return
        full = not self.isFullScreen()
        self.setWindowState(
            Qt.WindowState.WindowFullScreen if full else Qt.WindowState.WindowNoState
        )
        self._dress_down(full)

    def lock(self) -> None:
        """Kiosk: full screen can no longer be left, nor the window closed by its operator."""
        self._locked = True

    @Slot()
    def _leave_full_screen(self) -> None:
        if self.isFullScreen():
            self.toggle_full_screen()

    def _dress_down(self, full: bool) -> None:
        self.rail.setVisible(not full)
        self.wall.header.setVisible(not full)
        self._fold_drawer()

    def _fold_drawer(self) -> None:
        on_wall = self.pages.current is Page.WALL
        self.drawer.setVisible(on_wall and not self.isFullScreen() and not self.drawer.empty)
        self.popups.keep_clear(self._pane_width(), self.pages.geometry().top())

    @Slot()
    def _make_room(self) -> None:
        """What is below the alarm bar came or went."""
        layout = self._whole.layout()
        if layout is not None:
            layout.activate()
        self._fold_drawer()

    def _pane_width(self) -> int:
        """Width at the right that popups should not cover: detail panes always, the drawer where
        enough of the wall is left beside it."""
        pane = self.pages.pane_width()
        if pane:
            return pane
        roomy = self.width() >= _ROOMY and self.drawer.isVisible()
        return self.drawer.width() if roomy else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold_drawer()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and hasattr(self, "popups"):
            self._dress_down(self.isFullScreen())

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._locked and event.spontaneous():
            event.ignore()
            return
        if event.spontaneous() and not self.may_close():
            event.ignore()
            return
        super().closeEvent(event)
        self.sounds.close()
        self.speech.close()
        self.tray.close()
        self.closed.emit()

    def may_close(self) -> bool:
        """Whether nothing would be lost: a key that is shown once, or what was drawn."""
        return may_leave(self, self.pages.regions.changed or self.pages.rules.changed)

    # --- building ----------------------------------------------------------------------------

    def _lay_out(self) -> QWidget:
        self.drawer.hide()
        self._strip_room = QLabel()
        self._strip_room.setProperty("role", "fault")
        self._strip_room.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._strip_room.setFixedHeight(STRIP)
        self._strip_room.hide()
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self.pages, 1)
        middle.addWidget(self.drawer)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._strip_room)
        column.addWidget(self.walk.banner)
        column.addLayout(middle, 1)
        column.addWidget(self.status)
        self.setCentralWidget(whole)
        return whole

    def _connect(self, bridge: Bridge) -> None:
        bridge.alarm_changed.connect(self._refresh.alarm_changed)
        bridge.alarm_changed.connect(self.speech.announced)
        bridge.alarm_changed.connect(self.tray.announced)
        bridge.alarms_changed.connect(self._refresh.alarms_changed)
        bridge.refused.connect(self._refused)
        bridge.refused.connect(self.alarms.show_refusal)
        bridge.worker_failed.connect(self._refused)
        self.sounds.problem_changed.connect(self._sound_problem)
        self._sound_problem(self.sounds.problem)
        self.visual.room_asked.connect(self._keep_strip_free)
        self.bar.alarm_asked.connect(self.show_alarm)
        self.bar.list_asked.connect(self._show_list)
        self.bar.test_asked.connect(self.walk.ask)
        self.walk.banner.fitted.connect(self._make_room)
        self.drawer.alarm_asked.connect(self.show_alarm)
        self.popups.list_asked.connect(self.show_alarm)
        self.popups.shelve_asked.connect(self._shelve)
        self._connect_pages()

    def _connect_pages(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.wall.canvas.remedy_asked.connect(self.remedies.camera)
        self.wall.full_screen_asked.connect(self.toggle_full_screen)
        self.wall.acknowledge_asked.connect(self.acknowledging.selected)
        self.pages.cameras.remedy_asked.connect(self.remedies.camera)
        self.pages.cameras.switch_asked.connect(self.remedies.switch)
        self.remedies.edit_asked.connect(self.pages.camera_actions.edit)
        self.pages.page_asked.connect(self.show_page)
        self.devices.assign_asked.connect(self.remedies.assign)
        self.devices.trend_asked.connect(self._show_trend)
        pages = self.pages
        for telling in (
            self.acknowledging, self.remedies, self.speech, self.walk, self.alarms,
            pages.incidents, pages.shift, pages.models, pages.regions, pages.camera_actions,
            pages.device_actions, pages.pictures, pages.exports,
        ):  # fmt: skip
            telling.noticed.connect(self.status.notice)

    @Slot(str)
    def _keep_strip_free(self, problem: str) -> None:
        """Without sound its words stand there quietly, and flash when there is an alarm."""
        self._strip_room.setText(self.tr("△ NO SOUND: {0}").format(problem))
        self._strip_room.setVisible(bool(problem))

    @Slot()
    def _show_list(self) -> None:
        self.show_alarm(None)

    @Slot()
    def _show_keys(self) -> None:
        if not found(self, "keys"):
            show_beside(KeySheet(self), "keys")

    @Slot()
    def _find(self) -> None:
        if self.pages.current is Page.DEVICES:
            self.devices.search.setFocus()
        elif self.pages.current is Page.RULES:
            self.pages.rules.begin_search()
        else:
            self.show_page(Page.ALARMS)
            self.alarms.search.setFocus()

    @Slot(int)
    def _choose_layout(self, layout: int) -> None:
        self.show_page(Page.WALL)
        self.wall.choose_layout(layout)

    def _add_keys(self) -> None:
        canvas = self.wall.canvas
        keys = Keys(self)
        keys.layout_asked.connect(self._choose_layout)
        keys.add("F11", self.toggle_full_screen)
        keys.add("Esc", self._leave_full_screen)
        keys.add_everywhere("A", self.acknowledging.selected)
        keys.add_everywhere("Shift+A", self.acknowledging.visible)
        keys.add_everywhere("M", self.wishes.silence)
        keys.add("O", canvas.toggle_boxes)
        keys.add("T", canvas.toggle_thermal)
        keys.add("S", self.pages.save_snapshot)
        keys.add("F1", self._show_keys)
        keys.add("Ctrl+F", self._find)
        keys.add("Ctrl+E", self._show_list)
        keys.add("Ctrl+T", self.walk.ask)
