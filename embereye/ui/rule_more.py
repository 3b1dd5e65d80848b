"""The options of a rule that most rules leave as they are."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from embereye.model.rule_problem import Written
from embereye.ui.rule_captions import sounds
from embereye.ui.rule_cell import RuleCell, RuleCells, number
from embereye.ui.rule_choices import RuleChoices
from embereye.ui.rule_sources import RuleSources

_PHONES = 64  # px; three lines


class RuleMore(QWidget):
    """Edits `id`, and of a rule `latching`, `sound`, `cooldown`, `phones`, `actions`. GUI thread.

    Signals:
        edited: ()
    """

    edited = Signal()

    def __init__(self, kind: Written, choices: RuleChoices, added: bool) -> None:
        super().__init__()
        self.cells = RuleCells(self)
        self._rule = kind is Written.RULE
        ident = QLineEdit()
        ident.setEnabled(added)
        hint = self.tr("short name in files; made of the name") if added else ""
        self.cells.add("id", self.tr("Id"), ident, hint)
        self._known = choices.targets()
        self.targets = RuleSources(self.tr("as for every alarm"))
        if self._rule:
            self._make_fields()
        self._lay_out()
        self.cells.edited.connect(self._edited)
        self.targets.edited.connect(self._edited)

    def show_values(self, values: Mapping[str, object]) -> None:
        """Show these; nothing is emitted."""
        phones = values.get("phones", ())
        listed = phones if isinstance(phones, list | tuple) else ()
        self.cells.show({**values, "phones": "\n".join(str(phone) for phone in listed)})
        actions = values.get("actions", ())
        chosen = actions if isinstance(actions, list | tuple) else ()
        self.targets.offer(self._known, [str(action) for action in chosen])

    def values(self) -> dict[str, object]:
        """The options as the settings have them."""
        found = self.cells.values()
        if self._rule:
            lines = str(found["phones"]).splitlines()
            found["phones"] = [line.strip() for line in lines if line.strip()]
            found["cooldown"] = number(found["cooldown"])
            found["actions"] = self.targets.chosen()
        return found

    def tell(self, problems: Mapping[str, str]) -> None:
        """Show problems under their fields."""
        self.cells.tell(problems)

    def mark(self, changed: Iterable[str]) -> None:
        """Mark these options as changed."""
        names = set(changed)
        self.cells.mark(names)
        self._actions.mark("actions" in names)

    def stops(self) -> list[QWidget]:
        """Where the keyboard stops, in reading order."""
        cells = self.cells.by_name
        if not self._rule:
            return [cells["id"].editor]
        order = [cells[name].editor for name in ("sound", "cooldown", "latching", "phones")]
        return [*order, self.targets, cells["id"].editor]

    @Slot()
    def _edited(self) -> None:
        self.edited.emit()

    def _make_fields(self) -> None:
        sound = QComboBox()
        for value, caption in sounds():
            sound.addItem(caption, value)
        phones = QPlainTextEdit()
        phones.setFixedHeight(_PHONES)
        add = self.cells.add
        add("sound", self.tr("Sound"), sound)
        add("cooldown", self.tr("No further notice for"), QLineEdit(), self.tr("s  0–86,400"))
        add("latching", self.tr("Stays until it is reset"), QCheckBox())
        add("phones", self.tr("Whom to call, one in each line"), phones)

    def _lay_out(self) -> None:
        cells = self.cells.by_name
        hint = self.tr("outgoing targets that are told")
        if not self._known:
            hint = self.tr("Targets are added on the page Health.")
        self._actions = RuleCell(self.tr("Notifies"), self.targets, hint)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        if self._rule:
            grid.addWidget(cells["sound"], 0, 0)
            grid.addWidget(cells["cooldown"], 0, 1)
            grid.addWidget(cells["latching"], 0, 2)
            grid.addWidget(cells["phones"], 1, 0)
            grid.addWidget(self._actions, 1, 1)
        self._actions.setVisible(self._rule)
        grid.addWidget(cells["id"], 1, 2)
        for column in range(3):
            grid.setColumnStretch(column, 1)
