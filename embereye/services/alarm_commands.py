"""Alarm requests of commands, done in the engine and answered once they are on the disk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from embereye.config.schema import Settings
from embereye.model.alarm import AlarmKind, Scope
from embereye.model.alarm_messages import (
    AssignAsked,
    CommentAsked,
    EscalateAsked,
    OutOfServiceAsked,
    ReturnToServiceAsked,
    ShelveAsked,
    UnshelveAsked,
)
from embereye.model.ids import AlarmId, DeviceId, PlaceId, unassigned_place
from embereye.model.messages import AcknowledgeAsked, ResetAsked
from embereye.runtime.engine import Engine
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.access import person
from embereye.services.alarms import Alarms
from embereye.services.places import places_of

_ANSWER = 10.0  # s; the engine answers within some ms, also with a failing disk
_LOOK = 0.02  # s between looks whether all is on the disk
_DISK = 2.0  # s; then the answer says that it is not recorded
_NAMED = 20  # places in a refusal
_UNKNOWN = "This program does not know that request."


@dataclass(frozen=True, slots=True)
class _CommandAsked:
    requests: tuple[object, ...]
    box: Mailbox[dict[str, Any]]


class AlarmCommands:
    """Does what commands ask of alarms. Engine thread, except `answer`.

    Args:
        settings: In force; what is taken out of service must be a place of theirs.
    """

    def __init__(
        self, engine: Engine, alarms: Alarms, settings: Callable[[], Settings] = Settings
    ) -> None:
        self._engine = engine
        self._alarms = alarms
        self._settings = settings
        engine.on(_CommandAsked, self._do)

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked, as a document of `requests`. Any thread; waits some s at most.

        Returns:
            "ok" and "recorded" (it is on the disk); else "problem" in words.
        """
        wanted = requests(asked)
        if not wanted:
            return {"ok": False, "problem": _UNKNOWN}
        box: Mailbox[dict[str, Any]] = Mailbox(1, Full.GROW)
        self._engine.post(_CommandAsked(wanted, box))
        for answer in box.take_all(_ANSWER):
            return answer
        return {"ok": False, "problem": "The running program is busy. List the alarms first."}

    def _do(self, asked: _CommandAsked) -> None:
        for request in asked.requests:
            problem = self._unknown_place(request) or self._alarms.ask(request)
            if problem:
                asked.box.put({"ok": False, "problem": problem})
                return
        self._tell(asked.box, self._engine.clock.mono() + _DISK)

    def _unknown_place(self, request: object) -> str:
        """Somebody who mistyped a place must not believe that it is out of service."""
        if not isinstance(request, OutOfServiceAsked):
            return ""
        place = request.scope.place
        known = {*places_of(self._settings()).names, *(one.key.place for one in self._alarms.open)}
        if place in known or place.startswith(unassigned_place(DeviceId(""))):
            return ""
        return f"There is no place {place}. Known are: {', '.join(sorted(known)[:_NAMED])}."

    def _tell(self, box: Mailbox[dict[str, Any]], end: float) -> None:
        recorded = self._alarms.all_recorded
        if recorded or self._engine.clock.mono() >= end:
            box.put({"ok": True, "recorded": recorded})
        else:
            self._engine.call_later(_LOOK, lambda: self._tell(box, end))


def requests(asked: dict[str, Any]) -> tuple[object, ...]:
    """The requests that a document stands for; none where it makes no sense.

    "do" and "actor", and by "do": ack, reset ("alarm", "reason": kept as a comment before it),
    shelve ("alarm", "seconds", "reason"), comment ("alarm", "reason"), assign ("alarm", "to"),
    escalate ("alarm"), unshelve and return ("scope"), out-of-service ("scope", "seconds",
    "reason"). A scope has "place", "kind" and "source", the last two may be null.
    """
    try:
        return _requests(str(asked["do"]), person(str(asked["actor"])[:64]), asked)
    except (KeyError, TypeError, ValueError, AttributeError):
        return ()


def _requests(do: str, actor: str, asked: dict[str, Any]) -> tuple[object, ...]:
    if do in ("unshelve", "return", "out-of-service"):
        return (_of_scope(do, actor, asked),)
    alarm, reason = AlarmId(int(asked["alarm"])), str(asked.get("reason") or "")
    if do in ("ack", "reset"):
        kind = AcknowledgeAsked if do == "ack" else ResetAsked
        said = (CommentAsked(alarm, reason, actor),) if reason else ()
        return (*said, kind(alarm, actor))
    if do == "shelve":
        return (ShelveAsked(alarm, float(asked["seconds"]), reason, actor),)
    if do == "comment":
        return (CommentAsked(alarm, reason, actor),)
    if do == "assign":
        return (AssignAsked(alarm, str(asked["to"]), actor),)
    return (EscalateAsked(alarm, actor),) if do == "escalate" else ()


def _of_scope(do: str, actor: str, asked: dict[str, Any]) -> object:
    where = asked["scope"]
    kind, source = where.get("kind"), where.get("source")
    scope = Scope(
        PlaceId(str(where["place"])),
        None if kind is None else AlarmKind(kind),
        None if source is None else str(source),
    )
    if do == "unshelve":
        return UnshelveAsked(scope, actor)
    if do == "return":
        return ReturnToServiceAsked(scope, actor)
    return OutOfServiceAsked(scope, float(asked["seconds"]), str(asked["reason"]), actor)
