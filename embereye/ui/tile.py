"""Paints one camera tile: picture, name, state, heat, alarm frame."""

from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

from embereye.ui import overlay
from embereye.ui.chip_places import Box
from embereye.ui.detection_paint import DetectionPainter, Laid
from embereye.ui.freshness import Remedy
from embereye.ui.labels import Label, Labels
from embereye.ui.overlay import ThermalLayer, Warmth
from embereye.ui.picture import Picture
from embereye.ui.theme import Tokens, font, text_on
from embereye.ui.tile_scene import Scene
from embereye.ui.viewport import WHOLE
from embereye.ui.words import caption, celsius, priority_word, span
from embereye.ui.zoom_mark import ZoomMark

_BLACK = QColor(0, 0, 0)
_SMALL = 11  # px
_FRAME = 4  # px; alarm frame (ui.md)
_OLD_HEAT = 15.0  # s; alarms.md: thermal values count for max(15 s, 3 periods)
_LINE = 1.5  # of the name's type size: a label's height, and some room
_RATE_WIDTH = 260  # px; narrower tiles have no room for the frame rate


class TilePainter:
    """Paints scenes in device pixels; keeps rendered labels. GUI thread.

    Attributes:
        palette: Name of the thermal colours.
        figures: Whether the age of each picture is shown.
    """

    def __init__(self, colours: Tokens, palette_name: str) -> None:
        self._colours = colours
        self._labels = Labels()
        # A name is drawn with every picture, so it has a cache with a cheaper key than a `Label`.
        self._names = lru_cache(maxsize=400)(self._name)
        self._mark = ZoomMark(colours, self._labels)
        self._found = DetectionPainter(colours, self._labels)
        self._taken: list[Box] = []  # by captions of the tile that is being painted
        self.palette = palette_name
        self.figures = False
        self.ratio = 1.0

    def paint(self, painter: QPainter, scene: Scene, mono: float) -> list[tuple[QRect, Remedy]]:
        """Draw one tile completely; the places of its buttons, for clicks."""
        buttons: list[tuple[QRect, Remedy]] = []
        self._taken = []
        laid = None
        if scene.look.picture and scene.picture is not None:
            laid = self._picture(painter, scene, scene.picture, mono)
        else:
            painter.fillRect(scene.area, QColor(self._colours.surface))
            buttons = self._message(painter, scene)
        self._captions(painter, scene, mono)
        if scene.steered or scene.view is not WHOLE:
            self._mark_zoom(painter, scene)
        if laid is not None:
            self._found.draw_chips(painter, scene, laid, self._taken, self.ratio)
        self._frame(painter, scene)
        return buttons

    @property
    def small(self) -> int:
        """Type size of side remarks, device pixels."""
        return round(_SMALL * self.ratio)

    def name_pixels(self, height: int) -> int:
        """Type size of the name: 1/14 of the tile, 12–40 px (ui.md), smaller in tiny tiles."""
        return round(min(40 * self.ratio, max(12 * self.ratio, height / 14)))

    def _picture(
        self, painter: QPainter, scene: Scene, picture: Picture, mono: float
    ) -> Laid | None:
        """The picture, and what was found in it while it is live."""
        inside = picture.fitted(scene.area)
        if inside != scene.area:
            _letterbox(painter, scene.area, inside)
        picture.draw(painter, inside, scene.look.live, scene.view)
        if not scene.look.live:
            self._hatch(painter, inside)
            return None
        if scene.thermal is not None:
            self._heat(painter, scene, scene.thermal, inside, mono)
        return self._found.draw(painter, scene, inside, self.ratio)

    def _hatch(self, painter: QPainter, area: QRect) -> None:
        painter.fillRect(area, QColor("#30000000"))
        step = max(10, area.height() // 14)
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor("#80000000"), step * 0.4))
        for x in range(area.left() - area.height(), area.right() + step, step):
            painter.drawLine(x, area.bottom(), x + area.height(), area.top())
        painter.restore()

    def _heat(
        self, painter: QPainter, scene: Scene, layer: ThermalLayer, area: QRect, mono: float
    ) -> None:
        frame = layer.frame
        if frame is None or mono - frame.at.mono > _OLD_HEAT:
            return
        layer.draw(painter, area, self.palette, self._colours.fire, mono, scene.view)
        pixels = max(11, self.name_pixels(area.height()) * 4 // 5)
        projection = layer.projection(area, scene.view)
        overlay.draw_hottest(painter, area, frame, self._labels, pixels, projection)
        overlay.draw_scale(painter, area, frame, self.palette, self._labels, self.small)
        if area.width() >= _RATE_WIDTH and not projection.aligned:
            badge = Label(
                caption("not aligned"),
                self.small,
                self._colours.muted,
                self._colours.scrim,
                120,
                False,
            )
            height = self._labels.pixmap(badge).height()
            self._labels.draw(
                painter,
                QPoint(area.right() - 8, area.bottom() - round(height * 2.2)),
                badge,
                right=True,
            )

    def _captions(self, painter: QPainter, scene: Scene, mono: float) -> None:
        area, pixels = scene.area, self.name_pixels(scene.area.height())
        inset = _FRAME if scene.alarm else 0
        abnormal = scene.alarm is not None or scene.look.badge
        taken = self._badge(painter, scene, pixels) if abnormal else 0
        room = area.width() - taken - 2 * inset - 8
        name = self._names(scene.camera.name, pixels, max(40, room))
        painter.drawPixmap(area.x() + inset, area.y() + inset, name)
        self._take(area.x() + inset, area.y() + inset, name)
        if scene.warmth is not None:
            self._temperature(painter, scene, scene.warmth, pixels)
        if scene.look.live:
            self._draw_figures(painter, scene, mono)

    def _draw_figures(self, painter: QPainter, scene: Scene, mono: float) -> None:
        """Lower right: the rate where there is room, and on demand how old the picture is."""
        area, fps = scene.area, scene.camera.counters.fps
        inset = _FRAME if scene.alarm else 0
        roomy = area.width() >= _RATE_WIDTH
        parts = [f"{fps:.0f} fps"] if roomy and fps > 0 else []
        if self.figures and scene.picture is not None:
            age = max(0.0, mono - scene.picture.tile.at.mono)
            parts.append(f"{round(age * 100) * 10} ms")  # 10 ms; each text is rendered once
        if parts:
            text, room = " · ".join(parts), area.width() // 2
            label = Label(text, self.small, self._colours.muted, self._colours.scrim, room, False)
            height = self._labels.pixmap(label).height()
            at = QPoint(area.right() + 1 - inset, area.bottom() + 1 - inset - height)
            self._put(painter, at, label, right=True)

    def _name(self, text: str, pixels: int, room: int) -> QPixmap:
        return self._labels.pixmap(Label(text, pixels, "#FFFFFF", self._colours.scrim, room))

    def _badge(self, painter: QPainter, scene: Scene, pixels: int) -> int:
        """Upper right: alarm word, else what is abnormal; the width it takes."""
        area = scene.area
        corner = QPoint(area.right() + 1, area.top())
        taken = 0
        if scene.alarm is not None:
            fill = scene.alarm.colour if scene.lit else self._colours.surface
            ink = text_on(fill) if scene.lit else scene.alarm.colour
            word = Label(
                priority_word(scene.alarm.word), pixels, ink, fill, area.width(), look=scene.alarm
            )
            taken = self._put(painter, corner, word, right=True)
            corner += QPoint(-_FRAME, self._labels.pixmap(word).height() + 4)
        if scene.look.badge:
            badge = Label(
                scene.look.badge,
                max(11, pixels * 5 // 6),
                self._colours.fault,
                self._colours.scrim,
                area.width(),
                outline=self._colours.fault,
            )
            at = corner if scene.alarm else corner + QPoint(-4, 4)
            width = self._put(painter, at, badge, right=True)
            taken = taken or width + 4
        return taken

    def _temperature(self, painter: QPainter, scene: Scene, warmth: Warmth, pixels: int) -> None:
        if warmth.celsius is None:
            return
        inset = _FRAME if scene.alarm else 0
        if warmth.old > _OLD_HEAT:
            text = f"{celsius(warmth.celsius)} · {span(warmth.old)}"
            colour = self._colours.muted
        else:
            text = f"{celsius(warmth.celsius)} {warmth.arrow}".rstrip()
            colour = scene.limit_colour or "#FFFFFF"
        label = Label(text, pixels, colour, self._colours.scrim, scene.area.width())
        height = self._labels.pixmap(label).height()
        at = QPoint(scene.area.left() + inset, scene.area.bottom() + 1 - inset - height)
        self._put(painter, at, label)

    def _put(self, painter: QPainter, at: QPoint, label: Label, right: bool = False) -> int:
        """Draw a caption, and remember where; its width."""
        pixmap = self._labels.pixmap(label)
        self._take(at.x() - pixmap.width() if right else at.x(), at.y(), pixmap)
        return self._labels.draw(painter, at, label, right)

    def _take(self, x: int, y: int, pixmap: QPixmap) -> None:
        self._taken.append((x, y, x + pixmap.width(), y + pixmap.height()))

    def _mark_zoom(self, painter: QPainter, scene: Scene) -> None:
        """Above the temperature."""
        pixels = self.name_pixels(scene.area.height())
        above = round(pixels * _LINE) if scene.warmth is not None else 0
        inset = round(_FRAME * self.ratio) if scene.alarm else 0
        corner = QPoint(scene.area.left() + inset, scene.area.bottom() + 1 - inset - above)
        size = max(self.small, pixels * 2 // 3)
        self._taken += self._mark.draw(painter, scene, corner, size, self.ratio)

    def _frame(self, painter: QPainter, scene: Scene) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if scene.alarm is not None and scene.lit:
            self._outline(painter, scene.area, scene.alarm.colour, round(_FRAME * self.ratio))
        if scene.chosen:
            inner = scene.area
            if scene.alarm is not None:
                inner = inner.adjusted(_FRAME, _FRAME, -_FRAME, -_FRAME)
            self._outline(painter, inner, self._colours.focus, max(2, round(2 * self.ratio)))

    def _outline(self, painter: QPainter, area: QRect, colour: str, width: int) -> None:
        brush = QBrush(QColor(colour))
        painter.fillRect(area.x(), area.y(), area.width(), width, brush)
        painter.fillRect(area.x(), area.bottom() + 1 - width, area.width(), width, brush)
        painter.fillRect(area.x(), area.y(), width, area.height(), brush)
        painter.fillRect(area.right() + 1 - width, area.y(), width, area.height(), brush)

    def _message(self, painter: QPainter, scene: Scene) -> list[tuple[QRect, Remedy]]:
        area, look = scene.area, scene.look
        title_px = round(min(22 * self.ratio, max(11 * self.ratio, area.height() / 12)))
        small_px = max(round(9 * self.ratio), round(title_px * 0.72))
        roomy = area.height() >= 130 * self.ratio and area.width() >= 200 * self.ratio
        clickable = area.height() >= 84 * self.ratio and area.width() >= 130 * self.ratio
        y = area.center().y() - round(title_px * (2 if roomy else 1 if clickable else 0.5))
        painter.setPen(QColor(self._colours.text))
        painter.setFont(font(title_px, font(1).Weight.DemiBold))
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        line = QRect(area.x() + 8, y, area.width() - 16, title_px * 2)
        painter.drawText(line, middle, look.title)
        if not clickable:
            return []
        y += round(title_px * 1.6)
        if not roomy:
            return self._buttons(painter, area, y, small_px, look.remedies)
        painter.setPen(QColor(self._colours.muted))
        painter.setFont(font(small_px))
        text = QRect(area.x() + 16, y, area.width() - 32, small_px * 3)
        painter.drawText(text, middle | Qt.TextFlag.TextWordWrap, look.detail)
        y += round(small_px * (2.9 if look.detail else 0.6))
        return self._buttons(painter, area, y, small_px, look.remedies)

    def _buttons(
        self, painter: QPainter, area: QRect, y: int, pixels: int, remedies: tuple[Remedy, ...]
    ) -> list[tuple[QRect, Remedy]]:
        painter.setFont(font(pixels, font(1).Weight.DemiBold))
        metrics = painter.fontMetrics()
        widths = [metrics.horizontalAdvance(caption(r.value)) + pixels * 3 for r in remedies]
        height, gap = round(pixels * 2.3), pixels // 2
        x = area.center().x() - (sum(widths) + gap * (len(widths) - 1)) // 2
        placed = []
        for remedy, width in zip(remedies, widths, strict=True):
            box = QRect(x, y, width, height)
            painter.fillRect(box, QColor(self._colours.raised))
            painter.setPen(QPen(QColor(self._colours.line), 1))
            painter.drawRect(box.adjusted(0, 0, -1, -1))
            painter.setPen(QColor(self._colours.action_hover))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, caption(remedy.value))
            placed.append((box, remedy))
            x += width + gap
        return placed


def _letterbox(painter: QPainter, area: QRect, inside: QRect) -> None:
    """Black where the picture does not reach."""
    left, top = inside.x() - area.x(), inside.y() - area.y()
    right, bottom = area.right() - inside.right(), area.bottom() - inside.bottom()
    if left > 0:
        painter.fillRect(area.x(), area.y(), left, area.height(), _BLACK)
    if right > 0:
        painter.fillRect(inside.right() + 1, area.y(), right, area.height(), _BLACK)
    if top > 0:
        painter.fillRect(inside.x(), area.y(), inside.width(), top, _BLACK)
    if bottom > 0:
        painter.fillRect(inside.x(), inside.bottom() + 1, inside.width(), bottom, _BLACK)
