"""What can be done with rules and suppressions, and the questions behind it."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from embereye.config.rule_options import AlarmRule, Suppression
from embereye.model.rule_messages import EnableRuleAsked, RemoveRuleAsked
from embereye.model.rule_problem import Written
from embereye.services.places import places_of
from embereye.services.rule_configuration import MODELS, values_of
from embereye.ui.beside import Question, found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.rule_calendar import RuleCalendar
from embereye.ui.rule_condition import DEFAULTS
from embereye.ui.rule_console import RuleConsole
from embereye.ui.rule_editor import RuleEditor
from embereye.ui.rule_group import NEW_GROUP
from embereye.ui.rule_rows import RuleRow


class RuleActions(QObject):
    """Begins edits, sends requests about what is chosen. GUI thread.

    Signals:
        opened: () the editor has something to edit
        asked: () a request was sent
    """

    opened = Signal()
    asked = Signal()

    def __init__(
        self, console: RuleConsole, bridge: Bridge, editor: RuleEditor, window: QWidget
    ) -> None:
        super().__init__(window)
        self._console, self._bridge = console, bridge
        self._editor, self._window = editor, window
        self._chosen: RuleRow | None = None
        self._buttons: tuple[QPushButton, ...] = ()

    def follow(self, *buttons: QPushButton) -> None:
        """These need something that is chosen; the last one switches it on and off."""
        self._buttons = buttons

    def choose(self, chosen: RuleRow | None) -> None:
        """What actions are about."""
        self._chosen = chosen
        for button in self._buttons:
            button.setEnabled(chosen is not None)
        off = chosen is not None and not chosen.row.enabled
        self._buttons[-1].setText(self.tr("Switch on") if off else self.tr("Switch off"))

    @Slot()
    def add_rule(self) -> None:
        """Begin a rule."""
        self._add(Written.RULE, {"groups": [{**NEW_GROUP, "conditions": [DEFAULTS]}]})

    @Slot()
    def add_suppression(self) -> None:
        """Begin a suppression, for the first place there is."""
        places = self._console.settings().places
        known = [str(place) for place in places_of(self._console.settings()).names]
        place = places[0].id if places else next(iter(reversed(known)), "")
        self._add(Written.SUPPRESSION, {"place": place, "kind": "intrusion"})

    @Slot()
    def edit(self) -> None:
        """Change what is chosen."""
        if self._chosen is not None:
            self._editor.edit(self._chosen.kind, self._chosen.row)
            self.opened.emit()

    @Slot()
    def duplicate(self) -> None:
        """Begin another one like it."""
        if self._chosen is not None:
            row = self._chosen.row
            name = self.tr("{0} (copy)").format(row.name)[:120]
            self._editor.add(self._chosen.kind, {**values_of(row), "id": "", "name": name})
            self.opened.emit()

    @Slot()
    def switch(self) -> None:
        """Switch it on or off."""
        if self._chosen is not None:
            row = self._chosen.row
            actor = self._console.settings().operator
            self._ask(EnableRuleAsked(self._chosen.kind, row.id, not row.enabled, actor))

    @Slot()
    def remove(self) -> None:
        """Take it out; asks once."""
        chosen = self._chosen
        if chosen is None or found(self._window, "remove rule"):
            return
        text = self.tr("Remove {0}? It alarms no more; alarms that it raised stay in the history.")
        if chosen.kind is Written.SUPPRESSION:
            text = self.tr("Remove {0}? Alarms that it keeps quiet call from then on.")
        title = self.tr("Remove {0}").format(chosen.row.name)
        actor = self._console.settings().operator
        request = RemoveRuleAsked(chosen.kind, chosen.row.id, actor, values_of(chosen.row))
        verb, words = self.tr("Remove"), text.format(chosen.row.name)
        question = Question(title, words, verb, self._window, request)
        question.agreed.connect(self._ask)
        show_beside(question, "remove rule")

    @Slot()
    def calendar(self) -> None:
        """Show holidays and arming modes."""
        if not found(self._window, "calendar"):
            dialog = RuleCalendar(self._console, self._bridge, self._window)
            show_beside(dialog, "calendar")

    @Slot(object)
    def _ask(self, request: object) -> None:
        self.asked.emit()
        self._console.ask(request)

    def _add(self, kind: Written, values: Mapping[str, object]) -> None:
        self._editor.add(kind, {**_defaults(MODELS[kind]), **values})
        self.opened.emit()


def _defaults(model: type[AlarmRule] | type[Suppression]) -> dict[str, object]:
    """What a form begins with; what is required is empty."""
    found: dict[str, object] = {}
    for name, field in model.model_fields.items():
        value = "" if field.is_required() else field.default
        found[name] = value.model_dump(mode="json") if hasattr(value, "model_dump") else value
        if isinstance(found[name], tuple):
            found[name] = list(value)
    return found
