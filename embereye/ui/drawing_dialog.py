"""A dialog in which shapes are drawn on a camera's picture, then saved as a whole."""

from typing import Generic

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
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
from embereye.ui.saving import Saving
from embereye.ui.shape_canvas import D, ShapeCanvas
from embereye.ui.shape_keys import ShapeKeys
from embereye.ui.shape_mouse import ShapeMouse

_LEAST = QSize(1120, 600)
_SHARE = 0.75  # of the window, where it is large: shapes are drawn more finely there


class DrawingDialog(QDialog, Generic[D]):
    """Edits shapes of one camera; not modal, alarms go on beside it. GUI thread.

    A child fills `pane`, and says what is stored (`stored`), how it is written (`values`) and what
    is wrong (`trouble`); it follows `show_draft` and `show_selection`.

    Attributes:
        canvas: The picture with the shapes.
        list: Their names.
        pane: The column at the right, above the buttons.
    """

    def __init__(
        self,
        console: Console,
        bridge: Bridge,
        camera: CameraStatus,
        canvas: ShapeCanvas[D],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.console = console
        self.camera = camera.id
        self.canvas = canvas
        self._saved = self._sent = canvas.draft
        self._given_up = False
        self.saving = Saving(console, bridge, self)
        self.saving.done.connect(self._in_force)
        self.saving.failed.connect(self._failed)
        ShapeKeys(canvas)
        ShapeMouse(canvas)
        canvas.draft_changed.connect(self._draft_changed)
        canvas.selected.connect(self._selected)
        canvas.drawing_changed.connect(self._drawing_changed)
        self._make_list()
        self.problem, self.hint = _words("fire"), _words("muted")
        self.pane = QVBoxLayout()
        self.pane.setSpacing(8)
        self._make_buttons()
        self.resize(_LEAST if parent is None else _wide(parent))

    # --- what a child says -------------------------------------------------------------------

    def stored(self, camera: Camera | None) -> D:
        """What is in force."""
        raise NotImplementedError

    def values(self, draft: D) -> dict[str, object]:
        """The options of the camera that `draft` makes, as plain values."""
        raise NotImplementedError

    def trouble(self, draft: D) -> str:
        """Why it cannot be saved, for the operator; empty: it can."""
        raise NotImplementedError

    def names(self, draft: D) -> list[str]:
        """What the list shows."""
        raise NotImplementedError

    def show_draft(self) -> None:
        """Something was drawn or changed."""
        raise NotImplementedError

    def show_selection(self) -> None:
        """Another shape, or none, was chosen."""
        raise NotImplementedError

    # --- what a child calls ------------------------------------------------------------------

    def begin(self) -> None:
        """Show what is in force; call it once at the end of the constructor."""
        self._saved = self._sent = self.stored(self.row())
        self.canvas.edit(self._saved)
        if self._saved.shapes:
            self.canvas.select(0)

    def lay_out(self, width: int) -> None:
        """Put the picture beside the pane, which is `width` px wide, and the buttons below."""
        picture = QVBoxLayout()
        picture.setSpacing(8)
        picture.addWidget(self.canvas, 1)
        picture.addWidget(self.hint)
        side = QWidget()
        side.setFixedWidth(width)
        self.pane.setContentsMargins(0, 0, 0, 0)
        self.pane.addWidget(self.problem)
        side.setLayout(self.pane)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addLayout(picture, 1)
        top.addWidget(side)
        last = QHBoxLayout()
        last.addWidget(self.undo_button)
        last.addWidget(self.redo_button)
        last.addStretch(1)
        for button in (self.revert_button, self.cancel_button, self.save_button):
            last.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(top, 1)
        column.addLayout(last)

    def row(self) -> Camera | None:
        """The settings of the camera; None: it is gone."""
        rows = self.console.settings().cameras
        return next((row for row in rows if row.id == self.camera), None)

    def titled(self, text: str, name: str) -> None:
        """Name the camera in the title."""
        short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, 480)
        self.setWindowTitle(text.format(short))

    # --- what the operator asks --------------------------------------------------------------

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return self.canvas.draft != self._saved

    @Slot()
    def save(self) -> None:
        """Ask for what was drawn to be put in force."""
        trouble = self.trouble(self.canvas.draft)
        if not trouble and self.stored(self.row()) != self._saved:
            trouble = self.tr(
                "△ Not saved: somebody else changed it meanwhile. Revert, then draw again."
            )
        if trouble:
            self.problem.setText(trouble)
            return
        self._sent = self.canvas.draft
        actor = self.console.settings().operator
        values = self.values(self._sent)
        self.saving.ask(EditCameraAsked(CameraId(self.camera), values, actor))
        self._draft_changed()
        self.problem.setText(self.tr("Saving …"))

    @Slot()
    def revert(self) -> None:
        """Back to what is in force."""
        self.begin()

    def reject(self) -> None:
        """Close; what was drawn and not saved only after a question."""
        if not self.changed or self._given_up:
            super().reject()
        elif not found(self, "give up"):
            text = self.tr("What was drawn is not saved. Give it up?")
            question = Question(self.tr("Not saved"), text, self.tr("Give it up"), self)
            question.agreed.connect(self._give_up)
            show_beside(question, "give up")

    @Slot()
    def _give_up(self) -> None:
        self._given_up = True
        self.reject()

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
        self.problem.setText(self.tr("△ Not saved: {0}").format(text))

    @Slot()
    def _draft_changed(self) -> None:
        draft = self.canvas.draft
        self.problem.clear()
        names = self.names(draft)
        if names != [self.list.item(row).text() for row in range(self.list.count())]:
            self.list.blockSignals(True)  # rows that come and go choose nothing
            self.list.clear()
            self.list.addItems(names)
            for row in range(self.list.count()):
                self.list.item(row).setSizeHint(QSize(0, theme.ROW_HEIGHT))
            self.list.setCurrentRow(self.canvas.selection)
            self.list.blockSignals(False)
        self.save_button.setEnabled(self.changed and not self.saving.waiting)
        self.revert_button.setEnabled(self.changed)
        self.undo_button.setEnabled(self.canvas.steps.can_undo)
        self.redo_button.setEnabled(self.canvas.steps.can_redo)
        self.show_draft()

    @Slot(int)
    def _selected(self, number: int) -> None:
        self.list.blockSignals(True)  # it follows the picture here
        self.list.setCurrentRow(number)
        self.list.blockSignals(False)
        self.show_selection()

    @Slot(bool)
    def _drawing_changed(self, on: bool) -> None:
        self.show_selection()

    @Slot(int)
    def _choose(self, row: int) -> None:
        if row != self.canvas.selection:
            self.canvas.select(row)

    # --- building ----------------------------------------------------------------------------

    def _make_list(self) -> None:
        self.list = QListWidget()
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.currentRowChanged.connect(self._choose)

    def _make_buttons(self) -> None:
        self.undo_button = button(self.tr("Undo"), self.canvas.undo)
        self.undo_button.setToolTip("Ctrl+Z")
        self.redo_button = button(self.tr("Redo"), self.canvas.redo)
        self.redo_button.setToolTip("Ctrl+Y")
        for keys, step in (("Ctrl+Z", self.canvas.undo), ("Ctrl+Y", self.canvas.redo)):
            # A button's own shortcut presses it 100 ms later; a text field keeps its own keys.
            QShortcut(QKeySequence(keys), self).activated.connect(step)
        self.save_button = button(self.tr("Save"), self.save)
        self.save_button.setProperty("role", "primary")
        self.revert_button = button(self.tr("Revert"), self.revert)
        self.cancel_button = button(self.tr("Close"), self.reject)


def button(caption: str, action: object) -> QPushButton:
    """A button that Enter does not press: Enter ends a shape."""
    made = QPushButton(caption)
    made.setAutoDefault(False)
    made.clicked.connect(action)
    return made


def _words(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _wide(parent: QWidget) -> QSize:
    return _LEAST.expandedTo(parent.window().size() * _SHARE)
