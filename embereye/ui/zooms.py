"""Which part of each camera's picture an operator looks at."""

from collections.abc import Collection

from embereye.model.alarm import FAULTS, AlarmTable
from embereye.model.ids import AlarmId, CameraId
from embereye.ui.console import Console
from embereye.ui.viewport import WHOLE, Size, Viewport, wanted_size


class Zooms:
    """Digital zoom of the cameras that one widget shows. GUI thread.

    A new alarm of a camera ends its zoom: nobody at 3 a.m. knows which part of the room it was
    that was looked at yesterday, and the fire must not lie beside it. After that the operator may
    zoom in again, to look at the fire; the same alarm does not take that away again.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._views: dict[CameraId, Viewport] = {}
        self._known: dict[CameraId, frozenset[AlarmId]] = {}
        self._alarms: AlarmTable | None = None

    def __bool__(self) -> bool:
        return bool(self._views)

    def of(self, camera: CameraId) -> Viewport:
        """What is shown of the camera's picture."""
        return self._views.get(camera, WHOLE)

    def put(self, camera: CameraId, view: Viewport) -> bool:
        """Show this part from now on; whether that is another one."""
        before = self.of(camera)
        if view.whole:
            self._views.pop(camera, None)
            self._known.pop(camera, None)
        else:
            self._views[camera] = view
            self._known.setdefault(camera, self._waiting(camera))
        return view != before

    def keep(self, cameras: Collection[CameraId]) -> None:
        """Forget all others: a camera that comes back is shown whole."""
        for gone in self._views.keys() - set(cameras):
            self.put(gone, WHOLE)

    def alarmed(self) -> set[CameraId]:
        """Look at the alarms; the cameras whose zoom a new one has ended."""
        table = self._console.alarms()
        if not self._views or table is self._alarms:
            return set()
        self._alarms = table
        ended = set()
        for camera in tuple(self._views):
            waiting = self._waiting(camera)
            if waiting - self._known.get(camera, frozenset()):
                self.put(camera, WHOLE)
                ended.add(camera)
            else:  # one that was acknowledged may be raised anew
                self._known[camera] = waiting
        return ended

    def size(self, camera: CameraId, tile: Size) -> Size:
        """Pixels to ask of capture for a tile of this size."""
        view = self.of(camera)
        if view.whole:
            return tile
        status = next((c for c in self._console.cameras().cameras if c.id == camera), None)
        source = (0, 0) if status is None else (status.counters.width, status.counters.height)
        rows = self._console.settings().cameras
        more = any(row.id == camera and row.sub_source for row in rows)
        return wanted_size(tile, view.zoom, source, more)

    def _waiting(self, camera: CameraId) -> frozenset[AlarmId]:
        """Alarms of the camera that call for somebody."""
        return frozenset(
            alarm.id
            for alarm in self._console.alarms().alarms
            if alarm.calling and alarm.key.kind not in FAULTS and camera in alarm.cameras
        )
