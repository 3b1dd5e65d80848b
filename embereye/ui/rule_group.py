"""Conditions that belong together, and how many of them must hold."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.ui.rule_captions import needs
from embereye.ui.rule_cell import RuleCells, number, same
from embereye.ui.rule_choices import RuleChoices
from embereye.ui.rule_condition import DEFAULTS, RuleCondition
from embereye.ui.rule_problems import Problems, Where, inside

_MOST = 20  # conditions (config.rule_options)
_HEAD = ("need", "count", "within")
NEW_GROUP: Mapping[str, object] = {"conditions": [{}]}
_BEFORE: Mapping[str, object] = {"need": "all", "count": 1, "within": 0.0}


class RuleGroup(QFrame):
    """Edits a group. GUI thread.

    Signals:
        edited: () a value
        reshaped: () conditions came or went
        removed: (RuleGroup)
    """

    edited = Signal()
    reshaped = Signal()
    removed = Signal(object)

    def __init__(self, values: Mapping[str, object], choices: RuleChoices, place: str) -> None:
        super().__init__()
        self._before = {**_BEFORE, **values}
        self._choices, self._place = choices, place
        self.rows: list[RuleCondition] = []
        self.title, self.error = QLabel(), QLabel()
        self.title.setProperty("role", "strong")
        self.error.setProperty("role", "fire")
        self.error.setWordWrap(True)
        self.error.hide()
        self.add_button = QPushButton(self.tr("Add condition"))
        self.remove_button = QPushButton(self.tr("Remove group"))
        for button, slot in ((self.add_button, self._add), (self.remove_button, self._remove)):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self.cells = RuleCells(self)
        self._make_head()
        self.cells.show(self._before)
        self.cells.edited.connect(self._edited)
        self._lay_out()
        listed = self._before["conditions"]
        for condition in listed if isinstance(listed, list) else ():
            self._append(condition)
        self._follow()

    def values(self) -> dict[str, object]:
        """The options as the settings have them; what is not asked for keeps its default."""
        found = {name: number(value) for name, value in self.cells.values().items()}
        if found["need"] != "at least":
            found["count"] = 1
        if len(self.rows) < 2 or found["need"] == "any":
            found["within"] = 0.0
        return {**found, "conditions": [row.values() for row in self.rows]}

    def follow(self, choices: RuleChoices, place: str) -> None:
        """The settings, or the place of the rule, are others now."""
        self._choices, self._place = choices, place
        for row in self.rows:
            row.follow(choices, place)

    def count(self, number: int, alone: bool) -> None:
        """Say which one it is; the only one needs no title and cannot be removed."""
        self.title.setText(self.tr("Group {0}").format(number))
        self.title.setVisible(not alone)
        self.remove_button.setVisible(not alone)
        self.remove_button.setAccessibleName(self.tr("Remove group {0}").format(number))

    def tell(self, problems: Problems) -> None:
        """Show problems where they belong; () is about the whole of it."""
        self.cells.tell({name: problems.get((name,), "") for name in _HEAD})
        text = problems.get((), "") or problems.get(("conditions",), "")
        self.error.setText(text)
        self.error.setVisible(bool(text))
        for place, row in enumerate(self.rows):
            own = inside(problems, "conditions", place)
            row.tell({str(where[0]) if where else "": said for where, said in own.items()})

    def first_wrong(self, where: Where) -> QWidget:
        """The field that a problem at this place is about."""
        if where[:1] == ("conditions",) and len(where) > 1:
            cells = self.rows[int(where[1])].cells.by_name
            return (
                cells[str(where[2])].editor
                if len(where) > 2 and where[2] in cells
                else (cells["input"].editor)
            )
        return self.cells.by_name["need"].editor

    def mark(self) -> None:
        """Mark what is not as it was."""
        now = self.values()
        self.cells.mark(name for name in _HEAD if not same(now[name], self._before[name]))
        for row in self.rows:
            row.mark()

    def stops(self) -> Iterable[QWidget]:
        """Where the keyboard stops, in reading order."""
        yield from (self.cells.by_name[name].editor for name in _HEAD)
        for row in self.rows:
            yield from row.stops()
        yield self.add_button
        yield self.remove_button

    @Slot()
    def _edited(self) -> None:
        self._follow()
        self.edited.emit()

    @Slot()
    def _add(self) -> None:
        self._append({})
        self._follow()
        self.reshaped.emit()
        self.rows[-1].cells.by_name["input"].editor.setFocus()

    @Slot(object)
    def _drop(self, row: RuleCondition) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._follow()
        self.reshaped.emit()
        self.add_button.setFocus()

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self)

    def _append(self, values: Mapping[str, object]) -> None:
        row = RuleCondition({**DEFAULTS, **values}, self._choices, self._place)
        row.edited.connect(self._edited)
        row.removed.connect(self._drop)
        self.rows.append(row)
        self._column.addWidget(row)

    def _follow(self) -> None:
        """Show what is asked for with so many conditions."""
        several, need = len(self.rows) > 1, self.cells.values()["need"]
        cells = self.cells.by_name
        cells["need"].setVisible(several)
        cells["count"].setVisible(several and need == "at least")
        cells["within"].setVisible(several and need != "any")
        self.add_button.setEnabled(len(self.rows) < _MOST)
        for place, row in enumerate(self.rows, 1):
            row.count(place, alone=not several)

    def _make_head(self) -> None:
        need = QComboBox()
        for value, caption in needs():
            need.addItem(caption, value)
        self.cells.add("need", self.tr("Must hold"), need)
        self.cells.add("count", self.tr("How many"), QLineEdit(), "1–20")
        together = self.tr("s  0: at the same moment")
        self.cells.add("within", self.tr("Within"), QLineEdit(), together)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        for name in _HEAD:
            head.addWidget(self.cells.by_name[name], 1)
        foot = QHBoxLayout()
        foot.addWidget(self.add_button)
        foot.addWidget(self.remove_button)
        foot.addStretch(1)
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self.title)
        whole.addLayout(head)
        whole.addLayout(self._column)
        whole.addWidget(self.error)
        whole.addLayout(foot)
