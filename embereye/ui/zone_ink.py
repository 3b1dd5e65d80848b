"""How areas and lines look while they are drawn, with what would count at present."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen

from embereye.ui.chip_places import Box, edges, place
from embereye.ui.detection_look import chip_text, colour
from embereye.ui.shape_paint import DARK, ShapePainter
from embereye.ui.theme import Tokens
from embereye.ui.zone_draft import EXCLUDE, Drawn, ZoneDraft
from embereye.ui.zone_paint import draw_arrows, fill_zone, zone_colour
from embereye.ui.zone_preview import Glance, Judged, Judgement, judge

_BELOW = 24.0  # px from a line to the middle of its name, past the arrow
_DOT = 3.0  # px, half of the mark of something that was seen before


class ZoneInk:
    """Draws areas, lines and the preview; fills `ui.shape_canvas.Ink`. GUI thread.

    Attributes:
        glances: What was found in the last seconds, oldest first.
    """

    def __init__(self, colours: Tokens) -> None:
        self._colours = colours
        self.glances: tuple[Glance, ...] = ()

    def draw(
        self, tools: ShapePainter, draft: ZoneDraft, selection: int, corner: int | None
    ) -> None:
        """What would count, all areas and lines with their names, handles at the chosen one."""
        for drawn in draft.shapes:
            fill_zone(tools.painter, tools.field, drawn, self._colours)
        for number, drawn in enumerate(draft.shapes):
            self._edges(tools, drawn, number == selection, corner)
        if 0 <= selection < len(draft.shapes):
            self._ghost(tools, draft.shapes[selection])
        seen = [drawn for drawn in draft.shapes if _sees(tools, drawn)]
        names = [_name(tools, drawn) for drawn in seen]
        self._preview(tools, draft, [edges(tools.chip_box(*n).toAlignedRect()) for n in names])
        for drawn, name in zip(seen, names, strict=True):
            tools.chip(*name, zone_colour(drawn, self._colours))

    def _edges(self, tools: ShapePainter, drawn: Drawn, chosen: bool, corner: int | None) -> None:
        outline = tools.field.polygon(drawn.points)
        ink = zone_colour(drawn, self._colours)
        dashed = drawn.kind == EXCLUDE
        tools.outline(outline, drawn.closed, ink, 2.5 if chosen else 1.5, dashed)
        if not drawn.closed:
            draw_arrows(tools.painter, outline, drawn.direction, QColor(ink), tools.unit)
        if chosen:
            tools.handles(outline, corner)

    def _ghost(self, tools: ShapePainter, drawn: Drawn) -> None:
        """A square of the least size in the middle of the area, for orientation."""
        if not drawn.closed or drawn.kind == EXCLUDE or drawn.least_area <= 0.0:
            return
        area, zoom = tools.field.area, tools.field.view.zoom
        side = zoom * (drawn.least_area * area.width() * area.height()) ** 0.5
        box = QRectF(0.0, 0.0, side, side)
        box.moveCenter(tools.field.polygon(drawn.points).boundingRect().center())
        tools.painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((DARK, 3.0), (self._colours.focus, 1.5)):
            tools.painter.setPen(QPen(QColor(ink), width, Qt.PenStyle.DotLine))
            tools.painter.drawRect(box)
        tools.chip(QPointF(box.center().x(), box.bottom() + 14.0 * tools.unit), _tr("least size"))

    def _preview(self, tools: ShapePainter, draft: ZoneDraft, taken: list[Box]) -> None:
        """Where something was lately, and boxes of the newest picture with what becomes of it."""
        painter = tools.painter
        for glance in self.glances[:-1]:
            for found, box in glance.found:
                judged = judge(found, box, draft.shapes)
                painter.setPen(QPen(QColor(DARK), 1.0))
                painter.setBrush(QColor(self._ink(judged)))
                painter.drawEllipse(tools.field.at(judged.place), _DOT, _DOT)
        for found, box in self.glances[-1].found if self.glances else ():
            judged = judge(found, box, draft.shapes)
            self._box(tools, judged, taken)

    def _box(self, tools: ShapePainter, judged: Judged, taken: list[Box]) -> None:
        box, painter = judged.box, tools.painter
        area = tools.field.rect(box.left, box.top, box.width, box.height)
        if not tools.sees(area):
            return
        style = Qt.PenStyle.SolidLine if judged.counts else Qt.PenStyle.DashLine
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((DARK, 3.5), (self._ink(judged), 1.5)):
            painter.setPen(QPen(QColor(ink), width * tools.unit, style))
            painter.drawRect(area)
        text = f"{chip_text(judged.found)} · {fate(judged)}"
        size = tools.chip_box(QPointF(), text).size().toSize().toTuple()
        picture = tools.field.area.toRect()
        room = place(edges(area.toRect()), size, edges(picture), taken)
        if room is not None:
            taken.append(room)
            middle = QPointF((room[0] + room[2]) / 2, (room[1] + room[3]) / 2)
            tools.chip(middle, text, self._ink(judged))

    def _ink(self, judged: Judged) -> str:
        label = judged.found.label
        return colour(label, self._colours) if judged.counts else self._colours.muted


def _sees(tools: ShapePainter, drawn: Drawn) -> bool:
    return tools.sees(tools.field.polygon(drawn.points).boundingRect())


def _name(tools: ShapePainter, drawn: Drawn) -> tuple[QPointF, str]:
    """The name of an area in its middle, of a line below it."""
    middle = tools.field.polygon(drawn.points).boundingRect().center()
    text = f"△ {drawn.name}" if drawn.trouble else drawn.name
    return middle if drawn.closed else middle + QPointF(0.0, _BELOW * tools.unit), text


def fate(judged: Judged) -> str:
    """What becomes of a detection, in words."""
    if judged.counts:
        return _tr("counts in {0}").format(judged.zone) if judged.zone else _tr("counts")
    text = {
        Judgement.IGNORED: _tr("ignored in {0}"),
        Judgement.OUTSIDE: _tr("outside, does not count"),
        Judgement.SMALL: _tr("too small for {0}"),
        Judgement.UNSURE: _tr("not sure enough for {0}"),
    }[judged.verdict]
    return text.format(judged.zone)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ZoneInk", text)
