"""The speaking process as the console sees it: started when needed, watched, replaced."""

import logging
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from embereye.runtime.clock import Clock
from embereye.runtime.process import Child, ChildGone
from embereye.ui.speech_child import Said, Say, speak_sentences

_log = logging.getLogger(__name__)

_HUNG = 20.0  # s without an answer; the process itself gives up after 15 s
_PAUSE = 10.0  # s before a process that failed is started again


class Voice(Protocol):
    """What `ui.speech` needs of a voice. GUI thread; no method blocks."""

    def say(self, text: str) -> None:
        """Begin to say this; call it only while it is not busy."""

    def busy(self) -> bool:
        """Whether a sentence is being said, or cannot be said yet."""

    def problem(self) -> str:
        """Why the last sentence could not be heard, in words; empty when it could."""

    def close(self) -> None:
        """Be quiet for good."""


class ChildVoice:
    """Speaks in a process of its own, which starts with the first sentence. GUI thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._child: Child | None = None
        self._since: float | None = None  # when the present sentence was sent
        self._rest = float("-inf")  # until when nothing is tried
        self._problem = ""

    def say(self, text: str) -> None:
        if self._child is None:
            self._child = Child("speech", speak_sentences)
        self._since = self._clock.mono()
        try:
            self._child.send(Say(text))
        except ChildGone as gone:
            self._give_up(str(gone))

    def busy(self) -> bool:
        self._hear()
        return self._since is not None or self._clock.mono() < self._rest

    def problem(self) -> str:
        self._hear()
        return self._problem

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def _hear(self) -> None:
        if self._child is None:
            return
        try:
            while (word := self._child.receive()) is not None:
                if isinstance(word, Said):
                    self._since = None
                    self._problem = word.problem
        except ChildGone as gone:
            self._give_up(str(gone))
            return
        if self._since is not None and self._clock.mono() - self._since > _HUNG:
            self._give_up("it does not answer")

    def _give_up(self, reason: str) -> None:
        _log.warning("the speech process is replaced: %s", reason)
        child, self._child = self._child, None
        self._since = None
        self._rest = self._clock.mono() + _PAUSE
        self._problem = QCoreApplication.translate(
            "speech_voice", "The speech engine failed. It is started again with the next alarm."
        )
        if child is not None:
            child.kill()
