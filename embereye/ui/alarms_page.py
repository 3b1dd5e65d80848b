"""The alarms: open, kept quiet, closed; beside everything about the selected one."""

from itertools import pairwise

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.alarm import Alarm
from embereye.model.ids import AlarmId
from embereye.model.messages import RequestRefused
from embereye.rules.alarm_digest import digest
from embereye.runtime.worker import PlainThreads
from embereye.ui.active_view import ActiveView
from embereye.ui.alarm_actions import AlarmActions
from embereye.ui.alarm_detail import AlarmDetail
from embereye.ui.alarm_export import AlarmExport
from embereye.ui.alarm_listing import Listing
from embereye.ui.alarm_permits import Action
from embereye.ui.demands import Demands
from embereye.ui.history_view import HistoryView
from embereye.ui.incident_link import AlarmsConsole
from embereye.ui.shelved_view import ShelvedView
from embereye.ui.steady_table import SteadyTable
from embereye.ui.theme import Tokens
from embereye.ui.wishes import Wishes

_REFRESH = 100  # ms; ten looks a second are as many as a person can follow
_KEYS = {
    Qt.Key.Key_A: Action.ACKNOWLEDGE,
    Qt.Key.Key_S: Action.SHELVE,
    Qt.Key.Key_C: Action.COMMENT,
    Qt.Key.Key_R: Action.RESET,
    Qt.Key.Key_E: Action.ESCALATE,
}
_SHIFT, _PAD = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.KeypadModifier

View = ActiveView | ShelvedView | HistoryView


