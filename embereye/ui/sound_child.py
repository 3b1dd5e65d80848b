"""The process that plays sounds, and what it and the console tell each other.

Reason, tried with PySide6 6.11 and PulseAudio: when the sound server or its last device goes, Qt
tells nobody, and libpulse aborts the whole process when the next sound is started.
"""

import logging
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Event, Thread

from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

from embereye.rules.annunciation import Tone

_log = logging.getLogger(__name__)

SOUNDS = tuple(tone.value for tone in Tone)

_LOOK = 0.25  # s between two looks whether to go on; what comes is read at once
_END = 2.0  # s for the reading thread to end


@dataclass(frozen=True, slots=True)
class Play:
    """Play `name` from its beginning, instead of what plays now; `endless` until stopped."""

    name: str
    endless: bool


@dataclass(frozen=True, slots=True)
class Quiet:
    """Stop playing."""


@dataclass(frozen=True, slots=True)
class Prove:
    """Tell whether a sound could be heard now, without making one."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was ordered plays: loaded, and handed to the open device.

    Attributes:
        name: Of the sound.
        mono: When that was, monotonic seconds of this machine.
    """

    name: str
    mono: float


@dataclass(frozen=True, slots=True)
class Proved:
    """The answer to `Prove`: the sounds are loaded and the device takes silence.

    Attributes:
        problem: Why not; empty: it does.
        mono: When that was, monotonic seconds of this machine.
    """

    problem: str
    mono: float


@dataclass(frozen=True, slots=True)
class Path:
    """How the sound path is, four times a second; `problem` is empty while it works."""

    problem: str


def play_sounds(pipe: Connection, device: str, volume: float) -> None:
    """Obey what comes through `pipe` until it ends. Main thread of a child process."""
    qInstallMessageHandler(note_message)
    # Loaded here only: the console itself never needs Qt Multimedia, and it talks while it loads.
    from embereye.ui.sound_player import Player

    app = QCoreApplication(["embereye-sound"])
    player = Player(pipe, device, volume)
    ear = Ear(pipe, "sound commands")
    ear.commanded.connect(player.obey, Qt.ConnectionType.QueuedConnection)
    ear.ended.connect(app.quit, Qt.ConnectionType.QueuedConnection)
    ear.start()
    app.exec()
    ear.stop()


def note_message(_kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    """Qt reports each sound system that a machine lacks; what matters goes over the pipe."""
    _log.debug("%s", text)


class Ear(QObject):
    """Reads the pipe of a child process in a thread of its own, between `start` and `stop`.

    Signals:
        commanded: (object) what the console sent
        ended: () the console closed the pipe
    """

    commanded = Signal(object)
    ended = Signal()

    def __init__(self, pipe: Connection, name: str) -> None:
        super().__init__()
        self._pipe = pipe
        self._over = Event()
        self._thread = Thread(target=self._listen, name=name, daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read nothing more; before the process ends.

        Reason: a thread inside a signal while Python ends is unwound through Qt, which aborts
        the process ("terminate called without an active exception").
        """
        self._over.set()
        self._thread.join(_END)

    def _listen(self) -> None:
        try:
            while not self._over.is_set():
                if self._pipe.poll(_LOOK):
                    self.commanded.emit(self._pipe.recv())
        except (EOFError, OSError):
            self.ended.emit()
