"""Corners of shapes that are drawn on a picture, as fractions of its width and height. No Qt."""

Point = tuple[float, float]
Points = tuple[Point, ...]

_DIGITS = 4  # of a fraction: a third of a pixel of a picture of 4096


def inside(at: Point) -> Point:
    """A place brought inside the picture, as finely as it is stored."""
    x, y = (round(min(max(value, 0.0), 1.0), _DIGITS) for value in at)
    return x, y


def tidy(points: Points) -> Points:
    """All corners inside the picture."""
    return tuple(inside(point) for point in points)


def moved(points: Points, across: float, down: float) -> Points:
    """The whole shape shifted, as far as it stays inside the picture."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    across = min(max(across, -min(xs)), 1.0 - max(xs))
    down = min(max(down, -min(ys)), 1.0 - max(ys))
    return tidy(tuple((x + across, y + down) for x, y in points))


def with_corner(points: Points, number: int, at: Point) -> Points:
    """With corner `number` at another place."""
    return tidy((*points[:number], at, *points[number + 1 :]))


def with_new_corner(points: Points, after: int, at: Point | None = None) -> Points:
    """With one more corner behind number `after`: at a place, else in the middle of the edge."""
    (ax, ay), (bx, by) = points[after], points[(after + 1) % len(points)]
    place = at or ((ax + bx) / 2, (ay + by) / 2)
    return tidy((*points[: after + 1], place, *points[after + 1 :]))


def without_corner(points: Points, number: int) -> Points:
    """Without corner `number`."""
    return (*points[:number], *points[number + 1 :])
