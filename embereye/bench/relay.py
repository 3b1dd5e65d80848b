"""A network between devices and listener that takes its time and breaks connections."""

import asyncio
import contextlib
from random import Random
from threading import Event

_LOOK = 0.05  # s between two looks at the stop event and the time of the next break
_CHUNK = 8192  # bytes; a command is one segment and stays one


class Relay:
    """Passes on TCP connections to a port of this machine. `run` belongs to a thread of its own.

    Attributes:
        port: Where devices connect, None before it listens.
        listening: Set while it does.
        breaks: Connections broken so far.
    """

    def __init__(self, target: int, delay: float, mean_break: float, seed: int = 1) -> None:
        """`delay`: one way, s; `mean_break`: mean time between two breaks, s, 0: none."""
        self.port: int | None = None
        self.listening = Event()
        self.breaks = 0
        self._target = target
        self._delay = delay
        self._mean = mean_break
        self._rng = Random(seed)  # noqa: S311 - moments, not secrets
        self._lines: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []

    def run(self, stop: Event) -> None:
        """Relay until `stop` is set; return within 1 s of that."""
        with asyncio.Runner() as runner:
            runner.run(self._serve(stop))

    async def _serve(self, stop: Event) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.listening.set()
        loop = asyncio.get_running_loop()
        due = loop.time() + self._pause()
        try:
            while not stop.is_set():
                await asyncio.sleep(_LOOK)
                if loop.time() >= due:
                    self._break_one()
                    due = loop.time() + self._pause()
        finally:
            server.close()
            while self._lines:
                self._cut(self._lines[-1])
            await asyncio.sleep(2 * _LOOK)  # for the tasks of the connections to end

    def _pause(self) -> float:
        return self._rng.expovariate(1 / self._mean) if self._mean > 0 else float("inf")

    def _break_one(self) -> None:
        if self._lines:
            self.breaks += 1
            self._cut(self._rng.choice(self._lines))

    def _cut(self, line: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
        if line in self._lines:
            self._lines.remove(line)
        for writer in line:
            writer.transport.abort()

    async def _accept(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        try:
            far, far_out = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            near_out.transport.abort()
            return
        line = (near_out, far_out)
        self._lines.append(line)
        pumps = (self._pump(near, far_out), self._pump(far, near_out))
        try:
            await asyncio.gather(*pumps)
        finally:
            self._cut(line)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK):
                loop.call_later(self._delay, _pass_on, sink, data)
        loop.call_later(self._delay, sink.transport.abort)


def _pass_on(sink: asyncio.StreamWriter, data: bytes) -> None:
    if not sink.transport.is_closing():
        sink.write(data)
