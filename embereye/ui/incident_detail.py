"""Everything about one incident: what happened, what was made of it, and what people do."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.ids import CameraId
from embereye.model.incident import Incident, IncidentState, Member, SummaryState
from embereye.model.incident_messages import (
    AssignIncidentAsked,
    IncidentStateAsked,
    SummaryAsked,
)
from embereye.ui import incident_words, words
from embereye.ui.elided import Elided
from embereye.ui.incident_console import IncidentConsole
from embereye.ui.incident_note import IncidentNote
from embereye.ui.scrolling import scrolling
from embereye.ui.shapes import shape_pixmap
from embereye.ui.theme import Tokens, kind_look

_WIDE, _SLIM = 520, 400  # px
_ROOMY = 1500  # px of page width that leave enough for the list beside the wide pane
_LINES = 8  # cameras and labels; the rest is counted
_SHOWN = 6  # rows of alarms without scrolling
_ROW = 26  # px of one of them, as in the style sheet


class IncidentDetail(QFrame):
    """The pane beside the list. GUI thread; `show_incident` fills it, None empties it.

    Signals:
        alarm_asked: (AlarmId) show this alarm
        noticed: (str) a word for the status line
    """

    alarm_asked = Signal(object)
    noticed = Signal(str)

    def __init__(self, console: IncidentConsole, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("pane")
        self._console, self._colours = console, colours
        self._incident: Incident | None = None
        self._shape, self._title = QLabel(), Elided()
        self._title.setProperty("role", "title")
        self._when, self._standing = _text("muted"), _text()
        self._score, self._risk = _text("strong"), _text("strong")
        self._summary, self._reasoning = _text(), _text("muted")
        self._seen, self._model = _text(), _text("muted")
        self.alarms = QListWidget()
        self.alarms.setObjectName("rows")
        self.alarms.setAccessibleName(self.tr("Alarms of this incident"))
        self.alarms.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        # Long reasons end in "…"; a scroll bar would lie over the row.
        self.alarms.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.alarms.setToolTip(self.tr("Enter or a double click shows the alarm in its list."))
        self.assignee = QLineEdit()
        self.note = IncidentNote(console)
        self.note.noticed.connect(self.noticed)
        self._no_alarm = _text()
        self._no_alarm.setText(self.tr("No alarm was raised."))
        self._make_buttons()
        self._lay_out()
        self.show_incident(None)

    def show_incident(self, incident: Incident | None) -> None:
        """Show this incident as it stands; call again when it changed."""
        before, self._incident = self._incident, incident
        self._scroll.setVisible(incident is not None)
        self._nothing.setVisible(incident is None)
        self.note.show_incident(incident)
        if incident is None:
            return
        look = incident_words.incident_look(self._colours, incident)
        self._shape.setPixmap(shape_pixmap(look, 18))
        self._title.show_text(incident.place_name)
        self._title.setStyleSheet(f"color: {look.colour};")
        self._when.setText(
            self.tr("Incident {0} · {1}").format(incident.id, incident_words.when(incident))
        )
        self._standing.setText(incident_words.standing(incident))
        self._score.setText(
            self.tr("Rule score {0} of 100, {1}").format(incident.score, incident.level.value)
        )
        if before is None or before.members != incident.members:
            self._list_alarms(incident.members)
        self._show_seen(incident)
        self._show_summary(incident)
        other = before is None or before.id != incident.id
        if other or before.assigned_to != incident.assigned_to:  # type: ignore[union-attr]
            self.assignee.setText(incident.assigned_to)
        self._allow(incident)

    def fit(self, page_width: int) -> None:
        """Take as much width as a page of this width can spare."""
        self.setFixedWidth(_WIDE if page_width >= _ROOMY else _SLIM)

    # --- what is shown -----------------------------------------------------------------------

    def _list_alarms(self, members: tuple[Member, ...]) -> None:
        chosen = self.alarms.currentRow()
        self.alarms.clear()
        for member in members:
            look = kind_look(self._colours, member.kind, member.priority)
            if not member.open:
                look = replace(look, colour=self._colours.muted, filled=False)
            over = "" if member.open else self.tr(", over")
            reason = f": {member.reasons[0]}" if member.reasons else ""
            text = f"{words.clock_time(member.raised_utc)}  {member.kind.value}{over}{reason}"
            item = QListWidgetItem(text)
            icon = QIcon(shape_pixmap(look, 14))
            icon.addPixmap(shape_pixmap(look, 14), QIcon.Mode.Selected)  # colour means state here
            item.setIcon(icon)
            item.setData(Qt.ItemDataRole.UserRole, member.alarm)
            item.setToolTip(words.tip("\n".join((text, *member.reasons[1:]))))
            self.alarms.addItem(item)
        self.alarms.setCurrentRow(min(max(0, chosen), len(members) - 1))
        rows = max(1, min(_SHOWN, len(members)))
        self.alarms.setFixedHeight(rows * _ROW + 8)
        self.alarms.setVisible(bool(members))
        self._no_alarm.setVisible(not members)

    def _show_seen(self, incident: Incident) -> None:
        names: dict[CameraId, str] = {c.id: c.name for c in self._console.cameras().cameras}
        surest = sorted(incident.detections, key=lambda tally: -tally.best)
        lines = [incident_words.tally_line(tally, names) for tally in surest[:_LINES]]
        if len(surest) > _LINES:
            lines.append(self.tr("and {0} more").format(len(surest) - _LINES))
        self._seen.setText("\n".join(lines) or self.tr("Cameras saw nothing of it."))

    def _show_summary(self, incident: Incident) -> None:
        summary = incident.summary
        risk = incident_words.risk_line(summary)
        self._risk.setText(risk)
        self._risk.setVisible(bool(risk))
        review = summary.state is SummaryState.NEEDS_REVIEW
        self._risk.setProperty("role", "fault" if review else "strong")
        self._risk.style().polish(self._risk)
        self._summary.setText(summary.text)
        self._summary.setVisible(bool(summary.text))
        self._reasoning.setText(summary.problem or summary.reasoning)
        self._reasoning.setVisible(bool(summary.problem or summary.reasoning))
        state = self._console.language_model()
        none = summary.state is SummaryState.NONE
        self._model.setText(incident_words.model_line(state) if none else state.warning)
        self._model.setVisible(bool(self._model.text()))

    def _allow(self, incident: Incident) -> None:
        state = incident.state
        closed = state is IncidentState.CLOSED
        self.take_button.setVisible(not closed)
        me = self._console.settings().operator
        mine = state is IncidentState.IN_PROGRESS and incident.assigned_to == me
        self.take_button.setEnabled(not mine)
        self.review_button.setVisible(not closed)
        self.review_button.setEnabled(state is not IncidentState.NEEDS_REVIEW)
        self.close_button.setVisible(not closed)
        self.close_button.setEnabled(not incident.alarming)
        self.close_button.setToolTip(
            self.tr("Acknowledge and reset its alarms first.") if incident.alarming else ""
        )
        self.reopen_button.setVisible(closed)
        waiting = incident.summary.state is SummaryState.WAITING
        wanted = bool(self._console.settings().incidents.language_model.url)
        self.ask_button.setVisible(wanted)
        first = incident.summary.state is SummaryState.NONE
        self.ask_button.setText(self.tr("Ask now") if first else self.tr("Ask again"))
        self.ask_button.setEnabled(not waiting)

    # --- wishes ------------------------------------------------------------------------------

    @Slot()
    def _take(self) -> None:
        if self._incident is not None:
            me = self._console.settings().operator
            if self._incident.assigned_to != me:
                self._console.ask(AssignIncidentAsked(self._incident.id, me, me))
            if self._incident.state is not IncidentState.IN_PROGRESS:
                self._ask_state(IncidentState.IN_PROGRESS)

    @Slot()
    def _review(self) -> None:
        self._ask_state(IncidentState.NEEDS_REVIEW)

    @Slot()
    def _close(self) -> None:
        self._ask_state(IncidentState.CLOSED)

    @Slot()
    def _reopen(self) -> None:
        self._ask_state(IncidentState.OPEN)

    def _ask_state(self, state: IncidentState) -> None:
        if self._incident is not None:
            actor = self._console.settings().operator
            self._console.ask(IncidentStateAsked(self._incident.id, state, actor))

    @Slot()
    def _assign(self) -> None:
        if self._incident is not None:
            actor, to = self._console.settings().operator, self.assignee.text()
            self._console.ask(AssignIncidentAsked(self._incident.id, to, actor))

    @Slot()
    def _ask_again(self) -> None:
        if self._incident is not None:
            actor = self._console.settings().operator
            self._console.ask(SummaryAsked(self._incident.id, actor))

    @Slot(QListWidgetItem)
    def _show_alarm(self, item: QListWidgetItem) -> None:
        self.alarm_asked.emit(item.data(Qt.ItemDataRole.UserRole))

    # --- making ------------------------------------------------------------------------------

    def _make_buttons(self) -> None:
        self.take_button = QPushButton(self.tr("I take it"))
        self.take_button.setProperty("role", "primary")
        self.review_button = QPushButton(self.tr("Needs review"))
        self.close_button = QPushButton(self.tr("Close"))
        self.reopen_button = QPushButton(self.tr("Open again"))
        self.assign_button = QPushButton(self.tr("Assign"))
        self.ask_button = QPushButton(self.tr("Ask again"))
        self.assignee.setAccessibleName(self.tr("Assigned to"))
        self.assignee.setPlaceholderText(self.tr("Nobody takes care of it"))
        self.assignee.setMaxLength(120)
        self.assignee.returnPressed.connect(self._assign)
        self.take_button.clicked.connect(self._take)
        self.review_button.clicked.connect(self._review)
        self.close_button.clicked.connect(self._close)
        self.reopen_button.clicked.connect(self._reopen)
        self.assign_button.clicked.connect(self._assign)
        self.ask_button.clicked.connect(self._ask_again)
        self.alarms.itemActivated.connect(self._show_alarm)

    def _lay_out(self) -> None:
        self.fit(_ROOMY)
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 8, 8)
        column.setSpacing(8)
        head = _row(self._shape, (self._title, 1))
        buttons = _row(self.take_button, self.review_button, self.close_button, self.reopen_button)
        buttons.addStretch(1)
        ask = _row(self.ask_button)
        ask.addStretch(1)
        for part in (
            head, self._when, self._standing, self._score, buttons,
            _row((self.assignee, 1), self.assign_button),
            _caption(self.tr("Alarms")), self.alarms, self._no_alarm,
            _caption(self.tr("Seen by cameras")), self._seen,
            _caption(self.tr("Language model")), self._risk, self._summary, self._reasoning,
            self._model, ask,
            _caption(self.tr("Note")), self.note,
        ):  # fmt: skip
            if isinstance(part, QHBoxLayout):
                column.addLayout(part)
            else:
                column.addWidget(part)
        column.addStretch(1)
        self._nothing = _text("muted")
        self._nothing.setText(self.tr("Select an incident to see its alarms, summary and note."))
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 8, 8)
        self._scroll = scrolling(self._content)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self._nothing)


def _row(*parts: QWidget | tuple[QWidget, int]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        widget, stretch = part if isinstance(part, tuple) else (part, 0)
        row.addWidget(widget, stretch)
    return row


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setContentsMargins(0, 8, 0, 0)
    return label


def _text(role: str = "") -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label
