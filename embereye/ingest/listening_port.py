"""One TCP port for devices: opened, tried again while it cannot be, closed. Sensor thread."""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable

from embereye.ingest.tls_greeting import Gate, TlsGreeting
from embereye.model.errors import ConfigError, PortInUse
from embereye.model.messages import WorkerFailed
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

_BACKOFF = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # s before the port is tried again; the last repeats
# Bytes that wait in the kernel for one connection: 1,400 small packets, 7 s of a peer that is
# slowed to 200/s. Left alone, Linux lets 6 MB pile up, and what is read then is 11 minutes old.
_WAITING = 65_536
_HANDSHAKE = 5.0  # s for TLS, as for the first packet (sensor protocol, section 4)

Context = Callable[[], ssl.SSLContext | None]


class ListeningPort:
    """Keeps one port open.

    Attributes:
        port: The bound TCP port, None while not listening. Any thread.
        fault: Why it cannot listen, in words, "" while it can. Any thread.
    """

    def __init__(
        self,
        name: str,
        option: str,
        clock: Clock,
        post: Callable[[object], None],
        connection: Callable[[], asyncio.BufferedProtocol],
        gate: Gate,
    ) -> None:
        """`name` is the worker's in faults, `option` the section that an operator must change."""
        self.port: int | None = None
        self.fault = ""
        self._name = name
        self._option = option
        self._clock = clock
        self._post = post
        self._connection = connection
        self._gate = gate
        self._server: asyncio.Server | None = None
        self._tries = 0
        self._next_try = 0.0

    async def keep_open(self, host: str, port: int, context: Context = lambda: None) -> None:
        """Open the port if it is closed and due; a failure is told, not raised.

        `context` may raise ConfigError.
        """
        if self._server is not None or self._clock.mono() < self._next_try:
            return
        try:
            await self._open(host, port, context())
        except (PortInUse, ConfigError) as error:
            self._note_failure(str(error))
        else:
            self._note_success(host)

    def close(self) -> None:
        """Accept nobody any more; connections stay. It may be opened again at once."""
        self.port = None
        self._next_try = 0.0
        if self._server is not None:
            self._server.close()
            self._server = None

    def forgive(self) -> None:
        """It is not wanted any more: its fault is over."""
        self.close()
        self._tries = 0
        if self.fault:
            self._tell_recovered(f"The {self._name} is switched off.")

    async def _open(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._accepted(context), host, port)
        except OSError as error:
            raise PortInUse(self._cannot_listen(host, port, error)) from error
        for listening in self._server.sockets:  # accepted connections inherit it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WAITING)
        self.port = self._server.sockets[0].getsockname()[1]

    def _accepted(self, context: ssl.SSLContext | None) -> Callable[[], asyncio.BaseProtocol]:
        if context is None:
            return self._connection
        connection, gate = self._connection, self._gate
        return lambda: TlsGreeting(connection(), context, gate, _HANDSHAKE)

    def _note_failure(self, text: str) -> None:
        self._next_try = self._clock.mono() + _BACKOFF[min(self._tries, len(_BACKOFF) - 1)]
        self._tries += 1
        if text != self.fault:
            self.fault = text
            _log.error("%s", text)
            self._post(WorkerFailed(self._name, text, recovered=False, at=self._clock.now()))

    def _note_success(self, host: str) -> None:
        self._tries = 0
        _log.info("%s: listening on %s port %s", self._name, host, self.port)
        if self.fault:
            self._tell_recovered(f"The {self._name} works again on port {self.port}.")

    def _tell_recovered(self, text: str) -> None:
        self.fault = ""
        self._post(WorkerFailed(self._name, text, recovered=True, at=self._clock.now()))

    def _cannot_listen(self, host: str, port: int, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return (
                f"Port {port} for sensor devices is in use by another program. Close that program,"
                f" or choose another port in the settings ({self._option}.port)."
            )
        return (
            f"Cannot listen for sensor devices on {host} port {port}: {error.strerror or error}."
            f" Check the interface (sensors.host) and the port ({self._option}.port) in the"
            " settings."
        )
