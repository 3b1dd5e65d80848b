"""The numbers of one recorded thermal frame."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QVBoxLayout

from embereye.model.reading import ThermalFrame
from embereye.ui.words import clock_time, full_time

_WIDTH = 232  # px


class FrameFacts(QFrame):
    """Time, temperatures and state of the sensor, beside the picture. GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setFixedWidth(_WIDTH)
        self.time = QLabel("–")
        self.time.setProperty("role", "title")
        self.date = QLabel()
        self.date.setProperty("role", "muted")
        self._rows = {
            name: QLabel("–")
            for name in ("maximum", "cell", "mean", "minimum", "ambient", "supply")
        }
        self._form = QFormLayout()
        self._form.setVerticalSpacing(8)
        self._form.setHorizontalSpacing(12)
        captions = (
            self.tr("Maximum"),
            self.tr("Hottest cell"),
            self.tr("Mean"),
            self.tr("Minimum"),
            self.tr("Sensor"),
            self.tr("Supply"),
        )
        for caption, value in zip(captions, self._rows.values(), strict=True):
            name = QLabel(caption)
            name.setProperty("role", "muted")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._form.addRow(name, value)
        self._rows["maximum"].setProperty("role", "strong")
        self._note = QLabel()
        self._note.setProperty("role", "muted")
        self._note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addWidget(self.time)
        column.addWidget(self.date)
        column.addSpacing(16)
        column.addLayout(self._form)
        column.addSpacing(16)
        column.addWidget(self._note)
        column.addStretch(1)

    def show_frame(self, frame: ThermalFrame | None) -> None:
        """Show the numbers of this frame."""
        if frame is None:
            for label in (self.time, *self._rows.values()):
                label.setText("–")
            self.date.clear()
            self._note.clear()
            return
        self.time.setText(clock_time(frame.at.utc))
        self.time.setToolTip(full_time(frame.at.utc))
        self.date.setText(full_time(frame.at.utc)[:10])
        row, column = frame.hottest
        known = frame.celsius is not None
        self._tell("maximum", frame.max_celsius, "°C")
        self._rows["cell"].setText(self.tr("row {0}, column {1}").format(row + 1, column + 1))
        self._rows["cell"].setVisible(known)
        self._tell("mean", frame.mean_celsius, "°C")
        self._tell("minimum", frame.min_celsius, "°C")
        self._tell("ambient", frame.ta_celsius, "°C")
        self._tell("supply", frame.vdd_volt, "V")
        self._note.setText(
            self.tr("Computed with the present calibration and emissivity of the device.")
            if known
            else self.tr("No temperatures: the calibration of the device is not known.")
        )

    def _tell(self, name: str, value: float | None, unit: str) -> None:
        self._rows[name].setText("–" if value is None else f"{value:.1f} {unit}")
