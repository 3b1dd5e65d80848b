"""Where chips beside boxes find room: never one over another, never beside the picture."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QRect

Box = tuple[int, int, int, int]  # left, top, right, bottom in px; right and bottom outside of it


def edges(area: QRect) -> Box:
    """The edges of a rectangle of pixels."""
    return area.left(), area.top(), area.right() + 1, area.bottom() + 1


def place(box: Box, size: tuple[int, int], area: Box, taken: Sequence[Box]) -> Box | None:
    """The best free place for a chip of `size` that tells about `box`.

    Above it, else below, else inside of it at the top, else beside it, else in any free row above
    or below.

    Args:
        area: The picture, which chips do not leave.
        taken: What must not be covered.

    Returns:
        None where no place is free.
    """
    width, height = size
    if width > area[2] - area[0] or height > area[3] - area[1]:
        return None
    for x, y in _wished(box, width, height, area):
        left = min(max(x, area[0]), area[2] - width)
        top = min(max(y, area[1]), area[3] - height)
        found = (left, top, left + width, top + height)
        if not any(_meet(found, other) for other in taken):
            return found
    return None


def _wished(box: Box, width: int, height: int, area: Box) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = box
    for y in (top - height, bottom, top):
        yield left, y
        yield right - width, y
    yield right, top
    yield left - width, top
    for away in range(2 * height, area[3] - area[1], height):
        yield left, top - away
        yield left, bottom + away - height


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
