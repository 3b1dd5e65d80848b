"""Everything about the selected region: name, optics, live values, rules."""

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from embereye.model.thermal import RegionReading
from embereye.ui.region_draft import Area, Draft
from embereye.ui.rule_form import RuleForm


class RegionPanel(QWidget):
    """Edits one area. GUI thread.

    Signals:
        changed: (Area)
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._area: Area | None = None
        self.name, self.emissivity, self.reflected = QLineEdit(), QLineEdit(), QLineEdit()
        self.emissivity.setPlaceholderText(self.tr("the device's"))
        self.reflected.setPlaceholderText(self.tr("the device's"))
        self._error = QLabel()
        self._error.setProperty("role", "fire")
        self._error.setWordWrap(True)
        self._live = QLabel()
        self._live.setWordWrap(True)
        self.rules = RuleForm()
        self.rules.changed.connect(self._take_rules)
        for field in (self.name, self.emissivity, self.reflected):
            field.textEdited.connect(self._take)
        self._form = QFormLayout()
        self._form.setSpacing(8)
        self._form.addRow(self.tr("Name"), self.name)
        self._form.addRow(self.tr("Emissivity"), self.emissivity)
        self._form.addRow(self.tr("Reflected, °C"), self.reflected)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._form)
        column.addWidget(self._error)
        column.addWidget(self._live)
        column.addWidget(self.rules)
        column.addStretch(1)
        self._error.hide()

    @property
    def wrong(self) -> bool:
        """Whether fields hold what cannot be saved."""
        return bool(self._error.text()) or self.rules.wrong

    def show_area(self, area: Area, draft: Draft) -> None:
        """Edit this area of a draft."""
        self._area = area
        self.name.setText(area.name)
        self.emissivity.setText("" if area.emissivity is None else f"{area.emissivity:g}")
        self.reflected.setText("" if area.reflected is None else f"{area.reflected:g}")
        self._error.clear()
        self._error.hide()
        region = area.shape != "mask"
        for field in (self.emissivity, self.reflected):
            self._form.setRowVisible(field, region)
        others = [(a.id, a.name) for a in draft.areas if a.shape != "mask" and a.id != area.id]
        self.rules.setVisible(region)
        self.rules.show_rules(area.rules, others)
        self.show_reading(None)

    def take_shape(self, area: Area) -> None:
        """The same area was moved on the picture."""
        self._area = area

    def show_reading(self, reading: RegionReading | None) -> None:
        """Tell the live values; None before the region is in force."""
        if self._area is not None and self._area.shape == "mask":
            self._live.setText(self.tr("Cells under a mask count for nothing."))
        elif reading is None:
            self._live.setText(self.tr("Live values appear once the region is saved."))
        elif reading.max is None or reading.min is None or reading.mean is None:
            self._live.setText(self.tr("Nothing usable is seen there now."))
        else:
            text = self.tr("Max {0:.1f} · min {1:.1f} · mean {2:.1f} °C · {3}")
            words = text.format(reading.max, reading.min, reading.mean, reading.state.value)
            if reading.expected is not None:
                words += self.tr(" · usual now {0:.1f} °C").format(reading.expected)
            self._live.setText(words)

    @Slot()
    def _take_rules(self) -> None:
        if self._area is not None:
            self._area = replace(self._area, rules=self.rules.rules)
            self.changed.emit(self._area)

    @Slot()
    def _take(self) -> None:
        if self._area is None:
            return
        emissivity, reflected = _number(self.emissivity), _number(self.reflected)
        problem = ""
        if not self.name.text().strip():
            problem = self.tr("Give the region a name.")
        elif isinstance(emissivity, str) or (emissivity and not 0.1 <= emissivity <= 1.0):
            problem = self.tr("The emissivity is a number from 0.1 to 1.")
        elif isinstance(reflected, str) or (reflected and not -50 <= reflected <= 1000):
            problem = self.tr("The reflected temperature is a number from −50 to 1000 °C.")
        self._error.setText(problem)
        self._error.setVisible(bool(problem))
        if problem or isinstance(emissivity, str) or isinstance(reflected, str):
            return
        self._area = replace(
            self._area,
            name=self.name.text().strip(),
            emissivity=emissivity,
            reflected=reflected,
        )
        self.changed.emit(self._area)


def _number(field: QLineEdit) -> float | str | None:
    """The number in a field, None when it is empty; the text when it is no number."""
    text = field.text().strip().replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text
