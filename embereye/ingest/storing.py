"""What one proven connection owes the disk, and what its device is told. Sensor thread, no I/O."""

from collections.abc import Callable

from embereye.ingest import secure_packet as wire
from embereye.ingest.admission import Admission, Boot
from embereye.ingest.inbox import RawPacket
from embereye.ingest.packet_window import PacketWindow

_REFUSED = "its packets could not be stored; it will send them again"
_AGAIN = "the disk works again; it will send what was not stored"


class Storing:
    """Packets that the rules have judged, on their way to the disk.

    While the disk fails nothing is acknowledged. The device is told (`#r2`) that its values are
    judged, so that it goes on saying new ones; it keeps what it can and sends it again later.

    Attributes:
        window: Which numbers came; None before the first one.
        restarted: Whether the device uses numbers again: nothing is stored or acknowledged then,
            since an acknowledgement is cumulative.
        refused: Whether its firmware is: nothing is stored or acknowledged either.
    """

    def __init__(
        self,
        admission: Admission,
        key: bytes,
        boot: Boot,
        end: Callable[[str], None],
        wake: Callable[[], None],
        *,
        refused: bool = False,
    ) -> None:
        """`key`: for codes to the device; `end` and `wake`: as of the session."""
        self.refused = refused
        self.window: PacketWindow | None = None
        self.restarted = False
        self._admission = admission
        self._key = key
        self._boot = boot
        self._end = end
        self._wake = wake
        self._acknowledged = self._told = boot.stored
        self._told_judged = 0
        self._repeat = False
        self._raw: list[RawPacket] = []
        self._skipped = False  # some were not put: nothing after them may be

    def begin(self, first: int, now: float) -> PacketWindow:
        """The first packet came. While the disk fails, what was judged need not come again now.

        Then nothing of this connection is put, since the device leaves out what it has still.
        """
        self._admission.look(now)
        judged = self._boot.seen.complete_to
        self._skipped = self._admission.stalled and judged >= first and not self.restarted
        self.window = PacketWindow(judged if self._skipped else first - 1)
        return self.window

    def keep(self, packet: RawPacket) -> None:
        """Store this one with the next `put`, unless nothing of it is to be kept."""
        if not self.refused:
            self._raw.append(packet)

    def came_before(self) -> None:
        """The device said something again: tell it again what is stored."""
        self._repeat = True

    def put(self, now: float) -> None:
        """Give the disk what came; at the end of a chunk, monotonic s."""
        packets, self._raw = self._raw, []
        if not packets or self.window is None or self._skipped:
            return
        complete_to = max(self.window.complete_to, self._acknowledged)

        def done(stored: bool) -> None:
            if stored:
                self._acknowledged = max(self._acknowledged, complete_to)
                self._boot.stored = max(self._boot.stored, complete_to)
            else:
                self._end(_REFUSED)
            self._wake()

        self._skipped = not self._admission.store(packets, complete_to, done, now)

    def restart(self) -> None:
        """The device counts anew from the next packet on, over numbers that are stored."""
        self.restarted = True
        self.window = None
        self._told_judged = 0

    def tick(self, now: float) -> None:
        """Notice that the disk fails or works again; about ten times a second."""
        admission = self._admission
        admission.look(now)
        if self._skipped and not admission.stalled and not admission.full:
            self._end(_AGAIN)

    def replies(self) -> list[bytes]:
        """What to send now; each is returned once."""
        found: list[bytes] = []
        judged_only = self.restarted or self.refused
        if not judged_only and (self._repeat or self._acknowledged > self._told):
            self._told = self._acknowledged
            found.append(wire.acknowledgement(self._key, self._told))
        judged = self._judged_only()
        if judged and (self._repeat or judged > self._told_judged):
            self._told_judged = judged
            found.append(wire.receipt(self._key, judged))
        self._repeat = False
        return found

    def _judged_only(self) -> int:
        """Up to where the device must hear that it is judged, since no acknowledgement comes."""
        if self.window is None:
            return 0
        if self.restarted or self.refused:
            return self.window.complete_to
        unstored = self._admission.stalled or self._skipped
        return self.window.complete_to if unstored else 0
