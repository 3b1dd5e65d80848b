"""Privacy masks of one camera, drawn on its live picture."""

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from embereye.config.schema import Camera
from embereye.model.camera import CameraStatus
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.drawing_dialog import DrawingDialog, button
from embereye.ui.mask_draft import MOST_MASKS, Mask, MaskDraft, draft_of
from embereye.ui.mask_paint import MaskInk
from embereye.ui.shape_canvas import ShapeCanvas
from embereye.ui.theme import Tokens

_PANE = 240  # px
_NAME = 120  # characters (config.options.Name)


class MaskEditor(DrawingDialog[MaskDraft]):
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
        canvas = ShapeCanvas(console, demands, colours, camera.id, MaskDraft(), MaskInk(colours))
        super().__init__(console, bridge, camera, canvas, parent)
        self.titled(self.tr("Privacy masks of {0}"), camera.name)
        self.list.setAccessibleName(self.tr("Masks"))
        self.canvas.setAccessibleName(self.tr("Picture with privacy masks"))
        self.name = QLineEdit()
        self.name.setMaxLength(_NAME)
        self.name.textEdited.connect(self._rename)
        self.draw_button = button(self.tr("Draw a mask"), self._draw)
        self.corner_button = button(self.tr("Add a corner"), self.canvas.add_corner)
        self.remove_button = button(self.tr("Remove the mask"), self.canvas.remove)
        self._fill_pane()
        self.lay_out(_PANE)
        self.begin()
        self.canvas.setFocus()

    def stored(self, camera: Camera | None) -> MaskDraft:
        return draft_of(camera)

    def values(self, draft: MaskDraft) -> dict[str, object]:
        return draft.values()

    def trouble(self, draft: MaskDraft) -> str:
        return self.tr("Give each mask a name.") if draft.unnamed() else ""

    def names(self, draft: MaskDraft) -> list[str]:
        return [mask.name or "–" for mask in draft.masks]

    def show_draft(self) -> None:
        self.draw_button.setEnabled(not self.canvas.draft.full())
        self._show_mask()

    def show_selection(self) -> None:
        on = self.canvas.drawing
        self.draw_button.setText(self.tr("Do not draw") if on else self.tr("Draw a mask"))
        self._show_mask()

    def _show_mask(self) -> None:
        mask = self._mask()
        for editor in (self.name, self.remove_button, self.corner_button):
            editor.setEnabled(mask is not None)
        name = "" if mask is None else mask.name
        if self.name.text().strip() != name:  # a space that is being typed stays
            self.name.setText(name)
        self.hint.setText(self._advice())

    def _mask(self) -> Mask | None:
        number = self.canvas.selection
        return self.canvas.draft.masks[number] if number >= 0 else None

    @Slot(str)
    def _rename(self, text: str) -> None:
        mask, number = self._mask(), self.canvas.selection
        if mask is not None:
            named = self.canvas.draft.changed(number, replace(mask, name=text.strip()))
            self.canvas.take(named, ("name", number))

    @Slot()
    def _draw(self) -> None:
        if not self.canvas.drawing:
            self.canvas.select(-1)
        self.canvas.draw(not self.canvas.drawing)
        self.canvas.setFocus()

    def _advice(self) -> str:
        """What can be done now."""
        if self.canvas.drawing:
            return self.tr(
                "Click on the corners; a double click, Enter or the first corner once more ends"
                " the mask. Keys: arrows, Space, Enter; Esc drops it."
            )
        if self._mask() is not None:
            return self.tr(
                "Drag the mask or its corners; a double click on an edge adds one. Keys: Tab next"
                " mask, Space next corner, arrows move, Insert and Delete. The wheel zooms."
            )
        if self.canvas.draft.full():
            return self.tr("A camera has at most {0} masks.").format(MOST_MASKS)
        return self.tr(
            "What is masked is black for everybody: on the screen, for detection and in what is"
            " saved. Fire behind a mask is not seen."
        )

    def _fill_pane(self) -> None:
        self.pane.addWidget(self.draw_button)
        self.pane.addWidget(self.list, 1)
        form = QFormLayout()
        form.addRow(self.tr("Name"), self.name)
        self.pane.addLayout(form)
        self.pane.addWidget(self.corner_button)
        self.pane.addWidget(self.remove_button)
