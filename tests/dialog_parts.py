"""What an operator does with dialogs beside the window."""

from pathlib import Path

from PySide6.QtWidgets import QDialog, QInputDialog, QLineEdit, QWidget

from embereye.ui.beside import Complaint, FileChooser, Question


def open_dialogs(parent: QWidget) -> list[QDialog]:
    return [d for d in parent.findChildren(QDialog) if d.isVisible()]


def question(parent: QWidget) -> Question:
    (found,) = [d for d in open_dialogs(parent) if isinstance(d, Question)]
    return found


def answer(parent: QWidget, yes: bool) -> None:
    asked = question(parent)
    (asked.verb if yes else asked.cancel).click()


def pick(parent: QWidget, text: str) -> None:
    (dialog,) = [d for d in open_dialogs(parent) if isinstance(d, QInputDialog)]
    dialog.setTextValue(text)
    dialog.accept()


def chooser(parent: QWidget) -> FileChooser:
    (found,) = [d for d in open_dialogs(parent) if isinstance(d, FileChooser)]
    return found


def choose(parent: QWidget, path: Path) -> None:
    """Type a path and confirm."""
    dialog = chooser(parent)
    field = dialog.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText(str(path))
    dialog.accept()


def complaint(parent: QWidget) -> str:
    (found,) = [d for d in open_dialogs(parent) if isinstance(d, Complaint)]
    return found.text()
