"""The shift log: notes of the people at the console, and who took over when."""

from collections.abc import Callable
from typing import Protocol

from embereye.model.messages import RequestRefused
from embereye.model.role import Operation
from embereye.model.shift import HandedOver, ShiftEvent, ShiftLine, ShiftNoteAsked, ShiftNoted
from embereye.model.stamp import Stamp
from embereye.rules.plain_text import clean_text
from embereye.runtime.engine import Engine
from embereye.services.access import Access

SUBJECT = "shift"  # of refusals
_MOST = 10_000  # characters of a note


class ShiftStore(Protocol):
    """Where lines are kept; returns at once."""

    def keep(self, line: ShiftLine, at: Stamp) -> None:
        """Add a line at the end of the log."""


class ShiftLog:
    """Handles ShiftNoteAsked and HandedOver; publishes ShiftNoted. Engine thread."""

    def __init__(
        self,
        engine: Engine,
        access: Access,
        store: ShiftStore,
        publish: Callable[[object], None],
    ) -> None:
        self._engine = engine
        self._access = access
        self._store = store
        self._publish = publish
        engine.on(ShiftNoteAsked, self._note)
        engine.on(HandedOver, self._handed_over)

    def _note(self, asked: ShiftNoteAsked) -> None:
        text = clean_text(asked.text)
        refusal = self._access.refusal(asked.actor, Operation.COMMENT)
        if not refusal and not text:
            refusal = "The note is empty. Write something."
        if not refusal and len(text) > _MOST:
            refusal = f"The note has {len(text)} characters. Use at most {_MOST}."
        if refusal:
            self._publish(RequestRefused(refusal, asked.actor, SUBJECT))
            return
        now = self._engine.clock.now()
        self._keep(ShiftLine(now.utc, ShiftEvent.NOTE, asked.actor, "", text), now)

    def _handed_over(self, message: HandedOver) -> None:
        at = message.at
        event = ShiftEvent.HAND_OVER
        self._keep(ShiftLine(at.utc, event, message.actor, message.to, message.note), at)

    def _keep(self, line: ShiftLine, at: Stamp) -> None:
        self._store.keep(line, at)
        self._publish(ShiftNoted(line))
