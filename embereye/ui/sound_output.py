"""The loudspeaker as the console sees it: a player process that is watched and replaced."""

import logging
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embereye.config.schema import Sound
from embereye.runtime.process import Child, ChildGone
from embereye.ui.sound_child import Heard, Path, Play, Prove, Proved, Quiet, play_sounds

_log = logging.getLogger(__name__)

_LOOK = 100  # ms between two looks at the pipe
_LATE = 40  # looks (4 s) without a word until the path counts as broken; promised are 5 s
_HUNG = 200  # looks (20 s) without a word until the player is killed; a start may take seconds
_PAUSE = 10  # looks (1 s) before a player that ended is started again


class SoundOutput(Protocol):
    """What `ui.sounds` needs of a loudspeaker. GUI thread."""

    def problem(self) -> str | None:
        """Why nothing can be heard, in words; empty while the path works, None: not known yet."""

    def play(self, name: str, endless: bool) -> None:
        """Play one of `sound_child.SOUNDS` from its beginning, instead of what plays now."""

    def stop(self) -> None:
        """Silence."""

    def close(self) -> None:
        """Silence for good."""

    def prove(self) -> None:
        """Ask whether a sound could be heard now; nothing is heard."""

    def when_changed(self, call: Callable[[], None]) -> None:
        """Call back when the path broke or works again; what played must be played again."""

    def when_heard(self, call: Callable[[Heard | Proved], None]) -> None:
        """Call back with what the player confirms."""


class QtSoundOutput(QObject):
    """Keeps one player process running. GUI thread; never blocks on it.

    Signals:
        changed: () the path broke or works again
        heard: (Heard or Proved) what the player confirms
    """

    changed = Signal()
    heard = Signal(object)

    def __init__(self, settings: Sound) -> None:
        super().__init__()
        self._settings = settings
        self._problem: str | None = None
        self._child: Child | None = None
        self._silent = 0
        self._pause = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        if settings.enabled:
            self._start()
            self._timer.start()
        else:
            self._problem = self.tr("Sound is switched off in the settings.")

    def problem(self) -> str | None:
        return self._problem

    def play(self, name: str, endless: bool) -> None:
        self._send(Play(name, endless))

    def stop(self) -> None:
        self._send(Quiet())

    def prove(self) -> None:
        self._send(Prove())

    def close(self) -> None:
        self._timer.stop()
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def when_changed(self, call: Callable[[], None]) -> None:
        self.changed.connect(call)

    def when_heard(self, call: Callable[[Heard | Proved], None]) -> None:
        self.heard.connect(call)

    def _start(self) -> None:
        self._silent = 0
        self._child = Child(
            "sound player", play_sounds, self._settings.device, self._settings.volume
        )

    def _send(self, command: Play | Quiet | Prove) -> None:
        if self._child is None:
            return
        try:
            self._child.send(command)
        except ChildGone:
            _log.debug("the sound player is gone; the next look replaces it")

    @Slot()
    def _look(self) -> None:
        """Hear what the player says; replace one that ended or hangs."""
        if self._child is None:
            self._pause -= 1
            if self._pause <= 0:
                self._start()
            return
        self._silent += 1
        try:
            while (word := self._child.receive()) is not None:
                if isinstance(word, Path):
                    self._silent = 0
                    self._note(word.problem)
                elif isinstance(word, Heard | Proved):
                    self.heard.emit(word)
        except ChildGone as gone:
            self._replace(str(gone))
            return
        if self._silent >= _LATE:
            self._note(self.tr("The sound player does not answer. It is started again."))
        if self._silent >= _HUNG:
            self._replace("it does not answer")

    def _replace(self, reason: str) -> None:
        level = logging.DEBUG if self._problem else logging.WARNING  # the first failure only
        _log.log(level, "the sound player is replaced: %s", reason)
        child, self._child = self._child, None
        self._pause = _PAUSE
        if child is not None:
            child.kill()
        self._note(self._problem or self.tr("The sound player ended. It is started again."))

    def _note(self, problem: str) -> None:
        before, self._problem = self._problem, problem
        if bool(before) != bool(problem) or before is None:
            self.changed.emit()
