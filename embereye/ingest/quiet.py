"""When a half-duplex line is quiet: learned from when the device talks. Pure, one thread.

Numbers are those of a real device (sensor protocol, section 1): a cycle of 4.085 s with a frame
burst of 0.17 s, `#Sensor` 0.48 s after the start of the frame, then 3.6 s of quiet; an asked
`#EEPROM` comes 0.63 s after a `#Sensor`. A command sent while the device talks spoils what it says.
"""

from collections import deque
from enum import IntEnum

CYCLE = 4.085  # s, of a real device; until the connection's own cycle is known

_SETTLE = 0.5  # s of silence that show a quiet line: longer than the 0.48 s from frame to #Sensor
_SETTLE_EEPROM = 1.0  # s, while an #EEPROM may follow a #Sensor by 0.63 s
_WHOLE = 1.15  # cycles without a word show that a peer that streamed before streams no more
_BLIND = 4.7  # s, at most: a peer that never says anything is cut off after 5 s
_PEERS = 1000  # remembered; as many as may be connected
_BURST = 1.0  # s without a byte end a packet that is unfinished; a frame takes 0.17 s
_SHARE = 0.67  # of the shortest rest that is used; leaves a real device 1.2 s for a slow network
_RESTS = 8  # rests remembered; one outlier makes the window short for half a minute
_KNOWN = 2  # rests before they are believed
_FIRST = 0.06  # s after #Sensor while rests are unknown: less than the 0.088 s rest at 10 Hz
_SILENT_CYCLES = 3.0  # without a packet mean that the stream stopped
_SILENCE = 3.0  # s, at least; a device at 10 Hz may pause for 0.3 s
_ALIKE = 0.3  # relative difference of two gaps that are one cycle, however long


class Heard(IntEnum):
    """What came in, as far as timing is concerned. Numbers, since their hashes cost nothing."""

    SENSOR = 1
    FRAME = 2
    CALIBRATION = 3
    OTHER = 4


class KnownStreams:
    """Which peers streamed unasked on their last connection, and how fast. One thread."""

    def __init__(self) -> None:
        self._cycles: dict[str, float] = {}

    def cycle(self, address: str) -> float:
        """Its cycle in s, 0 when it is not known to stream."""
        return self._cycles.get(address, 0.0)

    def note(self, address: str, cycle: float) -> None:
        """A connection of this peer ended; `cycle` is 0 when it did not stream."""
        self._cycles.pop(address, None)
        if cycle > 0:
            if len(self._cycles) >= _PEERS:
                del self._cycles[next(iter(self._cycles))]
            self._cycles[address] = cycle


