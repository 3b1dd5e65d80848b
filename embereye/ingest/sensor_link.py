"""One accepted connection: reading, holding back, commands, limits. Sensor thread."""

import asyncio
from typing import Protocol, cast

from embereye.config.schema import ListenerLimits
from embereye.ingest.device_session import Session
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.peer_limits import PeerLimits
from embereye.ingest.thermal_decode import ThermalPacket
from embereye.model.messages import PacketsRefused
from embereye.runtime.clock import Clock

_CHUNK = (
    8192  # bytes a read: about 180 small packets or two frames, 1–2 ms of work; peers take turns
)
_DOUBTFUL_CHUNK = 1024  # bytes of a peer that shows nothing usable: 0.3 ms until it is cut


class LinkOwner(Protocol):
    """What a connection needs of the listener; same thread."""

    clock: Clock
    states: DeviceStates
    holding: bool

    @property
    def limits(self) -> ListenerLimits:
        """What one peer may do."""

    def admit(self, link: "SensorLink") -> str | None:
        """Take a new connection, or say why not."""

    def deliver(self, messages: list[object]) -> None:
        """Hand messages to the engine."""

    def decode_soon(self, link: "SensorLink", frames: list[ThermalPacket]) -> None:
        """Decode frames together with those of other connections."""

    def lost(self, link: "SensorLink") -> None:
        """The connection is closed."""


class SensorLink(asyncio.BufferedProtocol):
    """Bytes of one peer to the engine, commands back."""

    def __init__(self, owner: LinkOwner) -> None:
        self.address = ""
        self.admitted = False
        self._owner = owner
        self._buffer = memoryview(bytearray(_CHUNK))
        self._transport: asyncio.Transport | None = None
        self._session: Session | None = None
        self._limits: PeerLimits | None = None
        self._resume: asyncio.TimerHandle | None = None
        self._closing = "closed by the device"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else "unknown"
        refusal = self._owner.admit(self)
        now = self._owner.clock.now()
        if refusal is not None:
            self._owner.deliver([PacketsRefused(None, self.address, 0, refusal, now)])
            self._transport.abort()
            return
        self.admitted = True
        self._session = Session(self._owner.states, self.address, now)
        self._limits = PeerLimits(self._owner.limits, now.mono)
        self.adjust_reading()

    def get_buffer(self, sizehint: int) -> memoryview:
        trusted = self._limits is not None and self._limits.trusted
        return self._buffer if trusted else self._buffer[:_DOUBTFUL_CHUNK]

    def buffer_updated(self, nbytes: int) -> None:
        session, limits = self._session, self._limits
        if session is None or limits is None:
            return
        at = self._owner.clock.now()
        messages: list[object] = []
        frames: list[ThermalPacket] = []
        good, bad = session.good, session.bad
        session.receive(bytes(self._buffer[:nbytes]), at, messages, frames)
        limits.count(nbytes, session.good - good, session.bad - bad, at.mono)
        if messages:
            self._owner.deliver(messages)
        if frames:
            self._owner.decode_soon(self, frames)
        self._send_due(at.mono)
        if limits.pause > 0:
            self._slow_down(limits.pause)
        self._check(at.mono)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._resume is not None:
            self._resume.cancel()
        if self._session is not None:
            reason = f"the connection broke: {exc}" if exc is not None else self._closing
            self._owner.deliver(self._session.close(self._owner.clock.now(), reason))
            self._session = None
        self._owner.lost(self)

    def tick(self, now: float) -> None:
        """Send what is due and look at the limits; about ten times a second."""
        self._send_due(now)
        self._check(now)

    def take_limits(self, limits: ListenerLimits) -> None:
        """Other limits from now on."""
        if self._limits is not None:
            self._limits.limits = limits

    def after_decoding(self, messages: list[object]) -> None:
        """Frames of this connection were decoded; append what they showed."""
        if self._session is not None:
            self._session.after_decoding(self._owner.clock.now(), messages)

    def released(self, now: float) -> None:
        """The engine has caught up: read again, and count silence from now."""
        if self._limits is not None:
            self._limits.excuse(now)
        self.adjust_reading()

    def adjust_reading(self) -> None:
        """Read, unless the engine or the peer's own rate forbids it."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._owner.holding or self._resume is not None:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def abort(self, reason: str) -> None:
        """Close at once, unsent bytes are lost."""
        self._closing = reason
        if self._transport is not None:
            self._transport.abort()

    def _send_due(self, now: float) -> None:
        if self._session is None or self._transport is None or self._transport.is_closing():
            return
        command = self._session.schedule.due(now)
        # A peer that does not read gets nothing more; commands are tiny and 1 s apart.
        if command is not None and self._transport.get_write_buffer_size() == 0:
            self._transport.write(command)

    def _slow_down(self, seconds: float) -> None:
        """Read nothing for a while: a flood waits in the peer, no packet is thrown away."""
        if self._resume is None:
            loop = asyncio.get_running_loop()
            self._resume = loop.call_later(seconds, self._speed_up)
        self.adjust_reading()

    def _speed_up(self) -> None:
        self._resume = None
        self.adjust_reading()

    def _check(self, now: float) -> None:
        if self._limits is None or self._session is None or self._owner.holding:
            return
        schedule = self._session.schedule
        period = schedule.mode.poll if schedule.mode.on_demand else schedule.cycle
        offence = self._limits.offence(now, period)
        if offence is not None:
            self._limits = None
            at = self._owner.clock.now()
            text = f"connection closed: the peer {offence}"
            self._owner.deliver([PacketsRefused(None, self.address, 0, text, at)])
            self.abort(f"closed here, since it {offence}")
