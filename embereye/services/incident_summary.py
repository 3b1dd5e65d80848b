"""The thread that asks the language model; nobody waits for it, least of all an alarm."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event

from embereye.links.llm import ask_judgement, ask_llm_health
from embereye.links.llm_answer import Judgement, LlmError, LlmFailure
from embereye.model.errors import ConfigError
from embereye.model.ids import IncidentId
from embereye.model.incident import LlmState, Summary, SummaryState
from embereye.model.incident_messages import SummaryMade
from embereye.model.messages import WorkerFailed
from embereye.runtime.clock import Clock
from embereye.runtime.http_exchange import Allowance
from embereye.runtime.http_service import Endpoint
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.worker import Hosted, PlainThreads
from embereye.services.incident_prompt import MOST, Matter, question
from embereye.services.llm_setup import LlmSetup
from embereye.services.llm_standing import LlmStanding

_log = logging.getLogger(__name__)

WAITING = 50  # incidents; at 10 s for each some 8 min of work, then the operator must know
_TICK = 0.25  # s between looks at settings, health and answers
_END = 0.5  # s for a question under way at the stop; it looks four times a second
_NAME = "language model"  # of its fault
_OFF = "The language model was switched off. Read this incident yourself."
_LEAVE = "The program was stopped before the language model answered."


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one question; `matter` None: how the language model is."""

    setup: LlmSetup
    matter: Matter | None = None
    judgement: Judgement | None = None
    error: LlmError | None = None


class IncidentSummaries:
    """A worker. Asks about one incident at a time, in a thread of its own.

    `offer` and `apply` belong to the engine's thread and never block.

    Attributes:
        current: A frozen snapshot; any thread.
    """

    def __init__(
        self,
        clock: Clock,
        key: Callable[[], str],
        answer: Callable[[SummaryMade], None],
        tell: Callable[[WorkerFailed], None],
    ) -> None:
        """`key`: the API key, "" without one; may block. `tell`: is told of faults."""
        self.current = LlmState()
        self._clock, self._key, self._answer, self._tell = clock, key, answer, tell
        self._setup = LlmSetup()
        self._standing = LlmStanding(self._setup, 0.0)
        self._box: Mailbox[Matter] = Mailbox(WAITING, Full.REFUSE)
        self._outcomes: Mailbox[_Outcome] = Mailbox(4, Full.DROP_OLDEST)
        self._waiting: dict[IncidentId, Matter] = {}
        self._flying: Hosted | None = None
        self._over = Event()
        self._threads = PlainThreads()

    @property
    def wanted(self) -> bool:
        """Whether summaries are wanted at all."""
        return self._setup.wanted

    def apply(self, setup: LlmSetup) -> None:
        """Work with these settings from now on."""
        if setup != self._setup:
            self._setup = setup

    def offer(self, matter: Matter) -> bool:
        """Ask about an incident when its turn comes; False: too many wait already."""
        return len(self._waiting) < WAITING and self._box.put(matter)

    def run(self, stop: Event) -> None:
        """Ask until `stop` is set; a question that is under way ends by itself."""
        self._over = stop
        while not stop.is_set():
            self.turn(_TICK)
        if self._flying is not None:
            self._flying.join(_END)

    def turn(self, timeout: float) -> None:
        """One round. For the worker's thread (and tests)."""
        flying = self._flying is not None
        box = self._outcomes if flying else self._box
        for found in box.take_all(timeout):
            self._take(found)
        for matter in self._box.take_all(0.0):
            self._take(matter)
        now = self._clock.mono()
        if self._standing.setup is not self._setup:
            self._standing = LlmStanding(self._setup, now, self._standing.told)
        if self._flying is not None and self._flying.join(0.0) and not len(self._outcomes):
            self._flying = None
            raise RuntimeError("a question to the language model ended without an answer")
        if self._flying is None:
            self._go_on(now)
        fault = self._standing.fault(now)
        if fault is not None:
            text, recovered = fault
            self._tell(WorkerFailed(_NAME, text, recovered, self._clock.now()))
        self.current = self._standing.state(now, len(self._waiting))

    def _take(self, found: Matter | _Outcome) -> None:
        if isinstance(found, Matter):
            self._waiting.pop(found.incident.id, None)  # only its newest state is asked about
            self._waiting[found.incident.id] = found
            return
        self._flying = None
        now = self._clock.mono()
        if found.setup is self._standing.setup:
            self._standing.note(found.error, probe=found.matter is None, now=now)
        if found.matter is not None:
            self._tell_summary(found.matter, found.judgement, found.error)

    def _go_on(self, now: float) -> None:
        standing = self._standing
        endpoint = standing.setup.endpoint
        if endpoint is not None and standing.probe_due(now):
            self._start(lambda: self._health(standing.setup, endpoint))
        elif endpoint is not None and self._waiting and standing.admits(now):
            matter = self._waiting.pop(next(iter(self._waiting)))
            self._start(lambda: self._ask(standing.setup, endpoint, matter))
        elif endpoint is None or standing.unusable(now):
            error = LlmError(LlmFailure.UNREACHABLE, standing.unusable(now) or _OFF)
            for matter in self._waiting.values():
                self._tell_summary(matter, None, error)
            self._waiting = {}

    def _start(self, ask: Callable[[], _Outcome]) -> None:
        box = self._outcomes
        self._flying = self._threads.start("language model", lambda: _put(box, ask))

    def _health(self, setup: LlmSetup, endpoint: Endpoint) -> _Outcome:
        try:
            ask_llm_health(self._with_key(endpoint), self._until(setup.section.health_timeout))
        except LlmError as error:
            return _Outcome(setup, error=error)
        return _Outcome(setup)

    def _ask(self, setup: LlmSetup, endpoint: Endpoint, matter: Matter) -> _Outcome:
        """Ask; where it does not fit, about the half, and so on: never the same again."""
        allowance, incident = self._until(setup.section.read_timeout), matter.incident
        most = min(MOST, max(1, len(incident.members), len(incident.spells)))
        while True:
            asked = question(matter, most, secrets.token_hex(8), setup.section.longest_answer)
            try:
                found = ask_judgement(self._with_key(endpoint), asked, allowance)
                return _Outcome(setup, matter, found)
            except LlmError as error:
                if error.failure is not LlmFailure.TOO_LONG or most == 1:
                    return _Outcome(setup, matter, error=error)
                most = max(1, most // 2)

    def _with_key(self, endpoint: Endpoint) -> Endpoint:
        try:
            return replace(endpoint, key=self._key())
        except ConfigError as error:  # the secret store cannot be read
            raise LlmError(LlmFailure.REFUSED, f"{error}.") from None

    def _until(self, seconds: float) -> Allowance:
        return Allowance(self._clock, self._clock.mono() + seconds, self._over.is_set)

    def _tell_summary(
        self, matter: Matter, found: Judgement | None, error: LlmError | None
    ) -> None:
        at_utc = self._clock.now().utc
        if found is not None:
            summary = Summary(
                SummaryState.READY, found.summary, found.reasoning, found.risk, None, at_utc, "",
                matter.about,
            )  # fmt: skip
        else:
            problem = str(error) if error is not None and not self._over.is_set() else _LEAVE
            summary = Summary(
                SummaryState.NEEDS_REVIEW, at_utc=at_utc, problem=problem, about=matter.about
            )
            _log.warning("incident %d has no summary: %s", matter.incident.id, problem)
        self._answer(SummaryMade(matter.incident.id, summary))


def _put(box: Mailbox[_Outcome], ask: Callable[[], _Outcome]) -> None:
    box.put(ask())
