"""Which alarms an edited rule would have raised, side by side with the present ones."""

from PySide6.QtCore import QDateTime, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.config.rule_options import AlarmRule
from embereye.model.backtest import BacktestProgress, BacktestResult, Outcome, Tally
from embereye.services.backtest import BacktestAsked
from embereye.ui.elided import Elided
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Rows, rows_view
from embereye.ui.rule_console import RuleConsole
from embereye.ui.rule_history_question import HistoryQuestion
from embereye.ui.rule_history_rows import (
    MOST_ROWS,
    HistoryRow,
    day_fields,
    days_of,
    history_fields,
    history_rows,
    kept,
    moment_of,
)
from embereye.ui.theme import Tokens
from embereye.ui.words import date_time, span

_DAY = 86_400.0  # s
_SINCE = 0.0  # of the choice: a moment that is entered
_DAYS_WIDTH = 270  # px


class RuleHistory(QWidget):
    """Asks for a stretch of time, shows progress, then the result. GUI thread.

    Signals:
        closed: () back to the editor
        moment_asked: (MomentAsked) show what a device saw then
    """

    closed = Signal()
    moment_asked = Signal(object)

    def __init__(self, console: RuleConsole, colours: Tokens) -> None:
        super().__init__()
        self._console = console
        self._rule: AlarmRule | None = None
        self._result: BacktestResult | None = None
        self._began = 0.0
        self.question = HistoryQuestion(console, self)
        self.question.progressed.connect(self._progressed)
        self.question.finished.connect(self.show_result)
        self.model: Rows[HistoryRow] = Rows(history_fields(colours), lambda r: r.number, self)
        delegate = RowDelegate(colours, self)
        self.table = rows_view(self.model, self.tr("Occurrences"), delegate)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.horizontalHeader().setSortIndicatorClearable(True)
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self.days: Rows[Tally] = Rows(day_fields(), lambda tally: tally.heading, self)
        self.day_table = rows_view(self.days, self.tr("Counts for each day"), delegate)
        self.day_table.setFixedWidth(_DAYS_WIDTH)
        self.title = Elided()
        self.summary, self.notes, self.details = QLabel(), QLabel(), QLabel()
        self._make_fields()
        self._lay_out()
        self._settle()

    def try_rule(self, rule: AlarmRule) -> None:
        """The rule that is tried from now on; a result about another one goes."""
        if rule != self._rule:
            self.question.cancel()
            self._rule = rule
            self.title.show_text(self.tr("{0}: test against history").format(rule.name))
            self._clear(self.tr("Choose a stretch of time and start."))
        self._settle()

    @Slot()
    def start(self) -> None:
        """Play the record with the present settings and with the edited rule."""
        if self._rule is None or self.question.waiting:
            return
        now = self._console.clock.now().utc
        entered = float(self.since.dateTime().toSecsSinceEpoch())
        since = now - self.span.currentData() if self.span.currentData() else entered
        if since >= now:
            self.summary.setText(self.tr("It begins in the future. Choose an earlier moment."))
            return
        settings = self._console.settings()
        others = [rule for rule in settings.rules if rule.id != self._rule.id]
        edited = self._rule.model_copy(update={"enabled": True})
        tried = settings.model_copy(update={"rules": (*others, edited)})
        self._clear(self.tr("Reading the record …"))
        self._began = self._console.clock.mono()
        self.question.ask(BacktestAsked(since, now, settings, tried))
        self._settle()
        self.cancel_button.setFocus()

    @Slot()
    def cancel(self) -> None:
        """End it."""
        self.question.cancel()
        self.summary.setText(self.tr("It was cancelled. Start it again when you like."))
        self._settle()
        self.start_button.setFocus()

    @Slot(object)
    def show_result(self, result: BacktestResult) -> None:
        """Show what came out."""
        self._result = result
        self._settle()
        if result.problem:
            self.summary.setText(self.tr("There is no result: {0}").format(result.problem))
            return
        self._fill()
        gaps = sum(gap.until_utc - gap.since_utc for gap in result.gaps)
        notes = list(result.notes)
        if result.cancelled:
            notes.insert(0, self.tr("It was ended early; the rest is not judged."))
        if gaps:
            text = self.tr("For {0} in all nothing was recorded: alarms there cannot be judged.")
            notes.append(text.format(span(gaps)))
        self.notes.setText("\n".join(f"△ {note}" for note in notes))
        self.notes.setVisible(bool(notes))
        self.table.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.start_button.setFocus()

    # --- what is shown -----------------------------------------------------------------------

    @Slot()
    def _fill(self) -> None:
        if self._result is None or self._rule is None or self._result.problem:
            return
        found = kept(self._result, self._rule.id, self.others.isChecked())
        rows = history_rows(found, self._result.gaps)
        self.model.show(rows)
        self.days.show(days_of(found))
        same, present, tried = (sum(one.outcome is kind for one in found) for kind in Outcome)
        text = self.tr(
            "From {0} to {1}: the present settings alarm {2} times, with the edited rule {3} times:"
            " {4} in both, {5} only with the present, {6} only with the edited."
        )
        times = date_time(self._result.since_utc), date_time(self._result.until_utc)
        numbers = same + present, same + tried, same, present, tried
        more = self.tr(" The first {0} are listed.").format(MOST_ROWS)
        told = text.format(*times, *numbers)
        self.summary.setText(told + (more if len(found) > MOST_ROWS else ""))
        if rows:
            self.table.setCurrentIndex(self.model.index(0, 0))

    @Slot(object)
    def _progressed(self, progress: BacktestProgress) -> None:
        self.progress.setValue(round(progress.share * 1000))
        elapsed = self._console.clock.mono() - self._began
        percent, at = progress.share * 100, date_time(progress.at_utc)
        text = self.tr("{0:.0f} % · at {1}").format(percent, at)
        if progress.share > 0.02:
            left = elapsed * (1 - progress.share) / progress.share
            text += self.tr(" · about {0} left").format(span(left + 1))
        self.summary.setText(text)

    @Slot(QModelIndex, QModelIndex)
    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        row = self.model.row(current.row())
        self.play_button.setEnabled(row is not None and moment_of(row) is not None)
        lines = []
        if row is not None and row.found is not None:
            for caption, side in (
                (self.tr("Present"), row.found.present),
                (self.tr("Edited"), row.found.tried),
            ):
                said = self.tr("no alarm")
                if side is not None:
                    said = f"{date_time(side.start_utc)}  {'; '.join(side.reasons)}"
                lines.append(f"{caption}: {said}")
        self.details.setText("\n".join(lines))

    @Slot()
    def _play(self) -> None:
        row = self.model.row(self.table.currentIndex().row())
        moment = moment_of(row) if row is not None else None
        if moment is not None:
            self.moment_asked.emit(moment)

    @Slot()
    def _chosen(self) -> None:
        self.since.setVisible(self.span.currentData() == _SINCE)

    def _clear(self, words: str) -> None:
        self._result = None
        self.model.show([])
        self.days.show([])
        self.summary.setText(words)
        self.notes.hide()
        self.details.clear()
        self.progress.setValue(0)
        self.play_button.setEnabled(False)

    def _settle(self) -> None:
        """Show what can be done now."""
        waiting = self.question.waiting
        self.start_button.setVisible(not waiting)
        self.cancel_button.setVisible(waiting)
        self.progress.setVisible(waiting)
        for field in (self.span, self.since):
            field.setEnabled(not waiting)

    # --- building ----------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.span, self.since = QComboBox(), QDateTimeEdit()
        for caption, seconds in (
            (self.tr("Last 24 hours"), _DAY),
            (self.tr("Last 7 days"), 7 * _DAY),
            (self.tr("Since …"), _SINCE),
        ):
            self.span.addItem(caption, seconds)
        self.span.setAccessibleName(self.tr("Stretch of time"))
        self.span.activated.connect(self._chosen)
        self.since.setAccessibleName(self.tr("Since"))
        self.since.setDisplayFormat("yyyy-MM-dd HH:mm")
        now = self._console.clock.now().utc
        self.since.setDateTime(QDateTime.fromSecsSinceEpoch(round(now - 3 * _DAY)))
        self.since.hide()
        self.others = QCheckBox(self.tr("Other alarms too"))
        self.others.setToolTip(self.tr("Also fire, gas, intrusion and other rules"))
        self.others.toggled.connect(self._fill)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.setAccessibleName(self.tr("Progress"))
        self._make_buttons()

    def _make_buttons(self) -> None:
        self.back_button = QPushButton(self.tr("Back to the rule"))
        self.start_button = QPushButton(self.tr("Start"))
        self.start_button.setProperty("role", "primary")
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.play_button = QPushButton(self.tr("Show in playback"))
        self.back_button.clicked.connect(self.closed)
        self.start_button.clicked.connect(self.start)
        self.cancel_button.clicked.connect(self.cancel)
        self.play_button.clicked.connect(self._play)

    def _lay_out(self) -> None:
        self.title.setProperty("role", "title")
        self.notes.setProperty("role", "fault")
        self.details.setProperty("role", "muted")
        for label in (self.summary, self.notes, self.details):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        tools = QHBoxLayout()
        for part in (self.span, self.since, self.start_button, self.cancel_button):
            tools.addWidget(part)
        tools.addWidget(self.others)
        tools.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.day_table)
        middle.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.back_button)
        foot.addWidget(self.play_button)
        foot.addWidget(self.details, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addLayout(tools)
        column.addWidget(self.progress)
        column.addWidget(self.summary)
        column.addLayout(middle, 1)
        column.addWidget(self.notes)
        column.addLayout(foot)
