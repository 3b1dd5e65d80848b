"""Curves of one device over time, with limits, gaps and a cursor."""

from datetime import datetime

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embereye.config.schema import DeviceLimits
from embereye.model.ids import DeviceId
from embereye.model.past import TrendAsked, TrendRead
from embereye.model.trend import Trend
from embereye.ui.answers import Answers
from embereye.ui.console import Console
from embereye.ui.elided import keep_narrow
from embereye.ui.past_console import Past
from embereye.ui.plot import Plot
from embereye.ui.theme import Tokens

_REFRESH = 1000  # ms
_IN_MEMORY = 900  # s
_RANGES = ((60, "1 min"), (300, "5 min"), (_IN_MEMORY, "15 min"))
_STORED = (
    (3600, "1 h"),
    (8 * 3600, "8 h"),
    (24 * 3600, "24 h"),
    (7 * 86_400, "7 d"),
    (30 * 86_400, "30 d"),
)
_TURNS = 500  # a stored range is read again after this fraction of it: about two pixels
_LEAST_TURN, _LONGEST_TURN = 10.0, 600.0  # s
_CHANNELS = {
    "thermal max": "°C",
    "thermal mean": "°C",
    "ambient": "°C",
    "smoke": "%",
    "flame": "%",
    "gas": "ppm",  # empty, and so without a plot, for devices without a gas sensor
}


