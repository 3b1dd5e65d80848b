"""Keys of the whole window."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


class Keys(QObject):
    """Shortcuts of one window. Bare letters reach a text field first: it claims them before a
    shortcut sees them. GUI thread.

    Signals:
        layout_asked: (int) Ctrl+1 … Ctrl+9: this many tiles per row and column
    """

    layout_asked = Signal(int)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        for layout in range(1, 10):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{layout}"), window)
            shortcut.setObjectName(str(layout))
            shortcut.activated.connect(self._layout)

    def add(self, keys: str, slot: Callable[[], None]) -> None:
        """Call `slot` when `keys` are pressed anywhere in the window."""
        QShortcut(QKeySequence(keys), self._window).activated.connect(slot)

    def add_everywhere(self, keys: str, slot: Callable[[], None]) -> None:
        """The same also while a dialog has the focus: alarms do not wait for dialogs."""
        shortcut = QShortcut(QKeySequence(keys), self._window)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(slot)

    @Slot()
    def _layout(self) -> None:
        shortcut = self.sender()
        if shortcut is not None:
            self.layout_asked.emit(int(shortcut.objectName()))
