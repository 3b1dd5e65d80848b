"""Adds or changes one rule or suppression, with a live preview beside the fields."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from embereye.config.rule_options import AlarmRule
from embereye.model.role import Operation
from embereye.model.rule_messages import SaveRuleAsked
from embereye.model.rule_preview import RulePreview
from embereye.model.rule_problem import Written
from embereye.services.access import Access
from embereye.services.model_list import listed
from embereye.services.rule_configuration import Row, row_of, rows_of, values_of
from embereye.ui.beside import Question, found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.elided import Elided
from embereye.ui.rule_choices import choices_of
from embereye.ui.rule_console import RuleConsole
from embereye.ui.rule_fields import RuleFields
from embereye.ui.rule_preview_pane import RulePreviewPane
from embereye.ui.rule_sentence import PRIORITY_MARKS, sentence
from embereye.ui.rule_state import Stand, as_rule, barred, stand_of
from embereye.ui.saving import Saving
from embereye.ui.theme import Tokens

_REFRESH = 500  # ms; values of sensors come at 4–10 Hz, people read at 2 Hz
_REVIEW = 10  # refreshes between two looks for problems while nothing is edited


class RuleEditor(QWidget):
    """The form of one rule at a time. GUI thread.

    Signals:
        closed: () the list is wanted again
        noticed: (str) a word for the status line
        history_asked: (AlarmRule) try it against the record
    """

    closed = Signal()
    noticed = Signal(str)
    history_asked = Signal(object)

    def __init__(self, console: RuleConsole, bridge: Bridge, colours: Tokens) -> None:
        super().__init__()
        self._console = console
        self._kind = Written.RULE
        self._seen: dict[str, object] | None = None
        self._begun: Mapping[str, object] = {}
        self._ident = ""
        self._revision, self._looks = 0, 0
        self.fields: RuleFields | None = None
        self.pane = RulePreviewPane(colours)
        self.title, self.news, self.error = Elided(), QLabel(), QLabel()
        self._make_labels()
        self._make_buttons()
        self._lay_out()
        self._saving = Saving(console, bridge, self)
        self._saving.done.connect(self._saved)
        self._saving.failed.connect(self._failed)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)
        save = QShortcut(QKeySequence.StandardKey.Save, self)
        save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(self.save)

    def add(self, kind: Written, values: Mapping[str, object]) -> None:
        """Begin one that is not there yet, with these values."""
        self._seen, self._ident = None, ""
        self._begin(kind, values)

    def edit(self, kind: Written, row: Row) -> None:
        """Change one that is there."""
        self._seen, self._ident = values_of(row), row.id
        self._begin(kind, self._seen)

    @property
    def changed(self) -> bool:
        """Whether something would be lost."""
        return self.fields is not None and self.fields.changed

    @Slot()
    def save(self) -> None:
        """Check everything, then ask."""
        fields = self.fields
        if fields is None or self._saving.waiting or not self.save_button.isEnabled():
            return
        fields.check(finished=True)
        if fields.row is None:
            number = len(fields.problems)
            self.error.setText(
                self.tr("{0} fields are wrong. What to do stands below them in red.").format(number)
                if number > 1
                else self.tr("One field is wrong. What to do stands below it in red.")
            )
            wrong = fields.first_wrong()
            if wrong is not None:
                wrong.setFocus()
                self._scroll.ensureWidgetVisible(wrong)
            return
        self.error.setText(self.tr("Saving …"))
        self.save_button.setEnabled(False)
        actor = self._console.settings().operator
        self._saving.ask(SaveRuleAsked(self._kind, values_of(fields.row), actor, self._seen))

    @Slot()
    def revert(self) -> None:
        """Show what is in force, or the empty form, again."""
        settings = self._console.settings()
        row = row_of(settings, self._kind, self._ident) if self._ident else None
        if row is not None:
            self.edit(self._kind, row)
        else:
            self.add(self._kind, self._begun)

    @Slot()
    def leave(self) -> None:
        """Back to the list; asks once when something would be lost."""
        if not self.changed:
            self._close()
        elif not found(self, "leave rule"):
            text = self.tr("What was changed is not saved. Leave it all the same?")
            question = Question(self.title.whole, text, self.tr("Leave"), self)
            question.agreed.connect(self._close)
            show_beside(question, "leave rule")

    @Slot()
    def refresh(self) -> None:
        """Show the newest values."""
        fields = self.fields
        if fields is None:
            return
        self._look_for_others()
        row = fields.draft
        if row is None:
            self.pane.show_words(self.tr("Correct the fields in red first."))
            return
        rule = as_rule(row)
        if rule is None:
            why = barred(row, self._console)
            now = self.tr("It keeps alarms quiet now.")
            self.pane.show_words(self.tr("It does not count now: {0}.").format(why) if why else now)
            return
        preview = self._console.preview(rule)
        self.pane.show_preview(preview, self._verdict(row, preview))
        self._looks += 1
        if self._looks % _REVIEW == 0:
            self._explain()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    # --- one rule ----------------------------------------------------------------------------

    def _begin(self, kind: Written, values: Mapping[str, object]) -> None:
        self._kind, self._begun = kind, values
        settings, console = self._console.settings(), self._console
        self._revision = settings.revision
        models = listed(console.models(), console.model_work(), settings)
        self._choices = choices_of(settings, models)
        taken = None if self._seen is not None else {row.id for row in rows_of(settings, kind)}
        self.fields = RuleFields(kind, values, self._choices, taken)
        self.fields.edited.connect(self._edited)
        self._scroll.setWidget(self.fields)  # deletes the one before
        self.title.show_text(self._titled())
        self.history_button.setVisible(kind is Written.RULE)
        refusal = Access(self._console.settings).refusal(settings.operator, Operation.EDIT_RULES)
        self._allowed = not refusal
        self.news.setText(refusal)
        self.news.setVisible(bool(refusal))
        self.load_button.hide()
        self.error.clear()
        self._edited()
        name = self.fields.head.cells.by_name["name"].editor
        name.setFocus()

    def _titled(self) -> str:
        names = {Written.RULE: self.tr("rule"), Written.SUPPRESSION: self.tr("suppression")}
        what = names[self._kind]
        if self._seen is None:
            return self.tr("New {0}").format(what)
        return self.tr("{0}: {1}").format(what.capitalize(), self._seen["name"])

    @Slot()
    def _edited(self) -> None:
        self._explain()
        changed = self.changed
        self.revert_button.setEnabled(changed)
        right = self.fields is not None and self.fields.row is not None
        self.history_button.setEnabled(right)
        self.save_button.setEnabled(self._allowed and changed and not self._saving.waiting)
        if right:
            self.error.clear()
        self.refresh()

    def _explain(self) -> None:
        row = None if self.fields is None else self.fields.draft
        if row is None:
            self.pane.explain(self.tr("It is not complete yet."), ())
            return
        remarks = self._console.check_rule(row) if isinstance(row, AlarmRule) else ()
        self.pane.explain(sentence(row, self._choices), remarks)

    def _verdict(self, row: Row, preview: RulePreview) -> str:
        if isinstance(row, AlarmRule):
            mark = PRIORITY_MARKS[row.priority] if preview.alarms else ""
            return f"{mark} {preview.text}".strip()
        state = stand_of(preview, quiet=True)
        known = {
            Stand.ALARM: self.tr("It would keep alarms quiet now."),
            Stand.UNKNOWN: self.tr("Its values are missing, so it keeps nothing quiet."),
            Stand.QUIET: self.tr("It would keep nothing quiet now."),
            Stand.NOWHERE: self.tr("Nothing that it looks at is there, so it keeps nothing quiet."),
        }
        return known.get(state.stand, self.tr("It does not count now: {0}.").format(state.text))

    def _look_for_others(self) -> None:
        """Tell what somebody else did to the same rule meanwhile."""
        settings = self._console.settings()
        if settings.revision == self._revision or self._seen is None or self._saving.waiting:
            return
        row = row_of(settings, self._kind, self._ident)
        if row is not None and values_of(row) == self._seen:
            return
        if row is None:
            self._seen = None
            text = self.tr("Somebody removed this meanwhile. Save adds it again, Back leaves it.")
            self.save_button.setEnabled(self._allowed)
        else:
            text = self.tr("Somebody changed this meanwhile. Load what is in force, then go on.")
            self.load_button.show()
        self.news.setText(text)
        self.news.show()

    # --- what becomes of it ------------------------------------------------------------------

    @Slot()
    def _saved(self) -> None:
        row = None if self.fields is None else self.fields.row
        if row is not None:
            self.noticed.emit(self.tr("{0} is saved and in force.").format(row.name))
        self._close()

    @Slot(str)
    def _failed(self, text: str) -> None:
        self.error.setText(text)
        self.save_button.setEnabled(self._allowed)
        self._look_for_others()

    @Slot()
    def _close(self) -> None:
        self.fields = None
        self._scroll.takeWidget().deleteLater()
        self.closed.emit()

    @Slot()
    def _try(self) -> None:
        if self.fields is not None and isinstance(self.fields.row, AlarmRule):
            self.history_asked.emit(self.fields.row)

    # --- building ----------------------------------------------------------------------------

    def _make_labels(self) -> None:
        self.title.setProperty("role", "title")
        self.news.setProperty("role", "fault")
        self.error.setProperty("role", "fire")
        for label in (self.news, self.error):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.news.hide()

    def _make_buttons(self) -> None:
        self._allowed = True
        self.back_button: QPushButton = QPushButton(self.tr("Back"))
        self.revert_button: QPushButton = QPushButton(self.tr("Revert"))
        self.load_button: QPushButton = QPushButton(self.tr("Load what is in force"))
        self.history_button: QPushButton = QPushButton(self.tr("Test against history …"))
        self.save_button: QPushButton = QPushButton(self.tr("Save"))
        self.save_button.setProperty("role", "primary")
        self.save_button.setToolTip(self.tr("Ctrl+S; it applies at once"))
        for button, slot in (
            (self.back_button, self.leave),
            (self.revert_button, self.revert),
            (self.load_button, self.revert),
            (self.history_button, self._try),
            (self.save_button, self.save),
        ):
            button.clicked.connect(slot)

    def _lay_out(self) -> None:
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        news = QHBoxLayout()
        news.addWidget(self.news, 1)
        news.addWidget(self.load_button)
        foot = QHBoxLayout()
        # All at the left: popups of alarms lie over the lower right corner.
        for button in (
            self.back_button,
            self.revert_button,
            self.history_button,
            self.save_button,
        ):
            foot.addWidget(button)
        foot.addWidget(self.error, 1)
        left = QVBoxLayout()
        left.setContentsMargins(16, 12, 8, 8)
        left.setSpacing(8)
        left.addWidget(self.title)
        left.addLayout(news)
        left.addWidget(self._scroll, 1)
        left.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.pane)
