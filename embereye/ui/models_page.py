"""The detection models: which there are, what they know, who uses them."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from embereye.model.vision_models import ActivateModelAsked, RemoveModelAsked
from embereye.services.model_list import ListedModel, ModelState, listed, only_fire
from embereye.ui import model_words
from embereye.ui.beside import Question, found, show_beside
from embereye.ui.import_model import ImportModelDialog
from embereye.ui.model_console import NUMBERS, ModelConsole
from embereye.ui.model_detail import ModelDetail
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.table_page import RowChoice, lay_beside
from embereye.ui.theme import Tokens

_REFRESH = 500  # ms
_ROOMY = 1000  # px of table width that leave room for what the details tell as well
_LESS = (2, 4, 5)  # columns that are hidden below that


class ModelsPage(QWidget):
    """A table of models, and details. GUI thread.

    Signals:
        trial_asked: (ListedModel) try it on a clip
        common_asked: () choose what looks at all cameras
        remote_asked: () set up the detector on another machine
        noticed: (str) a word for the status line
    """

    trial_asked = Signal(object)
    common_asked = Signal()
    remote_asked = Signal()
    noticed = Signal(str)

    def __init__(self, console: ModelConsole, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console, self._colours = console, colours
        self.model: Rows[ListedModel] = Rows(self._fields(), lambda row: row.key, self)
        self.table = rows_view(self.model, self.tr("Models"), RowDelegate(colours, self))
        self._choice = RowChoice(self.table, self.model)
        self._choice.moved.connect(self._show)
        self.detail = ModelDetail()
        self._summary, self._note, self._problem = QLabel(), QLabel(), QLabel()
        for label, role in (
            (self._summary, "muted"),
            (self._note, "muted"),
            (self._problem, "fire"),
        ):
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._rows: tuple[ListedModel, ...] = ()
        self._asked = -1  # number of the newest request of this page
        self._make_buttons()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot."""
        table = self._console.models()
        rows = listed(table, self._console.model_work(), self._console.settings())
        self._rows = rows
        self.model.show(rows)
        self._summary.setText(table.busy or self._summed_up(rows))
        advice = self._advice(rows)
        self._note.setText(advice)
        self._note.setVisible(bool(advice))
        outcome = table.outcome
        mine = outcome is not None and outcome.asked == self._asked
        problem = outcome.problem if outcome is not None and mine else ""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._show(self.selection())

    def rows(self) -> tuple[ListedModel, ...]:
        """All that is listed."""
        return self._rows

    def selection(self) -> ListedModel | None:
        chosen: ListedModel | None = self._choice.row()
        return chosen

    def pane_width(self) -> int:
        """Width of the detail pane at the right, px."""
        return self.detail.width()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._asked = -1
        self.refresh()
        self._timer.start()
        self.table.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.table.width() >= _ROOMY
        for column in _LESS:
            self.table.setColumnHidden(column, not roomy)

    def _summed_up(self, rows: tuple[ListedModel, ...]) -> str:
        used = sum(row.state is ModelState.USED for row in rows)
        failed = sum(row.state is ModelState.FAILED for row in rows)
        text = self.tr("{0} in use").format(used) if rows else ""
        return text + self.tr(" · {0} failed").format(failed) if failed else text

    def _advice(self, rows: tuple[ListedModel, ...]) -> str:
        if not any(row.state is ModelState.USED for row in rows):
            return self.tr(
                "No model is used: flame and smoke are looked for by rules of colour and motion"
                " alone. Choose models under All cameras, or in the form of a camera."
            )
        if only_fire(rows):
            return self.tr(
                "The models in use know fire and smoke only. Rules about persons, vehicles or"
                " other things need an imported model that knows them."
            )
        return ""

    @Slot(object)
    def _show(self, row: ListedModel | None) -> None:
        self.detail.show_model(row)
        fixed = not self._console.settings().detection.manage_models
        imported = row is not None and row.imported and not fixed
        older = row is not None and row.facts is not None and not row.facts.active
        self.use_button.setEnabled(imported and older)
        self.remove_button.setEnabled(imported)
        self.try_button.setEnabled(row is not None and row.facts is not None)
        self.import_button.setEnabled(not fixed)
        tip = self.tr("Your administrator has fixed which models are used here.")
        for button in (self.import_button, self.use_button, self.remove_button):
            button.setToolTip(tip if fixed else "")

    # --- wishes ------------------------------------------------------------------------------

    @Slot()
    def _import(self) -> None:
        if not found(self, "import model"):
            dialog = ImportModelDialog(self._console, self)
            dialog.imported.connect(self._imported)
            show_beside(dialog, "import model")

    @Slot(str)
    def _imported(self, model: str) -> None:
        self.noticed.emit(self.tr("The model {0} was imported.").format(model))

    @Slot()
    def _use(self) -> None:
        row = self.selection()
        if row is None or found(self, "use model"):
            return
        title = self.tr("Use {0} {1}").format(row.name, row.version)
        text = self.tr(
            "Use version {0} of {1} from now on? All cameras that use {1} change to it at once."
        ).format(row.version, row.name)
        question = Question(title, text, self.tr("Use it"), self, row)
        question.agreed.connect(self._agreed_to_use)
        show_beside(question, "use model")

    @Slot(object)
    def _agreed_to_use(self, row: ListedModel) -> None:
        self._asked = next(NUMBERS)
        actor = self._console.settings().operator
        self._console.ask(ActivateModelAsked(row.name, row.version, actor, self._asked))

    @Slot()
    def _remove(self) -> None:
        row = self.selection()
        if row is None or found(self, "remove model"):
            return
        title = self.tr("Remove {0} {1}").format(row.name, row.version)
        text = self.tr(
            "Remove version {0} of {1}? Its file is deleted; what it has found stays stored."
        ).format(row.version, row.name)
        question = Question(title, text, self.tr("Remove"), self, row)
        question.agreed.connect(self._agreed_to_remove)
        show_beside(question, "remove model")

    @Slot(object)
    def _agreed_to_remove(self, row: ListedModel) -> None:
        self._asked = next(NUMBERS)
        actor = self._console.settings().operator
        self._console.ask(RemoveModelAsked(row.name, row.version, actor, self._asked))

    @Slot()
    def _try(self) -> None:
        row = self.selection()
        if row is not None:
            self.trial_asked.emit(row)

    # --- building ----------------------------------------------------------------------------

    def _fields(self) -> list[Field[ListedModel]]:
        words, fault = model_words, self._colours.fault
        return [
            Field(self.tr("Model"), lambda r: r.title, 170),
            Field(self.tr("Version"), lambda r: r.version or "–", 76),
            Field(self.tr("Family"), lambda r: (r.facts and r.facts.family) or "–", 100),
            Field(self.tr("Knows"), words.labels, 0),
            Field(self.tr("Licence"), lambda r: (r.facts and r.facts.licence) or "–", 120),
            Field(
                self.tr("Size"),
                lambda r: words.amount(r.facts.size if r.facts else 0),
                84,
                right=True,
            ),
            Field(
                self.tr("Latency"),
                lambda r: words.milliseconds(r.facts.trial.p95 if r.facts else 0.0),
                76,
                right=True,
                tip=self.tr("95 % of the pictures of its trial run took no longer"),
            ),
            Field(self.tr("Runs on"), lambda r: words.provider(r.runs_on), 84),
            Field(self.tr("Cameras"), lambda r: f"{len(r.cameras) or '–'}", 76, right=True),
            Field(
                self.tr("State"),
                words.state,
                110,
                colour=lambda r: fault if r.state is ModelState.FAILED else "",
            ),
        ]

    def _make_buttons(self) -> None:
        self.import_button = self._button(self.tr("Import …"), self._import)
        self.use_button = self._button(self.tr("Use this version …"), self._use)
        self.remove_button = self._button(self.tr("Remove …"), self._remove)
        self.try_button = self._button(self.tr("Try on a clip …"), self._try)
        self.common_button = self._button(self.tr("All cameras …"), self.common_asked.emit)
        self.remote_button = self._button(self.tr("Remote detector …"), self.remote_asked.emit)

    def _button(self, caption: str, slot: object) -> QPushButton:
        button = QPushButton(caption)
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Models"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self._summary, 1, Qt.AlignmentFlag.AlignVCenter)
        tools = QHBoxLayout()
        for button in (self.try_button, self.use_button, self.remove_button):
            tools.addWidget(button)
        tools.addStretch(1)
        for button in (self.common_button, self.remote_button, self.import_button):
            tools.addWidget(button)
        lay_beside(self, (head, self._note, tools, self._problem, self.table), self.detail)
