"""Everything about the selected model: what it knows, what it costs, where it comes from."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QVBoxLayout, QWidget

from embereye.model.vision_models import ImportedModel
from embereye.services.model_list import ListedModel, ModelState, provider_word
from embereye.ui import model_words, words
from embereye.ui.elided import Elided
from embereye.ui.scrolling import scrolling

WIDTH = 360  # px


class ModelDetail(QFrame):
    """The pane at the right of the list of models. GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setFixedWidth(WIDTH)
        self._name = Elided()
        self._name.setProperty("role", "title")
        self.nothing = _text(self.tr("Choose a model to read all about it."))
        self.nothing.setProperty("role", "muted")
        self.remark = _text("")
        self._facts: dict[str, QLabel] = {}
        self._body = QWidget()
        self._lay_out()
        self.show_model(None)

    def show_model(self, row: ListedModel | None) -> None:
        """Show this model as it stands."""
        for widget in (self._name, self._body):
            widget.setVisible(row is not None)
        self.nothing.setVisible(row is None)
        if row is None:
            return
        self._name.show_text(f"{row.title} {row.version}".strip())
        self._tell(row.text, bad=row.state is ModelState.FAILED)
        cameras = ", ".join(row.cameras) or self.tr("none")
        knows = ", ".join(row.labels) or self.tr("not known")
        told = {"state": model_words.state(row), "cameras": cameras, "knows": knows}
        told["runs"] = model_words.provider(row.runs_on)
        told |= {} if row.facts is None else self._told(row.facts, imported=row.imported)
        for name, label in self._facts.items():
            text = told.get(name, "")
            if label.text() != (text or "–"):
                label.setText(text or "–")

    def fact(self, name: str) -> str:
        """A value as it is shown (tests)."""
        return self._facts[name].text()

    def _tell(self, text: str, *, bad: bool) -> None:
        self.remark.setText(text)
        self.remark.setVisible(bool(text))
        self.remark.setProperty("role", "fault" if bad else "muted")
        self.remark.style().polish(self.remark)

    def _told(self, model: ImportedModel, *, imported: bool) -> dict[str, str]:
        trial = model.trial
        size = f"{trial.width} × {trial.height} px" if trial.width else "–"
        cost = f"{model_words.milliseconds(trial.p50)} / {model_words.milliseconds(trial.p95)}"
        told = {
            "maker": f"{model.title} {model.maker_version}".strip(),
            "family": model.family,
            "input": size,
            "licence": model.licence,
            "file": model_words.amount(model.size),
            "sha": _grouped(model.sha256),
        }
        if trial.p95:
            told["trial"] = self.tr("{0} on {1}, {2} to load, {3} of memory").format(
                cost,
                model_words.provider(provider_word(model)),
                model_words.milliseconds(trial.load),
                model_words.amount(trial.memory),
            )
        if imported:
            told["by"] = f"{model.imported_by}, {words.full_time(model.imported_utc)[:16]}"
        return told

    def _lay_out(self) -> None:
        facts = QFormLayout()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setHorizontalSpacing(12)
        facts.setVerticalSpacing(8)
        facts.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        for name, caption, tip in self._captions():
            title = QLabel(caption)
            title.setProperty("role", "muted")
            title.setAlignment(Qt.AlignmentFlag.AlignTop)
            label = self._facts[name] = _text("–")
            title.setToolTip(tip)
            facts.addRow(title, label)
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        inner.addWidget(self.remark)
        inner.addLayout(facts)
        inner.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 8)
        column.setSpacing(12)
        column.addWidget(self._name)
        column.addWidget(self.nothing)
        column.addWidget(scrolling(self._body), 1)

    def _captions(self) -> list[tuple[str, str, str]]:
        return [
            ("state", self.tr("State"), ""),
            ("cameras", self.tr("Cameras"), self.tr("Whose pictures it looks at")),
            ("knows", self.tr("Knows"), self.tr("What it can find, in the words of rules")),
            ("runs", self.tr("Runs on"), self.tr("What computes it at the moment")),
            ("maker", self.tr("Title"), self.tr("As its maker calls it")),
            ("family", self.tr("Family"), self.tr("Layout of its outputs")),
            ("input", self.tr("Input"), self.tr("Pictures are brought to this size for it")),
            ("trial", self.tr("Trial run"), self.tr("Time of one picture, half and 95 % of them")),
            ("licence", self.tr("Licence"), self.tr("Of its weights")),
            ("file", self.tr("File"), ""),
            ("sha", self.tr("SHA-256"), self.tr("Compare it with what its maker publishes")),
            ("by", self.tr("Imported"), ""),
        ]


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _grouped(sha256: str) -> str:
    """In groups of eight, so that it can be compared by eye and wraps."""
    return " ".join(sha256[n : n + 8] for n in range(0, len(sha256), 8))
