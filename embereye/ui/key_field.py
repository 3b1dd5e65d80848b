"""The API key of another program: typed, never shown, kept in the secret store."""

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from embereye.runtime.http_service import is_sendable

CAPTION = 130  # px; as wide as the captions of the forms above


class KeyField(QWidget):
    """A row with a field and "No key". GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setPlaceholderText(self.tr("empty: as it is"))
        self.edit.setAccessibleName(self.tr("API key"))
        self.none = QCheckBox(self.tr("No key"))
        self.none.toggled.connect(self.edit.setDisabled)
        caption = QLabel(self.tr("API key"))
        caption.setMinimumWidth(CAPTION)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(caption)
        row.addWidget(self.edit, 1)
        row.addWidget(self.none)

    def typed(self) -> str | None:
        """The key from now on, "" for none; None: as before."""
        return "" if self.none.isChecked() else self.edit.text() or None

    def problem(self) -> str:
        """Why it cannot be sent; empty when it can."""
        key = self.typed() or ""
        if is_sendable(key):
            return ""
        return self.tr("The API key has blanks or other characters. Enter it again.")
