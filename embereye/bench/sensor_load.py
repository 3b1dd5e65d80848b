"""Load on a sensor listener, made in a process of its own; sends what it counts."""

import selectors
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from embereye.runtime.clock import SystemClock

TICK = 0.0002  # s; unit of the send time in ADC3, so that 12 bits hold 0.8 s
_WRAP = 4096

_LOOK = 0.01  # s; longest wait of the flood for a socket that takes more
_SEND_BUFFER = 65_536  # bytes; else megabytes wait here when the time is over
_PATIENCE = 30.0  # s for the listener to read what is on its way


@dataclass(frozen=True, slots=True)
class Load:
    """What to send.

    Attributes:
        payloads: What each connection repeats, one per connection.
        packets: Packets in one payload.
    """

    port: int
    payloads: tuple[bytes, ...]
    packets: int
    seconds: float


class LoadProcess:
    """A running generator."""

    def __init__(self, body: Callable[..., None], *args: object, name: str | None = None) -> None:
        context = get_context("spawn")
        self._results, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=body, args=(*args, theirs), name=name, daemon=True)
        self._process.start()
        theirs.close()

    def count(self) -> int:
        """Wait for the next number that it tells."""
        return int(self._results.recv())

    def sent(self) -> int:
        """Wait for the end; packets handed to the network."""
        try:
            return self.count()
        finally:
            self._process.join(_PATIENCE)

    def end(self) -> None:
        """End it now, whatever it still had to send."""
        self._process.kill()
        self._process.join(_PATIENCE)
        self._results.close()


def flood(load: Load, results: Connection) -> None:
    """Send as fast as the listener reads, then close each connection in order."""
    clock = SystemClock()
    selector = selectors.DefaultSelector()
    connections = [connect(load.port) for _ in load.payloads]
    left: dict[socket.socket, memoryview] = {}
    payload = dict(zip(connections, load.payloads, strict=True))
    for each in connections:
        selector.register(each, selectors.EVENT_WRITE, each)
        left[each] = memoryview(b"")
    sent, end = 0, clock.mono() + load.seconds
    while selector.get_map():
        for key, _ in selector.select(_LOOK):
            connection: socket.socket = key.data
            if not left[connection]:
                if clock.mono() >= end:
                    selector.unregister(connection)
                    continue
                left[connection] = memoryview(payload[connection])
                sent += load.packets
            done = connection.send(left[connection])
            left[connection] = left[connection][done:]
    _finish(connections)
    results.send(sent)


def paced(
    port: int, idents: Sequence[str], rate: float, seconds: float, results: Connection
) -> None:
    """Each device sends `rate` packets a second, evenly spread, its send time in ADC3."""
    clock = SystemClock()
    connections = [connect(port) for _ in idents]
    gap = 1 / (rate * len(idents))
    began = clock.mono()
    pause = selectors.DefaultSelector()  # sleeps exactly; nothing is registered
    count = int(seconds * rate * len(idents))
    for number in range(count):
        wait = began + number * gap - clock.mono()
        if wait > 0:
            pause.select(wait)
        which = number % len(idents)
        stamp = send_ticks(clock.mono())
        text = f"#Sensor{idents[which]}:ADC1=270,ADC2=1310,ADC3={stamp},DIO=0!\r\n"
        connections[which].send(text.encode())
    _finish(connections)
    results.send(count)


def send_ticks(mono: float) -> int:
    """A moment of the machine-wide monotonic clock as 12 bits."""
    return int(mono / TICK) % _WRAP


def age(ticks: int, mono: float) -> float:
    """Seconds since the moment that became `ticks`; right below 0.8 s."""
    return ((int(mono / TICK) - ticks) % _WRAP) * TICK


def connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), _PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    connection.setblocking(False)
    return connection


def _finish(connections: Sequence[socket.socket]) -> None:
    """Close without losing bytes: a close with unread commands would reset the connection."""
    for connection in connections:
        connection.setblocking(True)
        connection.settimeout(_PATIENCE)
        connection.shutdown(socket.SHUT_WR)
    for connection in connections:
        while connection.recv(4096):
            pass
        connection.close()
