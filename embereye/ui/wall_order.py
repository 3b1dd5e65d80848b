"""Which cameras are on the wall, and in which order. Pure."""

from collections.abc import Sequence

from embereye.model.camera import CameraStatus
from embereye.model.ids import CameraId
from embereye.ui import grid
from embereye.ui.grid import Cell

ALL = ""  # the group that means every camera


class WallOrder:
    """The operator's own arrangement; promotion of alarmed cameras never changes it.

    Attributes:
        layout: Tiles per row and column, 1–10; 0 fits the cameras on one page.
        page: From 0.
        group: Shown group, `ALL` for every camera.
        maximised: The camera that fills the wall, None in the grid.
    """

    def __init__(self, layout: int) -> None:
        self.layout = layout
        self.page = 0
        self.group = ALL
        self.maximised: CameraId | None = None
        self._promoted: frozenset[CameraId] = frozenset()
        self._overruled: frozenset[CameraId] = frozenset()
        self._order: list[CameraId] = []
        self._group_of: dict[CameraId, str] = {}

    def note(self, cameras: Sequence[CameraStatus]) -> bool:
        """Take in the present cameras; new ones go last. True when something changed."""
        groups = {camera.id: camera.group for camera in cameras}
        if groups == self._group_of:
            return False
        self._group_of = groups
        kept = [camera for camera in self._order if camera in groups]
        self._order = kept + [camera for camera in groups if camera not in kept]
        if self.group not in groups.values():
            self.group = ALL
        if self.maximised not in groups:
            self.maximised = None
        self.page = min(self.page, self.pages - 1)
        return True

    @property
    def groups(self) -> list[str]:
        """Names of groups, in order of appearance."""
        return list(dict.fromkeys(name for name in self._group_of.values() if name))

    @property
    def cameras(self) -> list[CameraId]:
        """The cameras of the shown group, in order."""
        wanted = self.group
        return [c for c in self._order if wanted == ALL or self._group_of[c] == wanted]

    @property
    def side(self) -> int:
        """Tiles per row and column in force."""
        return self.layout or grid.fitting_layout(len(self.cameras))

    @property
    def pages(self) -> int:
        return grid.pages(len(self.cameras), self.side)

    def choose_layout(self, layout: int) -> None:
        """Show `layout` × `layout` tiles (0: fit), keeping the first camera in sight."""
        first = self.page * self.side * self.side
        self.layout = layout
        self.maximised = None
        self.page = min(first // (self.side * self.side), self.pages - 1)

    def choose_group(self, group: str) -> None:
        self.group = group
        self.page = 0
        self.maximised = None

    def turn(self, pages: int) -> None:
        """Go forward (or back) by `pages`, round the end."""
        self.page = (self.page + pages) % self.pages
        self._overruled = self._promoted

    def maximise(self, camera: CameraId | None) -> None:
        """Fill the wall with one camera, also when an alarm promotes another; None: the grid."""
        self.maximised = camera
        self._overruled = self._promoted

    def swap(self, one: CameraId, other: CameraId) -> None:
        """Let two cameras change places."""
        first, second = self._order.index(one), self._order.index(other)
        self._order[first], self._order[second] = other, one

    def on_page(self) -> list[CameraId]:
        """Cameras of the present page."""
        count = self.side * self.side
        return self.cameras[self.page * count : (self.page + 1) * count]

    def cells(self, size: tuple[int, int], promoted: Sequence[CameraId]) -> tuple[Cell, ...]:
        """Where everything lies on a canvas of `size` device pixels.

        Where only one camera has room, one that is promoted takes it, except those that were
        promoted already when the operator asked for another: with two fires both can be seen.
        """
        self._promoted = frozenset(promoted)
        self._overruled &= self._promoted
        if self.maximised is not None or self.side == 1:
            promoted = [camera for camera in promoted if camera not in self._overruled]
        if self.maximised is not None:
            return grid.arrange([self.maximised], 1, size, promoted)
        return grid.arrange(self.on_page(), self.side, size, promoted)
