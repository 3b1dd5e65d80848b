"""Where tiles lie on the wall. Pure geometry in device pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isqrt, sqrt

from embereye.model.ids import CameraId

GAP = 4  # px between tiles
LARGEST = 10  # tiles per row and column


@dataclass(frozen=True, slots=True)
class Cell:
    """One place on the wall; `camera` is None where it stays empty."""

    camera: CameraId | None
    x: int
    y: int
    width: int
    height: int

    def contains(self, x: float, y: float) -> bool:
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


def fitting_layout(cameras: int) -> int:
    """Tiles per row and column that show this many cameras on one page; at most 10."""
    return min(LARGEST, max(1, ceil(sqrt(cameras))))


def pages(cameras: int, layout: int) -> int:
    """Pages needed for this many cameras; at least one."""
    return max(1, ceil(cameras / (layout * layout)))


def arrange(
    cameras: Sequence[CameraId],
    layout: int,
    size: tuple[int, int],
    promoted: Sequence[CameraId] = (),
) -> tuple[Cell, ...]:
    """Cells of one page: `cameras` in order, in a square grid.

    With `promoted`, the first of them lies large in the upper left corner of a grid with one more
    column and just as many rows as needed, so that nothing on the page is hidden; further
    promoted cameras that are not on this page fill cells that are left over.
    """
    if not promoted:
        return _fill(list(cameras), (layout, layout), size, span=0)
    if layout == 1:
        return _fill([promoted[0]], (1, 1), size, span=0)
    others = [camera for camera in cameras if camera != promoted[0]]
    span = isqrt(2 * layout + 1)  # largest square that leaves room for layout² small tiles
    columns = layout + 1
    rows = max(span, ceil((len(others) + span * span) / columns))
    others += [camera for camera in promoted[1:] if camera not in others]
    return _fill([promoted[0], *others], (columns, rows), size, span)


def _fill(
    cameras: list[CameraId], counts: tuple[int, int], size: tuple[int, int], span: int
) -> tuple[Cell, ...]:
    columns, rows = _edges(size[0], counts[0]), _edges(size[1], counts[1])
    slots = [(0, 0, span)] if span else []
    slots += [
        (row, column, 1)
        for row in range(counts[1])
        for column in range(counts[0])
        if row >= span or column >= span
    ]
    cells = []
    for index, (row, column, wide) in enumerate(slots):
        x, y = columns[column], rows[row]
        width = columns[column + wide] - x - GAP
        height = rows[row + wide] - y - GAP
        camera = cameras[index] if index < len(cameras) else None
        cells.append(Cell(camera, x, y, max(1, width), max(1, height)))
    return tuple(cells)


def _edges(length: int, count: int) -> list[int]:
    return [round(i * (length + GAP) / count) for i in range(count + 1)]
