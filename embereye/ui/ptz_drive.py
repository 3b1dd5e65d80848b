"""What hands do at keys and buttons becomes orders to one camera."""

from PySide6.QtCore import QObject, QTimer, Slot

from embereye.model.ids import CameraId
from embereye.model.ptz import (
    PtzCentreAsked,
    PtzCloseAsked,
    PtzHomeAsked,
    PtzMoveAsked,
    PtzOpenAsked,
    PtzPresetAsked,
    PtzStopAsked,
)
from embereye.ui.console import Console

_AGAIN = 400  # ms; the service stops what it was not asked for 1.2 s

Direction = tuple[int, int, int]  # −1, 0 or 1: right, up, nearer


class PtzDrive(QObject):
    """Sends orders to one camera, again and again while something is held. GUI thread.

    Attributes:
        speed: Share of the highest speed, 0–1.
    """

    def __init__(self, console: Console, parent: QObject) -> None:
        super().__init__(parent)
        self._console = console
        self._camera: CameraId | None = None
        self._opened: set[CameraId] = set()
        self._held: dict[object, Direction] = {}
        self._moving = False
        self.speed = 0.5
        self._timer = QTimer(self)
        self._timer.setInterval(_AGAIN)
        self._timer.timeout.connect(self._send)

    @property
    def camera(self) -> CameraId | None:
        """The camera that is moved."""
        return self._camera

    @property
    def moving(self) -> bool:
        """Whether something is held."""
        return self._moving

    def take(self, camera: CameraId | None) -> None:
        """Move this camera from now on; the one before stands still."""
        if camera != self._camera:
            self.release()
            self._camera = camera
            self.open()

    def open(self) -> None:
        """Ask the camera (again) what it can do."""
        if self._camera is not None:
            self._opened.add(self._camera)
            self._console.ask(PtzOpenAsked(self._camera, self._actor))

    def close(self) -> None:
        """Move nothing any more."""
        self.release()
        self._camera = None
        for camera in sorted(self._opened):
            self._console.ask(PtzCloseAsked(camera, self._actor))
        self._opened.clear()

    def hold(self, by: object, direction: Direction) -> None:
        """`by` (a key, a button) is held down and wants this; several add up."""
        if self._held.get(by) != direction:
            self._held[by] = direction
            self._send()

    def let_go(self, by: object) -> None:
        """`by` is no longer held."""
        if self._held.pop(by, None) is not None:
            self._send()

    @Slot()
    def release(self) -> None:
        """Nothing is held any more: the camera stands still."""
        self._held.clear()
        self._send()

    @Slot()
    def halt(self) -> None:
        """Stop, whatever is held, and also what somebody else began."""
        self._held.clear()
        self._moving = True
        self._send()

    def go_home(self) -> None:
        if self._camera is not None:
            self._console.ask(PtzHomeAsked(self._camera, self._actor))

    def go_preset(self, token: str) -> None:
        if self._camera is not None:
            self._console.ask(PtzPresetAsked(self._camera, token, self._actor))

    def centre(self, x: float, y: float) -> None:
        """Bring a point of the picture (0…1) to its middle."""
        if self._camera is not None:
            self._console.ask(PtzCentreAsked(self._camera, x, y, self._actor))

    @property
    def _actor(self) -> str:
        return self._console.settings().operator

    @Slot()
    def _send(self) -> None:
        sums = [sum(axis) for axis in zip(*self._held.values(), strict=True)] or [0, 0, 0]
        pan, tilt, zoom = (self.speed * max(-1, min(1, total)) for total in sums)
        wanted = self._camera is not None and any((pan, tilt, zoom))
        if wanted and self._camera is not None:
            self._console.ask(PtzMoveAsked(self._camera, pan, tilt, zoom, self._actor))
            self._timer.start()
        elif self._moving and self._camera is not None:
            self._console.ask(PtzStopAsked(self._camera, self._actor))
        if not wanted:
            self._timer.stop()
        self._moving = wanted
