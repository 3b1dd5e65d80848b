"""Looking at parts of a large picture in turn, so that small and first flames are not shrunk away.

A model sees the whole picture reduced to its input: of 640 pixels to 320, a flame of 8 pixels
becomes 4. Here each look takes in one part of the picture as well, as large as the input.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.detection import Detection
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.vision.detector import Detector, Verdict, merged
from embereye.vision.families import Family
from embereye.vision.imaging import moved
from embereye.vision.motion import tiny
from embereye.vision.onnx import OnnxDetector

_LARGE = 2.0  # times the input: less is gained by less reduction
_OVERLAP = 0.25  # of a tile; a flame on the edge of one is whole in the next
_MOST = 12  # tiles; at two looks a second every place is looked at within 12 s
_GROWTH = 1.1  # tiles grow in these steps until there are few enough
_SUSPICIOUS = 0.3  # score from which a tile is looked at again before others
_STEP = 12  # grey levels, as of the motion gate
_STIR = 0.004  # share of a tile that has changed: 2 of its 500 pixels in the tiny picture
_SAME = 0.5  # share of a tile's box inside one of the whole picture: the same thing


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int


def tiled(detector: OnnxDetector) -> Detector:
    """The detector with tiles where its manifest wants them; heat maps have them unless told."""
    wanted = detector.manifest.tiles
    if wanted is None:
        wanted = detector.families[:1] == (Family.HEAT_MAP,)
    return TiledDetector(detector, detector.size, detector.provider) if wanted else detector


class TiledDetector:
    """Fits the `Detector` port: the whole picture and at most one tile a look. One thread.

    Every second look goes round all tiles in turn. The others go to a tile where something was
    suspected, else to the one where most moves, else round as well. What was found in a suspicious
    tile stands for the one look in between.

    Attributes:
        provider, objects: As of the detector inside.
    """

    def __init__(self, detector: Detector, size: tuple[int, int], provider: str = "") -> None:
        """`size`: Width and height of the model's input in pixels."""
        self.name, self.provider = detector.name, provider
        self.objects = bool(getattr(detector, "objects", True))
        self._detector, self._size = detector, size
        self._cameras: dict[CameraId, _Round] = {}

    def detect(self, frame: Frame) -> Verdict:
        """Judge the next frame of its camera; raises what the detector raises."""
        whole = self._detector.detect(frame)
        rows, columns = frame.pixels.shape[:2]
        small = max(columns / self._size[0], rows / self._size[1]) < _LARGE
        if small or " " in frame.camera:  # no camera has a space in its id: it is a part already
            return whole
        turn = self._cameras.get(frame.camera)
        if turn is None or turn.shape != (rows, columns):
            self._turn_away(frame.camera)
            turn = self._cameras[frame.camera] = _Round((rows, columns), self._size)
        number = turn.next(frame.pixels)
        held = turn.held(number)
        near = self._look(frame, turn.tiles[number], number)
        turn.seen(number, near)
        if held is not None:
            near = merged(near, held)
        return _joined(whole, near)

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._turn_away(camera)
        self._detector.forget(camera)

    def _look(self, frame: Frame, tile: Tile, number: int) -> Verdict:
        rows, columns = frame.pixels.shape[:2]
        across, down = frame.source_width / columns, frame.source_height / rows
        part = frame.pixels[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width]
        near = self._detector.detect(
            replace(
                frame,
                camera=_name(frame.camera, number),
                pixels=np.ascontiguousarray(part),
                source_width=tile.width,
                source_height=tile.height,
                closeup=None,
                opinion=None,
            )
        )
        boxes = tuple(
            moved(seen, tile.left * across, tile.top * down, across, down)
            for seen in near.detections
        )
        return replace(near, detections=boxes)

    def _turn_away(self, camera: CameraId) -> None:
        turn = self._cameras.pop(camera, None)
        for number in range(len(turn.tiles) if turn else 0):
            self._detector.forget(_name(camera, number))


