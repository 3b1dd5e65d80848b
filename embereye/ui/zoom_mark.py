"""Says that a tile shows a part of its picture only, and which."""

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from embereye.model.detection import FIRE, SMOKE
from embereye.ui.chip_places import Box
from embereye.ui.detection_layer import placed
from embereye.ui.detection_look import colour
from embereye.ui.field import Field
from embereye.ui.labels import Label, Labels
from embereye.ui.overlay import ThermalLayer
from embereye.ui.picture import Picture
from embereye.ui.theme import Tokens, text_on
from embereye.ui.tile_scene import Scene
from embereye.ui.words import caption

_GAP = 4  # px
_ROOM = 150  # px of tile height below which there is the number only
_LEAST, _MOST = 72, 220  # px of the inset's width
_SHARE = 5  # the inset takes this part of the tile's width
_SPECK = 5.0  # px; a flame in the inset is at least as large


class ZoomMark:
    """Number, whole picture in small with a frame round what is shown, and PTZ. GUI thread.

    Flame, smoke and the hottest cell, once it is too hot, are marked in the small picture too, so
    that a fire beside the part that is shown is seen. With an alarm the frame and the number have
    its colour.
    """

    def __init__(self, colours: Tokens, labels: Labels) -> None:
        self._colours = colours
        self._labels = labels

    def draw(
        self, painter: QPainter, scene: Scene, corner: QPoint, pixels: int, ratio: float
    ) -> list[Box]:
        """Draw upwards from `corner`, the lower left one; device pixels, `ratio` of them a px.

        `pixels`: Size of the type. Returns the places that are taken.
        """
        gap = round(_GAP * ratio)
        place = corner + QPoint(gap, -gap)
        zoomed = not scene.view.whole and scene.look.picture and scene.picture is not None
        chips = [self._zoom_chip(scene, pixels)] if zoomed else []
        chips += [self._steered_chip(pixels)] if scene.steered else []
        x, high = place.x(), 0
        for chip in chips:
            high = self._labels.pixmap(chip).height()
            x += self._labels.draw(painter, QPoint(x, place.y() - high), chip) + gap
        taken = [(place.x(), place.y() - high, x, place.y())] if chips else []
        if zoomed and scene.picture is not None and scene.area.height() >= _ROOM * ratio:
            lower = place - QPoint(0, high + gap)
            box = self._inset(painter, scene, scene.picture, lower, ratio)
            taken.append((box.left(), box.top(), box.right() + 1, box.bottom() + 1))
        return taken

    def _zoom_chip(self, scene: Scene, pixels: int) -> Label:
        fill = self._colours.scrim if scene.alarm is None else scene.alarm.colour
        ink = "#FFFFFF" if scene.alarm is None else text_on(fill)
        text = f"{scene.view.zoom:.1f}×"
        return Label(text, pixels, ink, fill, scene.area.width())

    def _steered_chip(self, pixels: int) -> Label:
        ink, fill = self._colours.focus, self._colours.scrim
        return Label(caption("PTZ"), pixels, ink, fill, 20 * pixels, outline=ink)

    def _inset(
        self, painter: QPainter, scene: Scene, picture: Picture, lower: QPoint, ratio: float
    ) -> QRect:
        width = min(_MOST * ratio, max(_LEAST * ratio, scene.area.width() / _SHARE))
        height = width * picture.size[1] / picture.size[0]
        box = QRect(lower.x(), lower.y() - round(height), round(width), round(height))
        picture.draw(painter, box, scene.look.live)
        painter.fillRect(box, QColor(0, 0, 0, 90))  # the frames on it must stand out
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colour = self._colours.muted if scene.alarm is None else scene.alarm.colour
        painter.setPen(QPen(QColor(colour), max(1.0, ratio)))
        painter.drawRect(QRectF(box))
        if scene.look.live:
            self._specks(painter, scene, box, ratio)
        part = scene.view.part
        seen = QRectF(
            box.x() + part.x * box.width(),
            box.y() + part.y * box.height(),
            part.width * box.width(),
            part.height * box.height(),
        )
        painter.setPen(QPen(QColor("#FFFFFF"), 2.0 * ratio))
        painter.drawRect(seen)
        return box

    def _specks(self, painter: QPainter, scene: Scene, box: QRect, ratio: float) -> None:
        for found in () if scene.boxes is None else scene.boxes.detections:
            if found.label not in (FIRE, SMOKE):
                continue
            area = placed(found, scene.source, Field(QRectF(box)))
            least = _SPECK * ratio
            wider = max(0.0, least - area.width()) / 2
            taller = max(0.0, least - area.height()) / 2
            area.adjust(-wider, -taller, wider, taller)
            painter.setPen(QPen(QColor(colour(found.label, self._colours)), 1.5 * ratio))
            painter.drawRect(area.intersected(QRectF(box)))
        if scene.thermal is not None and scene.limit_colour:
            self._cross(painter, scene.thermal, scene.limit_colour, box, _SPECK * ratio)

    def _cross(
        self, painter: QPainter, layer: ThermalLayer, colour: str, box: QRect, arm: float
    ) -> None:
        if layer.frame is None:
            return
        row, column = layer.frame.hottest
        hot = layer.projection(box).point(column + 0.5, row + 0.5)
        if box.contains(hot.toPoint()):
            painter.setPen(QPen(QColor(colour), max(2.0, arm / 3)))
            painter.drawLine(hot - QPointF(arm, 0), hot + QPointF(arm, 0))
            painter.drawLine(hot - QPointF(0, arm), hot + QPointF(0, arm))
