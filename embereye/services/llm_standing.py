"""How the language model stands, from what its answers were like."""

from embereye.links.llm_answer import LlmError, LlmFailure
from embereye.model.incident import LlmCondition, LlmState
from embereye.services.llm_setup import LlmSetup
from embereye.vision.remote_breaker import Breaker, Phase

_PROBE = 30.0  # s between questions how it is; it is used every few minutes at most
_PROBE_AGAIN = 5.0  # s while it is not usable, so that it is used again soon
_GRACE = 10.0  # s; a restart of the other program takes that long, and is no reason for an alarm
# What says something about one incident, and nothing against the language model.
_OF_THE_QUESTION = frozenset({LlmFailure.TOO_LONG, LlmFailure.CUT_OFF})


class LlmStanding:
    """Health, breaker and fault of one language model. Lives in the worker's thread."""

    def __init__(self, setup: LlmSetup, now: float, told: bool = False) -> None:
        """`told`: its fault was told under the settings before."""
        self.setup = setup
        self._breaker = Breaker()
        self._well: bool | None = None  # None: not known yet
        self._problem = ""
        self._probe_at = now
        self._unusable_since: float | None = None
        self.told = told

    def probe_due(self, now: float) -> bool:
        """Whether to ask how it is now; True once for each time."""
        if now < self._probe_at:
            return False
        self._probe_at = float("inf")  # until it is answered
        return True

    def admits(self, now: float) -> bool:
        """Whether to ask about an incident now. One that is asked is followed by `note`."""
        return self._well is True and self._breaker.admit(now)

    def note(self, error: LlmError | None, *, probe: bool, now: float) -> None:
        """A question was answered, or not."""
        if probe:
            self._well, self._problem = (
                error is None,
                self._problem if error is None else str(error),
            )
            self._probe_at = now + (_PROBE if error is None else _PROBE_AGAIN)
        elif error is None:
            self._breaker.succeeded()
        elif error.failure in _OF_THE_QUESTION:
            self._breaker.forgotten()
        else:
            self._problem = str(error)
            self._breaker.failed(now)

    def unusable(self, now: float) -> str:
        """Why it cannot be used now, in words; empty when it can, or when that is not known."""
        if self.setup.problem:
            return self.setup.problem
        if self.setup.endpoint is None:
            return ""
        if self._well is False or self._breaker.phase(now) is Phase.OPEN:
            return self._problem
        return ""

    def state(self, now: float, waiting: int) -> LlmState:
        """A snapshot."""
        place = "" if self.setup.endpoint is None else self.setup.endpoint.place
        text = self.unusable(now)
        return LlmState(self._condition(text), text, self.setup.warning, place, waiting)

    def fault(self, now: float) -> tuple[str, bool] | None:
        """What to tell now: why it fails and False, or that it recovered; None for nothing.

        Told once, with the first text: others on the way would announce it again.
        """
        text = self.unusable(now)
        if not text:
            self._unusable_since = None
            if not self.told or (self._well is None and self.setup.wanted):
                return None
            self.told = False
            return "The language model works again.", True
        self._unusable_since = now if self._unusable_since is None else self._unusable_since
        if self.told or now - self._unusable_since < _GRACE:
            return None
        self.told = True
        return f"{text} Meanwhile incidents need a person's review.", False

    def _condition(self, text: str) -> LlmCondition:
        if text:
            return LlmCondition.UNUSABLE
        if self.setup.endpoint is None:
            return LlmCondition.OFF
        return LlmCondition.STARTING if self._well is None else LlmCondition.WORKING
