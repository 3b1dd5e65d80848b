"""How the detector on another machine stands, from what its answers were like."""

import logging
from collections import deque

from embereye.model.remote import RemoteCondition, RemoteState
from embereye.runtime.metrics import Samples
from embereye.services.remote_setup import RemoteSetup
from embereye.vision.remote_answer import RemoteHealth
from embereye.vision.remote_breaker import Breaker, Phase
from embereye.vision.remote_retry import RemoteError, concerns_detector

_log = logging.getLogger(__name__)

_LAST = 20  # answers of which half must be good
_LATENCIES = 200  # newest ones whose percentiles are told: a minute of four cameras
_PROBE = 10.0  # s between questions how it is
_PROBE_AGAIN = 5.0  # s while it is not usable, so that it is used again soon
_WAITING = RemoteCondition.STARTING, ""


class RemoteStanding:
    """Health, breaker and figures of one detector. Lives in the worker's thread.

    Attributes:
        stale: Pictures that were too old when their turn came; the worker counts.
        device: What it computes on.
    """

    def __init__(self, setup: RemoteSetup, now: float) -> None:
        self.setup = setup
        self.stale = 0
        self._breaker = Breaker()
        self._health: RemoteHealth | None = None
        self._unwell = ""  # why its health is not known
        self._last_failure = ""
        self._good: deque[bool] = deque(maxlen=_LAST)
        self._latency = Samples(_LATENCIES)
        self._answered = self._failed = 0
        self._probe_at = now
        self._condition, self._since = RemoteCondition.OFF, now

    def probe_due(self, now: float) -> bool:
        """Whether to ask how it is now; True once for each time."""
        if self.setup.endpoint is None or now < self._probe_at:
            return False
        self._probe_at = float("inf")  # until it is answered
        return True

    def healthy(self, health: RemoteHealth, now: float) -> None:
        """It said how it is."""
        self._health, self._unwell = health, ""
        self._probe_at = now + (_PROBE if health.model_loaded else _PROBE_AGAIN)

    def unwell(self, text: str, now: float) -> None:
        """It did not say how it is."""
        self._health, self._unwell = None, text
        self._probe_at = now + _PROBE_AGAIN

    def admits(self, now: float) -> bool:
        """Whether to send a picture now: its last word on its health, and the breaker, allow it.

        One that is sent is followed by `answered` or `failed`.
        """
        loaded = self._health is not None and self._health.model_loaded
        return loaded and self._breaker.admit(now)

    def answered(self, latency: float) -> None:
        """A picture got its answer, `latency` s after it was decoded."""
        self._breaker.succeeded()
        self._good.append(True)
        self._answered += 1
        self._latency.add(latency)

    def failed(self, error: RemoteError, now: float) -> None:
        """A picture got none."""
        self._failed += 1
        self._good.append(False)
        self._last_failure = str(error)
        if concerns_detector(error.failure):
            self._breaker.failed(now)
        else:
            self._breaker.forgotten()

    def state(self, now: float) -> RemoteState:
        """A snapshot; changes of the condition are logged."""
        condition, text = self._judged(now)
        if condition is not self._condition:
            level = logging.WARNING if condition is RemoteCondition.UNUSABLE else logging.INFO
            _log.log(level, "remote detector: %s. %s", condition.value, text)
            self._condition, self._since = condition, now
        setup = self.setup
        return RemoteState(
            condition=condition,
            text=text,
            warning=setup.warning,
            place=setup.endpoint.place if setup.endpoint else "",
            device=self._health.device if self._health else "",
            cameras=len(setup.cameras),
            since=self._since,
            answered=self._answered,
            failed=self._failed,
            stale=self.stale,
            half=self._latency.percentile(50),
            most=self._latency.percentile(95),
        )

    def _judged(self, now: float) -> tuple[RemoteCondition, str]:
        unusable = self._why_unusable(now)
        if unusable:
            return RemoteCondition.UNUSABLE, unusable
        health = self._health
        if self.setup.endpoint is None:
            return RemoteCondition.OFF, ""
        if health is None:
            return _WAITING
        if len(self._good) == _LAST and 2 * sum(self._good) < _LAST:
            return RemoteCondition.DEGRADED, f"Most pictures get no answer. {self._last_failure}"
        if health.degraded:
            return RemoteCondition.DEGRADED, "It says that it is degraded. Look at its log."
        return RemoteCondition.WORKING, ""

    def _why_unusable(self, now: float) -> str:
        if self.setup.problem or self._unwell:
            return self.setup.problem or self._unwell
        if self._health is not None and not self._health.model_loaded:
            return "The remote detector has not loaded its model. Wait, or look at its log."
        return "" if self._breaker.phase(now) is Phase.CLOSED else self._last_failure
