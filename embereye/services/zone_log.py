"""Events of areas and lines on their way to the disk."""

import logging
from collections.abc import Sequence
from typing import Protocol

from embereye.model.sighting import ZoneEvent
from embereye.runtime.engine import Engine

_log = logging.getLogger(__name__)

# Of one batch: as many as are removed later, 500 each 10 s. Busy sites write one or two; a model
# that sees objects come and go everywhere would fill the disk.
_MOST = 50
_FLUSH_PERIOD = 1.0  # s; a kill loses so much
_PRUNE_PERIOD = 10.0  # s, as of detections
_DAY = 86_400.0  # s


class ZoneEventSink(Protocol):
    """Where events are kept for long; never blocks."""

    def save(self, events: Sequence[ZoneEvent]) -> None: ...

    def prune(self, before: float) -> None: ...


class ZoneLog:
    """Hands events to the disk in batches and removes old ones. Engine thread."""

    def __init__(self, engine: Engine, sink: ZoneEventSink, retention_days: int) -> None:
        self._clock = engine.clock
        self._sink = sink
        self._retention = retention_days * _DAY
        self._waiting: list[ZoneEvent] = []
        self._lost = 0
        engine.every(_FLUSH_PERIOD, self.flush)
        engine.every(_PRUNE_PERIOD, self._prune)

    def note(self, event: ZoneEvent) -> None:
        """Keep one event, unless there are more than anybody reads."""
        if len(self._waiting) < _MOST:
            self._waiting.append(event)
        else:
            self._lost += 1

    def flush(self) -> None:
        """Hand over everything that waits; also before a stop."""
        if self._waiting:
            self._sink.save(self._waiting)
            self._waiting = []
        if self._lost:
            _log.warning("%d events of areas and lines are not kept: too many", self._lost)
            self._lost = 0

    def keep_days(self, days: int) -> None:
        """Remove what is older from the disk, from now on."""
        self._retention = days * _DAY

    def _prune(self) -> None:
        self._sink.prune(self._clock.now().utc - self._retention)
