"""Which part of a camera picture is worth a closer look: around the hottest spot, and steady."""

from collections.abc import Sequence
from math import ceil, floor

from embereye.model.frame import Part
from embereye.rules.hot_region import HotBox

_ROOM = 0.25  # of its size on each side beside the margin of the box: detectors compare with it
_LEAST = 1 / 8  # of a side: 240 × 135 of 1920 × 1080, some 30 × 17 cells of the heuristic
_MOST = 1 / 2  # of a side; a larger part is hardly finer than the whole picture
_GRID = 32  # steps of a side; the sensor has as many columns
_LOOSE = 4.0  # times the area that a part may have before it is drawn closer


def part_of(boxes: Sequence[HotBox], before: Part | None) -> Part | None:
    """What to look at closely; None when nothing is hot, or so much that it makes no part.

    `before` stays while it holds the hottest box and is not much too large: a detector judges how
    a place changes, and begins anew when the place moves.
    """
    if not boxes:
        return None
    box = boxes[0]
    left, right = _side(box.x, box.width)
    top, bottom = _side(box.y, box.height)
    part = Part(left, top, right - left, bottom - top)
    if before is not None and _holds(before, box) and _area(before) <= _LOOSE * _area(part):
        return before
    return part if max(part.width, part.height) <= _MOST else None


def _side(start: float, length: float) -> tuple[float, float]:
    """Both ends on one axis, with room around, on the grid, inside the picture."""
    room = max(_ROOM * length, (_LEAST - length) / 2)
    low = floor(max(0.0, start - room) * _GRID) / _GRID
    high = ceil(min(1.0, start + length + room) * _GRID) / _GRID
    return low, high


def _holds(part: Part, box: HotBox) -> bool:
    across = part.x <= box.x and box.x + box.width <= part.x + part.width
    return across and part.y <= box.y and box.y + box.height <= part.y + part.height


def _area(part: Part) -> float:
    return part.width * part.height
