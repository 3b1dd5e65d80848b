"""The line below the popups that says what has none."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from embereye.ui.alarm_popup import WIDTH
from embereye.ui.elided import Elided


class PopupSummary(QFrame):
    """ "and 37 more" with a way to the list. GUI thread.

    Attributes:
        label: What it says.
        button: Asks for the list.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setFixedWidth(WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.label = Elided()
        self.label.setProperty("role", "strong")
        self.button = QPushButton(self.tr("Show list"))
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        self.hide()

    def show_text(self, text: str, flood: bool) -> None:
        """Say this; nothing hides it.

        Args:
            flood: Alarms come faster than people can read them.
        """
        # Without a shape in front: the fault's would be untrue of a fire that is only summarised.
        self.label.show_text(self.tr("FLOOD: {0}").format(text) if flood else text)
        self.setVisible(bool(text))
