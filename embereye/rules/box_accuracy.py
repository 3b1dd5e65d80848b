"""How well boxes that were found agree with boxes that people drew."""

from collections.abc import Iterable
from dataclasses import dataclass

AGREE = 0.3  # least overlap (IoU); flames have no firm edge, 0.5 asks for more than people agree on
SMALL = (0.01, 0.05)  # share of the picture below which a box is reported apart


@dataclass(frozen=True, slots=True)
class Area:
    """A box; fractions of the picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> float:
        """Share of the picture, 0–1."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside or on the edge."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


@dataclass(frozen=True, slots=True)
class Marked:
    """The boxes of one kind in one picture: drawn by people (at least one), found best first."""

    drawn: tuple[Area, ...]
    found: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class BoxCounts:
    """What was counted.

    Attributes:
        pictures: Pictures with drawn boxes.
        centred: Of these, where the centre of the best found box lies inside a drawn one.
        boxes: Boxes drawn.
        agreeing: Of these, found with an overlap of at least `AGREE`.
    """

    pictures: int
    centred: int
    boxes: int
    agreeing: int


def overlap(one: Area, other: Area) -> float:
    """Intersection over union, 0–1."""
    common = Area(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    ).size
    union = one.size + other.size - common
    return common / union if union > 0 else 0.0


def counted(pictures: Iterable[Marked], below: float = 2.0) -> BoxCounts:
    """Counts over all pictures; with `below`, of drawn boxes under that share of the picture.

    A picture counts for `centred` where its largest drawn box lies under that share.
    """
    shown = centred = boxes = agreeing = 0
    for picture in pictures:
        if max(area.size for area in picture.drawn) < below:
            shown += 1
            centred += _centred(picture)
        matched = _matched(picture)
        for area, hit in zip(picture.drawn, matched, strict=True):
            if area.size < below:
                boxes += 1
                agreeing += hit
    return BoxCounts(shown, centred, boxes, agreeing)


def _centred(picture: Marked) -> bool:
    if not picture.found:
        return False
    best = picture.found[0]
    x, y = (best.left + best.right) / 2, (best.top + best.bottom) / 2
    return any(area.holds(x, y) for area in picture.drawn)


def _matched(picture: Marked) -> list[bool]:
    """Whether each drawn box was found; a found box counts for one drawn box only."""
    matched = [False] * len(picture.drawn)
    for box in picture.found:
        free = [n for n, taken in enumerate(matched) if not taken]
        best = max(free, key=lambda n: overlap(box, picture.drawn[n]), default=None)
        if best is not None and overlap(box, picture.drawn[best]) >= AGREE:
            matched[best] = True
    return matched
