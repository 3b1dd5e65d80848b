"""What an operator asks of the engine, with the operator's name on it."""

from collections.abc import Iterable

from embereye.model.alarm import Alarm, AlarmState, Cause, Overlay, OverlayKind, Scope
from embereye.model.alarm_messages import (
    AssignAsked,
    CommentAsked,
    EndWalkTestAsked,
    EscalateAsked,
    OutOfServiceAsked,
    ReturnToServiceAsked,
    ShelveAsked,
    UnshelveAsked,
    WalkTestAsked,
)
from embereye.model.daily_test import DailyTestAsked
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

    def shelve(self, alarms: Iterable[Alarm], seconds: float, reason: str) -> None:
        """Keep these quiet for a while."""
        for alarm in alarms:
            self._console.ask(ShelveAsked(alarm.id, seconds, reason, self.actor))

    def take_out_of_service(self, scopes: Iterable[Scope], seconds: float, reason: str) -> None:
        for scope in scopes:
            self._console.ask(OutOfServiceAsked(scope, seconds, reason, self.actor))

    def end_overlay(self, overlay: Overlay) -> None:
        """End what keeps alarms quiet; a suppression by design ends by itself only."""
        if overlay.kind is OverlayKind.SHELVED:
            self._console.ask(UnshelveAsked(overlay.scope, self.actor))
        elif overlay.kind is OverlayKind.OUT_OF_SERVICE:
            self._console.ask(ReturnToServiceAsked(overlay.scope, self.actor))
        elif overlay.kind is OverlayKind.TEST:
            self._console.ask(EndWalkTestAsked(self.actor))

    def run_self_test(self) -> None:
        """Send a marked event through every chain now."""
        self._console.ask(DailyTestAsked(self.actor))

    def escalate(self, alarms: Iterable[Alarm]) -> None:
        """Announce these again, to more people."""
        for alarm in alarms:
            self._console.ask(EscalateAsked(alarm.id, self.actor))

    def comment(self, alarms: Iterable[Alarm], text: str) -> None:
        for alarm in alarms:
            self._console.ask(CommentAsked(alarm.id, text, self.actor))

    def assign_alarms(self, alarms: Iterable[Alarm], to: str) -> None:
        """Name who takes care of these; nobody where `to` is empty."""
        for alarm in alarms:
            self._console.ask(AssignAsked(alarm.id, to, self.actor))

    def begin_walk_test(self, places: Iterable[PlaceId], seconds: float) -> None:
        """Mark alarms of these places as test for a while; of all where none is named."""
        self._console.ask(WalkTestAsked(tuple(places), seconds, self.actor))

    def end_walk_test(self) -> None:
        self._console.ask(EndWalkTestAsked(self.actor))

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
