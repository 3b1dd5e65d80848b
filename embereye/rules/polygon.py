"""Polygons in a plane, also concave ones: point inside, area, clipping by a box, crossing edges."""

from collections.abc import Sequence

Point = tuple[float, float]

# Corners are fractions of a picture: 1e-9 of it is far below a pixel and far above the rounding
# of 64-bit numbers, so it means "the same place".
_SAME = 1e-9


def contains(points: Sequence[Point], x: float, y: float) -> bool:
    """Whether (x, y) lies inside; the border belongs to it."""
    inside = False
    ax, ay = points[-1]
    for bx, by in points:
        if (ay > y) != (by > y):
            border = ax + (y - ay) * (bx - ax) / (by - ay)
            if abs(x - border) <= _SAME:
                return True
            inside ^= x < border
        elif abs(ay - y) <= _SAME and _touches(ax, ay, bx, by, x, y):
            return True
        ax, ay = bx, by
    return inside


def area(points: Sequence[Point]) -> float:
    """The area of a polygon without crossing edges, in either order of its corners."""
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in edges(points))) / 2


def area_within(
    points: Sequence[Point], left: float, top: float, right: float, bottom: float
) -> float:
    """The exact area that a polygon without crossing edges has in common with a box.

    Sutherland–Hodgman: the box is convex, so a concave polygon only gets edges there and back
    along the border of the box, which enclose nothing.
    """
    part = list(points)
    for axis, limit, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
        part = _kept_side(part, axis, limit, sign)
        if not part:
            return 0.0
    return area(part)


def crossing_edges(points: Sequence[Point]) -> tuple[int, int] | None:
    """Two edges, each by the index of its first corner, that meet where they should not."""
    lines = list(edges(points))
    for first, (a, b) in enumerate(lines):
        for second in range(first + 1, len(lines)):
            c, d = lines[second]
            if second == first + 1 or (first == 0 and second == len(lines) - 1):
                shared, one, other = (b, a, d) if second == first + 1 else (a, b, c)
                meet = _folded(shared, one, other)
            else:
                meet = _meet(a, b, c, d)
            if meet:
                return first, second
    return None


def edges(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    """Each corner with the next, the last with the first."""
    return list(zip(points, [*points[1:], *points[:1]], strict=True))


def turn(a: Point, b: Point, c: Point) -> float:
    """Above 0 when c lies to the right of somebody who walks from a to b (y points down)."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def distance(a: Point, b: Point, place: Point) -> float:
    """From `place` to the nearest point between a and b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = ((place[0] - a[0]) * dx + (place[1] - a[1]) * dy) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    ex, ey = place[0] - a[0] - along * dx, place[1] - a[1] - along * dy
    return float((ex * ex + ey * ey) ** 0.5)


def _touches(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> bool:
    if not (min(ax, bx) - _SAME <= x <= max(ax, bx) + _SAME):
        return False
    if not (min(ay, by) - _SAME <= y <= max(ay, by) + _SAME):
        return False
    return distance((ax, ay), (bx, by), (x, y)) <= _SAME


def _kept_side(points: Sequence[Point], axis: int, limit: float, sign: int) -> list[Point]:
    kept: list[Point] = []
    for a, b in edges(points):
        in_a, in_b = sign * (a[axis] - limit) >= 0, sign * (b[axis] - limit) >= 0
        if in_a != in_b:
            along = (limit - a[axis]) / (b[axis] - a[axis])
            kept.append((a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])))
        if in_b:
            kept.append(b)
    return kept


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two edges without a common corner cross or touch."""
    apart = (turn(a, b, c) > 0) == (turn(a, b, d) > 0) or (turn(c, d, a) > 0) == (turn(c, d, b) > 0)
    if not apart:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(_touches(*p, *q, *place) for p, q, place in ends)


def _folded(shared: Point, one: Point, other: Point) -> bool:
    """Whether two edges with a common corner lie on each other, beyond that corner."""
    return _touches(*shared, *one, *other) or _touches(*shared, *other, *one)
