"""What an area or a line is about, edited beside the picture that it is drawn on."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from embereye.ui.schedule_row import ScheduleRow
from embereye.ui.zone_draft import EXCLUDE, INCLUDE, Drawn
from embereye.ui.zone_words import USUAL_LABELS, label_remark, labels_of, summary

_NUMBER = 120  # px
_MARGIN = 6  # px; as text fields have
_NAME = 120  # characters (config.options.Name)
_MOST_LABELS, _LONGEST = 40, 60  # labels, and characters of one (config.zone_options)


class ZonePanel(QWidget):
    """Edits one area or line. GUI thread.

    Signals:
        edited: (Drawn) with one thing changed
    """

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._drawn: Drawn | None = None
        self._known: frozenset[str] | None = None
        self.field = ""  # that was edited last, for steps of undo
        self._make_fields()
        self._make_labels()
        self.schedule = ScheduleRow()
        self.schedule.edited.connect(self._set_schedule)
        self.remark, self.summary = QLabel(), QLabel()
        for label, role in ((self.remark, "fault"), (self.summary, "muted")):
            label.setProperty("role", role)
            label.setWordWrap(True)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 8, 0)
        self._form.setSpacing(8)
        self._lay_out()
        self.show_drawn(None)

    def knows(self, labels: frozenset[str] | None) -> None:
        """What the detectors of the camera can name; None: perhaps anything."""
        self._known = labels
        text = self.tr("The models of this camera know: {0}.")
        self.others.setToolTip("" if labels is None else text.format(", ".join(sorted(labels))))
        self._tell()

    def show_drawn(self, drawn: Drawn | None) -> None:
        """Show this one; None: nothing is chosen."""
        before, self._drawn = self._drawn, drawn
        self.setVisible(drawn is not None)
        if drawn is None:
            return
        blocked = [QSignalBlocker(field) for field in self._fields()]
        if before is None or before.id != drawn.id or self.name.text().strip() != drawn.name:
            self.name.setText(drawn.name)
        self.kind.setCurrentIndex(self.kind.findData(drawn.kind))
        self.direction.setCurrentIndex(self.direction.findData(drawn.direction))
        self.confidence.setValue(round(drawn.confidence * 100))
        self.least_area.setValue(drawn.least_area * 100)
        self.dwell.setValue(drawn.dwell)
        self.alarm.setChecked(drawn.alarm)
        self._show_labels(drawn)
        del blocked
        self.schedule.show_schedule(drawn.schedule)
        area, ignored = drawn.closed, drawn.kind == EXCLUDE
        self._form.setRowVisible(self.kind, area)
        self._form.setRowVisible(self.direction, not area)
        self._form.setRowVisible(self.confidence, not ignored)
        for field in (self.least_area, self.dwell, self.alarm):
            self._form.setRowVisible(field, area and not ignored)
        self._tell()

    # --- what was edited ---------------------------------------------------------------------

    @Slot(str)
    def _set_name(self, text: str) -> None:
        self._change("name", name=text.strip())

    @Slot()
    def _set_kind(self) -> None:
        self._change("kind", kind=str(self.kind.currentData()))

    @Slot()
    def _set_direction(self) -> None:
        self._change("direction", direction=str(self.direction.currentData()))

    @Slot()
    def _set_labels(self) -> None:
        ticked = tuple(label for label, box in self.labels.items() if box.isChecked())
        kept = tuple(label[:_LONGEST] for label in (*ticked, *self._typed()))
        self._change("labels", labels=kept[:_MOST_LABELS])

    @Slot()
    def _tick_typed(self) -> None:
        """Usual labels that were typed are ticked, once all is typed: "person" begins others."""
        usual = [label for label in labels_of(self.others.text()) if label in self.labels]
        if usual:
            for label in usual:
                self.labels[label].setChecked(True)
            self.others.setText(", ".join(self._typed()))
            self._set_labels()

    @Slot(int)
    def _set_confidence(self, percent: int) -> None:
        self._change("confidence", confidence=percent / 100)

    @Slot(float)
    def _set_least_area(self, percent: float) -> None:
        self._change("least_area", least_area=round(percent / 100, 5))

    @Slot(float)
    def _set_dwell(self, seconds: float) -> None:
        self._change("dwell", dwell=seconds)

    @Slot(bool)
    def _set_alarm(self, on: bool) -> None:
        self._change("alarm", alarm=on)

    @Slot(object)
    def _set_schedule(self, schedule: object) -> None:
        self._change("schedule", schedule=schedule)

    def _change(self, field: str, **changes: object) -> None:
        if self._drawn is None:
            return
        self.field = field
        self._drawn = replace(self._drawn, **changes)  # type: ignore[arg-type]  # one of its own
        self._tell()
        self.edited.emit(self._drawn)

    def _tell(self) -> None:
        if self._drawn is not None:
            self.summary.setText(summary(self._drawn))
            remark = label_remark(self._drawn.labels, self._known)
            self.remark.setText(remark)
            self._form.setRowVisible(self.remark, bool(remark))

    def _show_labels(self, drawn: Drawn) -> None:
        for label, box in self.labels.items():
            box.setChecked(label in drawn.labels)
        others = tuple(label for label in drawn.labels if label not in self.labels)
        if self._typed() != others:  # a comma that is being typed stays
            self.others.setText(", ".join(others))

    def _typed(self) -> tuple[str, ...]:
        """The labels that were typed but for the usual ones."""
        typed = labels_of(self.others.text())
        return tuple(label for label in typed if label not in self.labels)

    # --- building ----------------------------------------------------------------------------

    def _fields(self) -> list[QWidget]:
        numbers = (self.confidence, self.least_area, self.dwell)
        fields = (self.name, self.kind, self.direction, *numbers, self.alarm, self.others)
        return [*fields, *self.labels.values()]

    def _make_fields(self) -> None:
        self.name = QLineEdit()
        self.name.setMaxLength(_NAME)
        self.name.textEdited.connect(self._set_name)
        self.kind = QComboBox()
        self.kind.addItem(self.tr("Include: counts only inside"), INCLUDE)
        self.kind.addItem(self.tr("Exclude: ignored inside"), EXCLUDE)
        self.kind.activated.connect(self._set_kind)
        self.direction = QComboBox()
        for value, text in (
            ("both", self.tr("Both ways")),
            ("to the right", self.tr("To the right only")),
            ("to the left", self.tr("To the left only")),
        ):
            self.direction.addItem(text, value)
        self.direction.activated.connect(self._set_direction)
        self.confidence = QSpinBox()
        self.confidence.setRange(0, 99)
        self.confidence.setSpecialValueText(self.tr("as the camera"))
        self.confidence.valueChanged.connect(self._set_confidence)
        self.least_area, self.dwell = QDoubleSpinBox(), QDoubleSpinBox()
        self.least_area.setRange(0.0, 100.0)
        self.least_area.setDecimals(2)
        self.least_area.setSingleStep(0.1)
        self.least_area.setSpecialValueText(self.tr("any"))
        self.least_area.valueChanged.connect(self._set_least_area)
        self.dwell.setRange(0.0, 3600.0)  # s (config.zone_options)
        self.dwell.setDecimals(1)
        self.dwell.setSpecialValueText(self.tr("at once"))
        self.dwell.valueChanged.connect(self._set_dwell)
        self.confidence.setSuffix(" %")
        self.least_area.setSuffix(self.tr(" % of the picture"))
        self.dwell.setSuffix(" s")
        self.alarm = QCheckBox(self.tr("Intrusion alarm"))
        self.alarm.setToolTip(self.tr("Flame and smoke raise their own alarms anyway."))
        self.alarm.clicked.connect(self._set_alarm)

    def _make_labels(self) -> None:
        captions = (self.tr("Fire"), self.tr("Smoke"), self.tr("Person"), self.tr("Vehicle"))
        self.labels: dict[str, QCheckBox] = {}
        self._ticks = QWidget()
        grid = QGridLayout(self._ticks)
        grid.setContentsMargins(0, 0, 0, 0)
        for number, (label, text) in enumerate(zip(USUAL_LABELS, captions, strict=True)):
            box = QCheckBox(text)
            box.clicked.connect(self._set_labels)
            self.labels[label] = box
            grid.addWidget(box, number // 2, number % 2)
        self.others = QLineEdit()
        self.others.setPlaceholderText(self.tr("others, such as forklift, dog"))
        self.others.textEdited.connect(self._set_labels)
        self.others.editingFinished.connect(self._tick_typed)
        grid.addWidget(self.others, 2, 0, 1, 2)

    def _lay_out(self) -> None:
        rows = (
            (self.tr("Name"), self.name),
            (self.tr("Kind"), self.kind),
            (self.tr("Counts"), self.direction),
            (self.tr("About"), self._ticks),
            (self.tr("Confidence"), self.confidence),
            (self.tr("Least size"), self.least_area),
            (self.tr("Stays inside"), self.dwell),
        )
        for number in (self.confidence, self.least_area, self.dwell):
            number.setMinimumWidth(_NUMBER)
            number.lineEdit().setTextMargins(_MARGIN, 0, 0, 0)
        for caption, field in rows:
            field.setAccessibleName(caption)
            self._form.addRow(caption, field)
            if field is self._ticks:
                self._form.addRow(self.remark)
        self._form.addRow("", self.alarm)
        self._form.addRow(self.tr("When it counts"), QWidget())
        self._form.addRow(self.schedule)
        self._form.addRow(self.summary)
