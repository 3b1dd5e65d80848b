"""Regions, masks and rules of one device, drawn on its thermal picture with live values."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from embereye.model.device_messages import EditDeviceAsked
from embereye.model.ids import DeviceId
from embereye.model.reading import DeviceState, DeviceStatus
from embereye.model.thermal import RegionReading
from embereye.runtime.worker import PlainThreads
from embereye.ui.beside import Question, found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.device_console import DeviceConsole
from embereye.ui.elided import Elided
from embereye.ui.heat import Toning
from embereye.ui.region_draft import Area, Draft, draft_of
from embereye.ui.region_panel import RegionPanel
from embereye.ui.region_tools import RegionTools
from embereye.ui.saving import Saving
from embereye.ui.theme import Tokens
from embereye.ui.thermal_canvas import ThermalCanvas, Tool
from embereye.ui.thermal_export import ThermalExport
from embereye.ui.toning_bar import ToningBar

_REFRESH = 200  # ms; a device sends at most 10 pictures a second, people read five
_PANE = 400  # px


class ThermalEditor(QWidget):
    """Edits the thermal regions of one device. GUI thread.

    Signals:
        closed: () the operator goes back
        noticed: (str) for the status line
    """

    closed = Signal()
    noticed = Signal(str)

    def __init__(self, console: DeviceConsole, bridge: Bridge, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._next: DeviceId | None = None  # to be edited once what was drawn is given up
        self._saving = Saving(console, bridge, self)
        self._saving.done.connect(self._in_force)
        self._saving.failed.connect(self._failed)
        self._colours = colours
        self._device: DeviceId | None = None
        self._saved = self._sent = Draft()
        self._frozen: DeviceStatus | None = None
        self.toning = ToningBar(console.settings().wall.palette, colours)
        self.toning.changed.connect(self._retone)
        self.canvas = ThermalCanvas(colours, self.toning.toning)
        self.canvas.draft_changed.connect(self._draft_changed)
        self.canvas.selected.connect(self._select)
        self.panel = RegionPanel()
        self.panel.changed.connect(self.canvas.change)
        self.export = ThermalExport(PlainThreads(), self)
        self.export.noticed.connect(self.noticed)
        self._title, self._state = Elided(), QLabel()
        self._title.setProperty("role", "title")
        self._state.setProperty("role", "muted")
        self._state.setWordWrap(True)
        self._problem = QLabel()
        self._problem.setProperty("role", "fire")
        self._problem.setWordWrap(True)
        for label in (self._state, self._problem):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._make_buttons()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    def pane_width(self) -> int:
        """Width of the pane at the right, px."""
        return _PANE

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return self.canvas.draft != self._saved

    def edit(self, device: DeviceId) -> bool:
        """Show the regions of this device; False: what was drawn for another must go first.

        What was drawn for the same device and not saved is still there.
        """
        if not self.changed or self._device is None:
            self._begin(device)
        elif device != self._device:
            self._next = device
            self._ask_to_give_up()
            return False
        return True

    def _begin(self, device: DeviceId) -> None:
        self._device, self._frozen = device, None
        self.tools.freeze_button.setChecked(False)
        self._saved = self._stored()
        self.canvas.take_tool(Tool.SELECT)
        self.canvas.edit(self._saved)
        self._draft_changed()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the newest picture and values."""
        status = self._frozen or self._status()
        readings = self._readings()
        frame = None if status is None else status.thermal
        self.canvas.show_frame(frame, readings)
        self.toning.show_frame(frame)
        self._title.show_text(self._device_name(status))
        self._state.setText(self._state_words(status))
        name = "" if status is None else status.name
        self.export.show(frame, name, tuple(readings.values()), self.canvas.toning)
        if self.canvas.selection:
            self.panel.show_reading(readings.get(self.canvas.selection))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()
        self.canvas.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        if self.changed and not event.spontaneous():
            text = self.tr("What was drawn for {0} is not saved: it waits at Devices, Regions.")
            self.noticed.emit(text.format(self._device))

    @Slot()
    def save(self) -> None:
        """Ask for what was drawn to be put in force."""
        problems = self.canvas.draft.problems()
        if problems or self.panel.wrong or self._device is None:
            self._problem.setText("\n".join(problems) or self.tr("Mend the fields marked above."))
            return
        actor = self._console.settings().operator
        self._sent = self.canvas.draft
        self._saving.ask(EditDeviceAsked(self._device, self._sent.values(), actor))
        self._draft_changed()
        self._problem.setText(self.tr("Saving …"))

    @Slot()
    def revert(self) -> None:
        """Back to what is in force."""
        if self._device is not None:
            self._begin(self._device)

    @Slot()
    def _in_force(self) -> None:
        self._saved = self._sent
        self._draft_changed()
        self.noticed.emit(self.tr("The regions of {0} are in force.").format(self._device))

    @Slot(str)
    def _failed(self, text: str) -> None:
        self._draft_changed()
        self._problem.setText(self.tr("△ Not saved: {0}").format(text))
        self.noticed.emit(self.tr("The regions of {0} were not saved.").format(self._device))

    def _stored(self) -> Draft:
        rows = self._console.settings().devices
        return draft_of(next((row for row in rows if row.id == self._device), None))

    # --- what happens on the picture ---------------------------------------------------------

    @Slot()
    def _draft_changed(self) -> None:
        area = self.canvas.draft.area(self.canvas.selection)
        if area is not None:
            self.panel.take_shape(area)
        self._problem.setText("\n".join(self.canvas.draft.problems()))
        self.save_button.setEnabled(self.changed and not self._saving.waiting)
        self.revert_button.setEnabled(self.changed)

    @Slot(str)
    def _select(self, wanted: str) -> None:
        area: Area | None = self.canvas.draft.area(wanted)
        self.panel.setVisible(area is not None)
        self._hint.setVisible(area is None)
        self.tools.remove_button.setEnabled(area is not None)
        if area is not None:
            self.panel.show_area(area, self.canvas.draft)

    @Slot(object)
    def _retone(self, toning: Toning) -> None:
        self.canvas.toning = toning
        self.canvas.numbers = self.toning.numbers
        self.canvas.update()

    @Slot(bool)
    def _freeze(self, on: bool) -> None:
        self._frozen = self._status() if on else None
        self.refresh()

    @Slot()
    def _whole(self) -> None:
        """A region that is the whole picture."""
        self.canvas.draft, area = self.canvas.draft.added("frame", ())
        self.canvas.select(area.id)
        self._draft_changed()

    @Slot()
    def _leave(self) -> None:
        if self.changed:
            self._next = None
            self._ask_to_give_up()
        else:
            self.closed.emit()

    def _ask_to_give_up(self) -> None:
        if found(self, "give up"):
            return
        text = self.tr("What was drawn for {0} is not saved. Give it up?").format(self._device)
        question = Question(self.tr("Not saved"), text, self.tr("Give it up"), self)
        question.agreed.connect(self._give_up)
        show_beside(question, "give up")

    @Slot()
    def _give_up(self) -> None:
        self.revert()
        if self._next is None:
            self.closed.emit()
        else:
            self._begin(self._next)

    # --- words -------------------------------------------------------------------------------

    def _status(self) -> DeviceStatus | None:
        devices = self._console.devices().devices
        return next((d for d in devices if d.id == self._device), None)

    def _readings(self) -> dict[str, RegionReading]:
        if self._device is None:
            return {}
        return {r.id: r for r in self._console.regions(self._device)}

    def _device_name(self, status: DeviceStatus | None) -> str:
        name = str(self._device or "") if status is None else status.name or str(status.id)
        return self.tr("Thermal regions of {0}").format(name)

    def _state_words(self, status: DeviceStatus | None) -> str:
        if status is None:
            return self.tr("This device is not known any more.")
        if self._frozen is not None:
            return self.tr("△ FROZEN: the picture stands still, alarms go on.")
        if status.state is not DeviceState.LIVE:
            return self.tr("△ NOT LIVE: the picture is old.")
        if status.thermal is not None and status.thermal.celsius is None:
            return self.tr("No temperatures yet: waiting for the calibration, or none defined.")
        return self.tr("Live. Draw on the picture; nothing is in force until you save.")

    # --- building ----------------------------------------------------------------------------

    def _make_buttons(self) -> None:
        self.tools = RegionTools()
        self.tools.tool_chosen.connect(self._take_tool)
        self.tools.frozen.connect(self._freeze)
        self.tools.whole_button.clicked.connect(self._whole)
        self.tools.remove_button.clicked.connect(self.canvas.remove_selected)
        self.canvas.tool_changed.connect(self.tools.show_tool)
        self.save_button = _button(self.tr("Save"), self.save)
        self.save_button.setProperty("role", "primary")
        self.revert_button = _button(self.tr("Revert"), self.revert)
        self.back_button = _button(self.tr("Back"), self._leave)

    @Slot(object)
    def _take_tool(self, tool: Tool) -> None:
        self.canvas.take_tool(tool)
        self.canvas.setFocus()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(self._left(), 1)
        row.addWidget(self._right())

    def _left(self) -> QVBoxLayout:
        head = QHBoxLayout()
        head.addWidget(self.back_button)
        head.addWidget(self._title, 1)
        for button in self.export.buttons:
            head.addWidget(button)
        left = QVBoxLayout()
        left.setContentsMargins(16, 12, 8, 8)
        left.setSpacing(8)
        left.addLayout(head)
        left.addWidget(self.tools)
        left.addWidget(self.canvas, 1)
        left.addWidget(self.toning)
        left.addWidget(self._state)
        return left

    def _right(self) -> QFrame:
        pane = QFrame()
        pane.setObjectName("pane")
        pane.setFixedWidth(_PANE)
        self._hint = QLabel(
            self.tr(
                "Choose Point, Line, Polygon or Mask and click on the picture; a double click or"
                " Enter ends a shape. Select one to name it and to give it rules."
            )
        )
        self._hint.setWordWrap(True)
        self._hint.setProperty("role", "muted")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        inner = QWidget()
        inside = QVBoxLayout(inner)
        inside.setContentsMargins(0, 0, 8, 0)
        inside.addWidget(self._hint)
        inside.addWidget(self.panel)
        inside.addStretch(1)
        scroll.setWidget(inner)
        scroll.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.revert_button)
        buttons.addWidget(self.save_button)
        right = QVBoxLayout(pane)
        right.setContentsMargins(16, 16, 16, 16)
        right.setSpacing(12)
        right.addWidget(scroll, 1)
        right.addWidget(self._problem)
        right.addLayout(buttons)
        return pane


def _button(caption: str, action: object) -> QPushButton:
    button = QPushButton(caption)
    button.clicked.connect(action)
    return button
