"""What forms about settings have in common: tabs, an error line, saving until it is in force."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from embereye.model.errors import ConfigError
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.saving import Asked, Saving

_WIDTH, _HEIGHT = 620, 640  # px


class SettingsForm(QDialog):
    """Closes when what was asked for is in force. GUI thread.

    A child calls `lay_out` once, gives `save` a body, and calls `send` or `complain` there.
    """

    def __init__(self, console: Console, bridge: Bridge, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(_WIDTH, _HEIGHT)
        self.console = console
        self.error = QLabel()
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setProperty("role", "fire")
        self.save_button = QPushButton(self.tr("Save"))
        self.save_button.setProperty("role", "primary")
        self.save_button.clicked.connect(self.save)
        self._saving = Saving(console, bridge, self)
        self._saving.done.connect(self.accept)
        self._saving.failed.connect(self._failed)

    @Slot()
    def save(self) -> None:
        """Check everything, then ask."""

    def send(self, request: Asked) -> None:
        """Ask, and wait for what becomes of it."""
        self._saving.ask(request)
        self.save_button.setEnabled(False)
        self.error.setText(self.tr("Saving …"))

    def complain(self, problems: Mapping[str, str]) -> None:
        """Tell what is wrong, by field; nothing clears the line."""
        lines = [f"{name}: {text}" if name else text for name, text in problems.items()]
        self.error.setText("\n".join(lines))

    def lay_out(self, *forms: tuple[QWidget, str], below: QWidget | None = None) -> None:
        """Show these forms as tabs with their captions, and something below them."""
        tabs = QTabWidget()
        for form, caption in forms:
            tabs.addTab(_scrolled(form), caption)
        buttons = QDialogButtonBox()
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.ActionRole)
        cancel = QPushButton(self.tr("Cancel"))
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(tabs, 1)
        if below is not None:
            column.addWidget(below)
        column.addWidget(self.error)
        column.addWidget(buttons)

    @Slot(str)
    def _failed(self, text: str) -> None:
        self.save_button.setEnabled(True)
        self.error.setText(text)


def told_by_field(error: ConfigError) -> dict[str, str]:
    """What is wrong, by name of the field; "" for what concerns none."""
    pairs = [text.partition(": ") for text in error.problems or (str(error),)]
    return {name if rest else "": rest or name for name, _, rest in pairs}


def stacked(*parts: QWidget, spacing: int = 8) -> QWidget:
    """The parts below each other, without a margin; `spacing` in px."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    for part in parts:
        column.addWidget(part)
    return whole


def _scrolled(form: QWidget) -> QScrollArea:
    inner = QWidget()
    column = QVBoxLayout(inner)
    column.setContentsMargins(12, 12, 12, 12)
    column.addWidget(form)
    column.addStretch(1)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setWidget(inner)
    scroll.viewport().setAutoFillBackground(False)
    inner.setAutoFillBackground(False)
    return scroll
