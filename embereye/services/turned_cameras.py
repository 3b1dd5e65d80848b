"""Cameras that operators move are not said to have been moved."""

from collections.abc import Callable
from dataclasses import replace

from embereye.config.schema import Settings
from embereye.ingest.views import Stream, Views
from embereye.model.ids import CameraId
from embereye.model.ptz import CameraTurned
from embereye.runtime.engine import Engine

_LOOK = 0.5  # s between looks for pauses that are over


class TurnedCameras:
    """Pauses the watch over the pictures of a camera while somebody moves it. Engine thread.

    Capture learns the view anew afterwards: a camera may be left to look elsewhere.
    """

    def __init__(self, engine: Engine, views: Views, settings: Callable[[], Settings]) -> None:
        self._engine = engine
        self._views = views
        self._settings = settings
        self._until: dict[CameraId, float] = {}
        engine.on(CameraTurned, self._turned)
        engine.every(_LOOK, self._look)

    def _turned(self, message: CameraTurned) -> None:
        before = self._until.get(message.camera, 0.0)
        self._until[message.camera] = max(before, message.until)
        self._watch(message.camera, False)

    def _look(self) -> None:
        now = self._engine.clock.mono()
        for camera, until in list(self._until.items()):
            if now < until:
                self._watch(camera, False)  # changed settings, or another stream, began it again
                continue
            del self._until[camera]
            rows = self._settings().cameras
            self._watch(camera, any(row.id == camera and row.picture_checks for row in rows))

    def _watch(self, camera: CameraId, checks: bool) -> None:
        for stream in Stream:
            view = self._views.of(camera, stream)
            if view is not None and view.detecting.checks is not checks:
                view.detecting = replace(view.detecting, checks=checks)
