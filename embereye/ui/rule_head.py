"""What a rule or suppression is called, where it counts, and how urgent it is."""

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QPlainTextEdit, QWidget

from embereye.model.rule_problem import Written
from embereye.ui.elided import keep_narrow
from embereye.ui.rule_captions import priorities, quiet_kinds
from embereye.ui.rule_cell import RuleCells
from embereye.ui.rule_choices import Choice, RuleChoices

_GUIDANCE = 64  # px; three lines


class RuleHead(QWidget):
    """The first fields. GUI thread.

    Attributes:
        cells: By the names of the options; that of the guidance has its place elsewhere.
    """

    def __init__(self, kind: Written, choices: RuleChoices) -> None:
        super().__init__()
        self.cells = RuleCells(self)
        about_rules = kind is Written.RULE
        everywhere = [("", self.tr("Each place, with its own sources"))]
        places = [*(everywhere if about_rules else []), *choices.of_places()]
        name = QLineEdit()
        name.setMaxLength(120)  # config.options.Name
        add = self.cells.add
        add("name", self.tr("Name"), name)
        add("place", self.tr("Place"), _box(places))
        if about_rules:
            add("priority", self.tr("Priority"), _box(priorities()))
        else:
            add("kind", self.tr("Keeps quiet"), _box(quiet_kinds()))
            add("source", self.tr("Of"), _box([("", self.tr("all of the place"))]))
        add("enabled", self.tr("In use"), QCheckBox())
        if about_rules:
            guidance = QPlainTextEdit()
            guidance.setFixedHeight(_GUIDANCE)
            add("guidance", self.tr("What the operator should do"), guidance)
        self._lay_out(about_rules)

    @property
    def place(self) -> str:
        """Id of the place; "": each."""
        return str(self.cells.values()["place"] or "")

    def _lay_out(self, about_rules: bool) -> None:
        cells = self.cells.by_name
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.addWidget(cells["name"], 0, 0, 1, 2)
        grid.addWidget(cells["enabled"], 0, 2)
        grid.addWidget(cells["place"], 1, 0)
        if about_rules:
            grid.addWidget(cells["priority"], 1, 1, 1, 2)
        else:
            grid.addWidget(cells["kind"], 1, 1)
            grid.addWidget(cells["source"], 1, 2)
        for column in range(3):
            grid.setColumnStretch(column, 1)


def _box(choices: Sequence[Choice]) -> QComboBox:
    box = QComboBox()
    keep_narrow(box, 16)
    for value, caption in choices:
        box.addItem(caption, value)
    return box
