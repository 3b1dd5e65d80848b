"""The list of open alarms beside everything about the selected one."""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from embereye.model.alarm import Alarm
from embereye.model.ids import AlarmId
from embereye.ui import theme
from embereye.ui.alarm_detail import AlarmDetail
from embereye.ui.alarm_model import AlarmModel, Column
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.theme import Tokens
from embereye.ui.wishes import Wishes

_REFRESH = 100  # ms; ten looks a second are as many as a person can follow
_WIDTHS = {
    Column.PRIORITY: 104,
    Column.TIME: 88,
    Column.AGE: 72,
    Column.PLACE: 160,
    Column.STATE: 140,
    Column.BY: 96,
}  # px


class AlarmsPage(QWidget):
    """Shows all open alarms. GUI thread.

    Signals:
        selected: (AlarmId or None)
    """

    selected = Signal(object)

    def __init__(self, console: Console, demands: Demands, colours: Tokens, wishes: Wishes) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._wanted: AlarmId | None = None
        self._detailed: Alarm | None = None
        self.model = AlarmModel(console.clock, colours, self)
        self.table = _table(self.model, colours)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Filter: place, device, text …"))
        self.search.setAccessibleName(self.tr("Filter alarms"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(300)
        self.search.textChanged.connect(self._filter)
        self.detail = AlarmDetail(console, demands, colours, wishes)
        self._count = QLabel()
        self._count.setProperty("role", "muted")
        self._empty = QLabel()
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)
        self._ticks = 0

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot; selection and scroll position stay."""
        scroll = self.table.verticalScrollBar().value()
        if self.model.show(self._console.alarms()):
            self._restore(scroll)
        self._ticks += 1
        if self._ticks % (1000 // _REFRESH) == 0:
            self.model.age()
            self.detail.age()
        self._tell()

    def select(self, alarm: AlarmId) -> None:
        """Select this alarm, now or as soon as it is in the list."""
        self._wanted = alarm
        self._restore(None)
        self._tell()

    def selection(self) -> Alarm | None:
        """The selected alarm as it stands."""
        return self.model.alarm(self.table.currentIndex().row())

    def visible_alarms(self) -> tuple[Alarm, ...]:
        """What "acknowledge all visible" means here: the rows that are on the screen."""
        first = self.table.rowAt(0)
        last = self.table.rowAt(self.table.viewport().height() - 1)
        rows = self.model.alarms
        return rows[max(0, first) : (last + 1 if last >= 0 else len(rows))]

    def pane_width(self) -> int:
        """Width of the detail pane at the right, px."""
        return self.detail.width()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        if self.selection() is None and self.model.alarms:
            self.select(self.model.alarms[0].id)
        self._timer.start()
        self.table.setFocus()  # not the filter: bare letters are keys of the console

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.detail.fit(self.width())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    @Slot(str)
    def _filter(self, text: str) -> None:
        if self.model.filter(text):
            self._restore(0)
        self._tell()

    @Slot(QModelIndex, QModelIndex)
    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        alarm = self.model.alarm(current.row())
        if alarm is not None:
            self._wanted = alarm.id
            self.detail.show_alarm(alarm)
            self.selected.emit(alarm.id)

    def _restore(self, scroll: int | None) -> None:
        row = None if self._wanted is None else self.model.row_of(self._wanted)
        if row is not None:
            self.table.setCurrentIndex(self.model.index(row, 0))
        if scroll is not None:
            self.table.verticalScrollBar().setValue(scroll)

    def _tell(self) -> None:
        alarm = self.selection()
        if alarm is not self._detailed:
            self._detailed = alarm
            self.detail.show_alarm(alarm)
        total, shown = len(self._console.alarms().alarms), len(self.model.alarms)
        self._count.setText(
            str(total) if total == shown else self.tr("{0} of {1}").format(shown, total)
        )
        self._empty.setText(
            self.tr("No alarm matches the filter.")
            if total
            else self.tr("No open alarms. New alarms appear here by themselves.")
        )
        self._stack.setCurrentIndex(0 if shown else 1)

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Active"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self.search)
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        left = QVBoxLayout()
        left.setContentsMargins(16, 12, 8, 8)
        left.setSpacing(12)
        left.addLayout(head)
        left.addWidget(body, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.detail)


def _table(model: AlarmModel, colours: Tokens) -> QTableView:
    table = QTableView()
    table.setAccessibleName(table.tr("Open alarms"))
    table.setModel(model)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setItemDelegate(RowDelegate(colours, table))
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsMovable(True)
    for column, width in _WIDTHS.items():
        table.setColumnWidth(column, width)
    header.setSectionResizeMode(Column.WHAT, QHeaderView.ResizeMode.Stretch)
    table.setSortingEnabled(True)
    table.sortByColumn(Column.PRIORITY, Qt.SortOrder.AscendingOrder)
    return table
