"""A TCP proxy that harms what it carries: resets, flipped bits, latency. For tests of devices.

Each read in either direction is one roll of the dice. The target may change or be
None (nobody listens: new connections are closed) while it runs.
"""

import asyncio
import random
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET

_RESET = struct.pack("ii", 1, 0)  # close with RST, what is under way is lost


@dataclass(frozen=True)
class Faults:
    """What happens to each read.

    Attributes:
        reset, flip: Probability 0–1 of a reset in the middle of it, and of one flipped bit.
        latency: Longest delay, s; each is uniform from 0.
        size: Bytes of one read at most; as many as a packet has, and the dice are for packets.
    """

    reset: float = 0.0
    flip: float = 0.0
    latency: float = 0.0
    size: int = 8192


class FaultProxy:
    """Listens on a loopback port of its own while `running`.

    Attributes:
        target: Port on 127.0.0.1 to which it connects; None: nobody is there.
        port: Where it listens.
        connections, resets, flips: Counted.
    """

    def __init__(self, faults: Faults, seed: int = 1) -> None:
        self.faults = faults
        self.target: int | None = None
        self.port = 0
        self.connections = self.resets = self.flips = 0
        self._rng = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def running(self) -> Iterator["FaultProxy"]:
        """Serve from a thread until the end of the block."""
        loop = asyncio.new_event_loop()
        ready, stop = threading.Event(), asyncio.Event()
        thread = threading.Thread(
            target=lambda: loop.run_until_complete(self._serve(ready, stop)), name="fault proxy"
        )
        thread.start()
        try:
            assert ready.wait(5.0)
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(5.0)
            loop.close()

    async def _serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            if self.target is not None:
                with suppress(OSError):
                    far = await asyncio.open_connection("127.0.0.1", self.target)
                    await self._join(reader, writer, *far)
        finally:
            _cut(writer)

    async def _join(
        self,
        near_in: asyncio.StreamReader,
        near_out: asyncio.StreamWriter,
        far_in: asyncio.StreamReader,
        far_out: asyncio.StreamWriter,
    ) -> None:
        """Carry both ways until one end closes or the dice cut the line."""
        ways = [
            asyncio.ensure_future(self._carry(near_in, far_out)),
            asyncio.ensure_future(self._carry(far_in, near_out)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            _cut(far_out)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(self.faults.size):
                if self.faults.latency:
                    await asyncio.sleep(self._rng.uniform(0.0, self.faults.latency))
                if self._rng.random() < self.faults.reset:
                    self.resets += 1
                    writer.write(chunk[: self._rng.randrange(len(chunk) + 1)])
                    return
                if self._rng.random() < self.faults.flip:
                    self.flips += 1
                    chunk = self._flipped(chunk)
                writer.write(chunk)
                await writer.drain()

    def _flipped(self, chunk: bytes) -> bytes:
        harmed = bytearray(chunk)
        harmed[self._rng.randrange(len(harmed))] ^= 1 << self._rng.randrange(8)
        return bytes(harmed)


def _cut(writer: asyncio.StreamWriter) -> None:
    """Close with a reset; nothing waits for the other end."""
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
    writer.transport.abort()
