"""Laying the thermal picture over the camera picture by dragging its corners."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from embereye.config.schema import Device
from embereye.model.device_messages import EditDeviceAsked
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import DeviceStatus
from embereye.ui import theme
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.overlay import ThermalLayer
from embereye.ui.picture import Picture
from embereye.ui.projection import STRETCHED, Corners, Projection, is_picture
from embereye.ui.saving import Saving
from embereye.ui.theme import Tokens

_PERIOD = 100  # ms
_GRAB = 18.0  # px around a corner within which a click takes it
_HANDLE = 7.0  # px
_LEAST, _MOST = -2.0, 3.0  # fractions of the camera picture (config.device_options)
_STEP, _LEAP = 0.002, 0.02  # of the picture that an arrow key moves, without and with Shift
_SIZE = QSize(960, 640)
_MARGIN = 0.08  # of the view around the camera picture: corners may lie outside of it
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class AlignmentView(QWidget):
    """The camera picture with the heat on it and four handles. GUI thread.

    Keys: 1–4 choose a corner, arrows move it.

    Signals:
        changed: () `corners` are others
    """

    changed = Signal()

    def __init__(
        self, console: Console, demands: Demands, colours: Tokens, device: DeviceStatus
    ) -> None:
        super().__init__()
        self.corners: Corners = STRETCHED
        self.strength = 0.8  # opacity of the heat
        self._console = console
        self._demands = demands
        self._colours = colours
        self._device = device.id
        self._camera: CameraId | None = device.camera
        self._layer = ThermalLayer()
        self._picture: Picture | None = None
        self._chosen = 0
        self._held = False
        self.setMinimumSize(480, 320)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Corners of the thermal picture"))
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self._tick)

    def place(self, corners: Corners) -> None:
        """Lay the thermal picture there."""
        self.corners = corners
        self._tick()
        self.changed.emit()

    @Slot()
    def _tick(self) -> None:
        devices = self._console.devices().devices
        device = next((d for d in devices if d.id == self._device), None)
        if device is not None:
            self._layer.note(device, 1e9, self.corners)
        if self._camera is not None:
            area = self._area()
            tile = self._console.tile(self._camera, area.width(), area.height())
            if tile is not None and (self._picture is None or tile is not self._picture.tile):
                self._picture = Picture(tile)
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        """Want no more pictures, however it went."""
        super().hideEvent(event)
        self._timer.stop()
        self._demands.want(self, {})

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._want()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.background))
        area = self.inside()
        if self._picture is None:
            painter.fillRect(area, QColor(self._colours.surface))
            painter.setPen(QColor(self._colours.muted))
            painter.setFont(theme.font(theme.TEXT_PX))
            text = self.tr("The camera shows no picture now.")
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
        else:
            self._picture.draw(painter, area, True)
        painter.setOpacity(self.strength)
        mono = self._console.clock.mono()
        self._layer.draw(painter, area, "inferno", self._colours.fire, mono)
        painter.setOpacity(1.0)
        self._draw_handles(painter, area)

    def inside(self) -> QRect:
        """Where the camera picture lies, px."""
        area = self._area()
        return area if self._picture is None else self._picture.fitted(area)

    def _draw_handles(self, painter: QPainter, area: QRect) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        good = is_picture(self.corners)
        ink = QColor(self._colours.focus if good else self._colours.fire)
        places = [self._place(area, number) for number in range(4)]
        painter.setPen(QPen(ink, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(places)
        if good:
            painter.setPen(QPen(ink, 0.5))
            projection = Projection(area, self.corners)
            for column in (8, 16, 24):
                painter.drawLine(projection.point(column, 0), projection.point(column, 24))
            for row in (8, 16):
                painter.drawLine(projection.point(0, row), projection.point(32, row))
        painter.setFont(theme.font(theme.TEXT_PX))
        for number, place in enumerate(places):
            chosen = number == self._chosen and self.hasFocus()
            painter.setPen(QPen(QColor("#000000"), 1.0))
            painter.setBrush(ink if chosen else QColor(self._colours.text))
            painter.drawEllipse(place, _HANDLE, _HANDLE)
            painter.setPen(QColor("#000000"))
            box = QRect(0, 0, 20, 20)
            box.moveCenter(place.toPoint())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number + 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        area = self.inside()
        distances = [
            (self._place(area, number) - event.position()).manhattanLength() for number in range(4)
        ]
        nearest = min(range(4), key=lambda number: distances[number])
        if distances[nearest] <= _GRAB:
            self._chosen, self._held = nearest, True
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held:
            area, at = self.inside(), event.position()
            self._move((at.x() - area.x()) / area.width(), (at.y() - area.y()) / area.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS:
            far = _LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
            x, y = self.corners[self._chosen]
            self._move(x + _STEPS[key][0] * far, y + _STEPS[key][1] * far)
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_4:
            self._chosen = key - Qt.Key.Key_1
            self.update()
        else:
            super().keyPressEvent(event)

    def _move(self, x: float, y: float) -> None:
        at = (round(min(max(x, _LEAST), _MOST), 4), round(min(max(y, _LEAST), _MOST), 4))
        corners = list(self.corners)
        corners[self._chosen] = at
        self.place(tuple(corners))

    def _want(self) -> None:
        if self._camera is not None:
            self._demands.want(self, {self._camera: self._area().size().toTuple()})

    def _place(self, area: QRect, number: int) -> QPointF:
        x, y = self.corners[number]
        return QPointF(area.x() + x * area.width(), area.y() + y * area.height())

    def _area(self) -> QRect:
        across, down = round(self.width() * _MARGIN), round(self.height() * _MARGIN)
        return self.rect().adjusted(across, down, -across, -down)


class AlignmentDialog(QDialog):
    """Asks for the corners of one device; not modal, alarms go on beside it."""

    def __init__(
        self,
        console: Console,
        bridge: Bridge,
        demands: Demands,
        colours: Tokens,
        device: DeviceStatus,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Align the heat of {0}").format(device.name or device.id))
        self.resize(_SIZE)
        self._console = console
        self._device = DeviceId(device.id)
        self._saving = Saving(console, bridge, self)
        self._saving.done.connect(self.accept)
        self._saving.failed.connect(self._failed)
        self.view = AlignmentView(console, demands, colours, device)
        self.view.changed.connect(self._judge)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._strength = QSlider(Qt.Orientation.Horizontal)
        self._strength.setRange(10, 100)
        self._strength.setValue(80)
        self._strength.setAccessibleName(self.tr("How strongly the heat is shown"))
        self._strength.valueChanged.connect(self._fade)
        self.reset_button = QPushButton(self.tr("Whole picture"))
        self.reset_button.clicked.connect(self._stretch)
        self.clear_button = QPushButton(self.tr("Not aligned"))
        self.clear_button.clicked.connect(self._clear)
        self._lay_out()
        row = self._row()
        self.view.place(row.alignment if row is not None and row.alignment else STRETCHED)

    @Slot()
    def save(self) -> None:
        """Ask for these corners to be used."""
        if is_picture(self.view.corners):
            self._ask(self.view.corners)

    def _ask(self, corners: Corners) -> None:
        values: dict[str, object] = {"alignment": [list(corner) for corner in corners]}
        actor = self._console.settings().operator
        self.save_button.setEnabled(False)
        self._words.setText(self.tr("Saving …"))
        self._saving.ask(EditDeviceAsked(self._device, values, actor))

    @Slot(str)
    def _failed(self, text: str) -> None:
        self.save_button.setEnabled(True)
        self._words.setText(self.tr("△ Not saved: {0}").format(text))

    @Slot()
    def _judge(self) -> None:
        good = is_picture(self.view.corners)
        self.save_button.setEnabled(good)
        self._words.setText(
            self.tr(
                "Drag the corners until warm things lie on each other; a lamp or a hot cup helps."
                " Keys 1–4 choose a corner, arrows move it."
            )
            if good
            else self.tr("△ These corners make no picture: they cross or lie on a line.")
        )

    @Slot(int)
    def _fade(self, percent: int) -> None:
        self.view.strength = percent / 100
        self.view.update()

    @Slot()
    def _stretch(self) -> None:
        self.view.place(STRETCHED)

    @Slot()
    def _clear(self) -> None:
        self._ask(())

    def _row(self) -> Device | None:
        rows = self._console.settings().devices
        return next((row for row in rows if row.id == self._device), None)

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox()
        self.save_button = QPushButton(self.tr("Save"))
        self.save_button.setProperty("role", "primary")
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.save_button.clicked.connect(self.save)
        cancel = QPushButton(self.tr("Cancel"))
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.reset_button)
        row.addWidget(self.clear_button)
        row.addWidget(QLabel(self.tr("Heat")))
        row.addWidget(self._strength)
        row.addStretch(1)
        row.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._words)
        column.addWidget(self.view, 1)
        column.addLayout(row)
