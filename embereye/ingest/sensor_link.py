"""One accepted TCP connection: a thin wire below a `Conversation`. Sensor thread."""

import asyncio
from typing import cast

from embereye.ingest.conversation import CHUNK, Conversation, Owner


class SensorLink(asyncio.BufferedProtocol):
    """Reads, holds back, writes; what it means is the conversation's."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._buffer = memoryview(bytearray(CHUNK))
        self._transport: asyncio.Transport | None = None
        self._conversation: Conversation | None = None
        self._resume: asyncio.TimerHandle | None = None
        self._closing = "closed by the device"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        conversation = Conversation(self._owner, self, str(peer[0]) if peer else "unknown")
        if not conversation.open():
            self._transport.abort()
            return
        self._conversation = conversation
        self.adjust_reading()

    def get_buffer(self, sizehint: int) -> memoryview:
        conversation = self._conversation
        return self._buffer if conversation is None else self._buffer[: conversation.chunk]

    def buffer_updated(self, nbytes: int) -> None:
        if self._conversation is None:
            return
        pause = self._conversation.receive(bytes(self._buffer[:nbytes]))
        if pause > 0:
            self._slow_down(pause)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._resume is not None:
            self._resume.cancel()
        if self._conversation is not None:
            reason = f"the connection broke: {exc}" if exc is not None else self._closing
            self._conversation.closed(reason)
            self._conversation = None

    # --- for the conversation ---

    def write(self, data: bytes) -> None:
        """Send; returns at once."""
        if self._transport is not None:
            self._transport.write(data)

    def can_write(self) -> bool:
        """Whether the kernel took all that was written before."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        return transport.get_write_buffer_size() == 0

    def adjust_reading(self) -> None:
        """Read, unless the program or the peer's own rate forbids it."""
        if self._transport is None or self._transport.is_closing():
            return
        held = self._conversation is not None and self._conversation.held
        if held or self._resume is not None:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def close(self, reason: str) -> None:
        """Close at once, unsent bytes are lost."""
        self._closing = reason
        if self._transport is not None:
            self._transport.abort()

    def _slow_down(self, seconds: float) -> None:
        """Read nothing for a while: a flood waits in the peer, no packet is thrown away."""
        if self._resume is None:
            loop = asyncio.get_running_loop()
            self._resume = loop.call_later(seconds, self._speed_up)
        self.adjust_reading()

    def _speed_up(self) -> None:
        self._resume = None
        self.adjust_reading()
