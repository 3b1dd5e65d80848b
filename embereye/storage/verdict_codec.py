"""Lossless coding of a run of verdicts of one camera.

A replay must come to the same alarms, so scores, confidences and boxes come back bit for bit;
moments come back to the microsecond. What no rule looks at is left out: outlines, the number of the
frame, the time that the detector needed, and the suspicion. Numbers are split into planes of bytes
before zlib packs them: the high bytes of scores of one scene are alike, and those of 32-bit floats
end in zeros.
"""

import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embereye.model.detection import Detection, DetectionResult
from embereye.model.errors import StorageError
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp

MOST_LOOKS = 1_000  # of one blob; a minute at twice the highest rate
MOST_OBJECTS = 200  # of one verdict that are kept: as many as are followed (rules.tracking)

_FORM = 1  # version of the blob
_HEAD = struct.Struct("<BIII")  # version, verdicts, objects, bytes of the names
_LEVEL = 1  # zlib; 6 saves another 4 % for three times the time
_MICRO = 1e6
_MOST_NAMES = 2**20  # bytes; a damaged head must not ask for gigabytes
_MOVING, _CACHED = 1, 2
_LOOK = ("<i8", "<i8", "<f8", "<f8", "<u1", "<u2", "<u2", "<u2")
_OBJECT = ("<u2", "<f8", "<f8", "<f8", "<f8", "<f8")


@dataclass(frozen=True, slots=True, eq=False)
class VerdictRun:
    """Verdicts of one camera in order of arrival; 1–`MOST_LOOKS` of them."""

    camera: CameraId
    results: tuple[DetectionResult, ...]


def encode(results: Sequence[DetectionResult]) -> bytes:
    """The blob of 1–`MOST_LOOKS` verdicts; ValueError for another number."""
    if not 1 <= len(results) <= MOST_LOOKS:
        raise ValueError(f"a run of {len(results)} verdicts")
    kept = [result.detections[:MOST_OBJECTS] for result in results]
    objects = [one for found in kept for one in found]
    names = _Names()
    looks = (
        _steps([result.at.utc for result in results]),
        [round((r.at.mono - r.frame_at.mono) * _MICRO) for r in results],
        [r.fire for r in results],
        [r.smoke for r in results],
        [_MOVING * r.moving + _CACHED * r.cached for r in results],
        [names.index("detectors", r.detector) for r in results],
        [names.index("sources", list(r.source)) for r in results],
        [len(found) for found in kept],
    )
    boxes = (
        [names.index("labels", one.label) for one in objects],
        [one.confidence for one in objects],
        [one.x for one in objects],
        [one.y for one in objects],
        [one.width for one in objects],
        [one.height for one in objects],
    )
    text = names.text()
    columns = [*zip(_LOOK, looks, strict=True), *zip(_OBJECT, boxes, strict=True)]
    body = text + b"".join(_planes(np.array(values, kind)) for kind, values in columns)
    head = _HEAD.pack(_FORM, len(results), len(objects), len(text))
    return head + zlib.compress(body, _LEVEL)


def decode(camera: CameraId, start: float, blob: bytes) -> list[DetectionResult]:
    """All verdicts of a blob; see `opened`."""
    run = opened(camera, start, blob)
    return run.results(range(len(run.at)))


def opened(camera: CameraId, start: float, blob: bytes) -> "OpenedRun":
    """A blob whose verdicts can be chosen before they are made.

    Args:
        start: Seconds UTC of the arrival of the first one.

    Raises:
        StorageError: The blob is damaged.
    """
    try:
        return _opened(camera, start, blob)
    except _DAMAGES as error:
        raise _damaged(camera, error) from None


_DAMAGES = (struct.error, zlib.error, ValueError, LookupError, TypeError)


