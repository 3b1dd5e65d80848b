"""Answers of other threads, brought into the GUI thread."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embereye.model.past import PastAsked, PastRead
from embereye.runtime.mailbox import Full, Mailbox
from embereye.ui.past_console import Past

_LOOK = 30  # ms between two looks while answers are awaited
_CAPACITY = 64  # answers; a page awaits fewer
_PATIENCE = 1000  # looks, 30 s: the thread that answers was restarted and forgot the question


class Answers(QObject):
    """Asks and hands on what comes. Lives in the GUI thread; looks only while it waits.

    Other threads touch a mailbox only, never this object, so it may die while they work.

    Signals:
        arrived: (PastRead)
    """

    arrived = Signal(object)

    def __init__(self, past: Past, parent: QObject) -> None:
        super().__init__(parent)
        self._past = past
        self._box: Mailbox[object] = Mailbox(_CAPACITY, Full.DROP_OLDEST)
        self._reply = self._box.put
        self._awaited: dict[PastAsked, int] = {}
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self.look)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._awaited)

    def ask(self, asked: PastAsked) -> None:
        """Send a question, unless the same one waits for its answer."""
        if asked not in self._awaited:
            self._awaited[asked] = self._looks
            self._past.recall(asked, self._reply)
            self._timer.start()

    def forget(self) -> None:
        """Ignore answers to all questions sent so far."""
        self._awaited.clear()
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Hand on what came."""
        for answer in self._box.take_all(0.0):
            if isinstance(answer, PastRead) and self._awaited.pop(answer.asked, None) is not None:
                self.arrived.emit(answer)
        self._looks += 1
        for asked, since in list(self._awaited.items()):
            if self._looks - since > _PATIENCE:
                del self._awaited[asked]
        if not self._awaited:
            self._timer.stop()
