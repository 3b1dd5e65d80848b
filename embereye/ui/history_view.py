"""The list of closed alarms, read from the disk page by page."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from embereye.model.alarm import Alarm
from embereye.model.alarm_past import HistoryAsked, HistoryFilter, HistoryRead
from embereye.ui import words
from embereye.ui.answers import Answers
from embereye.ui.column_choice import ColumnChoice
from embereye.ui.foreign_text import one_line
from embereye.ui.history_filter import HistoryFilterRow
from embereye.ui.past_console import PastConsole
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field
from embereye.ui.steady_rows import SteadyFields
from embereye.ui.steady_table import SteadyTable
from embereye.ui.theme import Look, Tokens, alarm_look

_AHEAD = 20  # rows before the end at which the next page is asked for
_AGAIN = 10_000  # ms between looks for newly closed alarms
_ROOMY = 1100  # px of table width
_CLOSED, _WHAT, _KIND, _BY, _ASSIGNED = 2, 5, 6, 7, 8  # columns
_LATE = (_CLOSED, _KIND, _BY, _ASSIGNED)


class HistoryView(QWidget):
    """Newest first; filtered by the database. GUI thread.

    Signals:
        moved: () another row is current, or other rows are selected
    """

    moved = Signal()

    def __init__(self, console: PastConsole, colours: Tokens) -> None:
        super().__init__()
        self._colours = colours
        self.filter = HistoryFilterRow(console)
        self.model: SteadyFields[Alarm] = SteadyFields(self._fields(), lambda a: a.id, self)
        self.table = SteadyTable(self.model, self.tr("Closed alarms"))
        self.table.setItemDelegate(RowDelegate(colours, self.table))
        for number, field in enumerate(self.model.fields):
            self.table.setColumnWidth(number, field.width)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(_WHAT, header.ResizeMode.Stretch)
        self.columns = ColumnChoice(self.table, _ROOMY, _LATE)
        self.tools = self._tools()
        self._answers = Answers(console, self)
        self._answers.arrived.connect(self._arrived)
        self._wanted = HistoryFilter()
        self._shown_for: HistoryFilter | None = None
        self._more = False
        self._said = QLabel()
        self._said.setProperty("role", "muted")
        self._empty = QLabel()
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._again = QTimer(self)
        self._again.setInterval(_AGAIN)
        self._again.timeout.connect(self._look_again)
        self.filter.changed.connect(self._ask_anew)
        marks = self.table.selectionModel()
        marks.currentRowChanged.connect(self._moved)
        marks.selectionChanged.connect(self._moved)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)

    def refresh(self) -> None:
        """Answers arrive by themselves."""

    def age(self) -> None:
        """Nothing in it ages."""

    def current(self) -> Alarm | None:
        """The alarm in the current row."""
        return self.model.row(self.table.currentIndex().row())

    def chosen(self) -> tuple[Alarm, ...]:
        """All selected alarms."""
        found = [self.model.row(number) for number in self.table.chosen()]
        return tuple(alarm for alarm in found if alarm is not None)

    def visible_alarms(self) -> tuple[Alarm, ...]:
        """Closed alarms are not acknowledged."""
        return ()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.filter.offer_places()
        self._ask_anew()
        self._again.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._again.stop()

    def focus_list(self) -> None:
        """Give the keyboard to the list."""
        self.table.setFocus()

    @Slot()
    def _ask_anew(self) -> None:
        """From the newest alarm on; what is shown stays until the answer is there."""
        if not self.isVisible():
            return
        self._answers.forget()
        self._wanted = self.filter.wanted()
        self._answers.ask(HistoryAsked(self._wanted))
        self._said.setText(self.tr("Reading …"))

    @Slot()
    def _look_again(self) -> None:
        if self.table.verticalScrollBar().value() == 0 and not self._answers.waiting:
            self._answers.ask(HistoryAsked(self._wanted))

    @Slot()
    def _scrolled(self) -> None:
        last = self.model.row(self.model.rowCount() - 1)
        near = self.table.on_screen().stop >= self.model.rowCount() - _AHEAD
        if self._more and near and last is not None and not self._answers.waiting:
            before = (last.raised_utc, last.id)
            self._answers.ask(HistoryAsked(self._wanted, before))
            self._said.setText(self.tr("Reading …"))

    @Slot(object)
    def _arrived(self, read: HistoryRead) -> None:
        rows = [self.model.row(number) for number in range(self.model.rowCount())]
        shown = [row for row in rows if row is not None]
        if read.asked.before is None:
            shown = self._joined(read, shown)
        else:
            shown += [a for a in read.alarms if self.model.number_of(a.id) is None]
            self._more = read.more
        with self.table.steady():
            self.model.replace(shown)
        self._shown_for = read.asked.wanted
        self._tell(read.problem)
        self._scrolled()

    def _joined(self, read: HistoryRead, shown: list[Alarm]) -> list[Alarm]:
        """The first page anew, then the pages below it that were read already."""
        same = self._shown_for == read.asked.wanted
        if not same or not read.more or not shown:
            self._more = read.more
            return list(read.alarms)
        last = read.alarms[-1]
        fresh = {alarm.id for alarm in read.alarms}
        older = [a for a in shown if (a.raised_utc, a.id) < (last.raised_utc, last.id)]
        return [*read.alarms, *(a for a in older if a.id not in fresh)]

    def _tell(self, problem: str) -> None:
        count = self.model.rowCount()
        several = self.tr("{0} alarms").format(f"{count:,}")
        text = self.tr("1 alarm") if count == 1 else several
        self._said.setText(self.tr("{0}, more below").format(text) if self._more else text)
        self._empty.setText(problem or self.tr("No closed alarm matches these filters."))
        self._stack.setCurrentIndex(1 if problem or not count else 0)

    @Slot()
    def _moved(self) -> None:
        self.moved.emit()

    def _tools(self) -> QWidget:
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self.columns.button)
        return tools

    def _lay_out(self) -> None:
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.filter)
        column.addWidget(body, 1)
        column.addWidget(self._said)

    def _fields(self) -> list[Field[Alarm]]:
        return [
            Field(
                self.tr("Priority"),
                lambda a: words.priority_word(self._look(a).word),
                104,
                colour=lambda a: self._look(a).colour,
                look=self._look,
            ),
            Field(self.tr("Raised"), lambda a: words.date_time(a.raised_utc), 164),
            Field(self.tr("Closed"), lambda a: words.date_time(a.changed_utc), 164),
            Field(self.tr("Duration"), _duration, 84, right=True),
            Field(self.tr("Place"), lambda a: one_line(a.place_name), 160),
            Field(self.tr("What"), lambda a: one_line("; ".join(a.reasons)), 200),
            Field(self.tr("Kind"), lambda a: a.key.kind.value, 104),
            Field(self.tr("By"), lambda a: one_line(a.acknowledged_by), 96),
            Field(self.tr("Assigned to"), lambda a: one_line(a.assigned_to), 112),
        ]

    def _look(self, alarm: Alarm) -> Look:
        return alarm_look(self._colours, alarm)


def _duration(alarm: Alarm) -> str:
    return words.span(alarm.changed_utc - alarm.raised_utc)
