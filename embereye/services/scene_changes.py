"""What follows when all of a camera's picture changes at once: a pause of detection, and a note."""

from collections.abc import Callable, Mapping

from embereye.model.alarm import AlarmTable
from embereye.model.camera import Doubt, PictureSigns
from embereye.model.ids import CameraId
from embereye.model.ptz import CameraTurned
from embereye.model.stamp import Stamp
from embereye.rules.picture_scene import SETTLE
from embereye.rules.scene_pause import burning
from embereye.runtime.engine import Engine

_LOOK = 0.25  # s; signs of cameras in other processes come as often
_NOTE = (
    "The whole picture changed: lights, day and night, or another scene. Fire is looked for anew."
)

Record = Callable[[str, str, str, str, Stamp], None]


class SceneChanges:
    """Watches for changed scenes and for cameras that are being turned. Engine thread.

    A change that stays is noted in the audit, once; where it does not end, the fault of the camera
    ("keeps changing") says so instead.
    Handles CameraTurned.
    """

    def __init__(
        self,
        engine: Engine,
        pictures: Callable[[], Mapping[CameraId, PictureSigns]],
        alarms: Callable[[], AlarmTable],
        pause: Callable[[CameraId, float], None],
        record: Record,
    ) -> None:
        """`pause`: leaves a camera alone until a moment (`DetectionFeeder.pause`), never that of an
        ongoing fire; `record`: notes something in the audit (`AuditStore.record`)."""
        self._engine = engine
        self._pictures = pictures
        self._alarms = alarms
        self._pause = pause
        self._record = record
        self._known: dict[CameraId, PictureSigns] = {}
        engine.on(CameraTurned, self._turned)
        engine.every(_LOOK, self.look)

    def look(self) -> None:
        """One look at all cameras."""
        now = self._engine.clock.mono()
        for camera, signs in self._pictures().items():
            known = self._known.get(camera, PictureSigns())
            self._known[camera] = signs  # kept through an outage, or it would be noted again
            if signs.settling > now and signs.settling != known.settling:
                self._leave_alone(camera, signs.settling)
            if signs.changed is not None and signs.changed != known.changed:
                self._note(camera, signs, signs.changed)

    def _note(self, camera: CameraId, signs: PictureSigns, at: Stamp) -> None:
        if Doubt.RESTLESS not in signs.doubts:
            self._record("camera", camera, "system", _NOTE, at)

    def _turned(self, message: CameraTurned) -> None:
        """A dome moves for some seconds more than it is told to, and is told to again and again."""
        now = self._engine.clock.mono()
        self._leave_alone(message.camera, min(message.until, now + SETTLE))

    def _leave_alone(self, camera: CameraId, until: float) -> None:
        if camera not in burning(self._alarms().alarms):
            self._pause(camera, until)
