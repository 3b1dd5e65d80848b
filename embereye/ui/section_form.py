"""A form that is generated from a section of the settings schema."""

import typing
from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from embereye.config.schema import Section
from embereye.ui.elided import keep_narrow

_FIELD, _HINT = 240, 110  # px


class SectionForm(QWidget):
    """Edits simple options (text, number, choice, yes or no) of one section. GUI thread.

    Signals:
        edited: ()
    """

    edited = Signal()

    def __init__(
        self,
        section: type[Section],
        names: Sequence[str],
        captions: Mapping[str, str],
        choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    ) -> None:
        """Show these options.

        Args:
            names: Which, in this order.
            captions: What they are called on the screen.
            choices: (value, caption) to choose from, for options that name something else.
        """
        super().__init__()
        self._section = section
        self._editors: dict[str, QWidget] = {}
        self._errors: dict[str, QLabel] = {}
        self._shown: dict[str, str | bool] = {}
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(8)
        for name in names:
            field = section.model_fields[name]
            editor = self._editor(name, field, (choices or {}).get(name))
            editor.setAccessibleName(captions[name])
            editor.setToolTip(field.description or "")
            form.addRow(captions[name], self._row(name, editor, field))

    def show_values(self, values: Mapping[str, object]) -> None:
        """Show these values; what they lack is shown with its default."""
        for name, editor in self._editors.items():
            field = self._section.model_fields[name]
            value = values.get(name, "" if field.is_required() else field.default)
            if isinstance(editor, QCheckBox):
                editor.setChecked(bool(value))
            elif isinstance(editor, QComboBox):
                editor.setCurrentIndex(max(0, editor.findData(value)))
            elif isinstance(editor, QLineEdit):
                editor.setText(_text(value))
            self._shown[name] = self._read(name)
        self.tell({})

    def propose(self, values: Mapping[str, object]) -> None:
        """Enter these texts, as if somebody had typed them."""
        for name, value in values.items():
            editor = self._editors[name]
            if isinstance(editor, QLineEdit):
                editor.setText(_text(value))

    def changes(self) -> dict[str, object]:
        """The options that were changed; None: back to the default (an empty field)."""
        found: dict[str, object] = {}
        for name in self._editors:
            value = self._read(name)
            if value != self._shown.get(name):
                found[name] = _meant(value, self._section.model_fields[name])
        return found

    def problems(self, values: Mapping[str, object]) -> dict[str, str]:
        """What the schema says against these values of the whole section, by option."""
        try:
            self._section.model_validate({k: v for k, v in values.items() if v is not None})
        except ValidationError as error:
            return {
                str(problem["loc"][0]) if problem["loc"] else "": problem["msg"].removeprefix(
                    "Value error, "
                )
                for problem in error.errors()
            }
        return {}

    def tell(self, problems: Mapping[str, str]) -> None:
        """Show problems under their fields."""
        for name, label in self._errors.items():
            label.setText(problems.get(name, ""))
            label.setVisible(name in problems)

    def editor(self, name: str) -> QWidget:
        """The field of an option."""
        return self._editors[name]

    def _read(self, name: str) -> str | bool:
        editor = self._editors[name]
        if isinstance(editor, QCheckBox):
            return editor.isChecked()
        if isinstance(editor, QComboBox):
            data = editor.currentData()
            return data if isinstance(data, str) else editor.currentText()
        return editor.text().strip() if isinstance(editor, QLineEdit) else ""

    def _editor(
        self, name: str, field: FieldInfo, choices: Sequence[tuple[str, str]] | None
    ) -> QWidget:
        if choices is None and typing.get_origin(field.annotation) is typing.Literal:
            values = typing.get_args(field.annotation)
            choices = [(str(value), str(value) or self.tr("none")) for value in values]
        if choices is not None:
            box = QComboBox()
            keep_narrow(box, 24)
            for value, caption in choices:
                box.addItem(caption, value)
            box.activated.connect(self._edited)
            self._editors[name] = box
        elif field.annotation is bool:
            check = QCheckBox()
            check.toggled.connect(self._edited)
            self._editors[name] = check
        else:
            line = QLineEdit()
            line.textEdited.connect(self._edited)
            self._editors[name] = line
        self._editors[name].setMinimumWidth(_FIELD)
        return self._editors[name]

    @Slot()
    def _edited(self) -> None:
        self.edited.emit()

    def _row(self, name: str, editor: QWidget, field: FieldInfo) -> QWidget:
        error = self._errors[name] = QLabel()
        error.setProperty("role", "fire")
        error.setWordWrap(True)
        error.hide()
        hint = QLabel(_range(field))
        hint.setProperty("role", "muted")
        hint.setFixedWidth(_HINT)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(editor, 1)
        line.addWidget(hint)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(error)
        return whole


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _meant(value: str | bool, field: FieldInfo) -> object:
    """What goes into the settings: numbers with a decimal comma too; empty is the default."""
    if isinstance(value, bool):
        return value
    kinds = typing.get_args(field.annotation) or (field.annotation,)
    if float in kinds or int in kinds:
        return value.replace(",", ".") or None
    return value if value or field.default == "" else None


def _range(field: FieldInfo) -> str:
    """Unit and range, as short as they can be said."""
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    limits = {k: getattr(m, k) for m in field.metadata for k in ("ge", "le") if hasattr(m, k)}
    if "ge" in limits and "le" in limits:
        return f"{limits['ge']:g}–{limits['le']:g} {unit}".strip()
    return unit
