"""A TLS handshake that counts as a connection from its first byte. Sensor thread.

The event loop can shake hands by itself, but tells nobody before that is done: a peer could hold
thousands of connections open in it, whatever the limits say.
"""

import asyncio
import ssl
from contextlib import suppress
from typing import Protocol, cast


class Gate(Protocol):
    """Who may knock; same thread."""

    def knock(self, address: str) -> bool:
        """Count a peer that begins a handshake; False when it has too many connections."""

    def knocked(self, address: str) -> None:
        """Its handshake is over."""


class TlsGreeting(asyncio.Protocol):
    """One accepted connection until it is encrypted; then `link` has it."""

    def __init__(
        self, link: asyncio.BufferedProtocol, context: ssl.SSLContext, gate: Gate, patience: float
    ) -> None:
        """`patience`: seconds for the handshake."""
        self._link = link
        self._context = context
        self._gate = gate
        self._patience = patience
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        plain = cast(asyncio.Transport, transport)
        peer = plain.get_extra_info("peername")
        address = str(peer[0]) if peer else "unknown"
        if not self._gate.knock(address):
            plain.abort()
            return
        plain.pause_reading()  # what comes is for the encryption
        self._task = asyncio.get_running_loop().create_task(self._greet(plain, address))

    async def _greet(self, plain: asyncio.Transport, address: str) -> None:
        early = _Early()
        secure: asyncio.Transport | None = None
        try:
            with suppress(OSError):  # no TLS, too late, gone: the peer knows, nobody else must
                secure = await asyncio.get_running_loop().start_tls(
                    plain,
                    early,
                    self._context,
                    server_side=True,
                    ssl_handshake_timeout=self._patience,
                )
        finally:
            self._gate.knocked(address)
        if secure is None or early.lost:
            plain.abort()
            return
        secure.set_protocol(self._link)
        self._link.connection_made(secure)
        early.hand_over(self._link)


class _Early(asyncio.Protocol):
    """Keeps what comes with the end of the handshake, at most what one turn of the loop reads."""

    def __init__(self) -> None:
        self.lost = False
        self._chunks: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        self._chunks.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def hand_over(self, link: asyncio.BufferedProtocol) -> None:
        rest = memoryview(b"".join(self._chunks))
        while rest:
            buffer = cast(memoryview, link.get_buffer(len(rest)))
            size = min(len(buffer), len(rest))
            buffer[:size] = rest[:size]
            link.buffer_updated(size)
            rest = rest[size:]
