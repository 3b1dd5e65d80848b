"""What a model saw in a clip: the picture with its boxes, and its scores over time."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from embereye.services.clip_trial import TrialStep
from embereye.ui import theme
from embereye.ui.chip_places import Box, edges, place
from embereye.ui.detection_look import chip_look, chip_text, colour, severity
from embereye.ui.field import Field
from embereye.ui.labels import Label, Labels
from embereye.ui.theme import Tokens

_CHIP_PX = 13  # px
_CURVES_HEIGHT = 132  # px
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 12, 8, 20  # px around the curves, for the numbers
_POINT = 3.0  # px; a picture has one score and no curve
_LINE = 1.6  # px


class TrialPicture(QWidget):
    """Shows one step of a trial, or a text while there is none. GUI thread."""

    def __init__(self, colours: Tokens) -> None:
        super().__init__()
        self._colours, self._labels = colours, Labels()
        self._step: TrialStep | None = None
        self._image = QImage()
        self._words = ""
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Picture with what was seen in it"))

    @property
    def step(self) -> TrialStep | None:
        """The step on the screen."""
        return self._step

    def show_step(self, step: TrialStep | None, words: str = "") -> None:
        """Show this step; without one, the words."""
        if step is not None and step is not self._step:
            self._image = QImage.fromData(step.jpeg)
        self._step, self._words = step, words
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    def area(self) -> QRect:
        """Where the picture lies, px."""
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        return QRect(QPoint(left, top), size)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.surface))
        step = self._step
        if step is None or self._image.isNull():
            painter.setPen(QColor(self._colours.muted))
            painter.setFont(theme.font(theme.TEXT_PX))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self._words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = self.area()
        painter.drawImage(area, self._image)
        self._boxes(painter, area, step)

    def _boxes(self, painter: QPainter, area: QRect, step: TrialStep) -> None:
        field, taken = Field(QRectF(area)), list[Box]()
        width, height = (max(1, side) for side in step.result.source)
        for found in sorted(step.result.detections, key=severity):
            box = field.rect(
                found.x / width, found.y / height, found.width / width, found.height / height
            )
            inside = box.intersected(QRectF(area)).toAlignedRect()
            painter.setPen(QPen(QColor(colour(found.label, self._colours)), 2.0))
            painter.drawRect(inside.adjusted(0, 0, -1, -1))
            look = chip_look(found.label, self._colours)
            label = Label(
                chip_text(found), _CHIP_PX, look.ink, look.fill, area.width(), look=look.look
            )
            chip = self._labels.pixmap(label)
            room = place(edges(inside), (chip.width(), chip.height()), edges(area), taken)
            if room is not None:
                taken.append(room)
                painter.drawPixmap(QPoint(room[0], room[1]), chip)


class ScoreCurves(QWidget):
    """Fire and smoke over the time of a clip, the threshold, and the place that is looked at.

    Signals:
        chosen: (int) the number of the step that somebody wants to see
    """

    chosen = Signal(int)

    def __init__(self, colours: Tokens, levels: tuple[float, float]) -> None:
        """`levels`: score of fire and of smoke that counts."""
        super().__init__()
        self._colours, self._levels = colours, levels
        self._steps: Sequence[TrialStep] = ()
        self._seconds = 0.0
        self._place = 0
        self.setFixedHeight(_CURVES_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Scores over time; arrow keys go from picture to picture"))

    def show_steps(self, steps: Sequence[TrialStep], seconds: float, place: int) -> None:
        """Show these steps of a clip of `seconds`, looking at number `place`."""
        self._steps, self._place = steps, place
        self._seconds = max(seconds, steps[-1].time if steps else 0.0)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right: one picture on; Home and End."""
        last = len(self._steps) - 1
        key = event.key()
        place = {
            Qt.Key.Key_Left: self._place - 1,
            Qt.Key.Key_Right: self._place + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(key))
        if place is None or last < 0:
            super().keyPressEvent(event)
        else:
            self.chosen.emit(max(0, min(last, place)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(event.position())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.surface))
        area = self._area()
        self._scale(painter, area)
        if not self._steps:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inks = QColor(self._colours.high), QColor(self._colours.fire)
        smoke = [self._at(area, step.time, step.result.smoke) for step in self._steps]
        fire = [self._at(area, step.time, step.result.fire) for step in self._steps]
        for ink, points in zip(inks, (smoke, fire), strict=True):
            painter.setPen(QPen(ink, _LINE))
            painter.setBrush(ink)
            if len(points) == 1:
                painter.drawEllipse(points[0], _POINT, _POINT)
            else:
                painter.drawPolyline(points)
        here = self._at(area, self._steps[self._place].time, 0.0).x()
        painter.setPen(QPen(QColor(self._colours.text), 1.0))
        painter.drawLine(QPointF(here, area.top()), QPointF(here, area.bottom()))

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def _at(self, area: QRectF, time: float, score: float) -> QPointF:
        part = time / self._seconds if self._seconds > 0 else 0.0
        return QPointF(area.left() + part * area.width(), area.bottom() - score * area.height())

    def _scale(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(theme.font(11))
        painter.setPen(QColor(self._colours.line))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inks = self._colours.fire, self._colours.high
        for level, ink in zip(self._levels, inks, strict=True):
            y = self._at(area, 0.0, level).y()
            painter.setPen(QPen(QColor(ink), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(self._colours.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for score in sorted({0.0, 1.0, self._levels[0]}):
            y = self._at(area, 0.0, score).y()
            painter.drawText(QRectF(0, y - 8, _LEFT - 6, 16), right, f"{score:.2g}")
        below = QRectF(area.left(), area.bottom() + 2, area.width(), _BOTTOM - 2)
        if self._seconds > 0:
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0 s")
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self._seconds:.1f} s")
        for part, ink, word in ((0.42, inks[0], self.tr("fire")), (0.5, inks[1], self.tr("smoke"))):
            painter.setPen(QColor(ink))
            painter.drawText(below.translated(part * below.width(), 0), word)

    def _choose(self, at: QPointF) -> None:
        if not self._steps:
            return
        area = self._area()
        time = (at.x() - area.left()) / max(1.0, area.width()) * self._seconds
        nearest = min(
            range(len(self._steps)), key=lambda number: abs(self._steps[number].time - time)
        )
        self.chosen.emit(nearest)
