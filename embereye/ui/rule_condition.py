"""One condition of a rule as a row of fields that follow what it looks at."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from embereye.config.rule_options import Condition
from embereye.ui import rule_captions as captions
from embereye.ui.elided import keep_narrow
from embereye.ui.rule_cell import RuleCell, RuleCells, fill, number, same
from embereye.ui.rule_choices import RuleChoices
from embereye.ui.rule_fold import RuleFold
from embereye.ui.rule_sources import RuleSources

_NUMBERS = ("limit", "dead_band", "on_delay", "off_delay", "hits", "of")
_MORE = ("dead_band", "on_delay", "off_delay", "hits", "of")
# Which fields say what is looked at, by input; the others keep their defaults.
_USED = {
    "label": ("label", "zone"),
    "thermal": ("measure", "region"),
    "sensor": ("channel",),
    "alarm": ("kind",),
}
_SECOND = {name: column for pair in _USED.values() for column, name in enumerate(pair, 1)}
DEFAULTS = Condition().model_dump(mode="json")


class RuleCondition(QFrame):
    """Edits a condition; `values` says what is entered, right or wrong. GUI thread.

    Signals:
        edited: ()
        removed: (RuleCondition)
    """

    edited = Signal()
    removed = Signal(object)

    def __init__(self, values: Mapping[str, object], choices: RuleChoices, place: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self._before = {**DEFAULTS, **values}
        self._choices, self._place = choices, place
        self._scale = captions.scale_of(self._before)
        looked_at = str(self._before["input"])
        self._about = looked_at, str(self._before["kind"]) if looked_at == "alarm" else ""
        self.number = QLabel()
        self.number.setProperty("role", "strong")
        self.error = QLabel()
        self.error.setProperty("role", "fire")
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.hide()
        self.remove_button = QPushButton(self.tr("Remove"))
        self.remove_button.setAutoDefault(False)
        self.remove_button.clicked.connect(self._remove)
        self.cells = RuleCells(self)
        self.sources = RuleSources(self.tr("all of the place"))
        self._make_fields()
        self._lay_out()
        self._offer(self._before)
        self.cells.show(self._before)
        self._follow()
        self.cells.edited.connect(self._edited)
        self.sources.edited.connect(self._edited)

    def values(self) -> dict[str, object]:
        """The options as the settings have them; numbers as they were typed."""
        found = self.cells.values()
        for name in _NUMBERS:
            found[name] = number(found[name])
        used = _USED.get(str(found["input"]), ())
        for name in _SECOND:
            if name not in used:
                found[name] = DEFAULTS[name]
        if captions.is_state(found):
            found["limit"], found["dead_band"] = captions.scale_of(found).begin, 0.0
        return {**found, "sources": self.sources.chosen()}

    def follow(self, choices: RuleChoices, place: str) -> None:
        """The settings, or the place of the rule, are others now."""
        self._choices, self._place = choices, place
        self._offer(self.values())

    def count(self, number: int, alone: bool) -> None:
        """Say which one it is; the only one cannot be removed."""
        self.number.setText(self.tr("Condition {0}").format(number))
        self.remove_button.setAccessibleName(self.tr("Remove condition {0}").format(number))
        self.remove_button.setVisible(not alone)

    def tell(self, problems: Mapping[str, str]) -> None:
        """Show problems under their fields; "" is about the whole of it."""
        self.cells.tell(problems)
        self.error.setText(problems.get("", ""))
        self.error.setVisible(bool(problems.get("")))
        if any(problems.get(name) for name in _MORE):
            self.more.open(True)

    def mark(self) -> None:
        """Mark what is not as it was."""
        now = self.values()
        different = [n for n, value in now.items() if not same(value, self._before[n])]
        self.cells.mark(different)
        self._sources.mark("sources" in different)

    def stops(self) -> list[QWidget]:
        """Where the keyboard stops, in reading order."""
        cells = self.cells.by_name
        first = ("input", "label", "measure", "channel", "kind", "zone", "region")
        fields = [cells[name].editor for name in first]
        fields += [self.sources, cells["comparison"].editor, cells["limit"].editor]
        return [
            *fields,
            self.more.button,
            *(cells[name].editor for name in _MORE),
            self.remove_button,
        ]

    @Slot()
    def _edited(self) -> None:
        before = self._scale
        self._follow()
        if self._scale != before:
            self.cells.show({"limit": self._scale.begin, "dead_band": 0.0})
        self.edited.emit()

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self)

    def _follow(self) -> None:
        """Show the fields that the input has."""
        cells, values = self.cells.by_name, self.cells.values()
        used = _USED.get(str(values["input"]), ())
        for name in _SECOND:
            cells[name].setVisible(name in used)
        state = captions.is_state(values)
        self._scale = captions.scale_of(values)
        for name in ("limit", "dead_band"):
            cells[name].setVisible(not state)
        hint = f"{self._scale.unit}  {self._scale.range}".strip()
        cells["limit"].show_hint(hint)
        compared = cells["comparison"].editor
        assert isinstance(compared, QComboBox)
        fill(compared, captions.comparisons(state), values["comparison"])
        self._offer(self.values())

    def _offer(self, values: Mapping[str, object]) -> None:
        """Fill the choices that depend on place, input and sources."""
        cells, choices, place = self.cells.by_name, self._choices, self._place
        looked_at, kind = str(values["input"]), str(values["kind"])
        listed = values["sources"]
        chosen = [str(one) for one in listed] if isinstance(listed, list | tuple) else []
        named = choices.sources(looked_at, kind, place)
        if looked_at == "alarm" and kind == "rule":
            named = choices.sources(looked_at, kind, "")
        known = {ident for ident, _ in choices.sources(looked_at, kind, "")}
        elsewhere = [(one, choices.name_of(one)) for one in chosen if one in known]
        here = {ident for ident, _ in named}
        others = [pair for pair in elsewhere if pair[0] not in here]
        about = looked_at, kind if looked_at == "alarm" else ""
        kept = chosen if about == self._about else []
        self._about = about
        self.sources.offer([*named, *others], kept)
        anywhere = [("", self.tr("anywhere"))]
        whole = [("", self.tr("whole picture"))]
        _fill(cells["zone"], [*anywhere, *choices.zones(place, kept)], values["zone"])
        _fill(cells["region"], [*whole, *choices.regions(place, kept)], values["region"])

    def _make_fields(self) -> None:
        label = QComboBox()
        label.setEditable(True)
        label.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        label.addItems(self._choices.labels(self._place))
        add = self.cells.add
        add("input", self.tr("Looks at"), _box(captions.inputs()))
        add("label", self.tr("What is seen"), label)
        add("zone", self.tr("In the area"), _box(()))
        add("measure", self.tr("Figure"), _box(captions.measures()))
        add("region", self.tr("Of the region"), _box(()))
        add("channel", self.tr("Channel"), _box(captions.channels()))
        add("kind", self.tr("Alarm"), _box(captions.kinds()))
        add("comparison", self.tr("Compared"), _box(captions.comparisons(False)))
        add("limit", self.tr("Limit"), QLineEdit())
        seconds = self.tr("s  0–3600")
        add("dead_band", self.tr("Dead band"), QLineEdit(), self.tr("below or above the limit"))
        add("on_delay", self.tr("Must hold for"), QLineEdit(), seconds)
        add("off_delay", self.tr("Must be gone for"), QLineEdit(), seconds)
        add("hits", self.tr("This many …"), QLineEdit(), "1–100")
        add("of", self.tr("… of the last"), QLineEdit(), self.tr("values  1–100"))

    def _lay_out(self) -> None:
        cells = self.cells.by_name
        more = QWidget()
        line = QGridLayout(more)
        line.setContentsMargins(0, 0, 0, 0)
        for column, name in enumerate(_MORE):
            line.addWidget(cells[name], 0, column)
        self.more = RuleFold(self.tr("More: delays, dead band, N of M"), more)
        self._sources = RuleCell(self.tr("At"), self.sources)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setSpacing(8)
        grid.addWidget(self.number, 0, 0, 1, 2)
        grid.addWidget(self.remove_button, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(cells["input"], 1, 0)
        for name, column in _SECOND.items():
            grid.addWidget(cells[name], 1, column)
        grid.addWidget(self._sources, 2, 0)
        grid.addWidget(cells["comparison"], 2, 1)
        grid.addWidget(cells["limit"], 2, 2)
        grid.addWidget(self.error, 3, 0, 1, 3)
        grid.addWidget(self.more, 4, 0, 1, 3)
        for column in range(3):
            grid.setColumnStretch(column, 1)


def _box(choices: object) -> QComboBox:
    box = QComboBox()
    keep_narrow(box, 12)
    for value, caption in choices:  # type: ignore[attr-defined]
        box.addItem(caption, value)
    return box


def _fill(cell: RuleCell, choices: list[tuple[str, str]], chosen: object) -> None:
    assert isinstance(cell.editor, QComboBox)
    fill(cell.editor, choices, chosen)
