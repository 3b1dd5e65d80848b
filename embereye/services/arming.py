"""The arming mode in force: rules and suppressions can ask for it."""

import logging
from collections.abc import Callable
from typing import Protocol

from embereye.model.alarm_messages import ArmAsked
from embereye.model.arming import ArmingState
from embereye.model.errors import StorageError
from embereye.model.messages import RequestRefused, TableChanged
from embereye.model.role import Operation
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine
from embereye.services.access import SYSTEM, Access
from embereye.storage.arming import ChosenMode

_log = logging.getLogger(__name__)

SUBJECT = "arming"  # of refusals


class Store(Protocol):
    """Keeps what was chosen; `note` never blocks."""

    def note(self, mode: str, before: str, actor: str, at: Stamp) -> None:
        """Keep a choice, with the mode before it."""

    def last(self) -> ChosenMode | None:
        """The newest choice; None: nobody ever chose. Before the engine runs: it reads the disk."""


class Arming:
    """Engine thread; `current` and `mode` any thread.

    Handles ArmAsked; publishes TableChanged("arming") and RequestRefused.

    Args:
        modes: Those of the settings; the first is in force until another is chosen.
    """

    def __init__(
        self,
        engine: Engine,
        access: Access,
        store: Store,
        modes: tuple[str, ...],
        publish: Callable[[object], None],
    ) -> None:
        self.current = ArmingState(modes[0], modes)
        self._engine = engine
        self._access = access
        self._store = store
        self._publish = publish
        engine.on(ArmAsked, self._asked)

    def mode(self) -> str:
        """The mode in force."""
        return self.current.mode

    def restore(self) -> None:
        """Put the mode of the last run in force; before the engine runs."""
        try:
            chosen = self._store.last()
        except StorageError as error:
            _log.error("the arming mode of the last run cannot be read: %s; it is %s",
                       error, self.current.mode)  # fmt: skip
            return
        if chosen is None:
            return
        modes = self.current.modes
        if chosen.mode in modes:
            self.current = ArmingState(chosen.mode, modes, chosen.at_utc, chosen.by)
        else:
            self._gone(chosen.mode, modes)

    def assign(self, modes: tuple[str, ...]) -> None:
        """Follow changed settings; a mode that is gone gives way to the first one."""
        state = self.current
        if modes == state.modes:
            return
        if state.mode in modes:
            self._show(ArmingState(state.mode, modes, state.since_utc, state.by))
        else:
            self._gone(state.mode, modes)

    def _gone(self, mode: str, modes: tuple[str, ...]) -> None:
        _log.warning("there is no arming mode %s any more; it is %s now", mode, modes[0])
        self._put(modes[0], modes, mode, SYSTEM)

    def _asked(self, asked: ArmAsked) -> None:
        state = self.current
        if refusal := self._access.refusal(asked.actor, Operation.ARM):
            self._refuse(asked, refusal)
        elif asked.mode not in state.modes:
            known = ", ".join(state.modes)
            self._refuse(asked, f"There is no arming mode {asked.mode}. Choose one of: {known}.")
        elif asked.mode == state.mode:
            self._refuse(asked, f"The arming mode is {asked.mode} already.")
        else:
            self._put(asked.mode, state.modes, state.mode, asked.actor)

    def _put(self, mode: str, modes: tuple[str, ...], before: str, actor: str) -> None:
        now = self._engine.clock.now()
        self._store.note(mode, before, actor, now)
        _log.info("%s: the arming mode is %s; it was %s", actor, mode, before)
        self._show(ArmingState(mode, modes, now.utc, actor))

    def _show(self, state: ArmingState) -> None:
        self.current = state
        self._publish(TableChanged(SUBJECT, self._engine.clock.now()))

    def _refuse(self, asked: ArmAsked, text: str) -> None:
        self._publish(RequestRefused(text, asked.actor, SUBJECT))
