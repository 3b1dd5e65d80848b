"""What a canvas needs to know of the shapes that are drawn on it. No Qt."""

from collections.abc import Sequence
from typing import Protocol, Self

from embereye.ui.corners import Points


class Shape(Protocol):
    """One shape: a polygon, or a line that is not closed."""

    @property
    def points(self) -> Points:
        """Its corners, fractions of the picture."""

    @property
    def closed(self) -> bool:
        """Whether the last corner is joined to the first one."""


class ShapeDraft(Protocol):
    """All shapes of one picture while somebody draws; each change gives a new draft.

    Nothing is in force until it is saved. A `kind` says what is drawn where there are several.
    """

    @property
    def shapes(self) -> Sequence[Shape]:
        """In the order of the list."""

    def full(self, kind: str = "") -> bool:
        """Whether no further shape of this kind can be added."""

    def least(self, kind: str = "") -> int:
        """Corners that a shape of this kind has at least."""

    def most(self, kind: str = "") -> int:
        """Corners that it has at most."""

    def kind_of(self, number: int) -> str:
        """What shape `number` is."""

    def added(self, points: Points, kind: str = "") -> tuple[Self, int]:
        """With one more shape, which gets a free name, and its number."""

    def redrawn(self, number: int, points: Points) -> Self:
        """With other corners of shape `number`."""

    def without(self, number: int) -> Self:
        """Without shape `number`."""