class _Round:
    """Whose turn it is among the tiles of one camera."""

    def __init__(self, shape: tuple[int, int], size: tuple[int, int]) -> None:
        self.shape = shape
        self.tiles = tiles_of((shape[1], shape[0]), size)
        self.suspect: int | None = None
        self._finding: tuple[int, Verdict] | None = None
        self._before: Pixels | None = None
        self._stir = np.zeros(len(self.tiles))
        self._at = -1
        self._free = False  # whether this look may go where something is up

    def held(self, number: int) -> Verdict | None:
        """What the last look has found, unless tile `number` is that tile; told once."""
        finding, self._finding = self._finding, None
        return finding[1] if finding and finding[0] != number else None

    def next(self, pixels: Pixels) -> int:
        """The tile to look at in this picture."""
        self._feel(pixels)
        self._free = not self._free
        if self._free and self.suspect is not None:
            return self.suspect
        if self._free and self._stir.max() >= _STIR:
            return int(self._stir.argmax())
        self._at = (self._at + 1) % len(self.tiles)
        return self._at

    def seen(self, number: int, verdict: Verdict) -> None:
        """What the look at a tile has shown."""
        self._stir[number] = 0.0
        score = max(verdict.fire, verdict.smoke)
        if score >= _SUSPICIOUS and (self.suspect in (None, number) or not self._free):
            self.suspect, self._finding = number, (number, verdict)
        elif number == self.suspect:
            self.suspect = None

    def _feel(self, pixels: Pixels) -> None:
        """How much of each tile has changed, the most since it was looked at."""
        picture, before = tiny(pixels), self._before
        self._before = picture
        if before is None:
            return
        change = np.asarray(cv2.absdiff(picture, before)) > _STEP
        shares = [_share(change, tile, self.shape) for tile in self.tiles]
        self._stir = np.maximum(self._stir, shares)


def tiles_of(picture: tuple[int, int], size: tuple[int, int]) -> tuple[Tile, ...]:
    """Tiles that cover a picture (width, height), overlapping by a quarter, at most 12.

    Each is as large as the input `size`, larger where there would be too many.
    """
    scale = 1.0
    while True:
        width = min(picture[0], round(size[0] * scale))
        height = min(picture[1], round(size[1] * scale))
        lefts, tops = _starts(picture[0], width), _starts(picture[1], height)
        if len(lefts) * len(tops) <= _MOST:
            return tuple(Tile(left, top, width, height) for top in tops for left in lefts)
        scale *= _GROWTH


def _starts(whole: int, part: int) -> list[int]:
    """Evenly spread starts of parts that cover the whole and overlap."""
    steps = -(-(whole - part) // max(1, round(part * (1 - _OVERLAP))))
    return [round(step * (whole - part) / steps) for step in range(steps + 1)] if steps else [0]


def _share(change: NDArray[np.bool_], tile: Tile, shape: tuple[int, int]) -> float:
    rows, columns = change.shape
    down, across = rows / shape[0], columns / shape[1]
    left, top = int(tile.left * across), int(tile.top * down)
    right = max(left + 1, round((tile.left + tile.width) * across))
    bottom = max(top + 1, round((tile.top + tile.height) * down))
    return float(change[top:bottom, left:right].mean())


def _joined(whole: Verdict, near: Verdict) -> Verdict:
    """The higher scores; a thing that both have seen is one box, that of the whole picture."""
    boxes = list(whole.detections)
    fresh = []
    for seen in near.detections:
        same = next((i for i, box in enumerate(boxes) if _lies_in(seen, box)), None)
        if same is None:
            fresh.append(seen)
        else:
            surer = max(seen.confidence, boxes[same].confidence)
            boxes[same] = replace(boxes[same], confidence=surer)
    return merged(replace(whole, detections=tuple(boxes)), replace(near, detections=tuple(fresh)))


def _lies_in(seen: Detection, box: Detection) -> bool:
    if seen.label != box.label:
        return False
    across = min(seen.x + seen.width, box.x + box.width) - max(seen.x, box.x)
    down = min(seen.y + seen.height, box.y + box.height) - max(seen.y, box.y)
    return max(across, 0) * max(down, 0) >= _SAME * seen.width * seen.height


def _name(camera: CameraId, number: int) -> CameraId:
    return CameraId(f"{camera} tile {number}")  # no camera has a space in its id
