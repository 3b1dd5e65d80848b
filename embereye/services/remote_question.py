"""One question to a detector on another machine; each runs in a thread of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event

from embereye.model.detection import Detection
from embereye.model.errors import ConfigError
from embereye.model.frame import Frame
from embereye.runtime.clock import Clock
from embereye.runtime.http_exchange import Allowance
from embereye.runtime.http_service import Endpoint
from embereye.services.remote_setup import RemoteSetup
from embereye.vision.remote_answer import RemoteHealth
from embereye.vision.remote_client import as_sent, ask_detect, ask_health
from embereye.vision.remote_retry import Failure, RemoteError, pause_before


@dataclass(frozen=True, slots=True)
class RemoteOutcome:
    """What became of one question.

    Attributes:
        number: Of the settings it was asked under; older ones count for nothing.
        frame: What was asked about; None: how the detector is.
        endpoint: With its key, for the questions that follow; of health only.
    """

    number: int
    frame: Frame | None = None
    boxes: tuple[Detection, ...] = ()
    health: RemoteHealth | None = None
    endpoint: Endpoint | None = field(default=None, repr=False)
    error: RemoteError | None = None


@dataclass(frozen=True, slots=True)
class RemoteQuestions:
    """What all questions under the same settings have in common.

    Attributes:
        key: Reads the API key, "" without one; may block for seconds.
        over: Set when nobody wants answers any more.
    """

    number: int
    setup: RemoteSetup
    clock: Clock
    key: Callable[[], str]
    over: Event

    def how(self) -> RemoteOutcome:
        """Ask the detector how it is."""
        endpoint = self.setup.endpoint
        if endpoint is None:
            raise RuntimeError("a detector without an address is asked how it is")
        try:
            endpoint = replace(endpoint, key=self.key())
            health = ask_health(endpoint, self._until(self.setup.section.health_timeout))
        except RemoteError as error:
            return RemoteOutcome(self.number, endpoint=endpoint, error=error)
        except ConfigError as error:  # the secret store cannot be read
            return RemoteOutcome(self.number, error=RemoteError(Failure.REFUSED, f"{error}."))
        return RemoteOutcome(self.number, endpoint=endpoint, health=health)

    def about(self, frame: Frame, endpoint: Endpoint) -> RemoteOutcome:
        """Ask about a live picture; its deadline counts from its decoding and overrules retries."""
        end = frame.at.mono + self.setup.section.live_deadline
        allowance = Allowance(self.clock, end, self.over.is_set)
        attempt = 0
        while True:
            try:
                picture = as_sent(frame.pixels, (frame.source_width, frame.source_height))
                found = ask_detect(endpoint, picture, allowance)
                return RemoteOutcome(self.number, frame, found.detections)
            except RemoteError as error:
                attempt += 1
                pause = pause_before(attempt, error.failure, end - self.clock.mono())
                if pause is None or self.over.wait(pause):
                    return RemoteOutcome(self.number, frame, error=error)

    def _until(self, seconds: float) -> Allowance:
        return Allowance(self.clock, self.clock.mono() + seconds, self.over.is_set)
