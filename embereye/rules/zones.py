"""Where detections lie in a picture, in fractions of it, and which drawn areas can be used.

The one transformation between pixels and fractions is here: zones, lines, the editor and the
overlay all use it. (0, 0) is the top left corner of the picture, (1, 1) the bottom right one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from embereye.model.detection import Detection
from embereye.rules.polygon import Point, area, crossing_edges

Size = tuple[int, int]

MOST_CORNERS = 64
LEAST_AREA = 1e-5  # of the picture; 5 × 4 pixels of full HD: nobody draws that on purpose


@dataclass(frozen=True, slots=True)
class Box:
    """Where something lies; edges as fractions of the picture, may reach beyond it."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """Share of the picture's area."""
        return self.width * self.height

    @property
    def centre(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def foot(self) -> Point:
        """The middle of the bottom edge: where what stands on the ground touches it."""
        return (self.left + self.right) / 2, self.bottom

    @property
    def visible(self) -> "Box":
        """The part inside the picture."""
        left, right = min(max(self.left, 0.0), 1.0), min(max(self.right, 0.0), 1.0)
        top, bottom = min(max(self.top, 0.0), 1.0), min(max(self.bottom, 0.0), 1.0)
        return Box(left, top, right, bottom)


def fraction(x: float, y: float, size: Size) -> Point:
    """A place in pixels as fractions of a picture of `size` pixels (width, height above 0)."""
    return x / size[0], y / size[1]


def pixel(place: Point, size: Size) -> Point:
    """A place in fractions as pixels of a picture of `size`; the way back of `fraction`."""
    return place[0] * size[0], place[1] * size[1]


def box_of(found: Detection, size: Size) -> Box:
    """Where something was found; `size` is that of the picture whose pixels the box is given in."""
    left, top = fraction(found.x, found.y, size)
    right, bottom = fraction(found.x + found.width, found.y + found.height, size)
    return Box(left, top, right, bottom)


def size_of(told: Size, known: Size = (0, 0)) -> Size | None:
    """The size that boxes are given in: as their result told, else that of the camera.

    `told` may be the size of another stream of the camera than `known`. Zeros are not told; None:
    nobody knows it.
    """
    for size in (told, known):
        if size[0] > 0 and size[1] > 0:
            return size
    return None


def zone_trouble(points: Sequence[Point]) -> str:
    """Why an area with these corners cannot be used, as a sentence; empty when it can."""
    if len(points) > MOST_CORNERS:
        return f"An area has at most {MOST_CORNERS} corners: leave some out."
    if not all(_in_picture(place) for place in points):
        return "A corner lies outside the picture: draw it inside."
    kept = _without_repeats(points)
    corners = [points[index] for index in kept]
    if len(corners) < 3:
        return "An area needs at least 3 corners in different places."
    if crossing := crossing_edges(corners):
        first, second = (kept[edge] + 1 for edge in crossing)
        return (
            f"The edge after corner {first} meets the edge after corner {second}: "
            "move a corner so that no edges cross."
        )
    if area(corners) < LEAST_AREA:
        return "The area is too small: draw its corners further apart."
    return ""


def line_trouble(points: Sequence[Point]) -> str:
    """Why a line with these corners cannot be used, as a sentence; empty when it can."""
    if not all(_in_picture(place) for place in points):
        return "A corner lies outside the picture: draw it inside."
    if len(set(points)) < 2:
        return "The line has no length: draw it from one place to another."
    return ""


def _in_picture(place: Point) -> bool:
    return all(math.isfinite(part) and 0.0 <= part <= 1.0 for part in place)


def _without_repeats(points: Sequence[Point]) -> list[int]:
    """Which corners count: one that lies on the one before (a double click) adds nothing."""
    return [index for index, place in enumerate(points) if place != points[index - 1]]
