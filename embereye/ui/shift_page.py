"""How much the shift has to handle, what happened in it, and its hand-over."""

from dataclasses import dataclass

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.alarm_messages import HandOverAsked
from embereye.model.alarm_past import FiguresAsked, FiguresRead, ShiftAsked, ShiftRead
from embereye.model.kpi import Figures
from embereye.model.past import PastRead
from embereye.model.shift import ShiftLine, ShiftNoteAsked
from embereye.rules.times_of_day import around
from embereye.runtime.worker import ThreadHost
from embereye.ui.answers import Answers
from embereye.ui.beside import found, show_beside
from embereye.ui.figure_card import FigureCard
from embereye.ui.hand_over import HandOver
from embereye.ui.hand_over_dialog import HandOverDialog
from embereye.ui.hand_over_export import HandOverExport
from embereye.ui.kpi_tables import actor_table, flood_table, stale_table
from embereye.ui.kpi_words import figure_words
from embereye.ui.past_console import PastConsole
from embereye.ui.shift_panel import ShiftPanel
from embereye.ui.theme import Tokens

_REFRESH = 10_000  # ms; figures of a day do not change faster than people read
_SOON = 300  # ms until what was just written is on the disk
_FIGURES = 7
_LEAST = 176  # px of a card; below that they stand in two rows
_HOUR, _DAY = 3600.0, 86_400.0  # s


@dataclass(slots=True)
class _Read:
    """What the disk answered last."""

    figures: Figures | None = None
    lines: tuple[ShiftLine, ...] = ()
    problem: str = ""


class ShiftPage(QWidget):
    """Figures and tables at the left, the shift log at the right. GUI thread.

    Signals:
        noticed: (str) a word for the status line
    """

    noticed = Signal(str)

    def __init__(self, console: PastConsole, colours: Tokens, threads: ThreadHost) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console, self._colours = console, colours
        self._number = 0
        self._read = _Read()
        self._answers = Answers(console, self)
        self._answers.arrived.connect(self._take)
        self.panel = ShiftPanel(colours)
        self.panel.noted.connect(self._note)
        self.panel.hand_over_asked.connect(self.ask_hand_over)
        self.exports = HandOverExport(console, colours, threads, self)
        self.exports.noticed.connect(self.noticed)
        self.cards = [FigureCard() for _ in range(_FIGURES)]
        self.actors = actor_table(colours)
        self.floods, self.stale = flood_table(colours), stale_table(colours, console.clock)
        self._problem = QLabel()
        self._problem.setProperty("role", "fault")
        self._problem.setWordWrap(True)
        self._make_tools()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Ask for the figures of the chosen span as it is now; what is shown stays meanwhile."""
        if self._answers.waiting:
            return
        self._number += 1
        since, until = self.span()
        self._answers.ask(FiguresAsked(since, until, self._number))
        self._answers.ask(ShiftAsked(since, until, self._number))

    def span(self) -> tuple[float, float]:
        """The chosen span up to now, s UTC."""
        now = self._console.clock.now().utc
        seconds = self.choice.currentData()
        if seconds:
            return now - seconds, now
        begin, _ = around(now, self._console.settings().alarms.shift_changes)
        return begin, now

    def pane_width(self) -> int:
        """Width of the pane at the right, px."""
        return self.panel.width()

    @Slot()
    def export(self) -> None:
        """Write the hand-over report of what is shown."""
        read = self._read
        told = HandOver(
            self._console.settings(),
            self._console.alarms(),
            read.figures,
            read.lines,
            self._console.clock.now().utc,
            read.problem,
        )
        self.exports.ask(told)

    @Slot()
    def ask_hand_over(self) -> None:
        """Ask who takes over and what they must know."""
        if not found(self, "hand over"):
            dialog = HandOverDialog(self._console, self)
            dialog.handed_over.connect(self._hand_over)
            show_beside(dialog, "hand over")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._answers.forget()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panel.fit(self.width())
        self._spread(self.width() - self.panel.width())

    def _spread(self, width: int) -> None:
        """Put the cards into one row, or into two."""
        across = _FIGURES if width >= _FIGURES * _LEAST else (_FIGURES + 1) // 2
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, number // across, number % across)

    @Slot(object)
    def _take(self, answer: PastRead) -> None:
        if isinstance(answer, ShiftRead):
            self._read.lines = answer.lines
            self.panel.show_lines(answer.lines, answer.problem)
        elif isinstance(answer, FiguresRead):
            self._read.figures = answer.figures
            self._show(answer.figures, answer.problem)

    def _show(self, figures: Figures | None, problem: str) -> None:
        if figures is not None and not figures.complete:
            problem = self.tr("There are too many alarms to count all. Choose a shorter time.")
        self._read.problem = problem
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if figures is None:
            return
        for card, figure in zip(self.cards, figure_words(self._colours, figures), strict=True):
            card.show_figure(figure)
        self.actors.show_rows(figures.worst)
        self.floods.show_rows(figures.floods)
        self.stale.show_rows(figures.stale)

    @Slot(str)
    def _note(self, text: str) -> None:
        self._console.ask(ShiftNoteAsked(text, self._console.settings().operator))
        self._look_again()

    @Slot(str, str)
    def _hand_over(self, to: str, note: str) -> None:
        self._console.ask(HandOverAsked(to, note, self._console.settings().operator))
        self._look_again()
        self.export()

    def _look_again(self) -> None:
        QTimer.singleShot(_SOON, self, self.refresh)

    def _make_tools(self) -> None:
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Time that the figures are about"))
        for text, seconds in (
            (self.tr("This shift"), 0.0),
            (self.tr("Last hour"), _HOUR),
            (self.tr("Last 24 hours"), _DAY),
            (self.tr("Last 7 days"), 7 * _DAY),
            (self.tr("Last 30 days"), 30 * _DAY),
        ):
            self.choice.addItem(text, seconds)
        self.choice.currentIndexChanged.connect(self._chosen)
        self.report_button = QPushButton(self.tr("Report (PDF) …"))
        self.report_button.clicked.connect(self.export)

    @Slot()
    def _chosen(self) -> None:
        self._answers.forget()
        self.refresh()

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Shift"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.choice)
        head.addWidget(self.report_button)
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        self._spread(0)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.stale, 1)
        below.addWidget(self.floods, 1)
        left = QVBoxLayout()
        left.setContentsMargins(16, 12, 8, 8)
        left.setSpacing(12)
        left.addLayout(head)
        left.addWidget(self._problem)
        left.addLayout(self._grid)
        left.addWidget(self.actors, 3)
        left.addLayout(below, 2)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.panel)