class AlarmsPage(QWidget):
    """Three lists and one pane. GUI thread.

    Bare letters act on the selected alarms while no text field has the focus: they are claimed
    here before the shortcuts of the window see them.

    Signals:
        selected: (AlarmId or None)
        noticed: (str) a word for the status line
    """

    selected = Signal(object)
    noticed = Signal(str)

    def __init__(
        self, console: AlarmsConsole, demands: Demands, colours: Tokens, wishes: Wishes
    ) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._detailed: Alarm | None = None
        self._chosen: tuple[Alarm, ...] = ()
        self.actions_on = AlarmActions(console, wishes, self)
        self.actions_on.noticed.connect(self._notice)
        self.active = ActiveView(console, colours)
        self.shelved = ShelvedView(console, colours, self.actions_on.permits)
        self.shelved.end_asked.connect(self.actions_on.end)
        self.history = HistoryView(console, colours)
        self.detail = AlarmDetail(console, demands, colours, self.actions_on.permits)
        self.detail.buttons.asked.connect(self._press)
        self.export = AlarmExport(console, colours, PlainThreads(), self)
        self.export.noticed.connect(self._notice)
        self.export_button = self._export_button()
        self.tabs = QTabBar()
        self._tools, self._views = QStackedWidget(), QStackedWidget()
        self._lay_out()
        for view in self.views:
            view.moved.connect(self._tell)
        self.tabs.currentChanged.connect(self._turn)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)
        self._ticks = 0

    @property
    def views(self) -> tuple[View, ...]:
        """In the order of the tabs."""
        return self.active, self.shelved, self.history

    @property
    def view(self) -> View:
        """The one in front."""
        return self.views[self.tabs.currentIndex()]

    @property
    def table(self) -> SteadyTable:
        """The list in front, for the focus."""
        return self.view.table

    @property
    def search(self) -> QLineEdit:
        """The field that finds alarms in the list in front."""
        return self.history.filter.search if self.view is self.history else self.active.search

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot; selection and scroll position stay."""
        self.view.refresh()
        self._ticks += 1
        if self._ticks % (1000 // _REFRESH) == 0:
            self.view.age()
            self.detail.age()
        self.detail.look()
        self._count()
        self._tell()

    def select(self, alarm: AlarmId) -> None:
        """Select this open alarm, now or as soon as it is in the list."""
        self.tabs.setCurrentIndex(0)
        self.active.select(alarm)
        self._tell()

    def selection(self) -> Alarm | None:
        """The current alarm as it stands."""
        return self.view.current()

    def acknowledge_selected(self) -> None:
        """Acknowledge what is selected; several after a question."""
        self._press(Action.ACKNOWLEDGE)

    def acknowledge_visible(self) -> None:
        """Acknowledge the rows that are on the screen, no others; several after a question."""
        self.actions_on.acknowledge(self.view.visible_alarms())

    def pane_width(self) -> int:
        """Width of the detail pane at the right, px."""
        return self.detail.width()

    @Slot(object)
    def show_refusal(self, message: RequestRefused) -> None:
        """Say beside the buttons why the engine did not do what was asked of an alarm."""
        about_alarms = message.subject.startswith("alarm:") or not message.subject
        if about_alarms and self.isVisible():
            self.detail.tell(message.text)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        if self.active.current() is None and self.active.model.alarms:
            self.active.select(self.active.model.alarms[0].id)
        self._timer.start()
        self.view.focus_list()  # not the filter: bare letters are keys of the console

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.detail.fit(self.width())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def event(self, event: QEvent) -> bool:
        """Claim the letters of this page: a shortcut of the window would else take them."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and _is_mine(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _is_mine(event):
            super().keyPressEvent(event)
        elif event.isAutoRepeat():
            return
        elif event.modifiers() & _SHIFT:
            self.acknowledge_visible()
        else:
            self._press(_KEYS[Qt.Key(event.key())])

    # --- what moves --------------------------------------------------------------------------

    @Slot()
    def _tell(self) -> None:
        alarm = self.view.current()
        chosen = self.view.chosen()
        if alarm is None and self._detailed is not None and self._has_gone(self._detailed):
            self.detail.show_closed()
            return
        if alarm is self._detailed and chosen == self._chosen:
            return
        changed = (alarm and alarm.id) != (self._detailed and self._detailed.id)
        self._detailed, self._chosen = alarm, chosen
        self.detail.show_alarm(alarm, chosen)
        if changed:
            self.selected.emit(None if alarm is None else alarm.id)

    def _has_gone(self, alarm: Alarm) -> bool:
        """Whether nothing else was chosen, and the alarm is no longer open."""
        return self.view is not self.history and all(
            found.id != alarm.id for found in self._console.alarms().alarms
        )

    @Slot(object)
    def _press(self, action: Action) -> None:
        chosen = self.view.chosen()
        current = self.view.current()
        self.actions_on.do(action, chosen or ([] if current is None else [current]))

    @Slot(int)
    def _turn(self, number: int) -> None:
        self._views.setCurrentIndex(number)
        self._tools.setCurrentIndex(number)
        self.view.refresh()
        self._detailed = None
        self._tell()

    @Slot(str)
    def _notice(self, text: str) -> None:
        self.detail.tell(text)
        self.noticed.emit(text)

    def _count(self) -> None:
        table = self._console.alarms()
        shown, total = len(self.active.model.matching), self.active.model.total
        if self.view is not self.active:
            total = shown = len(digest(table.alarms).uncovered)
        part = str(total) if shown == total else self.tr("{0} of {1}").format(shown, total)
        self.tabs.setTabText(0, self.tr("Active  {0}").format(part))
        covered = len(table.alarms) - total
        self.tabs.setTabText(1, self.tr("Shelved  {0}").format(max(covered, len(table.overlays))))

    @Slot(QAction)
    def _export(self, entry: QAction) -> None:
        self.export.ask(entry.data(), self._listing())

    def _listing(self) -> Listing:
        """What the list in front holds, after its filter."""
        if self.view is self.history:
            wanted = self.history.filter.wanted()
            return Listing(self.tr("Closed alarms"), self.history.filter.said(), None, wanted)
        if self.view is self.shelved:
            return Listing(self.tr("Shelved alarms"), "", self.shelved.alarms())
        text = self.active.search.text().strip()
        return Listing(
            self.tr("Open alarms"), f"“{text}”" if text else "", self.active.model.matching
        )

    def _export_button(self) -> QToolButton:
        button = QToolButton()
        button.setText(self.tr("Export ▾"))
        button.setAccessibleName(self.tr("Export what is listed"))
        button.setProperty("role", "day")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.addAction(self.tr("As CSV …")).setData("csv")
        menu.addAction(self.tr("As PDF …")).setData("pdf")
        menu.triggered.connect(self._export)
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        self.tabs.setAccessibleName(self.tr("Lists of alarms"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for caption in (self.tr("Active"), self.tr("Shelved"), self.tr("History")):
            self.tabs.addTab(caption)
        for view in self.views:
            self._views.addWidget(view)
            self._tools.addWidget(view.tools)
        head = QHBoxLayout()
        head.addWidget(self.tabs)
        head.addWidget(self._tools, 1)
        head.addWidget(self.export_button)
        left = QVBoxLayout()
        left.setContentsMargins(16, 12, 8, 8)
        left.setSpacing(12)
        left.addLayout(head)
        left.addWidget(self._views, 1)
        left.addWidget(self.export)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.detail)
        self._order_by_reading()

    def _order_by_reading(self) -> None:
        """Tab goes from the lists over their tools and the table to the pane."""
        filters = self.history.filter
        stops = (
            self.tabs,
            self.active.search,
            self.active.grouped,
            self.active.columns.button,
            self.shelved.end_button,
            self.shelved.columns.button,
            self.history.columns.button,
            self.export_button,
            *(filters.span, filters.first, filters.last),
            *(filters.kind, filters.priority, filters.place, filters.search),
            *(view.table for view in self.views),
            self.export.cancel_button,
            *self.detail.buttons.order,
        )
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)


def _is_mine(event: QKeyEvent) -> bool:
    """Whether a bare letter means an action here and no text field wants it."""
    if isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit):
        return False
    bare = event.modifiers() & ~_PAD
    if event.key() == Qt.Key.Key_A:
        return bare in (Qt.KeyboardModifier.NoModifier, _SHIFT)
    return event.key() in _KEYS and bare == Qt.KeyboardModifier.NoModifier
