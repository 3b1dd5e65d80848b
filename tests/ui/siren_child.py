"""Plays what a scripted alarm calls for, in a process of its own, and tells what happens.

Reads commands from standard input: "alarm HIGH", "quiet", "end". Writes one line per event with
the monotonic time, which all processes of a machine share.
"""

import sys
import threading
import time

from consoles import FakeConsole, alarm
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from embereye.config.schema import Sound
from embereye.model.alarm import Priority
from embereye.model.messages import SoundChanged
from embereye.runtime.clock import SystemClock
from embereye.ui.sound_child import Heard, Proved
from embereye.ui.sound_output import QtSoundOutput
from embereye.ui.sounds import Sounds


class TellingConsole(FakeConsole):
    def ask(self, request: object) -> None:
        if isinstance(request, SoundChanged):
            say("usable" if request.usable else "unusable")


class Commands(QObject):
    """Standard input.

    Signals:
        came: (str) one line
    """

    came = Signal(str)

    def __init__(self, console: FakeConsole) -> None:
        super().__init__()
        self._console = console
        self.sounds = Sounds(console, QtSoundOutput(Sound()))
        self.sounds.heard.connect(self._confirmed)
        self.came.connect(self.obey, Qt.ConnectionType.QueuedConnection)

    def read(self) -> None:
        for line in sys.stdin:
            self.came.emit(line.strip())

    @Slot(object)
    def _confirmed(self, word: Heard | Proved) -> None:
        name = "heard" if isinstance(word, Heard) else "proved"
        say(f"{name}{'-not' if getattr(word, 'problem', '') else ''}", word.mono)

    @Slot(str)
    def obey(self, command: str) -> None:
        if command == "end":
            self.sounds.close()
            QApplication.quit()
        elif command == "prove":
            self.sounds.prove()
        elif command == "quiet":
            self._console.show_alarms()
        else:
            priority = Priority[command.split()[1]]
            self._console.show_alarms(alarm(1, self._console.clock, priority=priority))
            say("alarm")
        self.sounds.refresh()


def say(text: str, at: float | None = None) -> None:
    sys.stdout.write(f"{time.monotonic() if at is None else at:.4f} {text}\n")
    sys.stdout.flush()


def main() -> None:
    app = QApplication(["siren"])
    commands = Commands(TellingConsole(SystemClock()))
    threading.Thread(target=commands.read, daemon=True).start()
    say("ready")
    app.exec()


if __name__ == "__main__":
    main()
