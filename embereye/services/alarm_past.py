"""Reads alarms that are over in a thread of its own, since a search takes up to seconds."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

from embereye.model.alarm_past import (
    AlarmPastAsked,
    AlarmPastRead,
    FiguresAsked,
    FiguresRead,
    HistoryRead,
    ShiftAsked,
    ShiftRead,
    StoryAsked,
    StoryRead,
)
from embereye.model.errors import StorageError
from embereye.rules.kpi import figures
from embereye.runtime.mailbox import Full, Mailbox
from embereye.storage.alarm_history import closed_alarms, story
from embereye.storage.alarm_statistics import alarm_log
from embereye.storage.database import EVIDENCE_FILE
from embereye.storage.shift_log import shift_lines

Reply = Callable[[object], object]

_WAITING = 64  # requests; a page asks for one page of history and one story
_IDLE = 0.5  # s between two looks at `stop`


class AlarmPastReader:
    """Answers questions of `model.alarm_past`; a worker. `ask`: any thread, returns at once."""

    def __init__(self, folder: Path) -> None:
        """Read from the database of evidence in `folder`."""
        self._path = folder / EVIDENCE_FILE
        self._box: Mailbox[tuple[AlarmPastAsked, Reply]] = Mailbox(_WAITING, Full.DROP_OLDEST)

    def ask(self, asked: AlarmPastAsked, reply: Reply) -> None:
        """Call `reply` with a `HistoryRead` or `StoryRead`, in this worker's thread."""
        self._box.put((asked, reply))

    def run(self, stop: Event) -> None:
        """Answer until `stop` is set; the newest of several questions about one thing only."""
        while not stop.is_set():
            waiting: dict[tuple[str, Reply], AlarmPastAsked] = {}
            for asked, reply in self._box.take_all(_IDLE):
                waiting[(type(asked).__name__, reply)] = asked
            for (_, reply), asked in waiting.items():
                reply(self.answer(asked, stop.is_set))

    def answer(
        self, asked: AlarmPastAsked, cancelled: Callable[[], bool] = lambda: False
    ) -> AlarmPastRead:
        """The answer to one question."""
        if isinstance(asked, FiguresAsked):
            return self._figures(asked, cancelled)
        if isinstance(asked, ShiftAsked):
            return self._shift(asked)
        try:
            if isinstance(asked, StoryAsked):
                return story(self._path, asked)
            return closed_alarms(self._path, asked, cancelled)
        except StorageError as error:
            if isinstance(asked, StoryAsked):
                return StoryRead(asked, (), problem=str(error))
            return HistoryRead(asked, (), problem=str(error))

    def _figures(self, asked: FiguresAsked, cancelled: Callable[[], bool]) -> FiguresRead:
        try:
            log = alarm_log(self._path, asked.since, asked.until, cancelled)
        except StorageError as error:
            return FiguresRead(asked, None, str(error))
        return FiguresRead(asked, figures(log))

    def _shift(self, asked: ShiftAsked) -> ShiftRead:
        try:
            return ShiftRead(asked, shift_lines(self._path, asked.since, asked.until))
        except StorageError as error:
            return ShiftRead(asked, (), str(error))
