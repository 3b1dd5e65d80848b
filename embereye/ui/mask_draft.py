"""Privacy masks while somebody draws them; nothing is in force until it is saved. No Qt."""

from dataclasses import dataclass, replace

from embereye.config.schema import Camera
from embereye.ui.corners import Points, tidy

LEAST = 3  # corners of a mask
MOST = 64  # corners, and
MOST_MASKS = 20  # masks of a camera (config.camera_options)


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask being drawn.

    Attributes:
        points: Corners: fractions of the picture's width and height.
    """

    name: str
    points: Points

    @property
    def closed(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class MaskDraft:
    """All masks of one camera, in their order; fills `ui.shape_draft.ShapeDraft`."""

    masks: tuple[Mask, ...] = ()

    @property
    def shapes(self) -> tuple[Mask, ...]:
        return self.masks

    def full(self, kind: str = "") -> bool:
        return len(self.masks) >= MOST_MASKS

    def least(self, kind: str = "") -> int:
        return LEAST

    def most(self, kind: str = "") -> int:
        return MOST

    def kind_of(self, number: int) -> str:
        return ""

    def added(self, points: Points, kind: str = "") -> tuple["MaskDraft", int]:
        taken = {mask.name for mask in self.masks}
        number = next(n for n in range(1, len(taken) + 2) if f"Mask {n}" not in taken)
        return MaskDraft((*self.masks, Mask(f"Mask {number}", tidy(points)))), len(self.masks)

    def redrawn(self, number: int, points: Points) -> "MaskDraft":
        return self.changed(number, replace(self.masks[number], points=points))

    def changed(self, number: int, mask: Mask) -> "MaskDraft":
        """With another mask in place of number `number`."""
        return MaskDraft(tuple(mask if n == number else old for n, old in enumerate(self.masks)))

    def without(self, number: int) -> "MaskDraft":
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
