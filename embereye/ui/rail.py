"""The slim column of icons at the left: one for each page that exists."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout

from embereye.ui import theme
from embereye.ui.icons import icon
from embereye.ui.theme import Tokens


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: name of its icon, caption, and whether it sits at the bottom."""

    icon: str
    caption: str
    low: bool = False


class Rail(QFrame):
    """Chooses the page. GUI thread.

    Signals:
        chosen: (int) number of the entry
    """

    chosen = Signal(int)

    def __init__(self, entries: Sequence[Entry], colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(theme.RAIL_WIDTH)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(self.chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(4)
        for number, entry in enumerate(entries):
            if entry.low:
                column.addStretch(1)
            column.addWidget(self._button(number, entry, colours))
        if not any(entry.low for entry in entries):
            column.addStretch(1)

    def choose(self, number: int) -> None:
        """Mark this entry; emits nothing."""
        button = self._group.button(number)
        if button is not None:
            button.setChecked(True)

    def _button(self, number: int, entry: Entry, colours: Tokens) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "rail")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIcon(icon(entry.icon, colours))
        button.setIconSize(QSize(24, 24))
        button.setText(entry.caption)
        button.setCheckable(True)
        button.setAccessibleName(entry.caption)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._group.addButton(button, number)
        return button