class OpenedRun:
    """The verdicts of one camera as columns.

    Attributes:
        at: Seconds UTC of the arrival of each.
        highest: The higher of its two scores; infinite where an object was found.
    """

    def __init__(
        self, camera: CameraId, names: Any, at: list[float], looks: list[Any], boxes: list[Any]
    ) -> None:
        self.at = at
        fire, smoke, counts = looks[2], looks[3], looks[7]
        rows = zip(fire, smoke, counts, strict=True)
        self.highest = [inf if n or f != f or s != s else max(f, s) for f, s, n in rows]
        self._camera = camera
        self._names = names
        self._looks = looks
        self._boxes = boxes
        self._ends = [0, *accumulate(counts)]

    def results(self, chosen: Iterable[int]) -> list[DetectionResult]:
        """The verdicts with these numbers; their monotonic times are seconds UTC, too.

        Raises:
            StorageError: The run is damaged.
        """
        try:
            return [self._result(index) for index in chosen]
        except _DAMAGES as error:
            raise _damaged(self._camera, error) from None

    def _result(self, index: int) -> DetectionResult:
        _, lag, fire, smoke, flags, detector, source, _ = (each[index] for each in self._looks)
        at = self.at[index]
        frame_at = at - lag / _MICRO
        width, height = self._names["sources"][source]
        first, last = self._ends[index], self._ends[index + 1]
        return DetectionResult(
            camera=self._camera,
            frame_seq=0,
            frame_at=Stamp(frame_at, frame_at),
            at=Stamp(at, at),
            detections=tuple(self._found(number) for number in range(first, last)),
            fire=fire,
            smoke=smoke,
            moving=bool(flags & _MOVING),
            detector=str(self._names["detectors"][detector]),
            seconds=0.0,
            source=(int(width), int(height)),
            cached=bool(flags & _CACHED),
        )

    def _found(self, number: int) -> Detection:
        label, *numbers = (each[number] for each in self._boxes)
        return Detection(self._names["labels"][label], *numbers)


def _opened(camera: CameraId, start: float, blob: bytes) -> OpenedRun:
    form, count, objects, length = _HEAD.unpack_from(blob)
    if form != _FORM or count > MOST_LOOKS or objects > count * MOST_OBJECTS:
        raise ValueError("unknown form")
    if length > _MOST_NAMES:
        raise ValueError("too many names")
    size = length + count * _width(_LOOK) + objects * _width(_OBJECT)
    body = zlib.decompressobj().decompress(blob[_HEAD.size :], size + 1)
    if len(body) != size:
        raise ValueError("wrong length")
    looks, offset = _columns(body, length, count, _LOOK)
    boxes, _ = _columns(body, offset, objects, _OBJECT)
    if sum(looks[7]) != objects:
        raise ValueError("wrong number of objects")
    at = (start + np.cumsum(looks[0], dtype=np.int64) / _MICRO).tolist()
    return OpenedRun(camera, json.loads(body[:length]), at, looks, boxes)


def _damaged(camera: CameraId, error: Exception) -> StorageError:
    return StorageError(
        f"Stored verdicts of camera {camera} are damaged ({error}). Run 'embereye db check'."
    )


class _Names:
    """Words that many verdicts of a run share."""

    def __init__(self) -> None:
        self._known: dict[str, list[object]] = {"detectors": [], "sources": [], "labels": []}

    def index(self, group: str, word: object) -> int:
        known = self._known[group]
        if word not in known:
            known.append(word)
        return known.index(word)

    def text(self) -> bytes:
        return json.dumps(self._known, separators=(",", ":")).encode()


def _steps(utc: Iterable[float]) -> list[int]:
    moments = list(utc)
    passed = [round((moment - moments[0]) * _MICRO) for moment in moments]
    return [0, *(later - earlier for earlier, later in pairwise(passed))]


def _planes(values: NDArray[Any]) -> bytes:
    return values.view(np.uint8).reshape(len(values), values.itemsize).T.tobytes()


def _columns(body: bytes, offset: int, count: int, kinds: Sequence[str]) -> tuple[list[Any], int]:
    columns = []
    for kind in kinds:
        form = np.dtype(kind)
        part = np.frombuffer(body, np.uint8, count * form.itemsize, offset)
        whole = np.ascontiguousarray(part.reshape(form.itemsize, count).T)
        columns.append(whole.view(form).reshape(count).tolist())
        offset += count * form.itemsize
    return columns, offset


def _width(kinds: Sequence[str]) -> int:
    return sum(np.dtype(kind).itemsize for kind in kinds)
