"""The shared register of picture slots: capture puts, the wall and detection take."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from embereye.ingest.picture_watch import PictureWatch
from embereye.model.frame import Frame, Part, Tile, ViewDemand
from embereye.model.ids import CameraId
from embereye.runtime.slot import LatestSlot

_MOST_SIZES = 3  # slots for tiles of one camera; wall, popup and full screen
_LARGEST = 4096  # pixels a side that anybody may ask for

Size = tuple[int, int]
Demands = Mapping[str, Mapping[CameraId, ViewDemand]]


@dataclass(frozen=True, slots=True)
class Detecting:
    """What detection wants of one camera.

    Attributes:
        rate: Pictures per second; 0: none.
        max_side: Longest side in pixels; 0: full size.
        checks: Whether pictures made for detection or tiles are also watched for faults.
    """

    rate: float = 0.0
    max_side: int = 640
    checks: bool = False


@dataclass(frozen=True, slots=True)
class Closely:
    """A part of the picture that detection wants finer than the rest, `until` monotonic s."""

    part: Part
    until: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one camera at the moment.

    Attributes:
        tiles: One slot for each wanted size; empty while nobody looks.
        rate: Pictures per second that viewers can use; 0 while nobody looks.
        detecting: What detection wants.
        closely: Of which part it wants a closeup; may be over.
    """

    tiles: tuple[tuple[Size, LatestSlot[Tile]], ...]
    rate: float
    detecting: Detecting
    closely: Closely | None = None


class CameraView:
    """The slots of one camera.

    `wanted` and `watch` belong to the thread that captures the camera, `detecting` and `closely`
    are replaced by the engine thread; everybody may read the rest.

    Attributes:
        watch: Outlives connections, so that a camera that was turned meanwhile is noticed.
    """

    def __init__(
        self, camera: CameraId, demands: Callable[[], Demands], detecting: Detecting
    ) -> None:
        self.camera = camera
        self.detecting = detecting
        self.closely: Closely | None = None
        self.frames: LatestSlot[Frame] = LatestSlot()
        self.newest: Tile | None = None
        self.watch = PictureWatch()
        self._demands = demands
        self._seen: Demands | None = None
        self._tiles: tuple[tuple[Size, LatestSlot[Tile]], ...] = ()
        self._rate = 0.0

    def wanted(self) -> Wanted:
        """What is wanted now; cheap enough to ask at each packet. Capture thread."""
        demands = self._demands()
        if demands is not self._seen:
            self._seen = demands
            self._follow([wish for each in demands.values() if (wish := each.get(self.camera))])
        return Wanted(self._tiles, self._rate, self.detecting, self.closely)

    def tile(self, size: Size) -> Tile | None:
        """The newest picture of this size, else the newest of any size. Any thread."""
        for found, slot in self._tiles:
            if found == size:
                return slot.peek() or self.newest
        return self.newest

    def clear(self) -> None:
        """Forget all pictures, so that none of an earlier source can be shown. Any thread."""
        self.newest = None
        self.watch = PictureWatch()
        self.frames.clear()
        for _, slot in self._tiles:
            slot.clear()

    def _follow(self, wishes: list[ViewDemand]) -> None:
        kept = dict(self._tiles)
        sizes = _sizes(wishes)
        self._tiles = tuple((size, kept.get(size) or LatestSlot[Tile]()) for size in sizes)
        self._rate = max((wish.rate for wish in wishes if wish.sizes), default=0.0)
        if not sizes:
            self.newest = None


class Views:
    """Every camera's slots.

    `add`, `remove`, `detect` and `look_closely` belong to the engine thread, `demand` to the GUI
    thread (or to whoever stands for it); `newest`, `take` and `of` may be called from any thread.
    """

    def __init__(self) -> None:
        self._views: dict[CameraId, CameraView] = {}
        self._demands: dict[str, dict[CameraId, ViewDemand]] = {}

    def add(self, camera: CameraId, detecting: Detecting) -> CameraView:
        """The view of `camera`, made when it is new; demands made before are in force at once."""
        view = self._views.get(camera)
        if view is None:
            view = CameraView(camera, lambda: self._demands, detecting)
            self._views = {**self._views, camera: view}
        view.detecting = detecting
        return view

    def remove(self, camera: CameraId) -> None:
        """Forget a camera that left the settings."""
        self._views = {key: view for key, view in self._views.items() if key != camera}

    def detect(self, camera: CameraId, rate: float) -> None:
        """Make `rate` detection pictures per second from now on; 0: none."""
        view = self._views.get(camera)
        if view is not None:
            view.detecting = replace(view.detecting, rate=rate)

    def look_closely(self, camera: CameraId, part: Part | None, until: float) -> None:
        """Make closeups of a part, `until` monotonic s; None: no more."""
        view = self._views.get(camera)
        if view is not None:
            view.closely = None if part is None else Closely(part, until)

    def demand(self, demands: Sequence[ViewDemand], viewer: str = "wall") -> None:
        """Replace everything that `viewer` wants; cameras not named get no pictures for it."""
        new = {demand.camera: demand for demand in demands}
        if new != self._demands.get(viewer):
            self._demands = {**self._demands, viewer: new}

    def newest(self, camera: CameraId, width: int, height: int) -> Tile | None:
        """The newest picture made for a tile of this size; None before the first.

        Until the first picture of a newly wanted size there is the newest one of another size, so
        that a tile does not flash black at a change of layout.
        """
        view = self._views.get(camera)
        return None if view is None else view.tile((width, height))

    def take(self, camera: CameraId) -> Frame | None:
        """The newest frame for detection that was not yet taken, or None."""
        view = self._views.get(camera)
        return None if view is None else view.frames.take()

    def of(self, camera: CameraId) -> CameraView | None:
        """The slots themselves, for counters."""
        return self._views.get(camera)


def fitted(source: Size, shape: Fraction, wanted: Size) -> Size:
    """The largest even size inside `wanted` that keeps the picture's own aspect ratio.

    `source` and `wanted` are (width, height) in pixels, `shape` is pixel width over height.
    """
    across, down = source[0] * float(shape), float(source[1])
    scale = min(wanted[0] / across, wanted[1] / down)
    return _even(across * scale, wanted[0]), _even(down * scale, wanted[1])


def limited(source: Size, shape: Fraction, longest: int) -> Size:
    """`source` made square-pixelled and at most `longest` a side, never larger; 0: full size."""
    across, down = source[0] * float(shape), float(source[1])
    scale = min(1.0, longest / max(across, down)) if longest else 1.0
    return _even(across * scale, _LARGEST), _even(down * scale, _LARGEST)


def _even(length: float, most: int) -> int:
    return max(2, min(round(length / 2) * 2, most // 2 * 2))


def _sizes(wishes: Iterable[ViewDemand]) -> list[Size]:
    """At most three different sizes, the largest first: those cannot be replaced by scaling."""
    found = {
        (min(width, _LARGEST), min(height, _LARGEST))
        for wish in wishes
        for width, height in wish.sizes
        if width >= 2 and height >= 2
    }
    return sorted(found, key=lambda size: size[0] * size[1], reverse=True)[:_MOST_SIZES]
