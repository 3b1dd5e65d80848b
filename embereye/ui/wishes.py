"""What an operator asks of the engine, with the operator's name on it."""

from collections.abc import Iterable

from embereye.model.alarm import Alarm, AlarmState, Cause
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.messages import (
    AcknowledgeAsked,
    AssignDeviceAsked,
    CameraPasswordAsked,
    EnableCameraAsked,
    ResetAsked,
    RetryCameraAsked,
    SilenceAsked,
)
from embereye.ui.console import Console


class Wishes:
    """Sends request messages; the engine decides. GUI thread."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def actor(self) -> str:
        """Name written beside the operator's actions."""
        return self._console.settings().operator

    def acknowledge(self, alarms: Iterable[Alarm]) -> int:
        """Acknowledge those that are not yet; how many were asked."""
        asked = [alarm for alarm in alarms if alarm.unacknowledged]
        for alarm in asked:
            self._console.ask(AcknowledgeAsked(alarm.id, self.actor))
        return len(asked)

    def reset(self, alarm: Alarm) -> None:
        self._console.ask(ResetAsked(alarm.id, self.actor))

    def silence(self) -> None:
        """Sound off for the time in the settings; changes no alarm."""
        self._console.ask(SilenceAsked(self.actor, self._console.settings().alarms.silence))

    def retry(self, camera: CameraId) -> None:
        self._console.ask(RetryCameraAsked(camera, self.actor))

    def enable(self, camera: CameraId, enabled: bool) -> None:
        self._console.ask(EnableCameraAsked(camera, enabled, self.actor))

    def password(self, camera: CameraId, user: str, password: str) -> None:
        self._console.ask(CameraPasswordAsked(camera, user, password, self.actor))

    def assign(self, device: DeviceId, name: str, place: PlaceId, camera: CameraId | None) -> None:
        self._console.ask(AssignDeviceAsked(device, name, place, camera, self.actor))


def may_reset(alarm: Alarm) -> bool:
    """Whether a reset can succeed: only a latched alarm whose cause is certainly gone."""
    return alarm.state is AlarmState.LATCHED and alarm.cause is Cause.CLEAR
