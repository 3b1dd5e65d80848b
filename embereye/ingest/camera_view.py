"""The picture slots of one stream of a camera: capture puts, the wall and detection take."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Protocol, TypeVar

from embereye.ingest.picture_watch import PictureWatch
from embereye.model.frame import Frame, Part, Tile, ViewDemand
from embereye.model.ids import CameraId
from embereye.runtime.slot import LatestSlot

LARGEST = 4096  # pixels a side that anybody may ask for

_MOST_SIZES = 3  # slots for tiles of one camera; wall, popup and full screen

Size = tuple[int, int]
Demands = Mapping[str, Mapping[CameraId, ViewDemand]]
T = TypeVar("T")


class PictureSlot(Protocol[T]):
    """A place for the newest picture; safe to use from any thread."""

    @property
    def fresh(self) -> bool:
        """Whether there is a value that nobody took yet."""

    def put(self, value: T) -> None:
        """Replace whatever is there."""

    def take(self) -> T | None:
        """The value if it was not taken before, else None."""

    def peek(self) -> T | None:
        """The newest value, taken or not."""

    def clear(self) -> None:
        """Forget the value."""

    def close(self) -> None:
        """Nobody needs it any more."""


@dataclass(frozen=True, slots=True)
class SlotKind:
    """How the slots of a view are made: for tiles of a size, and for detection."""

    tile: Callable[[Size], PictureSlot[Tile]]
    frame: Callable[[], PictureSlot[Frame]]


IN_PROCESS = SlotKind(lambda _size: LatestSlot[Tile](), LatestSlot[Frame])


@dataclass(frozen=True, slots=True)
class Detecting:
    """What detection wants of one camera.

    Attributes:
        rate: Pictures per second; 0: none.
        max_side: Longest side in pixels; 0: full size.
        checks: Whether pictures made for detection or tiles are also watched for faults.
        sparse: Whether key frames are enough while nobody looks and nothing moves; None: while the
            machine is overloaded.
    """

    rate: float = 0.0
    max_side: int = 640
    checks: bool = False
    sparse: bool | None = None


@dataclass(frozen=True, slots=True)
class Closely:
    """A part of the picture that detection wants finer than the rest, `until` monotonic s."""

    part: Part
    until: float


@dataclass(frozen=True, slots=True)
class Share:
    """What one stream of a camera serves.

    Attributes:
        above, up_to: Tiles higher than `above` and at most `up_to` pixels high.
        detects: Whether detection gets its pictures.
    """

    above: int = 0
    up_to: int = LARGEST
    detects: bool = True

    def serves(self, size: Size) -> bool:
        """Whether tiles of this size come from here."""
        return self.above < size[1] <= self.up_to


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one stream at the moment.

    Attributes:
        tiles: One slot for each wanted size; empty while nobody looks.
        rate: Pictures per second that viewers can use; 0 while nobody looks.
        detecting: What detection wants.
        closely: Of which part it wants a closeup; may be over.
        attended: Until when detection needs every picture, monotonic s.
    """

    tiles: tuple[tuple[Size, PictureSlot[Tile]], ...]
    rate: float
    detecting: Detecting
    closely: Closely | None = None
    attended: float = 0.0


@dataclass(slots=True)
class _Followed:
    """What the slots were made for."""

    demands: Demands | None = None
    share: Share | None = None
    tiles: tuple[tuple[Size, PictureSlot[Tile]], ...] = ()
    rate: float = 0.0


class CameraView:
    """The slots of one stream of a camera.

    `wanted` and `watch` belong to the thread that captures it (or stands for the process that
    does), `detecting`, `closely` and `share` are replaced by the engine thread; everybody may read
    the rest.

    Attributes:
        watch: Outlives connections, so that a camera that was turned meanwhile is noticed.
        newest: The newest picture of any size.
    """

    def __init__(
        self,
        camera: CameraId,
        demands: Callable[[], Demands],
        detecting: Detecting,
        slots: SlotKind = IN_PROCESS,
    ) -> None:
        self.camera = camera
        self.detecting = detecting
        self.closely: Closely | None = None
        self.attended = 0.0
        self.share = Share()
        self.frames = slots.frame()
        self.newest: Tile | None = None
        self.watch = PictureWatch()
        self._demands = demands
        self._slots = slots
        self._followed = _Followed()
        self._following = Lock()  # two threads ask while a camera moves to another process

    def wanted(self) -> Wanted:
        """What is wanted now; cheap enough to ask at each packet."""
        demands, share, known = self._demands(), self.share, self._followed
        if demands is not known.demands or share is not known.share:
            with self._following:
                demands, share = self._demands(), self.share
                wishes = [wish for each in demands.values() if (wish := each.get(self.camera))]
                self._follow(wishes, share)
                known.demands, known.share = demands, share
        detecting = self.detecting
        if not share.detects and detecting.rate:
            detecting = replace(detecting, rate=0.0)
        return Wanted(known.tiles, known.rate, detecting, self.closely, self.attended)

    def tile(self, size: Size) -> Tile | None:
        """The newest picture of this size, else the newest of any size. Any thread."""
        for found, slot in self._followed.tiles:
            if found == size:
                tile = slot.peek()
                if tile is not None:
                    self.newest = tile
                return tile or self.newest
        return self.newest

    def clear(self) -> None:
        """Forget all pictures, so that none of an earlier source can be shown. Any thread."""
        self.newest = None
        self.watch = PictureWatch()
        self.frames.clear()
        for _, slot in self._followed.tiles:
            slot.clear()

    def close(self) -> None:
        """Let go of all slots; the stream is not captured any more."""
        self.frames.close()
        for _, slot in self._followed.tiles:
            slot.close()

    @property
    def tiles(self) -> tuple[tuple[Size, PictureSlot[Tile]], ...]:
        """The slots for tiles. Any thread."""
        return self._followed.tiles

    def slot(self, size: Size) -> PictureSlot[Tile] | None:
        """The slot for tiles of this size, None when there is none."""
        return next((slot for found, slot in self._followed.tiles if found == size), None)

    def _follow(self, wishes: list[ViewDemand], share: Share) -> None:
        known = self._followed
        kept = dict(known.tiles)
        sizes = _sizes(wishes, share)
        known.tiles = tuple((size, kept.get(size) or self._slots.tile(size)) for size in sizes)
        for size in kept.keys() - set(sizes):
            kept[size].close()
        rates = [wish.rate for wish in wishes if _sizes([wish], share)]
        known.rate = max(rates, default=0.0)
        if not sizes:
            self.newest = None


def _sizes(wishes: Iterable[ViewDemand], share: Share) -> list[Size]:
    """At most three different sizes, the largest first: those cannot be replaced by scaling."""
    found = {
        size
        for wish in wishes
        for width, height in wish.sizes
        if width >= 2 and height >= 2
        if share.serves(size := (min(width, LARGEST), min(height, LARGEST)))
    }
    return sorted(found, key=lambda size: size[0] * size[1], reverse=True)[:_MOST_SIZES]
