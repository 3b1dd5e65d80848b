"""Alarm requests of commands: through the program that owns a data folder, or directly."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from embereye.config.schema import Settings
from embereye.model.errors import AlarmActionError
from embereye.runtime.clock import Clock
from embereye.runtime.engine import Engine
from embereye.runtime.instance import ask_owner
from embereye.services.access import Access
from embereye.services.alarm_commands import AlarmCommands
from embereye.services.alarms import Alarms
from embereye.services.alone import Note, alone
from embereye.storage.database import EVIDENCE_FILE, absent
from embereye.storage.opening import Storage

ASK = "alarms"  # the "ask" of these requests on the owner's port

_OWNER = 12.0  # s; longer than `AlarmCommands.answer`, so that the owner's own words arrive


def ask(
    folder: Path, clock: Clock, settings: Callable[[], Settings], asked: dict[str, Any]
) -> dict[str, Any]:
    """Do what a command asks, wherever the data folder is owned; see `AlarmCommands.answer`.

    Args:
        settings: In force where nobody owns the folder.

    Raises:
        AlarmActionError: It was refused; the text says why.
        AlreadyRunning: Another command holds the folder.
        StorageError: The folder cannot be used, or its owner does not answer.
    """
    answer = ask_owner(folder, {"ask": ASK, **asked}, _OWNER)
    if answer is None:
        answer = _direct(folder, clock, settings, asked)
    if not answer.get("ok"):
        raise AlarmActionError(str(answer.get("problem") or "The program refused it."))
    return answer


def _direct(
    folder: Path, clock: Clock, settings: Callable[[], Settings], asked: dict[str, Any]
) -> dict[str, Any]:
    def build(storage: Storage, _note: Note) -> "_Unwatched":
        return _Unwatched(storage, clock, settings())

    database = folder / EVIDENCE_FILE
    if not database.exists():  # a mistyped folder must not become one that knows no alarm
        raise absent(database)
    with alone(folder, clock, build) as service:
        return service.commands.answer(asked)


class _Unwatched:
    """The alarms of a folder while nobody looks at them: nothing is announced or escalated."""

    def __init__(self, storage: Storage, clock: Clock, settings: Settings) -> None:
        self._engine = Engine(clock)
        access = Access(lambda: settings)
        alarms = Alarms(self._engine, _nothing, storage.alarms, settings.alarms, access)
        alarms.restore(watched=False)
        self.commands = AlarmCommands(self._engine, alarms, lambda: settings)

    def run(self, stop: Event) -> None:
        """Handle what is asked until stopped."""
        self._engine.run(stop)


def _nothing(_: object) -> None:
    """Nobody listens."""
