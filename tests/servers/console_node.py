"""The real console, offscreen, that tells each 100 ms what an operator would see.

Usage: python console_node.py DATA_FOLDER. Settings lie in DATA_FOLDER/settings.toml. Prints JSON
lines: sensor port, pictures on tiles, popups with their reasons, counters. Reads one command per
line from standard input: "acknowledge" (the button of the first popup), "quit".
"""

import json
import os
import sys
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QPushButton

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.runtime.clock import SystemClock
from embereye.runtime.logs import Logs
from embereye.ui.main_window import MainWindow
from embereye.ui.shell import Calls, Look, Shell


class _Reporter(QObject):
    def __init__(self, window: MainWindow, program: Program, commands: list[str]) -> None:
        super().__init__()
        self._window, self._program, self._commands = window, program, commands
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._report)
        self._timer.start(100)

    @Slot()
    def _report(self) -> None:
        while self._commands:
            self._obey(self._commands.pop(0))
        popups = self._window.popups.popups()
        document = {
            "port": self._program.devices.server.port,
            "tiles": {c.id: self._tile(c.id) for c in self._program.desk.cameras().cameras},
            "popups": [
                {
                    "alarm": popup.alarm.id,
                    "state": popup.alarm.state.value,
                    "reasons": list(popup.alarm.reasons),
                    "visible": popup.isVisible(),
                    "recorded": popup.alarm.recorded,
                }
                for popup in popups
            ],
            "open": {a.id: a.state.value for a in self._program.desk.alarms().alarms},
        }
        os.write(1, json.dumps(document).encode() + b"\n")

    def _tile(self, camera: str) -> dict[str, object]:
        """What the pixels on the screen show: how bright and how varied they are."""
        canvas = self._window.wall.canvas
        area = canvas.area_of(camera)
        if area is None:
            return {"state": "not shown"}
        image = canvas.grab().toImage()
        points = [(i, j) for i in range(2, 11) for j in range(3, 10)]
        colours = {
            image.pixel(area.x() + area.width() * i // 12, area.y() + area.height() * j // 12)
            for i, j in points
        }
        look = canvas.look_of(camera)
        return {"colours": len(colours), "live": bool(look and look.live)}

    def _obey(self, command: str) -> None:
        if command == "quit":
            QApplication.quit()
        elif command == "acknowledge":
            popup = self._window.popups.popups()[0]
            buttons = popup.findChildren(QPushButton)
            next(b for b in buttons if b.text().replace("&", "") == "Acknowledge").click()


def main() -> int:
    folder = Path(sys.argv[1])
    commands: list[str] = []
    reader = Thread(target=_read, args=(commands,), daemon=True)
    reader.start()
    logs = Logs(folder / "logs", "INFO")
    shell = Shell()
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    program = Program(Site(folder, store, FileSecrets(folder), shell.threads, SystemClock()))
    kept: list[_Reporter] = []
    try:
        program.start()
        return shell.run(
            program,
            Calls(),
            Look(),
            lambda window: kept.append(_Reporter(window, program, commands)),
        )
    finally:
        program.stop()
        logs.stop()


def _read(commands: list[str]) -> None:
    for line in sys.stdin:
        commands.append(line.strip())  # noqa: PERF401 - each line counts at once, not at the end


if __name__ == "__main__":
    sys.exit(main())
