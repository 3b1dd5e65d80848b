"""The register of every camera's picture slots."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from fractions import Fraction

from embereye.ingest.camera_view import (
    IN_PROCESS,
    LARGEST,
    CameraView,
    Closely,
    Detecting,
    Size,
    SlotKind,
)
from embereye.model.frame import Frame, Part, Tile, ViewDemand
from embereye.model.ids import CameraId

_OLDER = 1.0  # s; the other stream's picture is shown when it is newer by this much


class Stream(Enum):
    """Which of a camera's two streams."""

    MAIN = "main"
    SUB = "sub"


class Views:
    """Every camera's slots.

    `add`, `remove`, `detect` and `look_closely` belong to the engine thread, `demand` to the GUI
    thread (or to whoever stands for it); `attend`,
    `newest`, `take` and `of` may be called from any thread.
    """

    def __init__(self) -> None:
        self._views: dict[CameraId, dict[Stream, CameraView]] = {}
        self._demands: dict[str, dict[CameraId, ViewDemand]] = {}

    def add(
        self,
        camera: CameraId,
        detecting: Detecting,
        stream: Stream = Stream.MAIN,
        slots: SlotKind = IN_PROCESS,
    ) -> CameraView:
        """The view of a stream, made when it is new; demands made before are in force at once."""
        view = self.of(camera, stream)
        if view is None:
            view = CameraView(camera, lambda: self._demands, detecting, slots)
            streams = self._views.get(camera, {})
            for other in streams.values():  # the camera is already looked at in a way
                view.closely, view.attended = other.closely, other.attended
            streams = {**streams, stream: view}
            self._views = {**self._views, camera: streams}
        view.detecting = detecting
        return view

    def remove(self, camera: CameraId, stream: Stream | None = None) -> None:
        """Forget a stream, or a camera that left the settings."""
        gone = self._views.get(camera, {})
        left = {key: view for key, view in gone.items() if stream not in (None, key)}
        for key, view in gone.items():
            if key not in left:
                view.close()
        others = {key: streams for key, streams in self._views.items() if key != camera}
        self._views = {**others, camera: left} if left else others

    def detect(self, camera: CameraId, rate: float) -> None:
        """Make `rate` detection pictures per second from now on; 0: none."""
        for view in self._views.get(camera, {}).values():
            view.detecting = replace(view.detecting, rate=rate)

    def look_closely(self, camera: CameraId, part: Part | None, until: float) -> None:
        """Make closeups of a part, `until` monotonic s; None: no more."""
        for view in self._views.get(camera, {}).values():
            view.closely = None if part is None else Closely(part, until)

    def attend(self, camera: CameraId, until: float) -> None:
        """Decode every picture for detection, `until` monotonic s: something moves."""
        for view in self._views.get(camera, {}).values():
            view.attended = max(view.attended, until)

    def demand(self, demands: Sequence[ViewDemand], viewer: str = "wall") -> None:
        """Replace everything that `viewer` wants; cameras not named get no pictures for it."""
        new = {demand.camera: demand for demand in demands}
        if new != self._demands.get(viewer):
            self._demands = {**self._demands, viewer: new}

    def demanded(self, camera: CameraId) -> tuple[Size, ...]:
        """Every tile size that anybody wants of a camera."""
        wishes = (each.get(camera) for each in self._demands.values())
        return tuple(size for wish in wishes if wish is not None for size in wish.sizes)

    def newest(self, camera: CameraId, width: int, height: int) -> Tile | None:
        """The newest picture made for a tile of this size; None before the first.

        Until the first picture of a newly wanted size there is the newest one of another size or
        stream, so that a tile does not flash black at a change of layout.
        """
        own: Tile | None = None
        other: Tile | None = None
        streams = self._views.get(camera, {})
        for stream in Stream:  # the main stream is the better one where both serve
            view = streams.get(stream)
            tile = None if view is None else view.tile((width, height))
            if view is not None and view.share.serves((width, height)) and own is None:
                own = tile
            else:
                other = tile or other
        if own is None or (other is not None and other.at.mono > own.at.mono + _OLDER):
            return other
        return own

    def take(self, camera: CameraId) -> Frame | None:
        """The newest frame for detection that was not yet taken, or None."""
        for view in self._views.get(camera, {}).values():
            if view.share.detects:
                return view.frames.take()
        return None

    def of(self, camera: CameraId, stream: Stream = Stream.MAIN) -> CameraView | None:
        """The slots of one stream themselves."""
        return self._views.get(camera, {}).get(stream)


def fitted(source: Size, shape: Fraction, wanted: Size) -> Size:
    """The largest even size inside `wanted` that keeps the picture's own aspect ratio.

    `source` and `wanted` are (width, height) in pixels, `shape` is pixel width over height.
    """
    across, down = _shown(source, shape)
    scale = min(wanted[0] / across, wanted[1] / down)
    return _even(across * scale, wanted[0]), _even(down * scale, wanted[1])


def limited(source: Size, shape: Fraction, longest: int) -> Size:
    """`source` made square-pixelled and at most `longest` a side, never larger; 0: full size."""
    across, down = _shown(source, shape)
    scale = min(1.0, longest / max(across, down)) if longest else 1.0
    return _even(across * scale, LARGEST), _even(down * scale, LARGEST)


def _shown(source: Size, shape: Fraction) -> tuple[float, float]:
    """Width and height in square pixels; `float(shape)` would take 7 µs at each picture."""
    return source[0] * shape.numerator / shape.denominator, float(source[1])


def _even(length: float, most: int) -> int:
    return max(2, min(round(length / 2) * 2, most // 2 * 2))
