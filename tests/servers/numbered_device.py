"""A device with the real reference client on a real socket; it connects until all is stored."""

import secrets
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress

from embereye.ingest.auth_client import AuthClient, ClientKey, Memory
from embereye.model.ids import DeviceId

# The client waits 10 s for an answer that a flipped bit spoilt, 30 s for an acknowledgement; its
# own clock is ours times this, so that a test does not.
_HASTE = 15
_PAUSE = 0.02  # s before it connects again


class NumberedDevice:
    """Says its bodies in order; a thread between `start` and `end`.

    Attributes:
        offered: Bodies said so far.
        client: The real reference client.
    """

    def __init__(
        self,
        name: DeviceId,
        key: ClientKey,
        bodies: Sequence[bytes],
        port: int,
        haste: float = _HASTE,
    ) -> None:
        """`haste`: How much faster its clock runs than ours."""
        self.name = name
        self._haste = haste
        self.bodies = bodies
        self.client = AuthClient(name, Memory(1, (key,)), lambda command: None)
        self.offered = 0
        self._port = port
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"device {name}")

    @property
    def acknowledged(self) -> int:
        """Bodies 0 … this − 1 are said to be on the disk; never too high. Any thread."""
        return max(0, self.offered - len(self.client.queue))

    @property
    def finished(self) -> bool:
        """Whether all of them are."""
        return self.acknowledged == len(self.bodies)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Stop and wait for that."""
        self._stop.set()
        self._thread.join(10.0)

    def _live(self) -> None:
        while not self._stop.is_set() and not self.finished:
            with suppress(OSError):
                line = socket.create_connection(("127.0.0.1", self._port), 1.0)
                with closing(line):
                    self._talk(line)
            self.client.disconnected()
            self._stop.wait(_PAUSE)

    def _talk(self, line: socket.socket) -> None:
        client = self.client
        line.settimeout(0.01)
        line.sendall(client.connected(secrets.token_hex(8), self._uptime()))
        while not (client.trouble or self.finished or self._stop.is_set()):
            self._say()
            line.sendall(b"".join(client.outgoing(self._uptime())))
            with suppress(TimeoutError):
                heard = line.recv(4096)
                if not heard:
                    return
                client.receive(heard, self._uptime())
            client.watch(self._uptime())

    def _say(self) -> None:
        """Fill the queue with what comes next."""
        while self.offered < len(self.bodies):
            if not self.client.offer(self.bodies[self.offered], self._uptime()):
                return
            self.offered += 1  # only now: `acknowledged` is read by another thread

    def _uptime(self) -> int:
        return int(time.monotonic() * 1000 * self._haste)
