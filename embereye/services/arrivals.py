"""What of one stream of a device arrived, and how much of it is on the disk."""

import math
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from embereye.model.stamp import Stamp

# batches; the storage writer keeps 4,000 bulk writes and 256 in hand, so an older one was dropped
_MOST_WAITING = 4_256


class Stamped(Protocol):
    """Something that arrived at a moment."""

    @property
    def at(self) -> Stamp: ...


P = TypeVar("P", bound=Stamped)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Packets that were handed to the disk together; `oldest` is the first arrival, s UTC."""

    oldest: float


class Arrivals(Generic[P]):
    """The packets of one stream not handed over yet, and the batches not committed yet.

    Engine thread, except `newest` and `unsaved`: any thread, which see a state that is replaced as
    a whole. The writer commits batches in order, so a batch that is overtaken was lost; what was
    lost stays unsaved until the next start.

    Attributes:
        open: Append arriving packets here.
    """

    __slots__ = ("_state", "open")

    def __init__(self) -> None:
        self.open: list[P] = []
        self._state: tuple[list[P], tuple[Batch, ...], float, float] = (
            self.open, (), math.inf, 0.0,
        )  # fmt: skip

    def close(self) -> tuple[list[P], Batch]:
        """The open packets (at least one) as a batch that waits for its commit."""
        packets = self.open
        _, waiting, lost, _ = self._state
        if len(waiting) >= _MOST_WAITING:
            lost, waiting = min(lost, waiting[0].oldest), waiting[1:]
        batch = Batch(min(packet.at.utc for packet in packets))
        self.open = []
        self._state = (self.open, (*waiting, batch), lost, packets[-1].at.utc)
        return packets, batch

    def committed(self, batch: Batch) -> None:
        """The batch is on the disk."""
        packets, waiting, lost, newest = self._state
        if batch not in waiting:
            return
        place = waiting.index(batch)
        for overtaken in waiting[:place]:
            lost = min(lost, overtaken.oldest)
        self._state = (packets, waiting[place + 1 :], lost, newest)

    def newest(self) -> float:
        """When the newest packet arrived, s UTC; 0 before the first."""
        packets, _, _, newest = self._state
        return packets[-1].at.utc if packets else newest

    def unsaved(self) -> float:
        """Arrival of the oldest packet that is not on the disk, s UTC; infinite when all are."""
        packets, waiting, lost, _ = self._state
        oldest = min((packet.at.utc for packet in list(packets)), default=math.inf)
        return min([oldest, lost, *(batch.oldest for batch in waiting)])


def saved_until(streams: list[Arrivals[P]]) -> float:
    """Until when (s UTC, inclusive) everything of these streams is on the disk. Any thread.

    The newest arrival is read first: what arrives later is newer and cannot be passed over.
    """
    newest = max((stream.newest() for stream in streams), default=0.0)
    unsaved = min((stream.unsaved() for stream in streams), default=math.inf)
    return min(newest, math.nextafter(unsaved, -math.inf))
