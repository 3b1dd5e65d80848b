"""Asks for a test against history, and brings what comes back into the GUI thread."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embereye.model.backtest import BacktestProgress, BacktestResult
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.backtest import BacktestAsked
from embereye.ui.rule_console import RuleConsole

_LOOK = 100  # ms between two looks while an answer is awaited
_CAPACITY = 16  # answers; progress comes five times a second


class HistoryQuestion(QObject):
    """One question at a time. Lives in the GUI thread.

    Another thread touches a mailbox only, never this object, so it may die meanwhile.

    Signals:
        progressed: (BacktestProgress)
        finished: (BacktestResult)
    """

    progressed = Signal(object)
    finished = Signal(object)

    def __init__(self, console: RuleConsole, parent: QObject) -> None:
        super().__init__(parent)
        self._console = console
        self._box: Mailbox[object] = Mailbox(_CAPACITY, Full.DROP_OLDEST)
        self._number: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self.look)

    @property
    def waiting(self) -> bool:
        """Whether a result is still to come."""
        return self._number is not None

    def ask(self, asked: BacktestAsked) -> None:
        """Send it; the answer to an older one is not told any more."""
        self._number = self._console.backtest(asked, self._box.put)
        self._timer.start()

    def cancel(self) -> None:
        """Wait no more."""
        if self._number is not None:
            self._console.cancel_backtest()
            self._end()

    @Slot()
    def look(self) -> None:
        """Hand on what came."""
        for answer in self._box.take_all(0.0):
            if isinstance(answer, BacktestProgress) and answer.number == self._number:
                self.progressed.emit(answer)
            elif isinstance(answer, BacktestResult) and answer.number == self._number:
                self._end()
                self.finished.emit(answer)

    def _end(self) -> None:
        self._number = None
        self._timer.stop()
