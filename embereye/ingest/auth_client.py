"""The device's side of the authenticated protocol: a reference that device makers may copy. Pure.

No sockets, no threads, no clock: bytes and the running clock go in, bytes come out. It needs
HMAC-SHA256, eight random bytes a connection, and memory that survives a loss of power for one
number and two keys. `docs/device-protocol.md` has the protocol in words, with test vectors.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

from embereye.ingest import secure_packet as wire
from embereye.ingest.auth_queue import PacketQueue
from embereye.ingest.packet import CAP

ANSWER_WITHIN = 10_000  # ms until a hello must be answered; the server needs one look into memory
# ms without an answer while packets are under way; it takes 3 s at most, and twice a
# minute stays below what the server calls flapping (more than 3 connections a minute).
STORED_WITHIN = 30_000

_TIME = re.compile(rb"TIME:([0-9]{1,19})")


class Phase(Enum):
    """Of the connection. GREETING: the hello is sent; OPEN: the server has proved itself."""

    CLOSED = "closed"
    GREETING = "greeting"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key and its name; `secret` (32 bytes) is not in `repr`."""

    kid: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a device keeps without power, written before anything that depends on it is sent.

    Attributes:
        boot: Number of this start, one more than that of the last.
        keys: The working key; during a rotation also the one that shall replace it, last.
    """

    boot: int
    keys: tuple[ClientKey, ...]

    def started(self) -> "Memory":
        """After another start of the device."""
        return replace(self, boot=self.boot + 1)


class AuthClient:
    """One device. One thread.

    All times are `uptime_ms`, milliseconds of a clock that never jumps, such as since power-on.

    Attributes:
        memory: To be saved whenever it changed, before what `outgoing` gives is sent.
        phase: Of the connection.
        trouble: Why the connection must be closed now, "" while it need not.
        prompt: Whether to connect again at once after `trouble`, else after a pause.
        offset_ms: Milliseconds since 1970 less uptime; None before the device knows the time.
        queue: What is not stored by the server yet, and still kept.
        refused: Packets of the server that were forged, replayed or made no sense.
    """

    def __init__(
        self,
        device: str,
        memory: Memory,
        on_command: Callable[[bytes], None],
        firmware: str = "",
        offset_ms: int | None = None,
        queue: PacketQueue | None = None,
        window: int = wire.WINDOW,
    ) -> None:
        """`on_command` is given every genuine command but TIME and KEY, which are obeyed here.

        `window` packets are sent before one must be acknowledged or judged; 1 on a half-duplex
        line, where the answer would collide with the next packet. ValueError when the names or
        the firmware text cannot be written.
        """
        for key in memory.keys:
            said = wire.Hello(device, key.kid, memory.boot, "0" * 16, firmware)
            if wire.read_hello(wire.hello(said)[1:-1]) != said:
                raise ValueError("a name, the boot or the firmware text cannot be written")
        self.memory = memory
        self.phase = Phase.CLOSED
        self.trouble = ""
        self.prompt = False
        self.offset_ms = offset_ms
        self.queue = PacketQueue() if queue is None else queue
        self.refused = 0
        self._device = device
        self._firmware = firmware
        self._on_command = on_command
        self._window = window
        self._splitter = Splitter()
        self._failures = 0  # connections in a row on which no key was proved
        self._confirmed = False  # the server has accepted this boot as a new one
        self._waits_since = 0
        self._last_command = 0
        self._said: wire.Hello | None = None
        self._key = memory.keys[-1]
        self._server_nonce = ""
        self._session = wire.SessionKeys(b"", b"")

    def connected(self, nonce: str, uptime_ms: int) -> bytes:
        """A connection is open; returns the hello to send. `nonce`: 16 fresh random hex digits."""
        keys = self.memory.keys
        self._key = keys[-1 - self._failures % len(keys)]
        self._said = wire.Hello(
            self._device, self._key.kid, self.memory.boot, nonce, self._firmware
        )
        self._splitter = Splitter()
        self._last_command = 0
        self.phase, self.trouble, self.prompt = Phase.GREETING, "", False
        self._waits_since = uptime_ms
        return wire.hello(self._said)

    def disconnected(self) -> None:
        """The connection is gone, whoever ended it."""
        if self.phase is Phase.GREETING:
            self._failures += 1
        self.phase = Phase.CLOSED

    def offer(self, body: bytes, uptime_ms: int, *, urgent: bool = False) -> bool:
        """Say something, also while there is no connection.

        False when the queue is full: stop measuring, or keep it and offer it again. `urgent` is
        for what raises an alarm: room is kept for it. ValueError for a body that no message can
        carry: it would come back for ever.
        """
        if not wire.is_body(body):
            raise ValueError("the body is empty, too long, or not plain ASCII")
        return self.queue.offer(body, uptime_ms, urgent=urgent)

    def outgoing(self, uptime_ms: int) -> list[bytes]:
        """The packets to send now, in this order; none before the server has proved itself."""
        packets: list[bytes] = []
        while self.phase is Phase.OPEN and not self.trouble and self.queue.in_flight < self._window:
            kept = self.queue.take()
            if kept is None:
                break
            if self.queue.in_flight == 1:
                self._waits_since = uptime_ms
            stamp = min(max(0, kept.uptime_ms + (self.offset_ms or 0)), wire.MOST_NUMBER)
            packets.append(wire.message(self._session.to_server, kept.seq, stamp, kept.body))
        return packets

    def receive(self, chunk: bytes, uptime_ms: int) -> None:
        """Take bytes of the server; nothing in them can do harm or raises."""
        for body in self._splitter.feed(chunk):
            if self.trouble:
                return
            if not self._take(body, uptime_ms):
                self.refused += 1

    def watch(self, uptime_ms: int) -> None:
        """Look at the time limits; about once a second."""
        waited = uptime_ms - self._waits_since
        if self.phase is Phase.GREETING and waited > ANSWER_WITHIN:
            self._end("the server did not answer the hello")
        elif self.phase is Phase.OPEN and self.queue.in_flight and waited > STORED_WITHIN:
            self._end("the server acknowledges nothing")

    def _take(self, body: bytes, uptime_ms: int) -> bool:
        if self.phase is Phase.GREETING:
            challenge = wire.read_challenge(body)
            return challenge is not None and self._challenged(challenge, uptime_ms)
        if self.phase is not Phase.OPEN:
            return False
        acknowledgement = wire.read_acknowledgement(body)
        if acknowledgement is not None:
            return self._acknowledged(acknowledgement, uptime_ms)
        receipt = wire.read_receipt(body)
        if receipt is not None:
            return self._judged(receipt, uptime_ms)
        command = wire.read_command(body)
        return command is not None and self._commanded(command, uptime_ms)

    def _challenged(self, challenge: wire.Sealed, uptime_ms: int) -> bool:
        said, key = self._said, self._key
        if said is None:
            return False
        session = wire.session_keys(key.secret, said, challenge.nonce)
        if not wire.genuine(session.to_device, challenge):
            self._end("the server does not have the key")
            return False
        self._failures = 0
        if key == self.memory.keys[-1]:  # the new key works: the old one is not needed any more
            self.memory = replace(self.memory, keys=(key,))
        server_ms, last_boot, last_seq = challenge.numbers
        if self.offset_ms is None:
            self.offset_ms = server_ms - uptime_ms
        if self._is_old(last_boot, last_seq):
            return self._boot_again(last_boot)
        if last_boot == said.boot:
            self.queue.stored(last_seq)
        self.queue.rewind()
        self._confirmed = True
        self._session, self._server_nonce = session, challenge.nonce
        self.phase = Phase.OPEN
        return True

    def _is_old(self, last_boot: int, last_seq: int) -> bool:
        """Whether the server knows packets of this boot, or of a later one, that are not ours."""
        if last_boot != self.memory.boot:
            return last_boot > self.memory.boot
        return not self._confirmed or last_seq > self.queue.newest

    def _boot_again(self, last_boot: int) -> bool:
        if last_boot >= wire.MOST_NUMBER:
            self._end("the server has seen the last possible boot")
            return False
        self.memory = replace(self.memory, boot=last_boot + 1)
        self.queue.renumber()
        self._confirmed = False
        self._end("the boot number was used before", prompt=True)
        return True

    def _acknowledged(self, sealed: wire.Sealed, uptime_ms: int) -> bool:
        (seq,) = sealed.numbers
        if not wire.genuine(self._session.to_device, sealed) or seq > self.queue.newest:
            return False
        if self.queue.stored(seq):
            self._waits_since = uptime_ms
        return True

    def _judged(self, sealed: wire.Sealed, uptime_ms: int) -> bool:
        """The server lives and judges, but cannot store: go on, and keep what there is room for."""
        (seq,) = sealed.numbers
        if not wire.genuine(self._session.to_device, sealed) or seq > self.queue.newest:
            return False
        if self.queue.judged(seq):
            self._waits_since = uptime_ms
        return True

    def _commanded(self, sealed: wire.Sealed, uptime_ms: int) -> bool:
        seq, _ = sealed.numbers
        if not wire.genuine(self._session.to_device, sealed) or seq <= self._last_command:
            return False
        self._last_command = seq
        if sealed.body.startswith(b"KEY:"):
            return self._keep_key(sealed.body)
        if sealed.body.startswith(b"TIME:"):
            time = _TIME.fullmatch(sealed.body)
            if time is None:
                return False
            self.offset_ms = int(time[1]) - uptime_ms
            return True
        self._on_command(sealed.body)
        return True

    def _keep_key(self, body: bytes) -> bool:
        """Keep a new key beside the one in use, and try it at once."""
        said = self._said
        found = said and wire.unwrap_key(self._key.secret, said, self._server_nonce, body)
        if not found or found[0] == self._key.kid:
            return False
        self.memory = replace(self.memory, keys=(self._key, ClientKey(*found)))
        self._end("a new key came", prompt=True)
        return True

    def _end(self, why: str, *, prompt: bool = False) -> None:
        self.trouble, self.prompt = why, prompt


class Splitter:
    """Cuts the server's bytes into the bodies between "#" and "!", however they were chunked."""

    def __init__(self) -> None:
        self._tail = b""

    @property
    def waiting(self) -> int:
        """Bytes of an unfinished packet, below 4 KiB."""
        return len(self._tail)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The bodies that `chunk` completes; a packet begins at the last "#" before its "!"."""
        *stretches, tail = (self._tail + chunk).split(b"!")
        start = tail.rfind(b"#")
        self._tail = tail[start:] if start >= 0 and len(tail) - start < CAP else b""
        return [
            stretch[stretch.rfind(b"#") + 1 :]
            for stretch in stretches
            if b"#" in stretch and len(stretch) - stretch.rfind(b"#") < CAP
        ]
