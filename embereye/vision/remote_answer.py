"""Reads what a detector on another machine answers; nothing in it is believed unchecked."""

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

from embereye.model.detection import Detection
from embereye.vision.manifest import Manifest
from embereye.vision.remote_retry import Failure, RemoteError

LARGEST = 1 << 20  # bytes; 1,000 detections of 200 bytes are a fifth of that
_MOST = 1_000  # detections in one answer; detectors end at 100–300, more is none of their work
_KEPT = 100  # most confident ones that go on: what a screen can show
_LONGEST_LABEL = 60  # characters
_LONGEST_SIDE = 65_535  # px; what JPEG can say
_ROUNDING = 1e-6  # above 1 that float32 confidences may have when written as decimals
_SMALLEST = 1.0  # px of the source a side, where no size is told


@dataclass(frozen=True, slots=True)
class RemoteVerdict:
    """One answer about one picture.

    Attributes:
        detections: Boxes in pixels of the source, most confident first, at most 100.
        refused: Detections that were left out because they make no sense.
        seconds: Time the detector says it needed; 0 when it does not say.
    """

    detections: tuple[Detection, ...]
    refused: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RemoteHealth:
    """What a detector says about itself.

    Attributes:
        degraded: It works, but not as it should.
        device: What it computes on, cleaned; empty when it does not say.
    """

    degraded: bool
    model_loaded: bool
    device: str


def read_answer(body: bytes, sent: tuple[int, int], source: tuple[int, int]) -> RemoteVerdict:
    """The answer about one picture, boxes in pixels of the source.

    Args:
        sent: Width and height of the picture that was sent; boxes are in its pixels where the
            answer does not name other ones.
        source: Width and height of the picture that it was made of.

    Raises:
        RemoteError: It cannot be used at all. Single detections that make no sense are left out
            and counted, unless there are no others.
    """
    return _verdict(_mapping(_json(body)), sent, source)


def read_batch(
    body: bytes, sent: list[tuple[int, int]], sources: list[tuple[int, int]]
) -> list[RemoteVerdict]:
    """The answers about several pictures, in the order in which they were sent."""
    results = _mapping(_json(body)).get("results")
    if not isinstance(results, list) or len(results) != len(sent):
        raise _bad("the number of results is not that of the pictures")
    triples = zip(results, sent, sources, strict=True)
    return [_verdict(_mapping(result), size, source) for result, size, source in triples]


def read_health(body: bytes) -> RemoteHealth:
    """What it says about itself; RemoteError when that cannot be used."""
    found = _mapping(_json(body))
    status, loaded = found.get("status"), found.get("model_loaded")
    if status not in ("healthy", "degraded") or not isinstance(loaded, bool):
        raise _bad("its health is neither healthy nor degraded")
    device = found.get("device")
    return RemoteHealth(status == "degraded", loaded, _word(device) or "")


def _verdict(
    found: dict[str, Any], sent: tuple[int, int], source: tuple[int, int]
) -> RemoteVerdict:
    items = found.get("detections")
    if not isinstance(items, list):
        raise _bad("there is no list of detections")
    if len(items) > _MOST:
        raise _bad(f"there are more than {_MOST} detections")
    size = _size(found, sent)
    scale = source[0] / size[0], source[1] / size[1]
    boxes = [box for item in items if (box := _detection(item, scale, source)) is not None]
    if items and not boxes:
        raise _bad("none of its detections makes sense")
    boxes.sort(key=lambda box: box.confidence, reverse=True)
    spent = _number(found.get("inference_time_ms"))
    seconds = spent / 1000 if spent is not None and spent >= 0 else 0.0
    return RemoteVerdict(tuple(boxes[:_KEPT]), len(items) - len(boxes), seconds)


def _detection(
    item: object, scale: tuple[float, float], source: tuple[int, int]
) -> Detection | None:
    """One detection; None when it makes no sense."""
    if not isinstance(item, dict):
        return None
    label, confidence = _word(item.get("class")), _number(item.get("confidence"))
    if not label or confidence is None or not 0.0 <= confidence <= 1.0 + _ROUNDING:
        return None
    # A detector that only classifies has no box: it means the whole picture.
    box = (0.0, 0.0, *source) if item.get("bbox") is None else _box(item["bbox"], scale, source)
    if box is None:
        return None
    return Detection(Manifest("remote", labels=(label,)).term(0), min(1.0, confidence), *box)


def _box(
    found: object, scale: tuple[float, float], source: tuple[int, int]
) -> tuple[float, float, float, float] | None:
    """Left, top, width and height in pixels of the source, cut at its edges; None: senseless."""
    numbers = _numbers(found)
    if numbers is None:
        return None
    x, y, width, height = numbers
    left, right = x * scale[0], (x + width) * scale[0]
    top, bottom = y * scale[1], (y + height) * scale[1]
    left, right = max(0.0, left), min(float(source[0]), max(right, left + _SMALLEST))
    top, bottom = max(0.0, top), min(float(source[1]), max(bottom, top + _SMALLEST))
    inside = left < right and top < bottom
    return (left, top, right - left, bottom - top) if inside else None


def _numbers(found: object) -> list[float] | None:
    """x, y, width, height; sizes that are not told are 0."""
    if isinstance(found, dict):
        parts = [found.get("x"), found.get("y"), found.get("width", 0), found.get("height", 0)]
        parts[2:] = [0 if part is None else part for part in parts[2:]]
    elif isinstance(found, list) and len(found) == 4:
        parts = found
    else:
        return None
    numbers = [number for part in parts if (number := _number(part)) is not None]
    if len(numbers) != 4 or min(numbers[2:]) < 0:
        return None
    return numbers if max(map(abs, numbers)) <= _LONGEST_SIDE else None


def _size(found: dict[str, Any], sent: tuple[int, int]) -> tuple[float, float]:
    """Of the picture whose pixels boxes are given in."""
    sides = []
    for name, side in (("image_width", sent[0]), ("image_height", sent[1])):
        told = found.get(name)
        number = float(side) if told is None else _number(told)
        if number is None or not 1 <= number <= _LONGEST_SIDE:
            raise _bad(f"{name} makes no sense")
        sides.append(number)
    return sides[0], sides[1]


def _json(body: bytes) -> object:
    if len(body) > LARGEST:
        raise _bad("it is too long")
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # also numbers of thousands of digits, and no UTF-8
        raise _bad("it is no JSON") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _mapping(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _bad("it is not an object")
    return found


def _number(found: object) -> float | None:
    """A finite number; None for anything else, also for true and false."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        number = float(found)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _word(found: object) -> str | None:
    """A short printable text; None for anything else."""
    if not isinstance(found, str):
        return None
    text = found.strip()
    return text if len(text) <= _LONGEST_LABEL and text.isprintable() else None


def _bad(why: str) -> RemoteError:
    return RemoteError(
        Failure.BAD_ANSWER,
        f"The remote detector answers something that cannot be used ({why}). Check that the "
        "address is that of a detector, and its version.",
    )
