"""When the language model is asked about an incident, and what becomes of its answer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from embereye.model.ids import CameraId, IncidentId
from embereye.model.incident import IncidentState, Summary, SummaryState
from embereye.model.incident_messages import SummaryMade
from embereye.runtime.engine import Engine
from embereye.services.incident_board import IncidentBoard
from embereye.services.incident_case import Case
from embereye.services.incident_prompt import Matter, fingerprint, worth_a_summary

_AGAIN = 90.0  # s between questions about one that is never idle; the usual window of grouping
_OFF = "No language model is set up. Enter its address on the page of incidents."
_FULL = "Too many incidents wait for the language model. Read this one yourself."
_UNDER_WAY = "The language model is being asked about this incident already. Wait for its answer."


class Asker(Protocol):
    """`services.incident_summary.IncidentSummaries`."""

    @property
    def wanted(self) -> bool:
        """Whether summaries are wanted at all."""

    def offer(self, matter: Matter) -> bool:
        """Ask when its turn comes; False: too many wait already."""


class IncidentQuestions:
    """Asks once an incident is idle, or begins with something certain; once for each state of it.

    Engine thread. Handles SummaryMade: only summary, and the state "needs review", follow from it.
    """

    def __init__(
        self,
        engine: Engine,
        board: IncidentBoard,
        asker: Asker,
        names: Callable[[], Mapping[CameraId, str]],
    ) -> None:
        """`names`: of cameras, as people know them now."""
        self._board, self._asker, self._names = board, asker, names
        self._clock = engine.clock
        self._ripe: dict[IncidentId, bool] = {}
        engine.on(SummaryMade, self._made)
        engine.after_step(self._flush)

    def ripened(self, case: Case, fast: bool) -> None:
        """It became idle, or (`fast`) began with something certain; asked after this slice."""
        if self._asker.wanted:
            number = case.group.number
            self._ripe[number] = fast and self._ripe.get(number, True)

    def ask_now(self, case: Case) -> str:
        """A person wants a summary: why there will be none, in words, or empty."""
        if not self._asker.wanted:
            return _OFF
        if case.summary.state is SummaryState.WAITING:
            return _UNDER_WAY
        return "" if self._ask(case) else _FULL

    def _flush(self) -> None:
        if not self._ripe:
            return
        ripe, self._ripe = self._ripe, {}
        for number, fast in ripe.items():
            case = self._board.case(number)
            if case is not None and self._due(case, fast):
                self._ask(case)
        self._board.flush()

    def _due(self, case: Case, fast: bool) -> bool:
        """Once at its certain beginning; then each time it is idle and became another one, and
        where it is never idle, at a new alarm that is not the first within 90 s."""
        incident = case.frozen
        if incident is None or not worth_a_summary(incident):
            return False
        if case.summary.state is SummaryState.WAITING:
            return False
        if case.summary.state is SummaryState.NONE:
            return True
        rests = self._clock.now().utc - case.summary.at_utc < _AGAIN
        return case.summary.about != fingerprint(incident) and not (fast and rests)

    def _ask(self, case: Case) -> bool:
        incident = case.frozen
        if incident is None:
            return False
        offered = self._asker.offer(Matter(incident, self._names(), fingerprint(incident)))
        if offered:
            case.summary = replace(case.summary, state=SummaryState.WAITING)
        else:
            self._keep(case, Summary(SummaryState.NEEDS_REVIEW, problem=_FULL))
        self._board.change(case)
        return offered

    def _made(self, message: SummaryMade) -> None:
        case = self._board.case(message.incident)
        if case is not None:
            self._keep(case, message.summary)
            self._board.change(case)

    @staticmethod
    def _keep(case: Case, summary: Summary) -> None:
        failed_before, case.summary = bool(case.summary.problem), summary
        if summary.state is SummaryState.NEEDS_REVIEW and case.state is IncidentState.OPEN:
            case.state = IncidentState.NEEDS_REVIEW
        elif (
            failed_before
            and summary.state is SummaryState.READY
            and case.state is IncidentState.NEEDS_REVIEW
        ):
            case.state = IncidentState.OPEN
