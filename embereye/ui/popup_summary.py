"""The line below the popups that says what has none."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from embereye.ui import words
from embereye.ui.alarm_popup import WIDTH

_ROOM = WIDTH - 140  # px of the text beside the button


class PopupSummary(QFrame):
    """ "and 37 more" with a way to the list. GUI thread.

    Attributes:
        button: Asks for the list.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setFixedWidth(WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setProperty("role", "strong")
        self.button = QPushButton(self.tr("Show list"))
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.addWidget(self._label, 1)
        row.addWidget(self.button)
        self.hide()

    def text(self) -> str:
        """What it says in full; empty while it is hidden."""
        return "" if self.isHidden() else self.accessibleName()

    def show_text(self, text: str, flood: bool) -> None:
        """Say this; nothing hides it.

        Args:
            flood: That alarms come faster than people can read them.
        """
        pattern = self.tr("△ FLOOD: {0}") if flood else self.tr("△ {0}")
        whole = pattern.format(text)
        elide = Qt.TextElideMode.ElideRight
        self._label.setText(self._label.fontMetrics().elidedText(whole, elide, _ROOM))
        self._label.setToolTip(words.tip(whole))
        self.setAccessibleName(whole)
        self.setVisible(bool(text))
