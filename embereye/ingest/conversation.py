"""One peer, whatever its wire: its bytes in, messages out, commands back, limits. Sensor thread."""

from typing import Protocol

from embereye.config.schema import ListenerLimits
from embereye.ingest.admission import Admission
from embereye.ingest.device_session import Session
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.peer_limits import PeerLimits
from embereye.ingest.thermal_decode import ThermalPacket
from embereye.model.messages import PacketsRefused
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock

CHUNK = (
    8192  # bytes a read: about 180 small packets or two frames, 1–2 ms of work; peers take turns
)
_TALK = 1.0  # s; longest time for which answers wait while a peer talks without a pause
_DOUBTFUL_CHUNK = 1024  # bytes of a peer that shows nothing usable: 0.3 ms until it is cut


class Line(Protocol):
    """The wire to one peer: a TCP connection or a serial line; same thread."""

    def write(self, data: bytes) -> None:
        """Send; returns at once."""

    def can_write(self) -> bool:
        """Whether all that was written before has left; False of a wire that is closed."""

    def adjust_reading(self) -> None:
        """Look at `Conversation.held` again, and read or do not read."""

    def close(self, reason: str) -> None:
        """Cut the peer off at once and call `Conversation.closed`; unsent bytes are lost."""


class Owner(Protocol):
    """What a conversation needs of the listener; same thread."""

    clock: Clock
    states: DeviceStates
    admission: Admission
    holding: bool

    @property
    def limits(self) -> ListenerLimits:
        """What one peer may do."""

    def admit(self, conversation: "Conversation") -> str | None:
        """Take a new peer, or say why not."""

    def deliver(self, messages: list[object]) -> None:
        """Hand messages to the engine."""

    def decode_soon(self, conversation: "Conversation", frames: list[ThermalPacket]) -> None:
        """Decode frames together with those of other peers."""

    def lost(self, conversation: "Conversation") -> None:
        """The peer is gone."""


class Conversation:
    """What is said between one peer and this program.

    Attributes:
        address: Network address or serial port of the peer.
        line: Its wire.
    """

    def __init__(self, owner: Owner, line: Line, address: str) -> None:
        self.address = address
        self.line = line
        self._owner = owner
        self._session: Session | None = None
        self._limits: PeerLimits | None = None
        self._waits = False  # for the disk
        self._reply_by = 0.0  # monotonic s; answers wait no longer for a pause

    def open(self) -> bool:
        """Begin; False when the owner refuses the peer, whose line is then to be closed."""
        refusal = self._owner.admit(self)
        now = self._owner.clock.now()
        if refusal is not None:
            self._owner.deliver([PacketsRefused(None, self.address, 0, refusal, now)])
            return False
        owner = self._owner
        self._session = Session(owner.states, self.address, now, owner.admission, self._wake)
        self._limits = PeerLimits(self._owner.limits, now.mono)
        return True

    @property
    def chunk(self) -> int:
        """Bytes to read at most in one turn; little of a peer that is not trusted yet."""
        trusted = self._limits is not None and self._limits.trusted
        return CHUNK if trusted else _DOUBTFUL_CHUNK

    @property
    def held(self) -> bool:
        """Whether the program cannot take more of this peer now."""
        return self._owner.holding or self._waits

    @property
    def proven(self) -> bool:
        """Whether a device proved its identity here; its packets wait for the disk."""
        return self._session is not None and self._session.auth.device is not None

    def receive(self, data: bytes) -> float:
        """Take bytes; returns seconds for which to read nothing more, so that a flood is slow."""
        session, limits = self._session, self._limits
        if session is None or limits is None:
            return 0.0
        at = self._owner.clock.now()
        messages: list[object] = []
        frames: list[ThermalPacket] = []
        good, bad = session.good, session.bad
        session.receive(data, at, messages, frames)
        limits.count(len(data), session.good - good, session.bad - bad, at.mono)
        if messages:
            self._owner.deliver(messages)
        if frames:
            self._owner.decode_soon(self, frames)
        self._wait_for_disk(at.mono)
        self._reply()
        self._send_due(at)
        pause = limits.pause
        self._check(at.mono)
        return pause

    def tick(self, now: float) -> None:
        """Send what is due and look at the limits; about ten times a second."""
        if self._session is None:
            return
        at = self._owner.clock.now()
        messages: list[object] = []
        self._session.tick(at, messages)
        if messages:
            self._owner.deliver(messages)
        self._wait_for_disk(now)
        self._reply()
        self._send_due(at)
        self._check(now)

    def take_limits(self, limits: ListenerLimits) -> None:
        """Other limits from now on."""
        if self._limits is not None:
            self._limits.limits = limits

    def after_decoding(self, messages: list[object]) -> None:
        """Frames of this peer were decoded; append what they showed."""
        if self._session is not None:
            self._session.after_decoding(self._owner.clock.now(), messages)

    def released(self, now: float) -> None:
        """The program has caught up: read again, and count silence from now."""
        if self._limits is not None:
            self._limits.excuse(now)
        self.line.adjust_reading()

    def closed(self, reason: str) -> None:
        """The line is gone; nothing is received or sent any more."""
        if self._session is not None:
            self._owner.deliver(self._session.close(self._owner.clock.now(), reason))
            self._session = None
        self._owner.lost(self)

    def _wake(self) -> None:
        """The session has something to send, or wants to end."""
        self._wait_for_disk(self._owner.clock.mono())
        self._reply()
        self._end()

    def _wait_for_disk(self, now: float) -> None:
        """Read nothing more of a proven device while too many packets wait for the disk."""
        full = self.proven and self._owner.admission.full
        if full == self._waits:
            return
        self._waits = full
        if full:
            self.line.adjust_reading()
        else:
            self.released(now)

    def _reply(self) -> None:
        """Answer in the authenticated protocol; what cannot be sent now is sent later."""
        if self._session is None or not self.line.can_write():
            return
        now = self._owner.clock.mono()
        if self._session.schedule.talking(now) and now < self._reply_by:
            return  # on a half-duplex line it would spoil what is being said
        self._reply_by = now + _TALK
        for packet in self._session.auth.replies():
            self.line.write(packet)

    def _end(self) -> bool:
        """Close the line if the session wants that."""
        if self._session is None or not self._session.auth.ending:
            return False
        self.line.close(f"closed here: {self._session.auth.ending}")
        return True

    def _send_due(self, at: Stamp) -> None:
        if self._session is None:
            return
        # A peer that does not read gets nothing more; commands are tiny and 1 s apart. While
        # nothing is read, nobody knows whether the device talks.
        if self.held or not self.line.can_write():
            return
        command = self._session.command(at)
        if command is not None:
            self.line.write(command)
        events = self._session.logged(at)
        if events:
            self._owner.deliver(events)

    def _check(self, now: float) -> None:
        if self._end():
            return
        if self._limits is None or self._session is None or self.held:
            return
        schedule = self._session.schedule
        period = schedule.mode.poll if schedule.mode.on_demand else schedule.cycle
        offence = self._limits.offence(now, period)
        if offence is not None:
            self._limits = None
            at = self._owner.clock.now()
            text = f"connection closed: the peer {offence}"
            self._owner.deliver([PacketsRefused(None, self.address, 0, text, at)])
            self.line.close(f"closed here, since it {offence}")
