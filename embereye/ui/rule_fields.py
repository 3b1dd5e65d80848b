"""All fields of one rule or suppression; what is wrong is said under them."""

import re
from collections.abc import Collection, Iterable, Mapping

from pydantic import ValidationError
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QVBoxLayout, QWidget

from embereye.model.ids import is_id
from embereye.model.rule_problem import Written
from embereye.services.rule_configuration import MODELS, Row
from embereye.ui.rule_cell import RuleCell, chain, fill, read, write
from embereye.ui.rule_choices import RuleChoices
from embereye.ui.rule_fold import RuleFold
from embereye.ui.rule_group import NEW_GROUP, RuleGroup
from embereye.ui.rule_head import RuleHead
from embereye.ui.rule_more import RuleMore
from embereye.ui.rule_problems import Problems, inside, problems_in
from embereye.ui.rule_when import RuleWhen

_MOST = 10  # groups (config.rule_options)
_LATE = "guidance"  # is asked for at the end
_BLANK = {("name",), ("id",)}  # nobody types these first
_WHEN = ("schedule", "holidays", "modes")


class RuleFields(QWidget):
    """Edits one. GUI thread.

    Signals:
        edited: ()

    Attributes:
        row: What is entered; None while something is wrong.
        draft: The same, also while it has no name yet.
        problems: What is wrong.
    """

    edited = Signal()

    def __init__(
        self,
        kind: Written,
        values: Mapping[str, object],
        choices: RuleChoices,
        taken: Collection[str] | None,
    ) -> None:
        """`taken`: ids that another one has; None: it is there already and keeps its id."""
        super().__init__()
        self.row: Row | None = None
        self.draft: Row | None = None
        self._tried = False  # to save it: then what is empty is told as well
        self.problems: Problems = {}
        self._kind, self._choices, self._taken = kind, choices, taken
        self._named = taken is None  # whether a person chose the id
        self._made = ""  # the one that was made of the name
        self.groups: list[RuleGroup] = []
        self._make_parts(values)
        self._lay_out()
        self._show(values)
        self._first = self.values()
        self._connect()
        self.check()

    def values(self) -> dict[str, object]:
        """The options as the settings have them, right or wrong."""
        return {
            **self.head.cells.values(),
            "groups": [group.values() for group in self.groups],
            "need": read(self.need),
            **self.when.values(),
            **self.more.values(),
        }

    def check(self, finished: bool = False) -> None:
        """Look at what is entered: `row` and `problems` follow, fields say what is wrong.

        Args:
            finished: Somebody wants to save it; before that nobody is told that it has no name.
        """
        self._tried = self._tried or finished
        values = self.values()
        self.row, self.problems = self._validated(values)
        ident = values["id"]
        if ("id",) not in self.problems and ident in (self._taken or ()):
            self.row = None
            text = self.tr("{0} is there already. Choose another id.")
            self.problems = {**self.problems, ("id",): text.format(ident)}
        self.draft = self.row
        if self.row is None:
            name = values["name"] or self.tr("The new one")
            self.draft, _ = self._validated({**values, "name": name, "id": "new"})
        self._tell()

    def _validated(self, values: Mapping[str, object]) -> tuple[Row | None, Problems]:
        try:
            return MODELS[self._kind].model_validate(dict(values)), {}
        except ValidationError as error:
            return None, problems_in(error)

    @property
    def changed(self) -> bool:
        """Whether it is not what it was before."""
        return self.values() != self._first

    def mark(self) -> None:
        """Mark what is not as it was."""
        names = [n for n, value in self.values().items() if value != self._first[n]]
        self.head.cells.mark(names)
        self.when.mark(names)
        self.more.mark(names)
        for group in self.groups:
            group.mark()

    def first_wrong(self) -> QWidget | None:
        """The field that the first problem is about."""
        for name, cell in (*self.head.cells.by_name.items(), *self.more.cells.by_name.items()):
            if (name,) in self.problems:
                return cell.editor
        for where in self.problems:
            if where[:1] == ("groups",) and len(where) > 1:
                return self.groups[int(where[1])].first_wrong(where[2:])
        return None

    def order(self) -> None:
        """Let the keyboard go through the fields as they are read."""
        chain(self._stops())

    def _stops(self) -> Iterable[QWidget]:
        cells = self.head.cells.by_name
        yield from (cell.editor for name, cell in cells.items() if name != _LATE)
        yield self.need
        for group in self.groups:
            yield from group.stops()
        yield self.add_button
        yield from self.when.stops()
        if _LATE in cells:
            yield cells[_LATE].editor
        yield self.advanced.button
        yield from self.more.stops()

    def _tell(self) -> None:
        told = self.problems
        if not self._tried and not self.head.cells.values()["name"]:
            told = {where: text for where, text in told.items() if where not in _BLANK}
        first = {str(where[0]): text for where, text in told.items() if len(where) == 1}
        self.head.cells.tell(first)
        self.more.tell(first)
        if any(name in first for name in self.more.cells.by_name):
            self.advanced.open(True)
        inner = [t for where, t in self.problems.items() if where and where[0] in _WHEN]
        self.when.tell("\n".join(inner))
        whole = [self.problems.get((), ""), first.get("groups", "")]
        self.error.setText("\n".join(text for text in whole if text))
        self.error.setVisible(any(whole))
        for place, group in enumerate(self.groups):
            group.tell(inside(self.problems, "groups", place))

    # --- edits -------------------------------------------------------------------------------

    @Slot()
    def _edited(self) -> None:
        self._named = self._named or self.more.cells.values()["id"] != self._made
        if not self._named:
            self._make_id()
        self.check()
        self.mark()
        self.edited.emit()

    @Slot()
    def _placed(self) -> None:
        place = self.head.place
        for group in self.groups:
            group.follow(self._choices, place)
        self._offer_sources()
        self._edited()

    @Slot()
    def _reshaped(self) -> None:
        self._number()
        self.order()
        self._edited()

    @Slot()
    def _add(self) -> None:
        self._append(NEW_GROUP)
        self._reshaped()
        self.groups[-1].rows[0].cells.by_name["input"].editor.setFocus()

    @Slot(object)
    def _drop(self, group: RuleGroup) -> None:
        self.groups.remove(group)
        self._column.removeWidget(group)
        group.hide()
        group.deleteLater()
        self._reshaped()
        self.add_button.setFocus()

    def _make_id(self) -> None:
        name = str(self.head.cells.values()["name"])
        short = re.sub(r"[^a-z0-9]+", "-", name.casefold())[:50].strip("-")
        base = short if is_id(short) else self._kind.value
        ident, number = base, 1
        while ident in (self._taken or ()):
            number += 1
            ident = f"{base}-{number}"
        self._made = ident
        self.more.cells.show({"id": ident})

    def _offer_sources(self) -> None:
        """What a suppression can be about, by its kind."""
        cell = self.head.cells.by_name.get("source")
        if cell is None:
            return
        values = self.head.cells.values()
        known = self._choices.sources("alarm", str(values["kind"]), self.head.place)
        assert isinstance(cell.editor, QComboBox)
        every = ("", self.tr("all of the place"))
        fill(cell.editor, [every, *known], values["source"] if known else "")
        cell.setVisible(bool(known))

    # --- building ----------------------------------------------------------------------------

    def _make_parts(self, values: Mapping[str, object]) -> None:
        kind, choices = self._kind, self._choices
        self.head = RuleHead(kind, choices)
        modes = values.get("modes", ())
        known = choices.settings.calendar.modes
        self.when = RuleWhen(known, modes if isinstance(modes, list | tuple) else ())
        self.more = RuleMore(kind, choices, self._taken is not None)
        self.need = QComboBox()
        self.add_button = QPushButton(self.tr("Add group"))
        self.add_button.setAutoDefault(False)
        self.error = QLabel()
        self.error.setProperty("role", "fire")
        self.error.setWordWrap(True)

    def _append(self, values: Mapping[str, object]) -> None:
        group = RuleGroup(values, self._choices, self.head.place)
        group.edited.connect(self._edited)
        group.reshaped.connect(self._reshaped)
        group.removed.connect(self._drop)
        self.groups.append(group)
        self._column.addWidget(group)

    def _number(self) -> None:
        several = len(self.groups) > 1
        alone = not several and self._kind is Written.RULE
        for place, group in enumerate(self.groups, 1):
            group.count(place, alone)
        self._all.setVisible(several)
        self.add_button.setEnabled(len(self.groups) < _MOST)
        first = self.tr("Add condition") if not self.groups else self.tr("Add group")
        self.add_button.setText(first)

    def _show(self, values: Mapping[str, object]) -> None:
        self.head.cells.show(values)
        self.when.show_values(values)
        self.more.show_values(values)
        write(self.need, values.get("need", "all"))
        groups = values.get("groups", ())
        for group in groups if isinstance(groups, list | tuple) else ():
            self._append(group)
        self._offer_sources()
        self._number()
        self.order()

    def _connect(self) -> None:
        self.head.cells.edited.connect(self._edited)
        self.when.edited.connect(self._edited)
        self.more.edited.connect(self._edited)
        self.add_button.clicked.connect(self._add)
        self.need.activated.connect(self._edited)
        for name in ("place", "kind"):
            cell = self.head.cells.by_name.get(name)
            if cell is not None and isinstance(cell.editor, QComboBox):
                cell.editor.activated.connect(self._placed)

    def _lay_out(self) -> None:
        for value, caption in (
            ("all", self.tr("All must hold")),
            ("any", self.tr("Any must hold")),
        ):
            self.need.addItem(caption, value)
        self._all = RuleCell(self.tr("Of the groups"), self.need)
        self.advanced = RuleFold(self.tr("Advanced"), self.more)
        self._column = QVBoxLayout()
        self._column.setSpacing(12)
        rule = self._kind is Written.RULE
        holds = self.tr("What must hold") if rule else self.tr("While this holds")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 12, 0)
        whole.setSpacing(12)
        whole.addWidget(self.head)
        whole.addWidget(_title(holds))
        whole.addWidget(self._all)
        whole.addLayout(self._column)
        whole.addWidget(self.error)
        whole.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        whole.addWidget(_title(self.tr("When it counts")))
        whole.addWidget(self.when)
        if _LATE in self.head.cells.by_name:
            whole.addWidget(self.head.cells.by_name[_LATE])
        whole.addWidget(self.advanced)
        whole.addStretch(1)


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "strong")
    return label
