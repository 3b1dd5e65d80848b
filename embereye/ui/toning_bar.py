"""How a thermal picture is coloured: palette, span, isotherm, numbers."""

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QWidget

from embereye.model.reading import ThermalFrame
from embereye.ui import palette
from embereye.ui.heat import Toning
from embereye.ui.theme import Tokens

_NUMBER = 84  # px of a field for a temperature
_COLDEST, _HOTTEST = -50.0, 1000.0  # °C that can be chosen


class ToningBar(QWidget):
    """Chooses the colours. GUI thread.

    Signals:
        changed: (Toning)

    Attributes:
        numbers: Whether each cell tells its temperature.
    """

    changed = Signal(object)

    def __init__(self, palette_name: str, colours: Tokens) -> None:
        super().__init__()
        self.toning = Toning(palette_name, marked=colours.fire)
        self.numbers = False
        self.palette_box = QComboBox()
        self.palette_box.addItems(palette.PALETTES)
        self.palette_box.setCurrentText(palette_name)
        self.palette_box.setAccessibleName(self.tr("Thermal colours"))
        self.fixed = QCheckBox(self.tr("Fixed span"))
        self.low, self.high = _spin(20.0), _spin(60.0)
        self.low.setAccessibleName(self.tr("Coldest colour, °C"))
        self.high.setAccessibleName(self.tr("Hottest colour, °C"))
        self.isotherm = QCheckBox(self.tr("Isotherm from"))
        self.level = _spin(60.0)
        self.level.setAccessibleName(self.tr("Isotherm, °C"))
        self.grid = QCheckBox(self.tr("Numbers"))
        self._ends = QLabel()
        self._ends.setProperty("role", "muted")
        self.palette_box.currentTextChanged.connect(self._take)
        for box in (self.fixed, self.isotherm, self.grid):
            box.toggled.connect(self._take)
        for spin in (self.low, self.high, self.level):
            spin.valueChanged.connect(self._take)
        self._lay_out()
        self._enable()

    def show_frame(self, frame: ThermalFrame | None) -> None:
        """Tell what the colours mean for this frame."""
        if frame is None:
            self._ends.clear()
            return
        ends = self.toning.ends(frame)
        self._ends.setText(f"{ends.low:.0f} … {ends.high:.0f} {ends.unit or self.tr('relative')}")

    @Slot()
    def _take(self) -> None:
        span = (self.low.value(), self.high.value()) if self.fixed.isChecked() else None
        self.toning = replace(
            self.toning,
            palette=self.palette_box.currentText(),
            span=span,
            isotherm=self.level.value() if self.isotherm.isChecked() else None,
            smooth=not self.grid.isChecked(),
        )
        self.numbers = self.grid.isChecked()
        self._enable()
        self.changed.emit(self.toning)

    def _enable(self) -> None:
        self.low.setEnabled(self.fixed.isChecked())
        self.high.setEnabled(self.fixed.isChecked())
        self.level.setEnabled(self.isotherm.isChecked())
        self.high.setMinimum(self.low.value() + 1.0)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (
            self.palette_box,
            self.fixed,
            self.low,
            self.high,
            self.isotherm,
            self.level,
            self.grid,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._ends)


def _spin(value: float) -> QDoubleSpinBox:
    spin = QDoubleSpinBox()
    spin.setRange(_COLDEST, _HOTTEST)
    spin.setDecimals(0)
    spin.setSuffix(" °C")
    spin.setFixedWidth(_NUMBER)
    spin.setValue(value)
    return spin
