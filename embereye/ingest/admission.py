"""Who may speak: keys, the policy for devices without one, and what one device did so far."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from embereye.config.schema import Sensors
from embereye.ingest.clock_offset import ClockOffset
from embereye.ingest.identity import Binding
from embereye.ingest.inbox import Inbox, Progress, RawPacket
from embereye.ingest.packet_window import PacketWindow
from embereye.ingest.security_counts import SecurityCounts
from embereye.model.credential import DeviceKey, KeyRing, KeyState
from embereye.model.ids import DeviceId
from embereye.model.security import SecurityKind
from embereye.rules.firmware_policy import STATES, firmware_state

_MOST_WAITING = 4000  # packets on their way to the disk: 0.2 s of 18,000 rows/s (architecture.md)
_ENOUGH_WAITING = 1000  # below this the devices are read again
# s; a commit takes under 1 s, one of 300 ms for 256 writes clears 4,000 packets only in 5 s: by
# then alarms must not wait any longer.
_STALLED = 3.0
_TAKEOVERS = 3  # a minute; a device behind a bad line connects again now and then
_MINUTE = 60.0  # s
# Start counters; a thief of a key must not use them up for the device: only the id can be changed
# then. Milliseconds since 1970 are below the first number, so a device may begin with them.
_EARLY_BOOTS, _MORE_BOOTS = 2**48, 2**20
_HELLOS = 64  # proven hellos of one device that are known again

HAS_A_KEY = "unauthenticated packets of a device that has a key"
UNSEALED = "unauthenticated packets on a connection of a device that has a key"
NOT_ALLOWED = "unauthenticated packets, which the settings forbid"
NOT_LISTED = "unauthenticated packets of a device that is not in the settings"
LEGACY_KINDS = {
    HAS_A_KEY: SecurityKind.DOWNGRADE,
    UNSEALED: SecurityKind.DOWNGRADE,
    NOT_ALLOWED: SecurityKind.LEGACY_REFUSED,
    NOT_LISTED: SecurityKind.LEGACY_REFUSED,
}

Soon = Callable[[Callable[[], None]], object]


class Present(Protocol):
    """The connection on which a device proved itself."""

    def end(self, reason: str) -> None:
        """Another connection is the device's now, or its key is no longer good."""


class Boot:
    """What one device said since it was switched on, on whatever connections.

    Attributes:
        seen: Numbers that went to the engine.
        stored: Up to where everything is on the disk.
        clock: Its clock's offset.
    """

    def __init__(self, device: DeviceId, number: int, progress: Progress) -> None:
        self.device = device
        self.number = number
        self.stored = progress.seq if progress.boot == number else 0
        self.fresh = progress.boot == 0  # a new device may have counted long before
        self.seen = PacketWindow(self.stored)
        for seq in progress.beyond if progress.boot == number else ():
            self.seen.take(seq)
        self.clock = ClockOffset(device)


class _Record:
    """One authenticated device."""

    def __init__(self) -> None:
        self.boot: Boot | None = None
        self.session: Present | None = None
        self.takeovers: deque[float] = deque(maxlen=_TAKEOVERS + 1)
        self.hellos: deque[tuple[int, str]] = deque(maxlen=_HELLOS)


