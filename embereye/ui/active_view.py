"""The list of open alarms that nothing covers."""

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from embereye.model.alarm import Alarm
from embereye.model.ids import AlarmId
from embereye.ui.alarm_model import AlarmModel
from embereye.ui.alarm_rows import Column, PlaceRow
from embereye.ui.cell_delegate import CellDelegate
from embereye.ui.column_choice import ColumnChoice
from embereye.ui.console import Console
from embereye.ui.steady_table import SteadyTable
from embereye.ui.theme import Tokens

_WIDTHS = {
    Column.PRIORITY: 104,
    Column.TIME: 88,
    Column.AGE: 72,
    Column.PLACE: 160,
    Column.STATE: 150,
    Column.BY: 96,
    Column.ASSIGNED: 112,
}  # px
_ROOMY = 1100  # px of table width that leave "What" some 300
_LATE = (Column.BY, Column.ASSIGNED)


class ActiveView(QWidget):
    """Filters, sorts and groups; what is selected and looked at stays so. GUI thread.

    Signals:
        moved: () another row is current, or other rows are selected

    Attributes:
        tools: For the head of the page.
    """

    moved = Signal()

    def __init__(self, console: Console, colours: Tokens) -> None:
        super().__init__()
        self._console = console
        self._wanted: AlarmId | None = None
        self.model = AlarmModel(console.clock, colours, self)
        self.table = SteadyTable(self.model, self.tr("Open alarms"))
        self.table.setItemDelegate(CellDelegate(self.model, colours, self.table))
        self._dress()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Filter: place, device, text …"))
        self.search.setAccessibleName(self.tr("Filter alarms"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(300)
        self.search.textChanged.connect(self._filter)
        self.grouped = QToolButton()
        self.grouped.setText(self.tr("By place"))
        self.grouped.setProperty("role", "day")
        self.grouped.setCheckable(True)
        self.grouped.setToolTip(self.tr("Group the alarms of each place; ← and → fold a place"))
        self.grouped.toggled.connect(self._group)
        self.columns = ColumnChoice(self.table, _ROOMY, _LATE)
        self.tools = self._tools()
        self._empty = QLabel()
        self._empty.setProperty("role", "muted")
        self._empty.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        marks = self.table.selectionModel()
        marks.currentRowChanged.connect(self._moved)
        marks.selectionChanged.connect(self._moved)
        self.table.activated.connect(self._toggle)
        self.table.clicked.connect(self._fold_clicked)
        self.table.sideways.connect(self._fold)

    def refresh(self) -> None:
        """Show the present snapshot."""
        with self.table.steady():
            self.model.show(self._console.alarms())
        if self._wanted is not None:
            self._choose_wanted()
        self._tell()

    def age(self) -> None:
        """The clock went on."""
        self.model.age()

    def select(self, alarm: AlarmId) -> None:
        """Select this alarm, now or as soon as it is in the list."""
        self._wanted = alarm
        self._choose_wanted()

    def current(self) -> Alarm | None:
        """The alarm in the current row, as it stands."""
        return self.model.alarm(self.table.currentIndex().row())

    def chosen(self) -> tuple[Alarm, ...]:
        """All selected alarms; also the current one where the selection was taken away."""
        found = [self.model.alarm(row) for row in self.table.chosen()]
        return tuple(alarm for alarm in found if alarm is not None)

    def visible_alarms(self) -> tuple[Alarm, ...]:
        """The rows that are on the screen."""
        found = [self.model.alarm(row) for row in self.table.on_screen()]
        return tuple(alarm for alarm in found if alarm is not None)

    def focus_list(self) -> None:
        """Give the keyboard to the list, also while it is empty."""
        shown = self._stack.currentWidget()
        if shown is not None:
            shown.setFocus()

    @Slot(str)
    def _filter(self, text: str) -> None:
        current = self.current()
        self.model.filter(text)
        if current is not None and self.current() is None:
            self._wanted = current.id  # selected again as soon as the filter lets it through
        self._choose_wanted()
        self.table.scrollTo(self.table.currentIndex())
        self._tell()

    @Slot(bool)
    def _group(self, grouped: bool) -> None:
        self.model.group(grouped)
        self.table.scrollTo(self.table.currentIndex())

    @Slot(bool)
    def _fold(self, opened: bool) -> None:
        """Left and right: fold or unfold the place of the current row."""
        row = self.model.row(self.table.currentIndex().row())
        if not self.grouped.isChecked() or row is None:
            return
        place = row.place if isinstance(row, PlaceRow) else row.key.place
        with self.table.steady():
            self.model.fold(place, opened)
        head = self.model.number_of(("place", place))
        if not opened and head is not None:
            self.table.choose(head)

    @Slot(QModelIndex)
    def _toggle(self, index: QModelIndex) -> None:
        row = self.model.row(index.row())
        if isinstance(row, PlaceRow):
            self._fold(not row.opened)

    @Slot(QModelIndex)
    def _fold_clicked(self, index: QModelIndex) -> None:
        """A click on the name of a place, where the arrow is."""
        if index.column() == Column.PLACE:
            self._toggle(index)

    @Slot()
    def _moved(self) -> None:
        current = self.current()
        if current is not None:
            self._wanted = None
        self.moved.emit()

    def _choose_wanted(self) -> None:
        row = None if self._wanted is None else self.model.row_of(self._wanted)
        if row is not None:
            self._wanted = None
            self.table.choose(row)

    def _tell(self) -> None:
        shown = bool(self.model.rowCount())
        if not shown:
            self._empty.setText(
                self.tr("No alarm matches the filter.")
                if self.model.total
                else self.tr("No open alarms. New alarms appear here by themselves.")
            )
        focused = self.table.hasFocus() or self._empty.hasFocus()
        self._stack.setCurrentIndex(0 if shown else 1)
        if focused:  # else Qt gives the keyboard to whatever comes next
            self.focus_list()

    def _tools(self) -> QWidget:
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self.search, 4)
        row.addWidget(self.grouped)
        row.addWidget(self.columns.button)
        return tools

    def _dress(self) -> None:
        header = self.table.horizontalHeader()
        header.setSectionsMovable(True)
        for column, width in _WIDTHS.items():
            self.table.setColumnWidth(column, width)
        header.setSectionResizeMode(Column.WHAT, header.ResizeMode.Stretch)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(Column.PRIORITY, Qt.SortOrder.AscendingOrder)
