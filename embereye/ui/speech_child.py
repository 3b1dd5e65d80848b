"""The process that speaks, and what it and the console tell each other.

Speech engines load libraries of the system, which may hang or abort: the console must not.
"""

from dataclasses import dataclass
from multiprocessing.connection import Connection

from PySide6.QtCore import QCoreApplication, Qt, qInstallMessageHandler

from embereye.ui.sound_child import Ear, note_message


@dataclass(frozen=True, slots=True)
class Say:
    """Say this sentence; the answer is `Said`."""

    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence is over; `problem` is empty when it could be heard."""

    problem: str = ""


def speak_sentences(pipe: Connection) -> None:
    """Obey `Say` from `pipe` until it ends. Main thread of a child process."""
    qInstallMessageHandler(note_message)
    # Loaded here only: the console itself never needs Qt's speech, and it talks while it loads.
    from embereye.ui.speech_engine import Speaker

    app = QCoreApplication(["embereye-speech"])
    speaker = Speaker(pipe)
    ear = Ear(pipe, "speech commands")
    ear.commanded.connect(speaker.obey, Qt.ConnectionType.QueuedConnection)
    ear.ended.connect(app.quit, Qt.ConnectionType.QueuedConnection)
    ear.start()
    app.exec()
    ear.stop()
    speaker.stop()
