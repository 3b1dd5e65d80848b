"""The slim column of icons at the left: one for each page that exists."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QLayout, QSizePolicy, QToolButton, QVBoxLayout

from embereye.ui import theme
from embereye.ui.icons import icon
from embereye.ui.theme import Tokens

_MARGIN, _GAP = 8, 4  # px above and below all, and between two


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: name of its icon, caption, and whether it sits at the bottom."""

    icon: str
    caption: str
    low: bool = False


class Rail(QFrame):
    """Chooses the page. GUI thread.

    Where the window is too low for all captions there are icons alone, with tooltips.

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
        self._buttons: list[QToolButton] = []
        self._compact = False
        self._tallest = 0  # px of a button with its caption
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, _MARGIN, 0, _MARGIN)
        column.setSpacing(_GAP)
        # A long rail must not make the window higher than the screen.
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
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

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.RAIL_WIDTH, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = self.height() < self._full_height()
        if compact == self._compact:
            return
        self._compact = compact
        style = Qt.ToolButtonStyle
        self._column.setSpacing(0 if compact else _GAP)
        for button in self._buttons:
            button.setToolButtonStyle(
                style.ToolButtonIconOnly if compact else style.ToolButtonTextUnderIcon
            )

    def _full_height(self) -> int:
        """Height with all captions, px."""
        buttons = self._buttons
        if not self._compact:
            self._tallest = max(self._tallest, *(button.sizeHint().height() for button in buttons))
        return len(buttons) * (self._tallest + _GAP) + 2 * _MARGIN

    def _button(self, number: int, entry: Entry, colours: Tokens) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "rail")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIcon(icon(entry.icon, colours))
        button.setIconSize(QSize(24, 24))
        button.setText(entry.caption)
        button.setCheckable(True)
        button.setAccessibleName(entry.caption)
        button.setToolTip(entry.caption)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._group.addButton(button, number)
        self._buttons.append(button)
        return button
