"""Draws what detectors found over a live picture; keeps texts and places. Never burnt in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Generic, TypeVar

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.ids import CameraId
from embereye.ui.chip_places import Box, edges, place
from embereye.ui.detection_layer import FINE, Layer, Mark, marks_of, render
from embereye.ui.detection_look import chip_look, chip_text
from embereye.ui.field import Field
from embereye.ui.labels import Label, Labels
from embereye.ui.theme import Tokens
from embereye.ui.tile_scene import Scene

T = TypeVar("T")

_CHIP_SHARE, _LEAST, _MOST = 32, 11, 32  # chip text: this part of the picture's height, px
_CAMERAS = 400  # whose layout is kept


@dataclass(frozen=True, slots=True)
class Laid:
    """What is drawn of one verdict: the marks, and the image of them."""

    area: QRect
    marks: tuple[Mark, ...]
    layer: Layer | None


@dataclass(frozen=True, slots=True)
class _Chip:
    at: QPoint
    pixmap: QPixmap


class DetectionPainter:
    """Paints zones, trails, contours, boxes and their chips. GUI thread.

    What is rendered is kept until a newer verdict comes or the tile changes: most pictures of a
    camera come between two verdicts, and then there is only one image to copy.
    """

    def __init__(self, colours: Tokens, labels: Labels) -> None:
        self._colours = colours
        self._labels = labels
        self._laid: _Kept[Laid] = _Kept()
        self._chips: _Kept[tuple[_Chip, ...]] = _Kept()

    def draw(self, painter: QPainter, scene: Scene, area: QRect, ratio: float) -> Laid:
        """Everything but the chips, which come last: they look for room among the captions.

        Args:
            area: Where the picture lies, device pixels, `ratio` of them a logical one.
        """
        laid = self._lay(scene, area, ratio)
        if laid.layer is not None:
            painter.drawImage(laid.layer.at, laid.layer.image)
        return laid

    def draw_chips(
        self,
        painter: QPainter,
        scene: Scene,
        laid: Laid,
        taken: Sequence[Box],
        ratio: float,
    ) -> None:
        """What each thing is, beside its box, where nothing in `taken` is covered."""
        if not laid.marks:
            return
        chips = self._chips.of(
            scene.camera.id,
            (laid,),
            (tuple(taken),),
            lambda: self._place(laid, taken, ratio),
        )
        for chip in chips:
            painter.drawPixmap(chip.at, chip.pixmap)

    def _lay(self, scene: Scene, area: QRect, ratio: float) -> Laid:
        def make() -> Laid:
            field = Field(QRectF(area), scene.view)
            marks = marks_of(scene, field, self._colours)
            return Laid(area, marks, render(scene, field, marks, self._colours, ratio))

        shown = (scene.boxes, scene.followed, scene.zones)
        rest = (area.getRect(), scene.view, scene.overlays, scene.source, ratio)
        return self._laid.of(scene.camera.id, shown, rest, make)

    def _place(self, laid: Laid, taken: Sequence[Box], ratio: float) -> tuple[_Chip, ...]:
        area = laid.area
        pixels = round(min(_MOST * ratio, max(_LEAST * ratio, area.height() / _CHIP_SHARE)))
        full, chips = list(taken), []
        small = area.height() < FINE * ratio
        for mark in laid.marks:
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


class _Kept(Generic[T]):
    """What was made last for each camera, while nothing that it depends on changes."""

    def __init__(self) -> None:
        self._made: dict[CameraId, tuple[tuple[object, ...], tuple[object, ...], T]] = {}

    def of(
        self,
        camera: CameraId,
        shown: tuple[object, ...],
        rest: tuple[object, ...],
        make: Callable[[], T],
    ) -> T:
        """The kept value, else a new one; `shown` is frozen and compared by identity."""
        known = self._made.get(camera)
        if known is not None and known[1] == rest and all(map(is_, known[0], shown)):
            return known[2]
        if len(self._made) >= _CAMERAS:
            self._made.clear()
        made = make()
        self._made[camera] = (shown, rest, made)
        return made
