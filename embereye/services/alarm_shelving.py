"""What people ask of overlays: shelve, take out of service, and end both early."""

from embereye.model.alarm import Alarm, Overlay, OverlayKind, Priority, Scope
from embereye.model.alarm_messages import (
    OutOfServiceAsked,
    ReturnToServiceAsked,
    ShelveAsked,
    UnshelveAsked,
)
from embereye.model.role import Operation
from embereye.rules.plain_text import clean_line
from embereye.runtime.engine import Engine
from embereye.services.alarm_overlays import Overlays
from embereye.services.open_alarms import OpenAlarms

_SHORTEST = 60.0  # s (settings.alarms.shelve)
_REASON = 500  # characters


class AlarmShelving:
    """Handles ShelveAsked, UnshelveAsked, OutOfServiceAsked, ReturnToServiceAsked. Engine thread.

    Attributes:
        longest: Seconds that a shelving or an out of service lasts at most.
    """

    def __init__(
        self, engine: Engine, alarms: OpenAlarms, overlays: Overlays, longest: float
    ) -> None:
        self.longest = longest
        self._clock = engine.clock
        self._alarms = alarms
        self._overlays = overlays
        engine.on(ShelveAsked, self._shelve)
        engine.on(UnshelveAsked, self._unshelve)
        engine.on(OutOfServiceAsked, self._take_out)
        engine.on(ReturnToServiceAsked, self._return)

    def _shelve(self, asked: ShelveAsked) -> None:
        alarm = self._alarms.asked_for(asked.alarm, asked.actor, Operation.SHELVE)
        if alarm is None or not self._may_shelve(alarm, asked.actor):
            return
        key, now = alarm.key, self._clock.now().utc
        overlay = Overlay(
            OverlayKind.SHELVED,
            Scope(key.place, key.kind, key.source),
            clean_line(asked.reason),
            asked.actor,
            now,
            now + asked.seconds,
            covers=alarm.priority,
        )
        self._begin(overlay, asked.seconds, f"alarm:{alarm.id}")

    def _may_shelve(self, alarm: Alarm, actor: str) -> bool:
        if alarm.priority is not Priority.EMERGENCY:
            return True
        return self._alarms.allowed(actor, Operation.SHELVE_FIRE, f"alarm:{alarm.id}")

    def _take_out(self, asked: OutOfServiceAsked) -> None:
        if not self._alarms.allowed(asked.actor, Operation.OUT_OF_SERVICE):
            return
        now = self._clock.now().utc
        overlay = Overlay(
            OverlayKind.OUT_OF_SERVICE,
            asked.scope,
            clean_line(asked.reason),
            asked.actor,
            now,
            now + asked.seconds,
            covers=Priority.EMERGENCY,
        )
        self._begin(overlay, asked.seconds, "")

    def _begin(self, overlay: Overlay, seconds: float, subject: str) -> None:
        refusal = self._doubt(overlay.reason, seconds)
        if refusal:
            self._alarms.refuse(refusal, overlay.by, subject)
        else:
            self._overlays.begin(overlay)

    def _doubt(self, reason: str, seconds: float) -> str:
        if not _SHORTEST <= seconds <= self.longest:  # refuses NaN as well
            most = _duration(self.longest)
            return f"It can last from 1 minute to {most}, never for ever. Choose a time between."
        if not reason:
            return "A reason is needed. Write why this may be quiet."
        if len(reason) > _REASON:
            return f"The reason has {len(reason)} characters. Use at most {_REASON}."
        return ""

    def _unshelve(self, asked: UnshelveAsked) -> None:
        if not self._alarms.allowed(asked.actor, Operation.SHELVE):
            return
        if not self._overlays.end(OverlayKind.SHELVED, asked.scope, asked.actor):
            self._alarms.refuse("This is not shelved any more.", asked.actor)

    def _return(self, asked: ReturnToServiceAsked) -> None:
        if not self._alarms.allowed(asked.actor, Operation.OUT_OF_SERVICE):
            return
        if not self._overlays.end(OverlayKind.OUT_OF_SERVICE, asked.scope, asked.actor):
            self._alarms.refuse("This is in service already.", asked.actor)


def _duration(seconds: float) -> str:
    if seconds < 3600.0:
        return f"{seconds / 60.0:g} minutes"
    return f"{seconds / 3600.0:g} hours"