class QuietLine:
    """Learns how long a device rests after which packet. Monotonic seconds; one thread.

    Attributes:
        streaming: Whether the device is known to talk without being asked.
        eeprom_due: Whether an asked `#EEPROM` may still come; rests are not learned meanwhile.
        last_packet: When the newest valid packet came, else when the line was opened.
        longest_gap: Seconds of silence after which the stream counts as stopped.
    """

    def __init__(self, opened: float, expected: float = 0.0) -> None:
        """`expected`: cycle in s of a peer that streamed on its last connection, else 0.

        Such a one is in the middle of its cycle, so it is listened to for a whole one first.
        """
        self.streaming = False
        self._expected = expected
        self._opened = opened
        self._settle = max(_SETTLE, min(_BLIND, _WHOLE * expected))
        self.eeprom_due = False
        self._cycle = 0.0
        self._cycle_before = 0.0  # two devices on one line talk in turn: short gap, long gap
        self._gap = 0.0
        self._last_byte = self.last_packet = opened
        self._heard: Heard | None = None  # in the present bytes
        self._ended: Heard | None = Heard.OTHER  # what the last bytes ended with; None: in a packet
        self._marks: dict[Heard, float] = {}
        self._rests: dict[Heard, deque[float]] = {
            kind: deque(maxlen=_RESTS) for kind in (Heard.SENSOR, Heard.FRAME)
        }
        self.longest_gap = self._longest()
        self._late = False

    @property
    def cycle(self) -> float:
        """Seconds between two `#Sensor` (or frames, without any); a real device's until known."""
        return self._cycle or CYCLE

    @property
    def talked(self) -> bool:
        """Whether a frame or a sensor packet was ever heard on this line."""
        return bool(self._marks)

    def stream_cycle(self, now: float) -> float:
        """Cycle in s of packets that nobody asked for, 0 without such; for `KnownStreams`."""
        if self.streaming:
            return self.cycle
        early = not self.talked and now - self._opened < self._settle
        return self._expected if early else 0.0

    def heard(self, what: Heard, now: float, *, asked: bool = False) -> None:
        """A valid packet came in; `asked` when it is the one answer to REQUEST1."""
        self.last_packet = now
        self._heard = what
        if what > Heard.FRAME:
            return
        before = self._marks.get(what)
        self._marks[what] = now
        if asked:
            return
        self.streaming = True
        if (
            before is not None
            and now > before
            and (what is Heard.SENSOR or Heard.SENSOR not in self._marks)
        ):
            self._learn(now - before)

    def heard_bytes(self, now: float, *, unfinished: bool) -> None:
        """Bytes came in, their packets are heard; `unfinished` when they end inside a packet."""
        if not unfinished and self._heard is None:
            self._last_byte = now  # the end of a line, or something corrupt
            return
        ended = self._ended
        if ended is not None and not self.eeprom_due:
            rest = now - self._last_byte
            if rest < self.longest_gap and ended <= Heard.FRAME:
                self._rests[ended].append(rest)
        self._last_byte = now
        self._ended = None if unfinished else self._heard
        self._heard = None

    def quiet(self, now: float) -> bool:
        """Whether a command sent now meets a device that is not talking."""
        idle = now - self._last_byte
        if idle > self.longest_gap:
            return True  # also half a packet whose rest will not come
        if self._ended is None:
            return False
        if not self.streaming:
            settle = _SETTLE if self.talked else self._settle
            return idle >= (_SETTLE_EEPROM if self.eeprom_due else settle)
        best, rest = self._longest_rest()
        if self._ended is not best or self._late:
            return False
        return now - self.last_packet <= rest

    def talking(self, now: float) -> bool:
        """Whether the device is in the middle of a packet, as far as its bytes show."""
        return self._ended is None and now - self._last_byte < _BURST

    def settled(self, now: float) -> None:
        """Called when something is sent: after a long silence the device streams no more."""
        if now - self._last_byte > self.longest_gap:
            self.streaming = False

    def _longest_rest(self) -> tuple[Heard, float]:
        """After which packet the device rests longest, and for how long that may be used, s."""
        known = {k: _SHARE * min(r) for k, r in self._rests.items() if len(r) >= _KNOWN}
        if Heard.SENSOR not in known:
            # Between frame and #Sensor is no rest: frames count alone when no #Sensor comes.
            if Heard.FRAME in known and Heard.SENSOR not in self._marks:
                return Heard.FRAME, known[Heard.FRAME]
            return Heard.SENSOR, _FIRST
        best = max(known, key=known.__getitem__)
        return best, known[best]

    def _longest(self) -> float:
        return max(_SILENCE, _SILENT_CYCLES * max(self.cycle, self._cycle_before))

    def _learn(self, gap: float) -> None:
        """Take a gap as the cycle unless it is an outage: long, and unlike the one before."""
        # Held up on its way for a while: the device is further in its cycle than it seems.
        self._late = bool(self._cycle) and gap > self._cycle * (1 + _ALIKE)
        if gap < self.longest_gap or abs(gap - self._gap) < _ALIKE * gap:
            self._cycle_before, self._cycle = self._cycle, gap
            self.longest_gap = self._longest()
        self._gap = gap
