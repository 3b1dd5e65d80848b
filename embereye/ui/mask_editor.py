"""Privacy masks of one camera, drawn on its live picture."""

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.config.schema import Camera
from embereye.model.camera import CameraStatus
from embereye.model.camera_messages import EditCameraAsked
from embereye.model.ids import CameraId
from embereye.ui import theme
from embereye.ui.beside import Question, found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.mask_canvas import MaskCanvas
from embereye.ui.mask_draft import MOST_MASKS, MaskDraft, draft_of
from embereye.ui.saving import Saving
from embereye.ui.theme import Tokens

_LEAST = QSize(1120, 600)
_SHARE = 0.75  # of the window, where it is large: a mask is drawn more finely there
_PANE = 240  # px
_NAME = 120  # characters (config.options.Name)


class MaskEditor(QDialog):
    """Edits the masks of one camera; not modal, alarms go on beside it. GUI thread."""

    def __init__(
        self,
        console: Console,
        bridge: Bridge,
        demands: Demands,
        colours: Tokens,
        camera: CameraStatus,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = self.fontMetrics().elidedText(camera.name, Qt.TextElideMode.ElideRight, 480)
        self.setWindowTitle(self.tr("Privacy masks of {0}").format(title))
        self._console = console
        self._camera = camera.id
        self._saved = self._sent = MaskDraft()
        self._given_up = False
        self._saving = Saving(console, bridge, self)
        self._saving.done.connect(self._in_force)
        self._saving.failed.connect(self._failed)
        self.canvas = MaskCanvas(console, demands, colours, camera.id)
        self.canvas.draft_changed.connect(self._draft_changed)
        self.canvas.selected.connect(self._select)
        self.canvas.drawing_changed.connect(self._drawing)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Masks"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.currentRowChanged.connect(self._choose)
        self.name = QLineEdit()
        self.name.setMaxLength(_NAME)
        self.name.textEdited.connect(self._rename)
        self._problem, self._hint = QLabel(), QLabel()
        for label, role in ((self._problem, "fire"), (self._hint, "muted")):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._make_buttons()
        self._lay_out()
        self.resize(_size(parent))
        self._begin()
        self.canvas.setFocus()

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return self.canvas.draft != self._saved

    @Slot()
    def save(self) -> None:
        """Ask for what was drawn to be put in force."""
        if self.canvas.draft.unnamed():
            self._problem.setText(self.tr("Give each mask a name."))
            return
        if draft_of(self._row()) != self._saved:
            text = self.tr(
                "△ Not saved: somebody else changed the masks meanwhile. Revert, then draw again."
            )
            self._problem.setText(text)
            return
        self._sent = self.canvas.draft
        actor = self._console.settings().operator
        self._saving.ask(EditCameraAsked(CameraId(self._camera), self._sent.values(), actor))
        self._draft_changed()
        self._problem.setText(self.tr("Saving …"))

    @Slot()
    def revert(self) -> None:
        """Back to what is in force."""
        self._begin()

    def reject(self) -> None:
        """Close; what was drawn and not saved only after a question."""
        if not self.changed or self._given_up:
            super().reject()
        elif not found(self, "give up"):
            text = self.tr("The masks that were drawn are not saved. Give them up?")
            question = Question(self.tr("Not saved"), text, self.tr("Give them up"), self)
            question.agreed.connect(self._give_up)
            show_beside(question, "give up")

    @Slot()
    def _give_up(self) -> None:
        self._given_up = True
        self.reject()

    def _begin(self) -> None:
        self._saved = self._sent = draft_of(self._row())
        self.canvas.edit(self._saved)
        if self._saved.masks:
            self.canvas.select(0)

    def _row(self) -> Camera | None:
        rows = self._console.settings().cameras
        return next((row for row in rows if row.id == self._camera), None)

    # --- what happens ------------------------------------------------------------------------

    @Slot()
    def _in_force(self) -> None:
        self._saved = self._sent
        if not self.changed:
            self.accept()
        else:
            self._draft_changed()

    @Slot(str)
    def _failed(self, text: str) -> None:
        self._draft_changed()
        self._problem.setText(self.tr("△ Not saved: {0}").format(text))

    @Slot()
    def _draft_changed(self) -> None:
        draft = self.canvas.draft
        self._problem.clear()
        names = [mask.name or "–" for mask in draft.masks]
        if names != [self.list.item(row).text() for row in range(self.list.count())]:
            self.list.blockSignals(True)  # rows that come and go choose nothing
            self.list.clear()
            self.list.addItems(names)
            for row in range(self.list.count()):
                self.list.item(row).setSizeHint(QSize(0, theme.ROW_HEIGHT))
            self.list.setCurrentRow(self.canvas.selection)
            self.list.blockSignals(False)
        self.save_button.setEnabled(self.changed and not self._saving.waiting)
        self.revert_button.setEnabled(self.changed)
        self.draw_button.setEnabled(not draft.full)
        self._tell()

    @Slot(int)
    def _select(self, number: int) -> None:
        mask = self.canvas.chosen()
        self.list.blockSignals(True)  # it follows the picture here
        self.list.setCurrentRow(number)
        self.list.blockSignals(False)
        for editor in (self.name, self.remove_button, self.corner_button):
            editor.setEnabled(mask is not None)
        self.name.setText("" if mask is None else mask.name)
        self._tell()

    @Slot(int)
    def _choose(self, row: int) -> None:
        if row != self.canvas.selection:
            self.canvas.select(row)

    @Slot(str)
    def _rename(self, text: str) -> None:
        mask = self.canvas.chosen()
        if mask is not None:
            self.canvas.change(replace(mask, name=text.strip()))

    @Slot(bool)
    def _drawing(self, on: bool) -> None:
        self.draw_button.setText(self.tr("Do not draw") if on else self.tr("Draw a mask"))
        self._tell()

    @Slot()
    def _draw(self) -> None:
        if not self.canvas.drawing:
            self.canvas.select(-1)
        self.canvas.draw(not self.canvas.drawing)
        self.canvas.setFocus()

    def _tell(self) -> None:
        """What can be done now."""
        if self.canvas.drawing:
            text = self.tr(
                "Click on the corners; a double click, Enter or the first corner once more ends"
                " the mask. Keys: arrows, Space, Enter; Esc drops it."
            )
        elif self.canvas.chosen() is not None:
            text = self.tr(
                "Drag the mask or its corners; a double click on an edge adds one. Keys: Tab next"
                " mask, Space next corner, arrows move, Insert and Delete."
            )
        elif self.canvas.draft.full:
            text = self.tr("A camera has at most {0} masks.").format(MOST_MASKS)
        else:
            text = self.tr(
                "What is masked is black for everybody: on the screen, for detection and in what is"
                " saved. Fire behind a mask is not seen."
            )
        self._hint.setText(text)

    # --- building ----------------------------------------------------------------------------

    def _make_buttons(self) -> None:
        self.draw_button = _button(self.tr("Draw a mask"), self._draw)
        self.corner_button = _button(self.tr("Add a corner"), self.canvas.add_corner)
        self.remove_button = _button(self.tr("Remove the mask"), self.canvas.remove)
        self.save_button = _button(self.tr("Save"), self.save)
        self.save_button.setProperty("role", "primary")
        self.revert_button = _button(self.tr("Revert"), self.revert)
        self.cancel_button = _button(self.tr("Close"), self.reject)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(16)
        row.addWidget(self.canvas, 1)
        pane = QWidget()
        pane.setFixedWidth(_PANE)
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.draw_button)
        column.addWidget(self.list, 1)
        form = QFormLayout()
        form.addRow(self.tr("Name"), self.name)
        column.addLayout(form)
        column.addWidget(self.corner_button)
        column.addWidget(self.remove_button)
        column.addWidget(self._hint)
        column.addWidget(self._problem)
        column.addWidget(self.save_button)
        last = QHBoxLayout()
        last.addWidget(self.revert_button)
        last.addWidget(self.cancel_button)
        column.addLayout(last)
        row.addWidget(pane)


def _size(parent: QWidget | None) -> QSize:
    return _LEAST if parent is None else _LEAST.expandedTo(parent.window().size() * _SHARE)


def _button(caption: str, action: object) -> QPushButton:
    button = QPushButton(caption)
    button.setAutoDefault(False)  # Enter ends a mask
    button.clicked.connect(action)
    return button