class TrendsPage(QWidget):
    """Plots temperatures above and percentages below. The plots are made when first shown,
    since importing pyqtgraph takes 0.35 s and 77 MiB. GUI thread.
    """

    def __init__(self, console: Console, colours: Tokens, past: Past | None = None) -> None:
        """`past` reads what memory does not hold; without it, 15 min are offered."""
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._answers = None if past is None else Answers(past, self)
        if self._answers is not None:
            self._answers.arrived.connect(self._draw_stored)
        self._due = 0.0
        self._colours = colours
        self._seconds = 300
        self._plots: dict[str, Plot] = {}
        self.device = QComboBox()
        keep_narrow(self.device, 24)
        self.device.setMinimumWidth(240)
        self.device.setAccessibleName(self.tr("Device"))
        self.device.currentIndexChanged.connect(self._choose_device)
        self.live = QToolButton()
        self.live.setText(self.tr("Live"))
        self.live.setCheckable(True)
        self.live.setChecked(True)
        self.live.setToolTip(self.tr("Follow the present; off to look at a part at leisure"))
        self.live.toggled.connect(self._toggled)
        self._cursor = QLabel()
        self._cursor.setProperty("role", "muted")
        self._loading = QLabel()
        self._loading.setProperty("role", "muted")
        self._loading.setAccessibleName(self.tr("Loading"))
        self._empty = QLabel(self.tr("No device has sent values yet."))
        self._empty.setProperty("role", "muted")
        self._ranges = QButtonGroup(self)
        self._ranges.idClicked.connect(self._choose_range)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)
        self._lay_out()

    def show_device(self, device: DeviceId) -> None:
        """Choose this device."""
        self._list_devices()
        index = self.device.findData(device)
        if index >= 0:
            self.device.setCurrentIndex(index)

    @Slot()
    def refresh(self) -> None:
        """Draw the present values, unless the operator stopped the picture."""
        device = self.device.currentData()
        self._empty.setVisible(device is None)
        if device is None or not self.isVisible():
            return
        if self._answers is not None and self._seconds > _IN_MEMORY:
            self._ask_stored(self._answers, DeviceId(str(device)))
            return
        captions = self._captions()
        for channel, unit in _CHANNELS.items():
            trend = self._console.trend(DeviceId(str(device)), channel, float(self._seconds))
            self._plots[unit].draw(trend, captions[channel])
        self._set_axes(str(device))

    def _ask_stored(self, answers: Answers, device: DeviceId) -> None:
        """Read a long range, and again when it has moved by a visible part."""
        now = self._console.clock.mono()
        if now < self._due:
            return
        turn = min(max(self._seconds / _TURNS, _LEAST_TURN), _LONGEST_TURN)
        self._due = now + turn
        for channel in _CHANNELS:
            answers.ask(TrendAsked(device, channel, float(self._seconds)))
        self._tell_loading()

    @Slot(object)
    def _draw_stored(self, answer: TrendRead) -> None:
        asked = answer.asked
        if asked.seconds != self._seconds or asked.device != self.device.currentData():
            return
        if not self._plots:
            return
        channel = asked.channel
        self._plots[_CHANNELS[channel]].draw(answer.trend, self._captions()[channel])
        self._set_axes(str(asked.device))
        self._tell_loading()
        if answer.problem:
            self._loading.setText(answer.problem)

    def _tell_loading(self) -> None:
        if self._answers is not None and self._answers.waiting:
            self._loading.setText(self.tr("Loading …"))
        elif any(plot.widget.isVisibleTo(self) for plot in self._plots.values()):
            self._loading.clear()
        else:
            self._loading.setText(self.tr("No values were stored in this time."))

    def _set_axes(self, device: str) -> None:
        end = self._console.clock.now().utc
        limits = self._limits(device)
        self._plots["ppm"].limits(((limits.gas_limit, self._colours.high),))
        self._plots["°C"].limits(
            ((limits.thermal_fire, self._colours.fire), (limits.thermal_high, self._colours.high))
        )
        for plot in self._plots.values():
            plot.show_range(end - self._seconds, end)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._plots:
            self._make_plots()
        self._list_devices()
        self.refresh()
        self.device.setFocus()
        if self.live.isChecked():
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    @Slot(bool)
    def _toggled(self, live: bool) -> None:
        if live:
            self.refresh()
            self._timer.start()
        else:
            self._timer.stop()

    @Slot(int)
    def _choose_range(self, seconds: int) -> None:
        self._seconds = seconds
        self._begin()

    @Slot()
    def _choose_device(self) -> None:
        """Curves of another device must not stand below this one's name until answers come."""
        nothing = np.empty(0)
        for channel, unit in _CHANNELS.items():
            if self._plots:
                empty = Trend(channel, "", nothing, nothing)
                self._plots[unit].draw(empty, self._captions()[channel])
        self._begin()

    def _begin(self) -> None:
        """Show another device or range; what was asked before does not matter any more."""
        self._due = 0.0
        if self._answers is not None:
            self._answers.forget()
        self._loading.clear()
        self.refresh()

    @Slot(object)
    def _point(self, utc: float) -> None:
        """Tell the values of all curves at this moment."""
        form = "%H:%M:%S" if self._seconds <= 86_400 else "%Y-%m-%d %H:%M"
        moment = datetime.fromtimestamp(utc).astimezone().strftime(form)
        values = [text for plot in self._plots.values() for text in plot.values_at(utc)]
        self._cursor.setText("   ".join([moment, *values]))

    def _captions(self) -> dict[str, str]:
        return {
            "thermal max": self.tr("Thermal maximum"),
            "thermal mean": self.tr("Thermal mean"),
            "ambient": self.tr("Sensor temperature"),
            "smoke": self.tr("Smoke"),
            "flame": self.tr("Flame"),
            "gas": self.tr("Gas"),
        }

    def _make_plots(self) -> None:
        for unit in dict.fromkeys(_CHANNELS.values()):
            plot = Plot(unit, self._colours)
            plot.pointed.connect(self._point)
            self._plots[unit] = plot
            self._column.addWidget(plot.widget, 3 if unit == "°C" else 2)

    def _limits(self, device: str) -> DeviceLimits:
        known = (d for d in self._console.settings().devices if d.id == device)
        found = next(known, None)
        return DeviceLimits() if found is None else found.limits

    def _list_devices(self) -> None:
        devices = self._console.devices().devices
        ids = [self.device.itemData(i) for i in range(self.device.count())]
        if ids == [d.id for d in devices]:
            return
        chosen = self.device.currentData()
        self.device.blockSignals(True)
        self.device.clear()
        for device in devices:
            self.device.addItem(device.name or device.id, device.id)
        index = self.device.findData(chosen)
        self.device.setCurrentIndex(max(0, index))
        self.device.blockSignals(False)

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Trends"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(title)
        head.addSpacing(12)
        head.addWidget(self.device)
        head.addStretch(1)
        for seconds, caption in (*_RANGES, *(_STORED if self._answers is not None else ())):
            button = QToolButton()
            button.setText(caption)
            button.setCheckable(True)
            button.setChecked(seconds == self._seconds)
            self._ranges.addButton(button, seconds)
            head.addWidget(button)
        head.addSpacing(12)
        head.addWidget(self.live)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(12)
        self._column.addLayout(head)
        told = QHBoxLayout()  # a line of its own, so that a long text moves nothing
        told.addWidget(self._loading)
        told.addWidget(self._cursor, 1)
        self._column.addLayout(told)
        self._column.addWidget(self._empty)
