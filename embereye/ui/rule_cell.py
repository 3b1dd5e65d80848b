"""One field of a form about rules: caption above, error below, marked when it was changed."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

Editor = QLineEdit | QComboBox | QCheckBox | QPlainTextEdit
_CHANGED = " •"


class RuleCell(QWidget):
    """A field with its caption. GUI thread."""

    def __init__(self, caption: str, editor: QWidget, hint: str = "") -> None:
        super().__init__()
        self.editor = editor
        self._caption = caption
        self.title, self.hint, self.error = QLabel(caption), QLabel(hint), QLabel()
        for label, role in ((self.title, "muted"), (self.hint, "muted"), (self.error, "fire")):
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setWordWrap(True)
        editor.setAccessibleName(caption)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part in (self.title, editor, self.hint, self.error):
            column.addWidget(part)
        column.addStretch(1)
        self.title.setVisible(not isinstance(editor, QCheckBox))
        self.hint.setVisible(bool(hint))
        self.error.hide()

    def tell(self, text: str) -> None:
        """What is wrong with it, in words; empty: nothing is."""
        self.error.setText(text)
        self.error.setVisible(bool(text))
        self.editor.setAccessibleDescription(text)

    def mark(self, changed: bool) -> None:
        """Whether it differs from what is in force."""
        self.title.setText(self._caption + (_CHANGED if changed else ""))
        self.title.setToolTip(self.tr("Changed, not saved yet") if changed else "")
        if isinstance(self.editor, QCheckBox):
            self.editor.setText(self._caption + (_CHANGED if changed else ""))

    def show_hint(self, hint: str) -> None:
        """Unit and range, or what to do."""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))


class RuleCells(QObject):
    """Fields by the names of their options. GUI thread.

    Signals:
        edited: () by a person, not by `show`
    """

    edited = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.by_name: dict[str, RuleCell] = {}

    def add(self, name: str, caption: str, editor: Editor, hint: str = "") -> RuleCell:
        """One more field."""
        cell = self.by_name[name] = RuleCell(caption, editor, hint)
        if isinstance(editor, QLineEdit):
            editor.textEdited.connect(self._edited)
        elif isinstance(editor, QComboBox):
            editor.activated.connect(self._edited)
            if editor.isEditable():
                editor.editTextChanged.connect(self._edited)
        elif isinstance(editor, QCheckBox):
            editor.setText(caption)
            editor.toggled.connect(self._edited)
        else:
            editor.setTabChangesFocus(True)
            editor.textChanged.connect(self._edited)
        return cell

    def show(self, values: Mapping[str, object]) -> None:
        """Show these values; nothing is emitted."""
        for name, cell in self.by_name.items():
            if name in values:
                blocked = QSignalBlocker(cell.editor)
                write(cell.editor, values[name])
                del blocked

    def values(self) -> dict[str, object]:
        """What is entered, as it was typed."""
        return {name: read(cell.editor) for name, cell in self.by_name.items()}

    def tell(self, problems: Mapping[str, str]) -> None:
        """Show problems under their fields."""
        for name, cell in self.by_name.items():
            cell.tell(problems.get(name, ""))

    def mark(self, changed: Iterable[str]) -> None:
        """Mark these fields as changed, and no others."""
        names = set(changed)
        for name, cell in self.by_name.items():
            cell.mark(name in names)

    @Slot()
    def _edited(self) -> None:
        self.edited.emit()


def read(editor: QWidget) -> object:
    """What is entered. Numbers with a decimal comma are understood by `number`."""
    if isinstance(editor, QCheckBox):
        return editor.isChecked()
    if isinstance(editor, QComboBox):
        if editor.isEditable():
            return editor.currentText().strip()
        return editor.currentData()
    if isinstance(editor, QPlainTextEdit):
        return editor.toPlainText().strip()
    return editor.text().strip() if isinstance(editor, QLineEdit) else None


def write(editor: QWidget, value: object) -> None:
    """Show a value; one that a choice does not have is added to it, so that it is not lost."""
    if isinstance(editor, QCheckBox):
        editor.setChecked(bool(value))
    elif isinstance(editor, QComboBox):
        if editor.isEditable():
            editor.setEditText(str(value))
            return
        if editor.findData(value) < 0:
            editor.addItem(editor.tr("{0} (gone)").format(value), value)
        editor.setCurrentIndex(editor.findData(value))
    elif isinstance(editor, QPlainTextEdit):
        editor.setPlainText(str(value))
    elif isinstance(editor, QLineEdit):
        editor.setText(f"{value:.10g}" if isinstance(value, float) else str(value))


def number(value: object) -> object:
    """A typed number as the schema reads it, with a decimal comma too."""
    return value.replace(",", ".") if isinstance(value, str) else value


def same(typed: object, before: object) -> bool:
    """Whether a typed value means what was there."""
    if isinstance(before, list | tuple):
        return isinstance(typed, list) and sorted(typed) == sorted(before)
    if isinstance(before, int | float) and isinstance(typed, str):
        try:
            return float(typed) == float(before)
        except ValueError:
            return False
    return typed == before


def fill(box: QComboBox, choices: Iterable[tuple[str, str]], chosen: object) -> None:
    """Offer other choices; what was chosen stays, though it may be gone. Nothing is emitted."""
    blocked = QSignalBlocker(box)
    box.clear()
    for value, caption in choices:
        box.addItem(caption, value)
    write(box, chosen)
    del blocked


def chain(stops: Iterable[QWidget]) -> None:
    """Let the keyboard go through these in this order."""
    before: QWidget | None = None
    for stop in stops:
        if before is not None:
            QWidget.setTabOrder(before, stop)
        before = stop
