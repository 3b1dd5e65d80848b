"""Draws what detectors found over a live picture; keeps texts and places. Never burnt in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from embereye.model.detection import FIRE, SMOKE, Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.rules.zones import Size, box_of, fraction
from embereye.ui.chip_places import Box, edges, place
from embereye.ui.detection_look import chip_look, chip_text, colour, severity
from embereye.ui.field import Field
from embereye.ui.labels import Label, Labels
from embereye.ui.theme import Tokens
from embereye.ui.tile_scene import Overlay, Scene
from embereye.ui.zone_paint import draw_faintly

T = TypeVar("T")

_CHIP_SHARE, _LEAST, _MOST = 32, 11, 32  # chip text: this part of the picture's height, px
_SMALL = 150  # px of a picture's height below which there is no room for more than "Fire"
_FINE = 540  # px of a picture's height up to which lines are thin; on larger ones they grow along
_WASH = 0.22  # of the colour inside a contour
_FADE = (0.2, 0.45, 0.7, 1.0)  # of the colour along a trail, oldest part first
_CAMERAS = 400  # whose layout is kept


@dataclass(frozen=True, slots=True)
class _Mark:
    """One detection on its tile; `box` and `contour` in device pixels."""

    found: Detection
    box: QRect
    contour: QPainterPath | None
    ink: str


@dataclass(frozen=True, slots=True)
class _Chip:
    at: QPoint
    pixmap: QPixmap


class _Kept(Generic[T]):
    """What was made last for each camera, while nothing that it depends on changes."""

    def __init__(self) -> None:
        self._made: dict[CameraId, tuple[DetectionResult, tuple[object, ...], T]] = {}

    def of(self, result: DetectionResult, rest: tuple[object, ...], make: Callable[[], T]) -> T:
        """The kept value, else a new one; the verdict is compared as an object."""
        known = self._made.get(result.camera)
        if known is not None and known[0] is result and known[1] == rest:
            return known[2]
        if len(self._made) >= _CAMERAS:
            self._made.clear()
        made = make()
        self._made[result.camera] = (result, rest, made)
        return made


class DetectionPainter:
    """Paints zones, trails, contours, boxes and their chips. GUI thread.

    Layouts are kept until a newer verdict comes or the tile changes: most pictures of a camera
    come between two verdicts.
    """

    def __init__(self, colours: Tokens, labels: Labels) -> None:
        self._colours = colours
        self._labels = labels
        self._marks: _Kept[tuple[_Mark, ...]] = _Kept()
        self._chips: _Kept[tuple[_Chip, ...]] = _Kept()

    def draw(self, painter: QPainter, scene: Scene, area: QRect, ratio: float) -> None:
        """Everything but the chips, which come last: they look for room among the captions.

        Args:
            area: Where the picture lies, device pixels, `ratio` of them a logical one.
        """
        field, line = Field(QRectF(area), scene.view), max(ratio, area.height() / _FINE)
        painter.save()
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for drawn in scene.zones if Overlay.ZONES in scene.overlays else ():
            draw_faintly(painter, field, drawn, self._colours, line)
        if Overlay.TRACE in scene.overlays:
            self._trails(painter, scene, field, line)
        marks = self._laid(scene, field)
        for mark in marks:
            if mark.contour is not None:
                self._contour(painter, mark, line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for mark in marks:
            if mark.contour is None:
                self._box(painter, mark, line)
        painter.restore()

    def draw_chips(
        self,
        painter: QPainter,
        scene: Scene,
        area: QRect,
        taken: Sequence[Box],
        ratio: float,
    ) -> None:
        """What each thing is, beside its box, where nothing in `taken` is covered."""
        result = scene.boxes
        if result is None:
            return
        rest = (area.getRect(), scene.view, scene.overlays, scene.source, tuple(taken))
        marks = self._laid(scene, Field(QRectF(area), scene.view))
        chips = self._chips.of(result, rest, lambda: self._place(marks, area, taken, ratio))
        for chip in chips:
            painter.drawPixmap(chip.at, chip.pixmap)

    # --- layout ------------------------------------------------------------------------------

    def _laid(self, scene: Scene, field: Field) -> tuple[_Mark, ...]:
        result = scene.boxes
        if result is None:
            return ()
        overlays, source = scene.overlays, scene.source
        rest = (field.area.getRect(), scene.view, overlays, source)
        return self._marks.of(result, rest, lambda: self._lay_out(result, overlays, field, source))

    def _lay_out(
        self, result: DetectionResult, overlays: frozenset[Overlay], field: Field, source: Size
    ) -> tuple[_Mark, ...]:
        boxes, contours = Overlay.BOXES in overlays, Overlay.CONTOUR in overlays
        marks = []
        for found in sorted(result.detections, key=severity):
            hazy = found.label == SMOKE
            if not (boxes or (contours and hazy)):
                continue
            area = placed(found, source, field).toAlignedRect()
            if area.intersects(field.area.toRect()):
                contour = _contour_of(found, source, field) if contours and hazy else None
                marks.append(_Mark(found, area, contour, colour(found.label, self._colours)))
        return tuple(marks)

    def _place(
        self, marks: Sequence[_Mark], area: QRect, taken: Sequence[Box], ratio: float
    ) -> tuple[_Chip, ...]:
        pixels = round(min(_MOST * ratio, max(_LEAST * ratio, area.height() / _CHIP_SHARE)))
        full, chips = list(taken), []
        small = area.height() < _SMALL * ratio
        for mark in marks:
            if small and mark.found.label not in (FIRE, SMOKE):
                continue  # its box says enough where texts would hide the picture
            pixmaps = self._texts(mark.found, pixels, area.width(), small)
            size = sum(p.width() for p in pixmaps), max(p.height() for p in pixmaps)
            room = place(edges(mark.box.intersected(area)), size, edges(area), full)
            if room is None:
                continue
            full.append(room)
            x = room[0]
            for pixmap in pixmaps:
                chips.append(_Chip(QPoint(x, room[1]), pixmap))
                x += pixmap.width()
        return tuple(chips)

    def _texts(self, found: Detection, pixels: int, room: int, small: bool) -> list[QPixmap]:
        """What it is; apart from it its number, which is another one for each object."""
        look = chip_look(found.label, self._colours)
        text = chip_text(found, sure=not small)
        what = Label(text, pixels, look.ink, look.fill, room, look=look.look)
        if small or not found.track:
            return [self._labels.pixmap(what)]
        number = Label(
            f"#{found.track}", pixels, "#FFFFFF", self._colours.scrim, room // 4, bold=False
        )
        return [self._labels.pixmap(what), self._labels.pixmap(number)]

    # --- painting ----------------------------------------------------------------------------

    def _box(self, painter: QPainter, mark: _Mark, line: float) -> None:
        """Thin, with a dark line outside of it, so that it is seen on any picture."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width = max(1, round(1.5 * line))
        box = mark.box.adjusted(0, 0, -1, -1)
        dark = QPen(QColor(0, 0, 0, 150), width + 2 * max(1, round(line)))
        dark.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        for pen in (dark, QPen(QColor(mark.ink), width)):
            painter.setPen(pen)
            painter.drawRect(box)

    def _contour(self, painter: QPainter, mark: _Mark, line: float) -> None:
        if mark.contour is None:
            return
        wash = QColor(mark.ink)
        wash.setAlphaF(_WASH)
        painter.fillPath(mark.contour, wash)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((QColor(0, 0, 0, 120), 3.5), (QColor(mark.ink), 1.5)):
            painter.setPen(QPen(ink, width * line))
            painter.drawPath(mark.contour)

    def _trails(self, painter: QPainter, scene: Scene, field: Field, line: float) -> None:
        """Where each object came from; the way fades with its age.

        Flame and smoke have none: their middle flickers, which says nothing and hides them.
        """
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for followed in scene.followed:
            points = field.polygon(followed.trail).toList()
            if not followed.confirmed or followed.label in (FIRE, SMOKE) or len(points) < 2:
                continue
            ink = QColor(colour(followed.label, self._colours))
            part = max(1, -(-(len(points) - 1) // len(_FADE)))  # edges of one strength
            for number, strength in enumerate(_FADE):
                piece = points[number * part : (number + 1) * part + 1]
                if len(piece) >= 2:
                    ink.setAlphaF(strength)
                    painter.setPen(QPen(ink, 2.0 * line))
                    painter.drawPolyline(QPolygonF(piece))


def placed(found: Detection, source: Size, field: Field) -> QRectF:
    """Where what was found lies in `field`; may be beside it. `source`: what its pixels mean."""
    box = box_of(found, (max(1, source[0]), max(1, source[1])))
    return field.rect(box.left, box.top, box.width, box.height)


def _contour_of(found: Detection, source: Size, field: Field) -> QPainterPath:
    """The outline of smoke; its box where the detector gave none."""
    path = QPainterPath()
    size = max(1, source[0]), max(1, source[1])
    if len(found.outline) >= 3:
        points = tuple(fraction(x, y, size) for x, y in found.outline)
        path.addPolygon(field.polygon(points))
        path.closeSubpath()
    else:
        path.addRect(placed(found, source, field))
    return path
