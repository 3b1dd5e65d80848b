"""The server's side of the authenticated protocol on one connection. Sensor thread, no I/O.

Source: sensor protocol, section 4. A hello proves nothing; the connection is the device's from its
first genuine packet on. A reading goes on at once; the acknowledgement waits for the disk.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from embereye.ingest import count_texts
from embereye.ingest import secure_packet as wire
from embereye.ingest.admission import Admission, Boot, clone_suspected
from embereye.ingest.clock_offset import told_apart
from embereye.ingest.inbox import RawPacket
from embereye.ingest.line_noise import LineNoise
from embereye.ingest.packet import Packet, read_sealed
from embereye.ingest.refusals import Refusals
from embereye.ingest.storing import Storing
from embereye.model.credential import DeviceKey
from embereye.model.device_messages import (
    DeviceAuthenticated,
    DeviceLogged,
    Direction,
    PacketsMissed,
)
from embereye.model.ids import DeviceId
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp

_TOO_OFTEN = "a start counter that no device can have reached"
_MALFORMED = "a malformed packet of the authenticated protocol"


class Accepted(NamedTuple):
    """A genuine packet that the engine has not seen; `made`: when, as far as that is known."""

    packet: Packet
    made: Stamp


@dataclass(slots=True)
class _Handshake:
    hello: wire.Hello
    key: DeviceKey
    nonce: str
    keys: wire.SessionKeys
    stored: int  # of its boot, as the challenge told it
    commands: int = 0


class _Proven:
    """A connection that is the device's, since it sent a genuine packet."""

    def __init__(self, shake: _Handshake, boot: Boot, storing: Storing) -> None:
        self.shake = shake
        self.boot = boot
        self.storing = storing


