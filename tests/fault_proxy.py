"""A network between devices and the listener that fails as networks do."""

import asyncio
import contextlib
import socket
import struct
from enum import Enum
from threading import Event

_LOOK = 0.05  # s


class Fault(Enum):
    """What happens to the bytes of the devices."""

    NONE = "none"
    HOLE = "hole"  # swallowed; the connection stays open (half-open)
    GAP = "gap"  # held back, and delivered when it is over
    CLOSE = "close"  # the listener gets a FIN
    RESET = "reset"  # the listener gets a RST


class FaultProxy:
    """Forwards TCP connections to `port`. `run` belongs to a thread; `fault` to any.

    Attributes:
        port: Where devices connect to, once `ready` is set.
    """

    def __init__(self, port):
        self.fault = Fault.NONE
        self.port = 0
        self.ready = Event()
        self._to = port
        self._tasks = set()

    def run(self, stop):
        """Forward until stopped."""
        with asyncio.Runner() as runner:
            runner.run(self._serve(stop))

    async def _serve(self, stop):
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        while not stop.is_set():
            await asyncio.sleep(_LOOK)
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.CancelledError):
            upstream, onward = await asyncio.open_connection("127.0.0.1", self._to)
            back = asyncio.create_task(self._copy(upstream, writer))
            try:
                await self._forward(reader, onward)
            finally:
                back.cancel()
                onward.close()
                writer.close()

    async def _copy(self, reader, writer):
        """Commands to the device."""
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                writer.write(data)

    async def _forward(self, reader, onward):
        held = b""
        while True:
            with contextlib.suppress(TimeoutError):
                data = await asyncio.wait_for(reader.read(65_536), _LOOK)
                if not data:
                    return
                held += data
            if self.fault is Fault.RESET:
                onward.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            if self.fault in (Fault.CLOSE, Fault.RESET):
                return
            if self.fault is Fault.HOLE:
                held = b""
            elif self.fault is Fault.NONE and held:
                onward.write(held)
                held = b""
