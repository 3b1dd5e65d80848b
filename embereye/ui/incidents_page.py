"""The incidents: what belongs together, who has it, what is left to do."""

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QWidget,
)

from embereye.model.ids import IncidentId
from embereye.model.incident import Incident, IncidentState, IncidentTable, SummaryState
from embereye.ui import incident_words, words
from embereye.ui.incident_console import IncidentConsole
from embereye.ui.incident_detail import IncidentDetail
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.table_page import RowChoice, filter_field, lay_beside
from embereye.ui.theme import Look, Tokens

_REFRESH = 500  # ms
_ROOMY = 900  # px of table width that leave room for what the details tell as well
_LESS = (4, 5, 6, 7)  # columns that are hidden below that


class Shown(Enum):
    """Which incidents are listed."""

    NOT_CLOSED = "Not closed"
    REVIEW = "Need review"
    MINE = "Mine"
    CLOSED = "Closed"
    ALL = "All"


class IncidentsPage(QWidget):
    """A table of incidents, and details. GUI thread.

    Signals:
        alarm_asked: (AlarmId) show this alarm in its list
        model_asked: () the settings of the language model are wanted
        noticed: (str) a word for the status line
    """

    alarm_asked = Signal(object)
    model_asked = Signal()
    noticed = Signal(str)

    def __init__(self, console: IncidentConsole, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console, self._colours = console, colours
        self._listed: IncidentTable | None = None
        self.model: Rows[Incident] = Rows(self._fields(), lambda row: row.id, self)
        self.table = rows_view(self.model, self.tr("Incidents"), RowDelegate(colours, self))
        self._choice = RowChoice(self.table, self.model, first=False)  # a note may be half written
        self._choice.moved.connect(self._show)
        self.detail = IncidentDetail(console, colours)
        self.detail.alarm_asked.connect(self.alarm_asked)
        self.detail.noticed.connect(self.noticed)
        self._make_filters()
        self._count, self._empty = QLabel(), QLabel()
        self._count.setProperty("role", "muted")
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot; selection and scroll position stay."""
        table = self._console.incidents()
        if table is not self._listed:
            self._list(table)
        self.detail.show_incident(self.selection())

    def _list(self, table: IncidentTable) -> None:
        self._listed, every = table, table.incidents
        rows = list(filter(self._wanted(), every))
        self.model.show(rows)
        self._count.setText(
            str(len(every))
            if len(every) == len(rows)
            else self.tr("{0} of {1}").format(len(rows), len(every))
        )
        self._empty.setText(
            self.tr("No incident matches the filter.")
            if every
            else self.tr("No incidents. They appear here when something happens at a place.")
        )
        self._stack.setCurrentIndex(0 if rows else 1)

    def select(self, incident: IncidentId) -> None:
        """Select this incident, whatever the filter hides."""
        known = next((i for i in self._console.incidents().incidents if i.id == incident), None)
        if known is not None and not self._wanted()(known):
            self.search.clear()
            self.shown.setCurrentIndex(self.shown.findData(Shown.ALL))
        self.refresh()
        self._choice.choose(incident)

    def selection(self) -> Incident | None:
        """The selected incident as it stands."""
        chosen: Incident | None = self._choice.row()
        return chosen

    def pane_width(self) -> int:
        """Width of the detail pane at the right, px."""
        return self.detail.width()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        if self.selection() is None and self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._timer.start()
        self.table.setFocus()  # not the filter: bare letters are keys of the console

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.detail.fit(self.width())
        roomy = self.width() - self.detail.width() >= _ROOMY
        for column in _LESS:
            self.table.setColumnHidden(column, not roomy)

    def _wanted(self) -> Callable[[Incident], bool]:
        """Whether an incident is listed, as the filters stand; asked for thousands of them."""
        operator = self._console.settings().operator
        kept: Callable[[Incident], bool] = {
            Shown.NOT_CLOSED: _is_open,
            Shown.REVIEW: lambda one: _is_open(one) and _needs_review(one),
            Shown.MINE: lambda one: one.assigned_to == operator and _is_open(one),
            Shown.CLOSED: lambda one: not _is_open(one),
            Shown.ALL: lambda _one: True,
        }[self.shown.currentData()]
        text = self.search.text().strip().casefold()
        return (lambda one: kept(one) and text in _searched(one)) if text else kept

    @Slot(object)
    def _show(self, row: Incident | None) -> None:
        if row is not None:
            self.detail.show_incident(row)

    def _fields(self) -> list[Field[Incident]]:
        tr, colours = self.tr, self._colours

        def look(row: Incident) -> Look:
            return incident_words.incident_look(colours, row)

        def review(row: Incident) -> str:
            return colours.fault if row.summary.state is SummaryState.NEEDS_REVIEW else ""

        return [
            Field(
                tr("Level"), lambda row: look(row).word, 110, key=lambda row: row.score,
                colour=lambda row: look(row).colour, look=look,
                tip=tr("Derived from the rule score"),
            ),
            Field(tr("Place"), lambda row: row.place_name, 0),
            Field(tr("State"), _state, 120),
            Field(tr("Alarms"), incident_words.kinds, 150),
            Field(tr("Seen"), incident_words.seen, 160),
            Field(tr("Rule score"), lambda row: str(row.score), 90, right=True,
                  key=lambda row: row.score, tip=tr("Of alarms and detections, by fixed rules")),
            Field(tr("Risk (model)"), lambda row: incident_words.risk_cell(row.summary), 110,
                  right=True, colour=review, key=lambda row: row.summary.risk,
                  tip=tr("Of the language model, 0 to 100; beside the rule score, not in it")),
            Field(tr("Assigned to"), lambda row: row.assigned_to, 120),
            Field(tr("Began"), lambda row: words.date_time(row.first_utc), 160,
                  key=lambda row: row.first_utc),
        ]  # fmt: skip

    def _make_filters(self) -> None:
        self.search = filter_field(
            self.tr("Filter: place, kind, note …"), self.tr("Filter incidents"), 200
        )
        self.search.textChanged.connect(self._filter)
        self.model_button = QPushButton(self.tr("Language model …"))
        self.model_button.clicked.connect(self.model_asked)
        self.shown = QComboBox()
        self.shown.setAccessibleName(self.tr("Which incidents are listed"))
        for choice, text in self._choices():
            self.shown.addItem(text, choice)
        self.shown.currentIndexChanged.connect(self._filter)

    def _choices(self) -> list[tuple[Shown, str]]:
        tr: Callable[[str], str] = self.tr
        return [
            (Shown.NOT_CLOSED, tr("Not closed")),
            (Shown.REVIEW, tr("Need review")),
            (Shown.MINE, tr("Mine")),
            (Shown.CLOSED, tr("Closed")),
            (Shown.ALL, tr("All")),
        ]

    @Slot()
    def _filter(self) -> None:
        self._list(self._console.incidents())
        self.detail.show_incident(self.selection())

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Incidents"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        for widget in (title, self._count):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.model_button)
        head.addWidget(self.shown)
        head.addWidget(self.search)
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        lay_beside(self, (head, body), self.detail)


def _is_open(incident: Incident) -> bool:
    return incident.state is not IncidentState.CLOSED


def _needs_review(incident: Incident) -> bool:
    asked = incident.summary.state is SummaryState.NEEDS_REVIEW
    return asked or incident.state is IncidentState.NEEDS_REVIEW


def _state(incident: Incident) -> str:
    return incident_words.state_word(incident.state)


def _searched(incident: Incident) -> str:
    note = incident.note
    parts = (
        str(incident.id), incident.place_name, incident.assigned_to, incident_words.kinds(incident),
        incident_words.seen(incident), incident.summary.text, note.text if note else "",
    )  # fmt: skip
    return "\n".join(parts).casefold()
