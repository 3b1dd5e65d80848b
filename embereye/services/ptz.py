"""Cameras that operators move."""

import logging
from collections.abc import Callable

from embereye.config.schema import Camera, Settings
from embereye.model.ids import CameraId
from embereye.model.messages import CameraPasswordAsked, RetryCameraAsked
from embereye.model.ptz import (
    PtzCentreAsked,
    PtzCloseAsked,
    PtzHomeAsked,
    PtzMoveAsked,
    PtzOpenAsked,
    PtzPresetAsked,
    PtzStatus,
    PtzStopAsked,
)
from embereye.runtime.engine import Engine
from embereye.runtime.supervisor import Supervisor
from embereye.services.ptz_dome import Dome, DomeParts, Order

_log = logging.getLogger(__name__)

_LOOK = 1.0  # s between looks for what is no longer needed
_KEPT = 120.0  # s without an order after which a camera is no longer held


class Domes:
    """Starts a worker for each camera that somebody moves, and ends it. Engine thread.

    A worker ends when it is closed, when nobody asks anything of it for two minutes, and when
    the camera's address, user or password changes.
    """

    def __init__(
        self,
        engine: Engine,
        supervisor: Supervisor,
        settings: Callable[[], Settings],
        parts: DomeParts,
    ) -> None:
        self._supervisor = supervisor
        self._settings = settings
        self._parts = parts
        self._domes: dict[CameraId, Dome] = {}  # replaced, never changed
        engine.on(PtzOpenAsked, self._open)
        engine.on(PtzMoveAsked, self._ask)
        engine.on(PtzCentreAsked, self._ask)
        engine.on(PtzHomeAsked, self._ask)
        engine.on(PtzPresetAsked, self._ask)
        engine.on(PtzStopAsked, self._stop)
        engine.on(PtzCloseAsked, self._close)
        engine.on(CameraPasswordAsked, self._forget)
        engine.on(RetryCameraAsked, self._forget)
        engine.every(_LOOK, self._look)

    def status(self, camera: CameraId) -> PtzStatus | None:
        """How a camera that was asked for stands; None before. Any thread."""
        dome = self._domes.get(camera)
        return None if dome is None else dome.status

    def _open(self, order: PtzOpenAsked) -> None:
        if order.camera in self._domes:
            self._ask(order)
        else:
            self._begun(order.camera)

    def _ask(self, order: Order) -> None:
        dome = self._domes.get(order.camera) or self._begun(order.camera)
        if dome is not None:
            dome.ask(order)

    def _stop(self, order: PtzStopAsked) -> None:
        dome = self._domes.get(order.camera)
        if dome is not None:
            dome.ask(order)

    def _close(self, order: PtzCloseAsked) -> None:
        self._end(order.camera)

    def _forget(self, message: CameraPasswordAsked | RetryCameraAsked) -> None:
        """Somebody entered a login: it may be sent, even if it is the one that was refused."""
        self._parts.refused.pop(message.camera, None)
        self._end(message.camera)

    def _begun(self, camera: CameraId) -> Dome | None:
        row = self._row(camera)
        if row is None:
            return None
        dome = Dome(row, self._parts)
        self._domes = {**self._domes, camera: dome}
        self._supervisor.start(_name(camera), dome)
        return dome

    def _end(self, camera: CameraId) -> None:
        if camera in self._domes:
            self._domes = {key: dome for key, dome in self._domes.items() if key != camera}
            self._supervisor.dismiss(_name(camera))

    def _look(self) -> None:
        for camera, dome in self._domes.items():
            row = self._row(camera)
            if row is None or _place(row) != _place(dome.row) or dome.idle > _KEPT:
                self._end(camera)

    def _row(self, camera: CameraId) -> Camera | None:
        rows = self._settings().cameras
        return next((row for row in rows if row.id == camera and row.enabled), None)


def _place(row: Camera) -> tuple[str, ...]:
    return row.source, row.sub_source, row.onvif, row.user


def _name(camera: CameraId) -> str:
    return f"ptz-{camera}"
