"""What a device has said and not been told to be stored: numbered, bounded, resent. Pure."""

from collections import deque
from typing import NamedTuple

CAPACITY = 256  # packets; 8 minutes of a real device with two packets in 4.085 s
ALARM_ROOM = 64  # more, kept free for packets that raise an alarm: 4 minutes of them


class Kept(NamedTuple):
    """One packet that waits; `uptime_ms` by the device's running clock, when it was made."""

    seq: int
    uptime_ms: int
    body: bytes


class PacketQueue:
    """First in, first out; nothing leaves it but what the server has on its disk.

    Only when it is full, the oldest packet makes room if the server's rules have judged it: while
    the server cannot store, what is new matters more than what is judged.

    Attributes:
        newest: The last number given, 0 before the first; numbers have no gaps.
    """

    def __init__(self, capacity: int = CAPACITY, alarm_room: int = ALARM_ROOM) -> None:
        self.newest = 0
        self._waiting: deque[Kept] = deque()
        self._sent = 0  # of them, in this session
        self._receipt = 0  # up to where the server judged, in this session …
        self._judged = 0  # … and in any
        self._capacity = capacity
        self._alarm_room = alarm_room

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def in_flight(self) -> int:
        """Packets sent in this session and neither acknowledged nor known to be judged."""
        if self._sent == 0:
            return 0
        return max(0, min(self._sent, self._waiting[self._sent - 1].seq - self._receipt))

    def packets(self) -> tuple[Kept, ...]:
        """What waits, oldest first."""
        return tuple(self._waiting)

    def offer(self, body: bytes, uptime_ms: int, *, urgent: bool = False) -> bool:
        """Number and keep a packet; False when it is full: the caller keeps it and asks again."""
        room = self._capacity + (self._alarm_room if urgent else 0) - len(self._waiting)
        if room <= 0 and not self._give_up():
            return False
        self.newest += 1
        self._waiting.append(Kept(self.newest, uptime_ms, body))
        return True

    def take(self) -> Kept | None:
        """The next packet that was not sent in this session; it stays here."""
        if self._sent >= len(self._waiting):
            return None
        self._sent += 1
        return self._waiting[self._sent - 1]

    def stored(self, seq: int) -> int:
        """Forget everything up to `seq`; returns how many packets that were."""
        gone = 0
        while self._waiting and self._waiting[0].seq <= seq:
            self._waiting.popleft()
            gone += 1
        self._sent = max(0, self._sent - gone)
        return gone

    def judged(self, seq: int) -> int:
        """The server's rules saw everything up to `seq`: no need to send it in this session.

        Returns how many are less in flight.
        """
        before = self.in_flight
        self._sent = max(self._sent, sum(1 for kept in self._waiting if kept.seq <= seq))
        self._receipt = max(self._receipt, seq)
        self._judged = max(self._judged, seq)
        return before - self.in_flight

    def rewind(self) -> None:
        """A session begins: everything that is left will be sent again."""
        self._sent = self._receipt = 0

    def renumber(self) -> None:
        """A boot of another number begins: what is left gets the numbers from 1 on."""
        self._waiting = deque(
            kept._replace(seq=number) for number, kept in enumerate(self._waiting, 1)
        )
        self.newest = len(self._waiting)
        self._sent = self._receipt = self._judged = 0

    def _give_up(self) -> bool:
        """Forget the oldest packet if it was judged."""
        if not self._waiting or self._waiting[0].seq > self._judged:
            return False
        self._waiting.popleft()
        self._sent = max(0, self._sent - 1)
        return True
