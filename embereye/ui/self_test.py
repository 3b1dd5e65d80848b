"""Checks of display and sound; made for a child process, since Qt aborts where it cannot start."""

import os
import sys
from multiprocessing.connection import Connection

from PySide6.QtMultimedia import QMediaDevices
from PySide6.QtWidgets import QApplication, QLabel


def probe(answer: Connection) -> None:
    """Start Qt, paint one widget, look for a sound device; send what was found, as two texts.

    The second one is empty where there is no sound device.
    """
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY")
        or os.environ.get("WAYLAND_DISPLAY")
        or os.environ.get("QT_QPA_PLATFORM")
    ):
        answer.send(("", ""))
        return
    app = QApplication([])
    label = QLabel("EmberEye")
    painted = not label.grab().isNull()
    display = f"{app.platformName()}, {app.primaryScreen().size().width()} px" if painted else ""
    device = QMediaDevices.defaultAudioOutput()
    answer.send((display, "" if device.isNull() else device.description()))
