"""Tells the engine once a second that the GUI thread has its turns."""

from PySide6.QtCore import QObject, QTimer, Slot

from embereye.model.window import WindowAlive, WindowClosed
from embereye.ui.console import Console

_PERIOD = 1000  # ms; the engine counts ten missing ones as a fault


class SignOfLife(QObject):
    """Begins at once. GUI thread."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self._tell)
        self._timer.start()
        self._tell()

    def close(self) -> None:
        """The window is gone: silence means nothing from now on."""
        self._timer.stop()
        self._console.ask(WindowClosed())

    @Slot()
    def _tell(self) -> None:
        self._console.ask(WindowAlive(self._console.clock.now()))
