"""What was found or drawn by people, rendered into one transparent image for one camera's tile."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.sighting import Followed
from embereye.rules.zones import Size, box_of, fraction
from embereye.ui.corners import Points
from embereye.ui.detection_look import colour, severity
from embereye.ui.field import Field
from embereye.ui.theme import Tokens
from embereye.ui.tile_scene import Overlay, Scene
from embereye.ui.zone_paint import draw_faintly

FINE = 150  # px of a picture's height below which boxes have no dark line, and chips few words
_SMOOTH = 240  # px of it below which curves are plain: nobody sees more, and it costs ten times
_LARGE = 540  # px of it up to which lines are thin; on larger ones they grow along
_WASH = 0.22  # of the colour inside a contour
_FADE = (0.2, 0.45, 0.7, 1.0)  # of the colour along a trail, oldest part first
_TRAIL_STEP = 8  # px of the picture's height for each place of a trail; more show no more
_HALO = QColor(0, 0, 0, 140)  # beside lines, so that they are seen on any picture
_MARGIN = 4.0  # widths of a line that stick out of what it belongs to; an arrow has its own
_ARROW = 24.0  # px that the arrow of a line sticks out


@dataclass(frozen=True, slots=True)
class Mark:
    """One detection on its tile; `box` and `contour` in device pixels."""

    found: Detection
    box: QRect
    contour: QPolygonF | None
    ink: str


@dataclass(frozen=True, slots=True)
class Layer:
    """An image and where its upper left corner lies, device pixels."""

    at: QPoint
    image: QImage


def marks_of(scene: Scene, field: Field, colours: Tokens) -> tuple[Mark, ...]:
    """What is to be drawn of the detections, the most important first."""
    boxes, contours = Overlay.BOXES in scene.overlays, Overlay.CONTOUR in scene.overlays
    found = () if scene.boxes is None else scene.boxes.detections
    marks = []
    for one in sorted(found, key=severity):
        hazy = one.label == SMOKE
        area = placed(one, scene.source, field).toAlignedRect()
        if (boxes or (contours and hazy)) and area.intersects(field.area.toRect()):
            contour = _contour_of(one, scene.source, field) if contours and hazy else None
            marks.append(Mark(one, area, contour, colour(one.label, colours)))
    return tuple(marks)


def placed(found: Detection, source: Size, field: Field) -> QRectF:
    """Where what was found lies in `field`; may be beside it. `source`: what its pixels mean."""
    box = box_of(found, (max(1, source[0]), max(1, source[1])))
    return field.rect(box.left, box.top, box.width, box.height)


def render(
    scene: Scene, field: Field, marks: Sequence[Mark], colours: Tokens, ratio: float
) -> Layer | None:
    """The image, no larger than what is on it; None where there is nothing."""
    line = max(ratio, field.area.height() / _LARGE)
    trails = _trails_of(scene, field)
    area = _extent(scene, field, marks, [way for _, way in trails], line)
    if area.isEmpty():
        return None
    image = QImage(area.size(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.translate(-area.topLeft())
    height = field.area.height() / ratio
    curve = line if height >= _SMOOTH else 0.0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, bool(curve))
    for drawn in scene.zones if Overlay.ZONES in scene.overlays else ():
        draw_faintly(painter, field, drawn, colours, line)
    for followed, way in trails:
        _draw_trail(painter, way, QColor(colour(followed.label, colours)), curve)
    for mark in marks:
        if mark.contour is not None:
            _draw_contour(painter, mark.contour, mark.ink, curve)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for mark in marks:
        if mark.contour is None:
            _draw_box(painter, mark, line, height >= FINE)
    painter.end()
    return Layer(area.topLeft(), image)


def _extent(
    scene: Scene, field: Field, marks: Sequence[Mark], ways: Sequence[QPolygonF], line: float
) -> QRect:
    """What is drawn on."""
    whole, margin = QRectF(), _MARGIN * line
    zones = scene.zones if Overlay.ZONES in scene.overlays else ()
    for drawn in zones:
        wide = margin if drawn.closed else _ARROW * line
        outline = field.polygon(drawn.points).boundingRect()
        whole = whole.united(outline.adjusted(-wide, -wide, wide, wide))
    shapes = [QRectF(mark.box) for mark in marks]
    shapes += [mark.contour.boundingRect() for mark in marks if mark.contour is not None]
    for shape in (*shapes, *(way.boundingRect() for way in ways)):
        whole = whole.united(shape.adjusted(-margin, -margin, margin, margin))
    return whole.intersected(field.area).toAlignedRect().intersected(field.area.toRect())


def _draw_box(painter: QPainter, mark: Mark, line: float, halo: bool) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = max(1, round(1.5 * line)) if halo else 1 + (mark.found.label == FIRE)
    box = mark.box.adjusted(0, 0, -1, -1)
    if halo:
        dark = QPen(_HALO, width + 2 * max(1, round(line)))
        dark.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(dark)
        painter.drawRect(box)
    painter.setPen(QPen(QColor(mark.ink), width))
    painter.drawRect(box)


def _draw_contour(painter: QPainter, outline: QPolygonF, ink: str, line: float) -> None:
    """Translucent; `line` 0: with the thinnest of lines."""
    wash = QColor(ink)
    wash.setAlphaF(_WASH)
    painter.setBrush(wash)
    if line:
        painter.setPen(QPen(_HALO, 3.5 * line))
        painter.drawPolygon(outline)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(ink), 1.5 * line))
    painter.drawPolygon(outline)


def _trails_of(scene: Scene, field: Field) -> list[tuple[Followed, QPolygonF]]:
    """Where objects came from.

    Flame and smoke have none: their middle flickers, which says nothing and hides them.
    """
    if Overlay.TRACE not in scene.overlays:
        return []
    return [
        (one, field.polygon(_thinned(one.trail, round(field.area.height() / _TRAIL_STEP))))
        for one in scene.followed
        if one.confirmed and one.label not in (FIRE, SMOKE) and len(one.trail) >= 2
    ]


def _thinned(trail: Points, most: int) -> Points:
    """A trail of at most so many places, the newest among them."""
    step = -(-len(trail) // max(2, most))
    return trail[::-step][::-1]


def _draw_trail(painter: QPainter, way: QPolygonF, ink: QColor, line: float) -> None:
    """It fades with its age; `line` 0: the thinnest of lines."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    points: list[QPointF] = way.toList()
    part = max(1, -(-(len(points) - 1) // len(_FADE)))  # edges of one strength
    for number, strength in enumerate(_FADE):
        piece = points[number * part : (number + 1) * part + 1]
        if len(piece) >= 2:
            ink.setAlphaF(strength)
            painter.setPen(QPen(ink, 2.0 * line))
            painter.drawPolyline(QPolygonF(piece))


def _contour_of(found: Detection, source: Size, field: Field) -> QPolygonF:
    """The outline of smoke; its box where the detector gave none."""
    if len(found.outline) >= 3:
        wide, high = fraction(1.0, 1.0, (max(1, source[0]), max(1, source[1])))
        return field.polygon(tuple((x * wide, y * high) for x, y in found.outline))
    return QPolygonF(placed(found, source, field))