class Admission:
    """What all conversations of the sensor thread ask before they believe a peer. One thread.

    Attributes:
        keys: The present keys.
        revision: Rises when keys or policy change.
        security: Counted security events.
        window: Seconds by which a device clock may be off.
        stalled: Whether the disk fails: nothing put 3 s ago is stored yet, or there is no inbox.
    """

    def __init__(
        self,
        section: Sensors | None = None,
        keys: KeyRing | None = None,
        inbox: Inbox | None = None,
        soon: Soon = lambda call: call(),
    ) -> None:
        """`soon` runs a call in the sensor thread; used from the inbox's thread."""
        self.keys = keys or KeyRing()
        self.revision = 0
        self.security = SecurityCounts()
        self._inbox = inbox
        self._soon = soon
        self.stalled = inbox is None
        self._waiting = 0
        self._puts: dict[int, float] = {}  # when those that did not end were made, oldest first
        self._count = 0
        self._full = False
        self._records: dict[DeviceId, _Record] = {}
        self._take_section(section or Sensors())

    @property
    def full(self) -> bool:
        """Whether authenticated devices must wait, since a disk that works has too much to do.

        For 3 s at most, then it is `stalled`.
        """
        return self._crowded() and not self.stalled

    def look(self, now: float) -> None:
        """Notice whether the disk fails, monotonic s."""
        late = now - next(iter(self._puts.values()), now) > _STALLED
        self.stalled = late or self._inbox is None

    def begin(self) -> None:
        """The listener runs anew: it is not told of what was put before."""
        self._puts.clear()
        self._waiting = 0

    def apply(self, section: Sensors) -> None:
        """Use another policy."""
        if (section.legacy, section.time_window) != (self._legacy, self.window):
            self.revision += 1
        self._take_section(section)

    def apply_keys(self, keys: KeyRing) -> None:
        """Use other keys; conversations notice by the revision."""
        self.keys = keys
        self.revision += 1

    def legacy_refusal(self, binding: Binding | None) -> str:
        """Why an unauthenticated packet is not taken, "" when it is; None: of no device yet."""
        if binding is not None and binding.device in self.keys.enrolled:
            return HAS_A_KEY
        if self._legacy == "off":
            return NOT_ALLOWED
        if self._legacy == "allow-list" and binding is not None and not binding.assigned:
            return NOT_LISTED
        return ""

    def refuses(self, firmware: str) -> bool:
        """Whether values of a device with this firmware are judged, but not kept."""
        policy = self._firmware
        return firmware_state(firmware, policy.minimum, policy.below) == STATES["refuse"]

    def successor(self, key: DeviceKey, utc: float) -> DeviceKey | None:
        """The newer key that a device with a retiring one must be given."""
        present = self.keys.key(key.device, key.kid)
        if present is None or present.state is not KeyState.RETIRING:
            return None
        newer = [
            other
            for other in self.keys.of(key.device)
            if other.state is KeyState.ACTIVE and other.created_utc >= key.created_utc
        ]
        return newer[-1] if newer and self.keys.valid(key.device, key.kid, utc) else None

    def progress(self, device: DeviceId) -> Progress:
        """What is on the disk of a device."""
        return Progress() if self._inbox is None else self._inbox.progress(device)

    def boot(self, device: DeviceId, number: int) -> Boot:
        """What is known of a device since it was switched on."""
        record = self._record(device)
        progress = self.progress(device)
        if record.boot is None or record.boot.number != number:
            record.boot = Boot(device, number, progress)
        elif progress.boot == number:
            record.boot.stored = max(record.boot.stored, progress.seq)
        return record.boot

    def believable_boot(self, device: DeviceId, boot: int) -> bool:
        """Whether a device can have been switched on so often."""
        return boot <= max(_EARLY_BOOTS, self.progress(device).boot) + _MORE_BOOTS

    def known_hello(self, device: DeviceId, boot: int, nonce: str) -> bool:
        """Whether this hello began a proven connection before: then it is a recording."""
        record = self._records.get(device)
        return record is not None and (boot, nonce) in record.hellos

    def proved(self, device: DeviceId, hello: tuple[int, str], session: Present, now: float) -> int:
        """A connection proved to be the device's: end its older one; take-overs in this minute."""
        record = self._record(device)
        record.hellos.append(hello)
        older, record.session = record.session, session
        if older is not None and older is not session:
            record.takeovers.append(now)
            older.end("the device connected anew")
        return sum(1 for at in record.takeovers if now - at < _MINUTE)

    def left(self, device: DeviceId, session: Present) -> None:
        """A proven connection is closed."""
        record = self._record(device)
        if record.session is session:
            record.session = None

    def store(
        self,
        packets: Sequence[RawPacket],
        complete_to: int,
        done: Callable[[bool], None],
        now: float,
    ) -> bool:
        """Put packets on the disk; `done` is called in the sensor thread.

        False, and `done` never called, without an inbox, or while the disk fails and memory for
        what waits is used up; `now`: monotonic s.
        """
        inbox, count = self._inbox, len(packets)
        self.look(now)
        if inbox is None or (self.stalled and self._crowded()):
            return False
        self._waiting += count
        number = self._count = self._count + 1
        self._puts[number] = now

        def ended(stored: bool) -> None:
            if self._puts.pop(number, None) is not None:
                self._waiting -= count
            done(stored)

        def committed(stored: bool) -> None:
            self._soon(lambda: ended(stored))

        inbox.put(packets, complete_to, committed)
        return True

    def _crowded(self) -> bool:
        """Whether too many packets wait; then until few do."""
        self._full = self._waiting > (_ENOUGH_WAITING if self._full else _MOST_WAITING)
        return self._full

    def _record(self, device: DeviceId) -> _Record:
        return self._records.setdefault(device, _Record())

    def _take_section(self, section: Sensors) -> None:
        self._legacy = section.legacy
        self._firmware = section.firmware
        self.window = section.time_window


def clone_suspected(takeovers: int) -> bool:
    """Whether so many take-overs in a minute mean two devices with one key."""
    return takeovers > _TAKEOVERS
