"""Which models look at one camera."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QRadioButton, QVBoxLayout, QWidget

from embereye.services.model_list import ListedModel, only_fire
from embereye.services.model_use import names_in
from embereye.ui import model_words
from embereye.ui.words import tip

_INDENT = 24  # px; the choices belong to the radio button above them


class ModelPicker(QWidget):
    """Those of all cameras, or a choice of its own. GUI thread.

    Signals:
        edited: ()
    """

    edited = Signal()

    def __init__(
        self, every: str | None, names: Sequence[str], rows: Sequence[ListedModel]
    ) -> None:
        """Show what can be chosen.

        Args:
            every: The models of all cameras, as in detection.model; None: it is them that are
                chosen here.
            names: What can be chosen, as settings call it.
            rows: What is known of them.
        """
        super().__init__()
        common = ", ".join(names_in(every or "")) or self.tr("none")
        self.common = QRadioButton(self.tr("Models of all cameras: {0}").format(_short(common)))
        self.common.setToolTip(tip(common))
        self.own = QRadioButton(self.tr("Models of this camera:"))
        known = {row.name: row for row in rows if row.facts is None or row.facts.active}
        self.boxes = {name: self._box(name, known.get(name)) for name in names}
        self._others: tuple[str, ...] = ()
        self._rows = known
        self._shown: str | None = None
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._note.setProperty("role", "muted")
        self._lay_out()
        for radio in (self.common, self.own):
            radio.setVisible(every is not None)
        for button in (self.common, self.own, *self.boxes.values()):
            button.toggled.connect(self._toggled)
        self.show_value(None)

    def show_value(self, value: str | None) -> None:
        """Show this choice; None: the models of all cameras."""
        chosen = names_in(value or "")
        self._others = tuple(name for name in chosen if name not in self.boxes)
        (self.common if value is None else self.own).setChecked(True)
        for name, box in self.boxes.items():
            box.setChecked(name in chosen)
        self._shown = self.value()
        self._follow()

    def value(self) -> str | None:
        """The choice as it goes into the settings; names that are gone stay in it."""
        if self.common.isChecked():
            return None
        chosen = (name for name, box in self.boxes.items() if box.isChecked())
        return ", ".join((*chosen, *self._others))

    def changes(self) -> dict[str, object]:
        """The option `models`, if it was changed."""
        value = self.value()
        return {} if value == self._shown else {"models": value}

    @Slot()
    def _toggled(self) -> None:
        self._follow()
        self.edited.emit()

    def _follow(self) -> None:
        for box in self.boxes.values():
            box.setEnabled(self.own.isChecked())
        chosen = [self._rows[n] for n, b in self.boxes.items() if b.isChecked() and n in self._rows]
        own = self.own.isChecked()
        advice = self._advice(chosen, own=own)
        self._note.setText(advice)
        self._note.setVisible(bool(advice))

    def _advice(self, chosen: list[ListedModel], *, own: bool) -> str:
        parts = []
        if own and not any(box.isChecked() for box in self.boxes.values()) and not self._others:
            parts.append(
                self.tr("Without a model only rules of colour and motion look for flame and smoke.")
            )
        elif own and chosen and only_fire(tuple(chosen)):
            parts.append(
                self.tr(
                    "These know fire and smoke only. Rules about persons or vehicles need an"
                    " imported model that knows them."
                )
            )
        if own and self._others:
            gone = ", ".join(self._others)
            parts.append(self.tr("Not there any more: {0}.").format(_short(gone)))
        return " ".join(parts)

    def _box(self, name: str, row: ListedModel | None) -> QCheckBox:
        text = name if row is None else row.title
        if row is not None and row.version and row.imported:
            text += f" {row.version}"
        if row is not None and row.labels:
            text += f" – {model_words.labels(row)}"
        box = QCheckBox(_short(text))
        box.setToolTip(tip(text if row is None or not row.text else f"{text}\n{row.text}"))
        return box

    def _lay_out(self) -> None:
        inner = QVBoxLayout()
        inner.setContentsMargins(_INDENT, 0, 0, 0)
        inner.setSpacing(8)
        for box in self.boxes.values():
            inner.addWidget(box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.common)
        column.addWidget(self.own)
        column.addLayout(inner)
        column.addWidget(self._note)


def _short(text: str, most: int = 70) -> str:
    """At most so many letters, about what fits into a form; the tooltip tells all."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
