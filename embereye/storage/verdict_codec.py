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
from itertools import pairwise
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
    """The verdicts of a blob; their monotonic times are seconds UTC, too.

    Args:
        start: Seconds UTC of the arrival of the first one.

    Raises:
        StorageError: The blob is damaged.
    """
    try:
        return _decode(camera, start, blob)
    except (struct.error, zlib.error, ValueError, LookupError, TypeError) as error:
        raise StorageError(
            f"Stored verdicts of camera {camera} are damaged ({error}). Run 'embereye db check'."
        ) from None


def _decode(camera: CameraId, start: float, blob: bytes) -> list[DetectionResult]:
    form, count, objects, length = _HEAD.unpack_from(blob)
    if form != _FORM or count > MOST_LOOKS or objects > count * MOST_OBJECTS:
        raise ValueError("unknown form")
    if length > _MOST_NAMES:
        raise ValueError("too many names")
    size = length + count * _width(_LOOK) + objects * _width(_OBJECT)
    body = zlib.decompressobj().decompress(blob[_HEAD.size :], size + 1)
    if len(body) != size:
        raise ValueError("wrong length")
    names = json.loads(body[:length])
    looks, offset = _columns(body, length, count, _LOOK)
    boxes, _ = _columns(body, offset, objects, _OBJECT)
    found = [
        Detection(names["labels"][label], *numbers) for label, *numbers in zip(*boxes, strict=True)
    ]
    ends = np.cumsum([0, *looks[7]]).tolist()
    at = (start + np.cumsum(looks[0], dtype=np.int64) / _MICRO).tolist()
    parts = [tuple(found[first:last]) for first, last in pairwise(ends)]
    rows = zip(at, *looks[1:7], parts, strict=True)
    return [_result(camera, names, *row) for row in rows]


def _result(camera: CameraId, names: Any, at: float, lag: int, fire: float, *rest: Any) -> Any:
    smoke, flags, detector, source, found = rest
    width, height = names["sources"][source]
    frame_at = at - lag / _MICRO
    return DetectionResult(
        camera=camera,
        frame_seq=0,
        frame_at=Stamp(frame_at, frame_at),
        at=Stamp(at, at),
        detections=found,
        fire=fire,
        smoke=smoke,
        moving=bool(flags & _MOVING),
        detector=str(names["detectors"][detector]),
        seconds=0.0,
        source=(int(width), int(height)),
        cached=bool(flags & _CACHED),
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
