"""Zones and lines of one camera, drawn on its live picture."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QWidget

from embereye.config.schema import Camera
from embereye.model.camera import CameraStatus
from embereye.services.model_list import listed
from embereye.ui.bridge import Bridge
from embereye.ui.demands import Demands
from embereye.ui.drawing_dialog import DrawingDialog, button
from embereye.ui.model_console import ModelConsole
from embereye.ui.shape_canvas import ShapeCanvas
from embereye.ui.theme import Tokens
from embereye.ui.zone_draft import (
    EXCLUDE,
    INCLUDE,
    LINE,
    MOST_LINES,
    MOST_ZONES,
    Drawn,
    ZoneDraft,
    draft_of,
)
from embereye.ui.zone_ink import ZoneInk
from embereye.ui.zone_panel import ZonePanel
from embereye.ui.zone_preview import Preview
from embereye.ui.zone_words import known_labels

_PANE = 360  # px; seven days beside a caption, and a scroll bar
_LIST = 104  # px; three names


class ZoneEditor(DrawingDialog[ZoneDraft]):
    """Edits the zones and lines of one camera; not modal, alarms go on beside it. GUI thread.

    What was found in the last seconds is drawn too, with what would become of it.
    """

    def __init__(
        self,
        console: ModelConsole,
        bridge: Bridge,
        demands: Demands,
        colours: Tokens,
        camera: CameraStatus,
        parent: QWidget | None = None,
    ) -> None:
        self._models = console
        self._ink, self._preview = ZoneInk(colours), Preview()
        canvas = ShapeCanvas(console, demands, colours, camera.id, ZoneDraft(), self._ink)
        super().__init__(console, bridge, camera, canvas, parent)
        self.titled(self.tr("Zones and lines of {0}"), camera.name)
        self.canvas.setAccessibleName(self.tr("Picture with zones and lines"))
        self.list.setAccessibleName(self.tr("Zones and lines"))
        self.canvas.newest.looked.connect(self._look)
        self.panel = ZonePanel()
        self.panel.edited.connect(self._edited)
        self._scroll = QScrollArea()
        self._captions = {
            INCLUDE: self.tr("Draw an area"),
            EXCLUDE: self.tr("Draw an area to ignore"),
            LINE: self.tr("Draw a line"),
        }
        draws = (self._draw_area, self._draw_ignored, self._draw_line)
        self.draw_buttons = {
            kind: button(text, draw)
            for (kind, text), draw in zip(self._captions.items(), draws, strict=True)
        }
        self.corner_button = button(self.tr("Add a corner"), self.canvas.add_corner)
        self.remove_button = button(self.tr("Remove"), self.canvas.remove)
        self._fill_pane()
        self.lay_out(_PANE)
        self.begin()
        self.canvas.setFocus()

    def stored(self, camera: Camera | None) -> ZoneDraft:
        return draft_of(camera)

    def values(self, draft: ZoneDraft) -> dict[str, object]:
        return draft.values()

    def trouble(self, draft: ZoneDraft) -> str:
        if any(not drawn.name.strip() for drawn in draft.shapes):
            return self.tr("Give each area and line a name.")
        found = (f"{drawn.name}: {drawn.trouble}" for drawn in draft.shapes if drawn.trouble)
        return next(found, "")

    def names(self, draft: ZoneDraft) -> list[str]:
        return [self._entry(drawn) for drawn in draft.shapes]

    def show_draft(self) -> None:
        self._show_chosen()
        self.problem.setText(self.trouble(self.canvas.draft))
        if self.problem.text():
            self.save_button.setEnabled(False)

    def show_selection(self) -> None:
        self._show_chosen()

    @Slot()
    def _look(self) -> None:
        """Take the newest verdict, and let go of old ones."""
        result = self.console.detections().get(self.camera)
        picture, mono = self.canvas.newest.picture, self.console.clock.mono()
        tile = None if picture is None else picture.tile
        known = (0, 0) if tile is None else (tile.source_width, tile.source_height)
        self._preview.note(result, known)
        newest = self._preview.newest(mono)
        if newest != self._ink.glances:
            self._ink.glances = newest
            self.canvas.update()

    @Slot(object)
    def _edited(self, drawn: Drawn) -> None:
        number = self.canvas.selection
        if number >= 0:
            draft = self.canvas.draft.changed(number, drawn)
            self.canvas.take(draft, (self.panel.field, number))

    @Slot()
    def _draw_area(self) -> None:
        self._draw(INCLUDE)

    @Slot()
    def _draw_ignored(self) -> None:
        self._draw(EXCLUDE)

    @Slot()
    def _draw_line(self) -> None:
        self._draw(LINE)

    def _draw(self, kind: str) -> None:
        on = not (self.canvas.drawing and self.canvas.kind == kind)
        self.canvas.select(-1)
        self.canvas.draw(on, kind)
        self.canvas.setFocus()

    def _chosen(self) -> Drawn | None:
        number = self.canvas.selection
        return self.canvas.draft.shapes[number] if number >= 0 else None

    def _show_chosen(self) -> None:
        drawn, draft = self._chosen(), self.canvas.draft
        settings, models = self.console.settings(), self._models
        rows = listed(models.models(), models.model_work(), settings)
        self.panel.knows(known_labels(settings, self.row(), rows))
        self.panel.show_drawn(drawn)
        self._scroll.setVisible(drawn is not None)
        for editor in (self.corner_button, self.remove_button):
            editor.setEnabled(drawn is not None)
        for kind, choice in self.draw_buttons.items():
            choice.setEnabled(not draft.full(kind))
            drawing = self.canvas.drawing and self.canvas.kind == kind
            choice.setText(self.tr("Do not draw") if drawing else self._captions[kind])
        self.hint.setText(self._advice(drawn))

    def _entry(self, drawn: Drawn) -> str:
        mark = {INCLUDE: "▢", EXCLUDE: "▨", LINE: "⟶"}[drawn.kind]
        wrong = "△ " if drawn.trouble else ""
        return f"{mark}  {wrong}{drawn.name or '–'}"

    def _advice(self, drawn: Drawn | None) -> str:
        """What can be done now."""
        if self.canvas.drawing and self.canvas.kind == LINE:
            return self.tr(
                "Click from one end to the other; a double click or Enter ends the line. Right and"
                " left are those of somebody who walks along it. Esc drops it."
            )
        if self.canvas.drawing:
            return self.tr(
                "Click on the corners; a double click, Enter or the first corner once more ends"
                " the area. Keys: arrows, Space, Enter; Esc drops it."
            )
        if drawn is not None:
            return self.tr(
                "Drag it or its corners; a double click on an edge adds one. Keys: Tab next,"
                " Space next corner, arrows move, Insert and Delete; wheel and + − zoom, 0 whole"
                " picture."
            )
        if not self.canvas.draft.shapes:
            return self.tr(
                "Without an area everything in the picture counts. Draw an area to let things count"
                " only there, or one in which they are ignored; draw a line to hear of who crosses"
                " it."
            )
        return self.tr(
            "A camera has at most {0} areas and {1} lines. Choose one to change it."
        ).format(MOST_ZONES, MOST_LINES)

    def _fill_pane(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(8)
        grid.addWidget(self.draw_buttons[INCLUDE], 0, 0)
        grid.addWidget(self.draw_buttons[LINE], 0, 1)
        grid.addWidget(self.draw_buttons[EXCLUDE], 1, 0, 1, 2)
        self.pane.addLayout(grid)
        self.list.setMaximumHeight(_LIST)
        self.pane.addWidget(self.list)
        tools = QHBoxLayout()
        tools.addWidget(self.corner_button)
        tools.addWidget(self.remove_button)
        self.pane.addLayout(tools)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.panel)
        self.pane.addWidget(self._scroll, 1)
        self.pane.addStretch(0)
