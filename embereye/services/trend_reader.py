"""Reads trends of hours and days in a thread of its own, since that takes up to seconds."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import numpy as np

from embereye.config.schema import DeviceLimits
from embereye.model.errors import StorageError
from embereye.model.ids import DeviceId
from embereye.model.past import TrendAsked, TrendRead
from embereye.model.trend import Trend
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.gas_trend import gas_trend
from embereye.storage.database import TELEMETRY_FILE
from embereye.storage.long_trend import read_long_trend
from embereye.storage.readings import CHANNELS

Reply = Callable[[object], object]
Memory = Callable[[DeviceId, str, float], Trend]

_WAITING = 100  # requests; a page asks for six channels
_IDLE = 0.5  # s between two looks at `stop`
_MEMORY = 900.0  # s that `History.trend` holds


class TrendReader:
    """Answers `TrendAsked`; a worker. `ask` may be called from any thread and returns at once."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        memory: Memory,
        limits: Callable[[DeviceId], DeviceLimits | None],
    ) -> None:
        """Read from the telemetry database in `folder`, and the newest minutes from `memory`.

        `memory` is `History.trend`; `limits` tells the gas sensor of a device.
        """
        self._path = folder / TELEMETRY_FILE
        self._clock = clock
        self._memory = memory
        self._limits = limits
        self._box: Mailbox[tuple[TrendAsked, Reply]] = Mailbox(_WAITING, Full.DROP_OLDEST)

    def ask(self, asked: TrendAsked, reply: Reply) -> None:
        """Call `reply` with a `TrendRead`, in this worker's thread.

        A newer question with the same reply about the same channel replaces one that waits.
        """
        self._box.put((asked, reply))

    def run(self, stop: Event) -> None:
        """Answer until `stop` is set."""
        waiting: dict[tuple[str, Reply], TrendAsked] = {}
        while not stop.is_set():
            for asked, reply in self._box.take_all(0.0 if waiting else _IDLE):
                waiting[(asked.channel, reply)] = asked
            if waiting:
                channel, reply = next(iter(waiting))
                answer = self.read(waiting.pop((channel, reply)), stop.is_set)
                if not stop.is_set():
                    reply(answer)

    def read(self, asked: TrendAsked, cancelled: Callable[[], bool] = lambda: False) -> TrendRead:
        """The answer to one question; takes up to seconds."""
        try:
            if asked.channel != "gas":
                return TrendRead(asked, self._one(asked, asked.channel, cancelled))
            limits = self._limits(asked.device)
            trend = gas_trend(limits, lambda channel: self._one(asked, channel, cancelled))
        except StorageError as error:
            unit = CHANNELS[asked.channel].unit if asked.channel in CHANNELS else ""
            nothing = Trend(asked.channel, unit, np.empty(0), np.empty(0))
            return TrendRead(asked, nothing, str(error))
        return TrendRead(asked, trend)

    def _one(self, asked: TrendAsked, channel: str, cancelled: Callable[[], bool]) -> Trend:
        """What is on the disk, then what memory holds: its newest seconds are nowhere else."""
        now = self._clock.now().utc
        newest = self._memory(asked.device, channel, min(asked.seconds, _MEMORY))
        border = float(newest.utc[0]) if len(newest.utc) else now
        since = now - asked.seconds
        if since >= border:
            return newest
        # A microsecond is the resolution on the disk: without it the border would appear twice.
        stored = read_long_trend(self._path, asked.device, channel, since, border - 2e-6, cancelled)
        return Trend(
            channel,
            stored.unit,
            np.concatenate([stored.utc, newest.utc]),
            np.concatenate([stored.values, newest.values]),
        )
