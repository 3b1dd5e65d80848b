"""How privacy masks look on the picture that they are drawn on."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPainterPath

from embereye.ui.mask_draft import Mask, MaskDraft
from embereye.ui.shape_paint import ShapePainter
from embereye.ui.theme import Tokens


class MaskInk:
    """Draws masks; fills `ui.shape_canvas.Ink`. GUI thread."""

    def __init__(self, colours: Tokens) -> None:
        self._colours = colours

    def draw(
        self, tools: ShapePainter, draft: MaskDraft, selection: int, corner: int | None
    ) -> None:
        """All masks with their names; handles at the chosen one."""
        for number, mask in enumerate(draft.masks):
            self._draw(tools, mask, number == selection, corner)

    def _draw(self, tools: ShapePainter, mask: Mask, chosen: bool, corner: int | None) -> None:
        outline = tools.field.polygon(mask.points)
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addPolygon(outline)
        path.closeSubpath()
        tools.painter.fillPath(path, QColor(self._colours.scrim))
        hatch = QBrush(QColor(self._colours.muted), Qt.BrushStyle.BDiagPattern)
        tools.painter.fillPath(path, hatch)
        tools.outline(outline, True, self._colours.text, 2.5 if chosen else 1.5)
        if chosen:
            tools.handles(outline, corner)
        if tools.sees(outline.boundingRect()):
            tools.chip(outline.boundingRect().center(), mask.name)
