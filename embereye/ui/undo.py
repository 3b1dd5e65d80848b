"""Steps back and forth while somebody draws. No Qt."""

from typing import Generic, TypeVar

D = TypeVar("D")

_KEPT = 100  # steps; nobody goes farther back than "Revert"


class Undo(Generic[D]):
    """Remembers what a draft was before each step."""

    def __init__(self) -> None:
        self._before: list[D] = []
        self._after: list[D] = []
        self._gesture: object = None

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._after)

    def forget(self) -> None:
        """Begin anew."""
        self._before, self._after, self._gesture = [], [], None

    def note(self, before: D, gesture: object = None) -> None:
        """The draft `before` is about to be changed.

        Args:
            gesture: What belongs together, such as one drag of the mouse or the letters of one
                name, is one step; None: a step of its own.
        """
        if gesture is None or gesture != self._gesture or not self._before:
            self._before = [*self._before, before][-_KEPT:]
        self._after, self._gesture = [], gesture

    def undo(self, now: D) -> D:
        """What it was before the last step; `now` where there is none."""
        return self._step(now, self._before, self._after)

    def redo(self, now: D) -> D:
        """What the step that was taken back had made; `now` where there is none."""
        return self._step(now, self._after, self._before)

    def _step(self, now: D, taken: list[D], kept: list[D]) -> D:
        self._gesture = None
        if not taken:
            return now
        kept.append(now)
        return taken.pop()
