"""Importing a model: what is asked, the trial run, and what it found out."""

from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.vision_models import ImportModelAsked, ModelOutcome
from embereye.services.model_access import name_for
from embereye.ui.beside import FileChooser, found, show_beside
from embereye.ui.model_console import NUMBERS, ModelConsole

_WIDTH = 560  # px
_LOOK = 150  # ms between looks at what became of it


class ImportModelDialog(QDialog):
    """Not modal: alarms go on beside it, and the trial run goes on when it is closed. GUI thread.

    Signals:
        imported: (str) "name version"
    """

    imported = Signal(str)

    def __init__(self, console: ModelConsole, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import a model"))
        self.setMinimumWidth(_WIDTH)
        self._console = console
        self._asked = 0
        self.path, self.name, self.licence = QLineEdit(), QLineEdit(), QLineEdit()
        self.family = QComboBox()
        self.family.addItem(self.tr("told from its outputs"), "")
        self.activate = QCheckBox(self.tr("Use this version at once where the name is used"))
        self.activate.setChecked(True)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setProperty("role", "fire")
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.import_button = QPushButton(self.tr("Import"))
        self.import_button.setProperty("role", "primary")
        self.import_button.clicked.connect(self.begin)
        self.path.textChanged.connect(self._path_changed)
        self._lay_out()
        self._show_waiting(waiting=False)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self.look)

    @Slot()
    def begin(self) -> None:
        """Ask for the import."""
        self._asked = next(NUMBERS)
        self.problem.hide()
        self._show_waiting(waiting=True)
        self._timer.start()
        self._console.ask(
            ImportModelAsked(
                self.path.text().strip(),
                self.name.text().strip(),
                self._console.settings().operator,
                self.licence.text().strip(),
                str(self.family.currentData() or ""),
                self.activate.isChecked(),
                self._asked,
            )
        )

    @Slot()
    def look(self) -> None:
        """Tell what became of it, once that is known."""
        outcome = self._console.models().outcome
        if outcome is None or outcome.asked != self._asked:
            return
        self._timer.stop()
        self._show_waiting(waiting=False)
        if outcome.problem:
            self._complain(outcome)
        else:
            self.imported.emit(outcome.model)
            self.close()

    def _complain(self, outcome: ModelOutcome) -> None:
        self.problem.setText(outcome.problem)
        self.problem.show()
        if outcome.families:
            self.family.clear()
            for family in outcome.families:
                self.family.addItem(family, family)
            self.family.setFocus()

    def _show_waiting(self, *, waiting: bool) -> None:
        self.progress.setVisible(waiting)
        self._busy.setVisible(waiting)
        for widget in (self.path, self.name, self.licence, self.family, self.choose_button):
            widget.setEnabled(not waiting)
        self.import_button.setEnabled(not waiting and bool(self.path.text().strip()))

    @Slot()
    def _choose(self) -> None:
        if not found(self, "model file"):
            caption = self.tr("Model, or zip of a model and its manifest")
            chooser = FileChooser(caption, self, f"{caption} (*.onnx *.zip)")
            chooser.chosen.connect(self.path.setText)
            show_beside(chooser, "model file")

    @Slot(str)
    def _path_changed(self, text: str) -> None:
        self.import_button.setEnabled(bool(text.strip()))
        self.name.setText(name_for(Path(text).name) if text.strip() else "")
        self.family.clear()
        self.family.addItem(self.tr("told from its outputs"), "")
        self.problem.hide()

    def _lay_out(self) -> None:
        self.choose_button = QPushButton(self.tr("Choose …"))
        self.choose_button.clicked.connect(self._choose)
        self.path.setPlaceholderText(self.tr(".onnx with its .toml beside it, or a .zip of both"))
        self.licence.setPlaceholderText(self.tr("needed where no manifest says it"))
        where = QHBoxLayout()
        where.addWidget(self.path, 1)
        where.addWidget(self.choose_button)
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow(self.tr("File"), where)
        for caption, field in (
            (self.tr("Name"), self.name),
            (self.tr("Licence"), self.licence),
            (self.tr("Family"), self.family),
        ):
            field.setAccessibleName(caption)
            form.addRow(caption, field)
        self.path.setAccessibleName(self.tr("File"))
        note = QLabel(
            self.tr(
                "The file is copied and tried in a process of its own with limits: 2 GiB of memory,"
                " 15 s. Only ONNX files are taken, since other formats can run programs."
            )
        )
        self._busy = QLabel(self.tr("Copying and trying it; that takes up to 20 s …"))
        for label in (note, self._busy):
            label.setWordWrap(True)
            label.setProperty("role", "muted")
        buttons = QDialogButtonBox()
        buttons.addButton(self.import_button, QDialogButtonBox.ButtonRole.ActionRole)
        close = buttons.addButton(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        for part in (note, form, self.activate, self.problem, self._busy, self.progress):
            if isinstance(part, QFormLayout):
                column.addLayout(part)
            else:
                column.addWidget(part)
        column.addStretch(1)
        column.addWidget(buttons)
