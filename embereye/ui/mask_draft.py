"""Privacy masks while somebody draws them; nothing is in force until it is saved. No Qt."""

from dataclasses import dataclass, replace

from embereye.config.schema import Camera

Point = tuple[float, float]
Points = tuple[Point, ...]

LEAST = 3  # corners of a mask
MOST = 64  # corners, and
MOST_MASKS = 20  # masks of a camera (config.camera_options)
_DIGITS = 4  # of a fraction: a third of a pixel of a picture of 4096


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask being drawn.

    Attributes:
        points: Corners: fractions of the picture's width and height.
    """

    name: str
    points: Points

    def moved(self, across: float, down: float) -> "Mask":
        """The whole mask shifted, as far as it stays inside the picture."""
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        across = min(max(across, -min(xs)), 1.0 - max(xs))
        down = min(max(down, -min(ys)), 1.0 - max(ys))
        return self._with([(x + across, y + down) for x, y in self.points])

    def with_corner(self, number: int, at: Point) -> "Mask":
        """With corner `number` at another place."""
        return self._with([at if n == number else old for n, old in enumerate(self.points)])

    def with_new_corner(self, after: int, at: Point | None = None) -> "Mask":
        """With one more corner behind number `after`: at a place, else in the middle of the edge;
        as it is when it has the most corners."""
        if len(self.points) >= MOST:
            return self
        (ax, ay), (bx, by) = self.points[after], self.points[(after + 1) % len(self.points)]
        place = at or ((ax + bx) / 2, (ay + by) / 2)
        return self._with([*self.points[: after + 1], place, *self.points[after + 1 :]])

    def without_corner(self, number: int) -> "Mask":
        """Without corner `number`; as it is when too few would be left."""
        if len(self.points) <= LEAST:
            return self
        return self._with([*self.points[:number], *self.points[number + 1 :]])

    def _with(self, points: list[Point]) -> "Mask":
        return replace(self, points=tuple(inside(point) for point in points))


@dataclass(frozen=True, slots=True)
class MaskDraft:
    """All masks of one camera, in their order; each change gives a new draft."""

    masks: tuple[Mask, ...] = ()

    @property
    def full(self) -> bool:
        """Whether no further mask can be added."""
        return len(self.masks) >= MOST_MASKS

    def added(self, points: Points) -> "MaskDraft":
        """With one more mask, which is the last and gets a free name."""
        taken = {mask.name for mask in self.masks}
        number = next(n for n in range(1, len(taken) + 2) if f"Mask {n}" not in taken)
        new = Mask(f"Mask {number}", tuple(inside(point) for point in points))
        return MaskDraft((*self.masks, new))

    def changed(self, number: int, mask: Mask) -> "MaskDraft":
        """With another mask in place of number `number`."""
        return MaskDraft(tuple(mask if n == number else old for n, old in enumerate(self.masks)))

    def without(self, number: int) -> "MaskDraft":
        """Without mask `number`."""
        return MaskDraft(self.masks[:number] + self.masks[number + 1 :])

    def values(self) -> dict[str, object]:
        """The option `privacy` of the camera, as plain values."""
        return {
            "privacy": [
                {"name": mask.name, "points": [list(point) for point in mask.points]}
                for mask in self.masks
            ]
        }

    def unnamed(self) -> bool:
        """Whether a mask has no name, which cannot be saved."""
        return any(not mask.name.strip() for mask in self.masks)


def draft_of(camera: Camera | None) -> MaskDraft:
    """What is in force for a camera."""
    masks = () if camera is None else camera.privacy
    return MaskDraft(tuple(Mask(mask.name, mask.points) for mask in masks))


def inside(at: Point) -> Point:
    """A place brought inside the picture, as finely as it is stored."""
    x, y = (round(min(max(value, 0.0), 1.0), _DIGITS) for value in at)
    return x, y
