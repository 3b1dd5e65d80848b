"""Sends clips in real time to many clients without ever waiting for one of them."""

import asyncio
import heapq
from dataclasses import dataclass
from typing import Protocol

from embereye.bench.rtp import CLOCK, Stream

_GOLDEN = 0.618034  # multiples of it, modulo 1, are spread evenly for any number of clients
# Bytes that may wait for one client beyond its socket: a key frame of a large stream. What does
# not fit is left out, so that TCP cannot hide that a client falls behind.
_MOST_WAITING = 131_072
_AT_ONCE = 0.001  # s; what is due so soon goes out with the rest: one wake-up instead of several
_LATE = 0.05  # s; a picture sent this much late is counted: the load generator itself was starved
_OVERDUE = 1.0  # s; further behind, the schedule begins anew instead of racing after it


@dataclass(slots=True)
class Sent:
    """What one mount did so far.

    Attributes:
        clients: Connections that play at the moment.
        sent: Pictures handed to the network.
        dropped: Pictures left out because the client did not take what was sent before.
        late: Pictures sent more than 50 ms after their time, by the fault of the server.
        latest: Longest such delay in seconds.
        size: Bytes handed to the network.
    """

    clients: int = 0
    sent: int = 0
    dropped: int = 0
    late: int = 0
    latest: float = 0.0
    size: int = 0


class Wire(Protocol):
    """Where a sender writes: an `asyncio` transport, or a stand-in."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes; never blocks."""

    def get_write_buffer_size(self) -> int:
        """Bytes that the network did not take yet."""


class Sender:
    """One client's own run through a clip: its counters, its time line, its losses.

    Attributes:
        due: When the next picture is to be sent, on the clock of the event loop.
    """

    def __init__(self, stream: Stream, wire: Wire, sent: Sent, number: int, now: float) -> None:
        self._stream, self._wire, self._sent = stream, wire, sent
        self._phase = number * _GOLDEN % 1
        self._begin = self.due = now + self._phase * stream.interval
        # Key frames are large: clients begin with different ones, and in their own phase.
        self._first = stream.keys[number % len(stream.keys)]
        self._number = 0
        self._sequence = number * 7919 & 0xFFFF
        self._offset = 1 + number * 104_729  # ticks; cameras begin anywhere, never all at zero
        self._source = 0x45420000 | number & 0xFFFF
        self._until_key = False

    def send(self, now: float) -> None:
        """Send the picture that is due, or leave it out, and plan the next one."""
        stream, sent = self._stream, self._sent
        count = len(stream.pictures)
        rounds, at = divmod(self._first + self._number, count)
        picture = stream.pictures[at]
        delay = now - self.due
        if delay > _LATE:
            sent.late += 1
            sent.latest = max(sent.latest, delay)
        waiting = self._wire.get_write_buffer_size() > _MOST_WAITING
        self._until_key = waiting or (self._until_key and not picture.key)
        if self._until_key:
            sent.dropped += 1
        else:
            ticks = round((rounds * stream.seconds + picture.shown) * CLOCK) + self._offset
            data = picture.stamped(self._sequence, ticks, self._source)
            self._wire.write(data)
            sent.sent += 1
            sent.size += len(data)
        # A left-out picture leaves a gap in the numbers, as a lost one would.
        self._sequence = self._sequence + len(picture.headers) & 0xFFFF
        self._plan(now)

    def _plan(self, now: float) -> None:
        self._number += 1
        self.due = self._begin + self._number * self._stream.interval
        if now - self.due > _OVERDUE:
            self._begin += now - self.due
            self.due = now


class Pacer:
    """Calls each sender when it is due. Lives in the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due: list[tuple[float, int, Sender]] = []
        self._gone: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, number: int, sender: Sender) -> None:
        """Begin to send; `number` is the client's own."""
        heapq.heappush(self._due, (sender.due, number, sender))
        self._sleep()

    def remove(self, number: int) -> None:
        """Send nothing more to this client."""
        self._gone.add(number)

    def _beat(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._due and self._due[0][0] <= now + _AT_ONCE:
            _, number, sender = self._due[0]
            if number in self._gone:
                self._gone.discard(number)
                heapq.heappop(self._due)
                continue
            sender.send(now)
            heapq.heapreplace(self._due, (sender.due, number, sender))
        self._sleep()

    def _sleep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due:
            self._timer = self._loop.call_at(self._due[0][0], self._beat)
