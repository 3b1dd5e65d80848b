"""The rules of one thermal region as rows of fields."""

from collections.abc import Sequence

from pydantic import ValidationError
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.config.schema import ThermalRule
from embereye.ui.elided import keep_narrow

_NUMBER = 64  # px of a field for a number
_MOST = 16  # rules of a region (config.device_options)
_TEMPERATURES = frozenset({"max", "min", "mean"})  # °C; each other measure has its own scale
_NEW = ThermalRule(measure="max", pre_alarm=60.0, alarm=85.0)  # the limits of the whole picture


class RuleForm(QWidget):
    """Edits a tuple of rules. GUI thread.

    Signals:
        changed: () `rules` is another one; only while all fields are right
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rules: tuple[ThermalRule, ...] = ()
        self._rows: list[_Row] = []
        self._others: tuple[tuple[str, str], ...] = ()
        self.error = QLabel()
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setProperty("role", "fire")
        self.add_button = QPushButton(self.tr("Add rule"))
        self.add_button.clicked.connect(self._add)
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(self._column)
        whole.addWidget(self.error)
        line = QHBoxLayout()
        line.addWidget(self.add_button)
        line.addStretch(1)
        whole.addLayout(line)

    def show_rules(self, rules: Sequence[ThermalRule], others: Sequence[tuple[str, str]]) -> None:
        """Show these rules.

        Args:
            others: (id, name) of the other regions, for differences.
        """
        self.rules, self._others = tuple(rules), tuple(others)
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for rule in self.rules:
            self._append(rule)
        self.error.clear()
        self.error.hide()

    @property
    def wrong(self) -> bool:
        """Whether fields hold what cannot be saved."""
        return bool(self.error.text())

    def _append(self, rule: ThermalRule) -> "_Row":
        row = _Row(rule, self._others)
        row.edited.connect(self._take)
        row.removed.connect(self._remove)
        self._rows.append(row)
        self._column.addWidget(row)
        self.add_button.setEnabled(len(self._rows) < _MOST)
        return row

    @Slot()
    def _add(self) -> None:
        self._append(_NEW).measure.setFocus()
        self._take()

    @Slot(object)
    def _remove(self, row: "_Row") -> None:
        self._rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.add_button.setEnabled(True)
        self._take()

    @Slot()
    def _take(self) -> None:
        found, problems = [], []
        for row in self._rows:
            try:
                found.append(row.rule())
            except ValidationError as error:
                first = error.errors()[0]
                field = " ".join(str(part) for part in first["loc"]).replace("_", " ")
                text = first["msg"].removeprefix("Value error, ")
                if row.empty:
                    text = self.tr("Enter a level for the pre-alarm, the alarm or both.")
                problems.append(f"{field}: {text}" if field else text)
        self.error.setText("\n".join(problems))
        self.error.setVisible(bool(problems))
        if not problems:
            self.rules = tuple(found)
            self.changed.emit()


class _Row(QWidget):
    """One rule.

    Signals:
        edited: ()
        removed: (the row)
    """

    edited = Signal()
    removed = Signal(object)

    def __init__(self, rule: ThermalRule, others: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.measure = QComboBox()
        for value, caption in self._measures():
            self.measure.addItem(caption, value)
        self.measure.setCurrentIndex(self.measure.findData(rule.measure))
        self.measure.setAccessibleName(self.tr("What is watched"))
        self.other = QComboBox()
        for ident, name in others:
            self.other.addItem(self.tr("less {0}").format(name), ident)
        keep_narrow(self.other, 16)
        self.other.setCurrentIndex(max(0, self.other.findData(rule.other)))
        self.other.setAccessibleName(self.tr("Compared with"))
        self.way = QComboBox()
        self.way.addItem(self.tr("at or above"), False)
        self.way.addItem(self.tr("at or below"), True)
        self.way.setCurrentIndex(int(rule.below))
        self.way.setAccessibleName(self.tr("Direction"))
        self.pre_alarm = _number(rule.pre_alarm, self.tr("Pre-alarm"))
        self.alarm = _number(rule.alarm, self.tr("Alarm"))
        self.band = _number(rule.dead_band, self.tr("Dead band"))
        self.delay = _number(rule.on_delay, self.tr("Delay until it counts, s"))
        self.off = _number(rule.off_delay, self.tr("Delay until it is over, s"))
        self._remove = QPushButton(self.tr("Remove"))
        self._remove.clicked.connect(self._removed)
        self._shown = rule.measure
        self.measure.activated.connect(self._measured)
        for box in (self.other, self.way):
            box.activated.connect(self._edited)
        for field in (self.pre_alarm, self.alarm, self.band, self.delay, self.off):
            field.textEdited.connect(self._edited)
        self._lay_out()
        self.other.setVisible(rule.measure == "difference")

    @property
    def empty(self) -> bool:
        """Whether it has no level."""
        return not (self.pre_alarm.text().strip() or self.alarm.text().strip())

    def rule(self) -> ThermalRule:
        """What the fields say; ValidationError when they make no rule."""
        measure = self.measure.currentData()
        return ThermalRule.model_validate(
            {
                "measure": measure,
                "other": (self.other.currentData() or "") if measure == "difference" else "",
                "below": self.way.currentData(),
                "pre_alarm": _value(self.pre_alarm),
                "alarm": _value(self.alarm),
                "dead_band": _value(self.band) or 0.0,
                "on_delay": _value(self.delay) or 0.0,
                "off_delay": _value(self.off) or 0.0,
            }
        )

    @Slot()
    def _measured(self) -> None:
        """Levels of a temperature mean nothing for a difference or a rate: ask for others."""
        measure = self.measure.currentData()
        if measure != self._shown and not {measure, self._shown} <= _TEMPERATURES:
            self.pre_alarm.clear()
            self.alarm.clear()
        self._shown = measure
        self._edited()

    @Slot()
    def _edited(self) -> None:
        self.other.setVisible(self.measure.currentData() == "difference")
        self.edited.emit()

    @Slot()
    def _removed(self) -> None:
        self.removed.emit(self)

    def _measures(self) -> list[tuple[str, str]]:
        return [
            ("max", self.tr("Maximum, °C")),
            ("min", self.tr("Minimum, °C")),
            ("mean", self.tr("Mean, °C")),
            ("spread", self.tr("Hottest − coldest, K")),
            ("difference", self.tr("Mean difference, K")),
            ("ambient", self.tr("Above the sensor, K")),
            ("rise", self.tr("Rate of rise, °C/min")),
            ("unusual", self.tr("Unusual at this hour, K")),
        ]

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 4)
        grid.setSpacing(6)
        grid.addWidget(self.measure, 0, 0, 1, 3)
        grid.addWidget(self.way, 0, 3, 1, 2)
        grid.addWidget(self.other, 1, 0, 1, 5)
        fields = (
            (self.tr("Pre-alarm"), self.pre_alarm),
            (self.tr("Alarm"), self.alarm),
            (self.tr("Band"), self.band),
            (self.tr("On, s"), self.delay),
            (self.tr("Off, s"), self.off),
        )
        for column, (caption, field) in enumerate(fields):
            label = QLabel(caption)
            label.setProperty("role", "muted")
            grid.addWidget(label, 2, column)
            grid.addWidget(field, 3, column)
        grid.addWidget(self._remove, 4, 0, 1, 2, Qt.AlignmentFlag.AlignLeft)


def _number(value: float | None, name: str) -> QLineEdit:
    field = QLineEdit("" if value is None else f"{value:g}")
    field.setAccessibleName(name)
    field.setMinimumWidth(_NUMBER)
    return field


def _value(field: QLineEdit) -> float | str | None:
    """The number in a field, None when it is empty; other text as it is, to be refused."""
    text = field.text().strip().replace(",", ".")
    return text or None
