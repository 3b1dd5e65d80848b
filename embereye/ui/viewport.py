"""Which part of a picture is shown: digital zoom and pan. Pure; the only place that transforms."""

from dataclasses import dataclass

from embereye.model.frame import Part

STEP = 2**0.5  # of one notch of the wheel; two notches double
MOST = 8.0  # times; a tile of 480 px then shows 60 px of a sub stream, beyond which are only blocks
_LARGEST = 4096  # px a side that capture makes (ingest.views)
_MAIN_STREAM = (1920, 1080)  # px; what a camera with a sub stream offers at least

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Viewport:
    """A part of a picture, of the picture's own shape and never beyond its edge.

    Made from `WHOLE` by its methods, which keep it inside. Points are fractions: of the picture
    (0, 0 upper left, 1, 1 lower right), or of what is shown of it.

    Attributes:
        zoom: 1 (whole picture) … 8.
        centre_x, centre_y: The point of the picture that is shown in the middle.
    """

    zoom: float = 1.0
    centre_x: float = 0.5
    centre_y: float = 0.5

    @property
    def whole(self) -> bool:
        """Whether the whole picture is shown."""
        return self.zoom <= 1.0

    @property
    def part(self) -> Part:
        """What is shown of the picture."""
        side = 1.0 / self.zoom
        return Part(self.centre_x - side / 2, self.centre_y - side / 2, side, side)

    def shown(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the picture lies in what is shown; outside of 0…1 it is not seen."""
        return (
            (x - self.centre_x) * self.zoom + 0.5,
            (y - self.centre_y) * self.zoom + 0.5,
        )

    def pictured(self, x: float, y: float) -> tuple[float, float]:
        """Which point of the picture lies at a point of what is shown."""
        return (
            (x - 0.5) / self.zoom + self.centre_x,
            (y - 0.5) / self.zoom + self.centre_y,
        )

    def zoomed(self, notches: float, x: float = 0.5, y: float = 0.5) -> "Viewport":
        """Nearer by this many notches (farther below 0).

        What is shown at `x`, `y` stays there, unless that would show more than the picture.
        """
        zoom = min(MOST, max(1.0, self.zoom * STEP**notches))
        if zoom < 1.01 or zoom == self.zoom:  # a remainder of rounding is no zoom
            return WHOLE if zoom < 1.01 else self
        held_x, held_y = self.pictured(x, y)
        return _inside(zoom, held_x - (x - 0.5) / zoom, held_y - (y - 0.5) / zoom)

    def panned(self, across: float, down: float) -> "Viewport":
        """What is shown, dragged by these fractions of itself (right and down with the hand)."""
        if self.whole:
            return self
        return _inside(
            self.zoom, self.centre_x - across / self.zoom, self.centre_y - down / self.zoom
        )


WHOLE = Viewport()


def wanted_size(tile: Size, zoom: float, source: Size, more: bool) -> Size:
    """Pixels that capture should make so that a zoomed tile shows all detail there is.

    Never more than the source has, than capture makes, nor less than the tile itself.

    Args:
        tile: (width, height) of the tile, device pixels.
        source: (width, height) of the source picture; 0 while unknown.
        more: Whether the camera has a larger stream than the one that `source` tells of.
    """
    if more:
        source = max(source[0], _MAIN_STREAM[0]), max(source[1], _MAIN_STREAM[1])
    return _length(tile[0], zoom, source[0]), _length(tile[1], zoom, source[1])


def _length(tile: int, zoom: float, source: int) -> int:
    return max(tile, min(round(tile * zoom), source, _LARGEST))


def _inside(zoom: float, x: float, y: float) -> Viewport:
    half = 0.5 / zoom
    return Viewport(zoom, min(1 - half, max(half, x)), min(1 - half, max(half, y)))