class AuthSession:
    """One peer that says it is an enrolled device.

    Attributes:
        begun: Whether it said hello; legacy texts are not for it from then on.
        ending: Why the connection must be closed, "" while it may stay.
        unstored: Whether the newest packet that came before waits for the disk still: then the
            device has a reason to send it again, else somebody plays it back.
    """

    def __init__(self, admission: Admission, address: str, wake: Callable[[], None]) -> None:
        """`wake` is called when there is something new in `replies` or `ending`."""
        self.begun = False
        self.ending = ""
        self.unstored = False
        self._admission = admission
        self._address = address
        self._wake = wake
        self._pending: _Handshake | None = None
        self._proven: _Proven | None = None
        self._challenge = b""
        self._damaged = False
        self._noise = LineNoise()
        self._refusals = Refusals(admission, address)
        self._now = 0.0  # when the newest message came, monotonic s

    @property
    def device(self) -> DeviceId | None:
        """The device that proved itself on this connection."""
        return None if self._proven is None else self._proven.boot.device

    @property
    def key(self) -> DeviceKey | None:
        """The key with which it proved itself."""
        return None if self._proven is None else self._proven.shake.key

    @property
    def boot(self) -> Boot | None:
        """What the proven device said since it was switched on."""
        return None if self._proven is None else self._proven.boot

    @property
    def claimed(self) -> DeviceId | None:
        """The device that the newest hello names; nothing is proved yet."""
        if self._pending is not None:
            return self._pending.key.device
        return self.device

    def hello(self, body: bytes, at: Stamp, out: list[object]) -> str:
        """Answer `#hi2`; returns why it is refused, "" when a challenge goes out."""
        said = wire.read_hello(body)
        if said is None:
            return _MALFORMED
        device = DeviceId(said.device)
        keys = self._admission.keys
        key = keys.valid(device, said.kid, at.utc)
        if key is None:
            known = keys.key(device, said.kid) is not None
            kind = SecurityKind.REVOKED_KEY if known else SecurityKind.UNKNOWN_KEY
            return self._refusals.refuse(kind, device, at, out)
        if self._admission.known_hello(device, said.boot, said.nonce):
            return self._refusals.refuse(SecurityKind.REPLAYED, device, at, out)
        if not self._admission.believable_boot(device, said.boot):
            return _TOO_OFTEN
        nonce = secrets.token_hex(wire.NONCE_BYTES)
        session = wire.session_keys(key.secret, said, nonce)
        repeated = self._pending is not None
        progress = self._admission.progress(device)
        stored = progress.seq if progress.boot == said.boot else 0
        self._pending = _Handshake(said, key, nonce, session, stored)
        self.begun = True
        milliseconds = _milliseconds(at)
        self._challenge = wire.challenge(
            session.to_device, nonce, milliseconds, progress.boot, progress.seq
        )
        return "another hello before anything was proved" if repeated else ""

    def message(self, body: bytes, at: Stamp, out: list[object]) -> Accepted | str | None:
        """Take `#m2`: what is new, None for what came before, or why it is refused."""
        self._now = at.mono
        sealed = wire.read_message(body)
        if sealed is None:
            self.damage()
            return _MALFORMED
        if self._given_up():
            return "packets after the connection was given up"
        proven = self._genuine(sealed, at, out)
        if proven is None:
            self.damage()
            return self._wrong(at, out)
        if self._given_up():
            return "packets after a damaged one that must come again"
        self._noise.genuine()
        return self._take(proven, sealed, at, out)

    def damage(self) -> None:
        """A packet of this connection was unreadable; it may have been a numbered one."""
        self._damaged = self._damaged or self.begun

    def store(self) -> None:
        """Send what came to the disk; at the end of a chunk."""
        if self._proven is not None:
            self._proven.storing.put(self._now)

    def replies(self) -> list[bytes]:
        """What to send now; each is returned once."""
        found: list[bytes] = []
        if self._challenge:
            found.append(self._challenge)
            self._challenge = b""
        if self._proven is not None:
            found += self._proven.storing.replies()
        return found

    def command(self, text: str, at: Stamp) -> bytes | None:
        """A command as `#c2`; TIME gets the present time, KEY the newer key, for this session.

        Only after a hello. A device that waits to be asked proves itself by its answer. None for a
        KEY when there is no newer one any more.
        """
        proven = self._proven
        shake = self._pending if proven is None else proven.shake
        if shake is None:
            raise RuntimeError("no hello was said on this connection")
        if text.startswith("TIME:"):
            text = f"TIME:{_milliseconds(at)}"
        elif text.startswith("KEY:"):
            text = self._newer_key(at)
            if not text:
                return None
        shake.commands += 1
        key = shake.keys.to_device
        return wire.command(key, shake.commands, _milliseconds(at), text.encode())

    def end(self, reason: str) -> None:
        """Give the connection up."""
        if not self.ending:
            self.ending = reason
            self._wake()

    def tick(self, at: Stamp, out: list[object]) -> None:
        """Notice a key that is no longer good, and a disk that fails or works again."""
        if self._proven is None or self.ending:
            return
        key = self._proven.shake.key
        self._proven.storing.tick(at.mono)
        if self._admission.keys.valid(key.device, key.kid, at.utc) is None:
            self._refusals.refuse(SecurityKind.REVOKED_KEY, key.device, at, out)
            self.end("its key was revoked or expired")
        elif (
            self._admission.refuses(self._proven.shake.hello.firmware)
            != self._proven.storing.refused
        ):
            self.end("what is asked of its firmware changed")

    def close(self) -> None:
        """The connection is gone."""
        if self._proven is not None:
            self._admission.left(self._proven.boot.device, self)

    def _newer_key(self, at: Stamp) -> str:
        """The command that hands it over to the proven device, "" when there is nothing to do."""
        shake = None if self._proven is None else self._proven.shake
        newer = None if shake is None else self._admission.successor(shake.key, at.utc)
        if shake is None or newer is None:
            return ""
        old, said = shake.key.secret, shake.hello
        return wire.wrap_key(old, said, shake.nonce, newer.kid, newer.secret).decode()

    def _given_up(self) -> bool:
        return self.ending != ""

    def _genuine(self, sealed: wire.Sealed, at: Stamp, out: list[object]) -> _Proven | None:
        proven = self._proven
        if proven is not None and wire.genuine(proven.shake.keys.to_server, sealed):
            return proven
        pending = self._pending
        if pending is None or not wire.genuine(pending.keys.to_server, sealed):
            return None
        self._pending = None
        self.store()  # what the connection said as before
        return self._prove(pending, sealed.numbers[0], at, out)

    def _prove(self, shake: _Handshake, first: int, at: Stamp, out: list[object]) -> _Proven:
        key, said = shake.key, shake.hello
        device = key.device
        progress = self._admission.progress(device)
        boot = self._admission.boot(device, said.boot)
        self.close()
        proven = self._proven = _Proven(shake, boot, self._storing(shake, boot))
        # What only the engine saw is not stored: the device has it still.
        if first > boot.stored + 1 and self._damaged:
            self.end("a packet before its first one was damaged; it will send it again")
        missing = boot.seen.missing_before(first) - boot.seen.missing_before(boot.stored + 1)
        if not boot.fresh and not self._damaged:
            if missing > 0:
                out.append(PacketsMissed(device, missing, at))
            given_up = first - 1 - boot.stored - max(0, missing)
            text = count_texts.given_up(given_up)
            if given_up > 0 and not self._admission.stalled:
                out.append(DeviceLogged(device, at, Direction.EVENT, text))
        self._damaged = boot.fresh = False
        out.append(DeviceAuthenticated(device, at, self._address, key.kid, said.firmware))
        takeovers = self._admission.proved(device, (said.boot, said.nonce), self, at.mono)
        self._look_for_clones(proven, progress.boot, takeovers, at, out)
        return proven

    def _look_for_clones(
        self, proven: _Proven, before: int, takeovers: int, at: Stamp, out: list[object]
    ) -> None:
        device, boot = proven.boot.device, proven.boot.number
        text = ""
        if clone_suspected(takeovers):
            text = count_texts.flapping(device, takeovers)
        elif boot < before:
            text = count_texts.went_back(device, before, boot)
            proven.storing.restart()  # its numbers may be stored as those of another value
            out.append(DeviceLogged(device, at, Direction.EVENT, text))
        if text:
            self._refusals.tell(SecurityKind.CLONE, device, text, at, out)

    def _take(
        self, proven: _Proven, sealed: wire.Sealed, at: Stamp, out: list[object]
    ) -> Accepted | str | None:
        seq, device_ms = sealed.numbers
        boot, storing = proven.boot, proven.storing
        if seq <= proven.shake.stored and not storing.restarted:
            self._restart(proven, seq, at, out)
        self.unstored = seq > boot.stored or storing.restarted
        if not self.unstored:
            storing.came_before()
            return None
        window = storing.window or storing.begin(seq, at.mono)
        passed = window.passes(seq)
        if passed and self._damaged:
            self.end("a damaged packet was not sent again in time; it will be")
            return "packets after a damaged one that never came again"
        if not window.take(seq):
            storing.came_before()
            return None
        if passed:
            window.leave_behind()
            out.append(PacketsMissed(boot.device, passed, at))
        boot.clock.note(device_ms, at, in_order=seq == window.top)
        return self._new(proven, sealed, at)

    def _new(self, proven: _Proven, sealed: wire.Sealed, at: Stamp) -> Accepted | None:
        """What this connection did not say yet; None when another one said it to the engine."""
        seq, device_ms = sealed.numbers
        boot = proven.boot
        made = told_apart(boot.clock.stamp(device_ms, at, self._admission.window), seq)
        if not proven.storing.restarted:
            proven.storing.keep(
                RawPacket(boot.device, boot.number, seq, at.utc, device_ms, sealed.body, made.utc)
            )
            if not boot.seen.take(seq):
                return None
            boot.seen.bound()
        return Accepted(read_sealed(sealed.body), made)

    def _restart(self, proven: _Proven, seq: int, at: Stamp, out: list[object]) -> None:
        """A number that the challenge called stored: the device counts anew in an old boot.

        A device that follows the protocol forgets such packets before it sends any. No clock is
        asked: one that restarts like the counter would excuse it.
        """
        self.store()  # what came before is another count
        proven.storing.restart()
        boot = proven.boot
        text = count_texts.restarted(boot.device, boot.number, seq, proven.shake.stored)
        self._refusals.tell(SecurityKind.CLONE, boot.device, text, at, out)
        out.append(DeviceLogged(boot.device, at, Direction.EVENT, text))

    def _storing(self, shake: _Handshake, boot: Boot) -> Storing:
        def end(reason: str) -> None:
            if self._proven is not None and self._proven.shake is shake:
                self.end(reason)

        key, refused = shake.keys.to_device, self._admission.refuses(shake.hello.firmware)
        return Storing(self._admission, key, boot, end, self._wake, refused=refused)

    def _wrong(self, at: Stamp, out: list[object]) -> str:
        count = 1 if self._proven is None else self._noise.wrong()
        return self._refusals.refuse(SecurityKind.FORGED, self.claimed, at, out, count)


def _milliseconds(at: Stamp) -> int:
    return max(0, int(at.utc * 1000))
