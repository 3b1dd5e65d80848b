"""Rules and suppressions: what there is, how it stands, and the way to change it."""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embereye.config.rule_options import AlarmRule
from embereye.model.alarm_messages import ArmAsked
from embereye.model.messages import RequestRefused
from embereye.model.rule_messages import CALENDAR
from embereye.model.rule_problem import Written
from embereye.services.arming import SUBJECT as ARMING
from embereye.ui.bridge import Bridge
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Rows, rows_view
from embereye.ui.rule_actions import RuleActions
from embereye.ui.rule_console import RuleConsole
from embereye.ui.rule_editor import RuleEditor
from embereye.ui.rule_history import RuleHistory
from embereye.ui.rule_rows import RuleRow, rule_fields, rule_rows
from embereye.ui.rule_state import RuleStates
from embereye.ui.theme import Tokens
from embereye.ui.words import full_time

_REFRESH = 500  # ms
_ROOMY = 1400  # px of page width from which names have more room
_NARROW, _WIDE = (220, 140, 220), (320, 220, 360)  # px of name, place and hours


class RulesPage(QStackedWidget):
    """The list; in its place the editor, or its test against history. GUI thread.

    Signals:
        noticed: (str) a word for the status line
        moment_asked: (MomentAsked) show what a device saw then
    """

    noticed = Signal(str)
    moment_asked = Signal(object)

    def __init__(self, console: RuleConsole, bridge: Bridge, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._states = RuleStates(console)
        self._wanted: object = None
        self.model: Rows[RuleRow] = Rows(rule_fields(colours), lambda row: row.key, self)
        self.table = rows_view(self.model, self.tr("Rules"), RowDelegate(colours, self))
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.horizontalHeader().setSortIndicatorClearable(True)
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Filter: name, place, priority …"))
        self.search.setAccessibleName(self.tr("Filter rules"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(240)
        self.search.textChanged.connect(self.refresh)
        self.editor = RuleEditor(console, bridge, colours)
        self.history = RuleHistory(console, colours)
        self.deeds = RuleActions(console, bridge, self.editor, self)
        self._summary, self.remarks, self.empty = QLabel(), QLabel(), QLabel()
        self._make_buttons()
        self._lay_out()
        self._connect(bridge)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot."""
        if self.currentIndex() != 0:
            return
        settings = self._console.settings()
        self._states.refresh()
        problems = self._console.rule_problems()
        rows = rule_rows(settings, self._states, problems, self.search.text())
        scroll = self.table.verticalScrollBar().value()
        if self.model.show(rows):
            self._select_again()
            self.table.verticalScrollBar().setValue(scroll)
        total = len(settings.rules) + len(settings.suppressions)
        self.empty.setVisible(not rows)
        self.empty.setText(
            self.tr("No rule has these words. Clear the filter to see all {0}.").format(total)
            if total
            else self.tr(
                "There are no rules yet. EmberEye watches for fire, gas and faults without any; a "
                "rule adds an alarm of your own, such as “a person at the gate at night”. Press "
                "Add rule to begin."
            )
        )
        self.table.setVisible(bool(rows))
        self._sum_up(len(settings.rules), len(settings.suppressions), len(problems))
        self._show_mode()
        self._choose(self.selection())

    def selection(self) -> RuleRow | None:
        """What is chosen."""
        return self.model.row(self.table.currentIndex().row())

    @property
    def changed(self) -> bool:
        """Whether an edit is not saved."""
        return self.editor.changed

    def begin_search(self) -> None:
        """Let somebody type a filter, where the list is shown."""
        if self.currentIndex() == 0:
            self.search.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()
        if self.currentIndex() == 0:
            (self.table if self.model.rowCount() else self.add_button).setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widths = _WIDE if self.width() >= _ROOMY else _NARROW
        for column, width in zip((0, 1, 4), widths, strict=True):
            self.table.setColumnWidth(column, width)

    # --- what is chosen ----------------------------------------------------------------------

    def _select_again(self) -> None:
        row = self.model.number_of(self._wanted) if self._wanted else None
        if row is None and self.model.rowCount():
            row = 0
        if row is not None:
            self.table.setCurrentIndex(self.model.index(row, 0))

    @Slot(QModelIndex, QModelIndex)
    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        chosen = self.model.row(current.row())
        if chosen is not None:
            self._wanted = chosen.key
        self._choose(chosen)

    def _choose(self, chosen: RuleRow | None) -> None:
        self.deeds.choose(chosen)
        words = [] if chosen is None else [f"△ {text}" for text in chosen.problems]
        if chosen is not None and chosen.state.text:
            words.append(chosen.state.text)
        self.remarks.setText("\n".join(words))
        self.remarks.setVisible(bool(words))

    def _sum_up(self, rules: int, quiet: int, problems: int) -> None:
        one = self.tr("1 rule"), self.tr("1 suppression"), self.tr("1 problem")
        more = self.tr("{0} rules"), self.tr("{0} suppressions"), self.tr("{0} problems")
        counts = (rules, quiet, problems) if problems else (rules, quiet)
        parts = [
            one[place] if count == 1 else more[place].format(count)
            for place, count in enumerate(counts)
        ]
        self._summary.setText(" · ".join(parts))

    # --- arming mode -------------------------------------------------------------------------

    def _show_mode(self) -> None:
        state = self._console.arming()
        self.mode_button.setText(self.tr("Mode: {0} ▾").format(state.mode))
        since = ""
        if state.since_utc:
            text = self.tr("Chosen by {0} at {1}")
            since = text.format(state.by, full_time(state.since_utc))
        self.mode_button.setToolTip(since or self.tr("Arming mode that rules can ask for"))
        listed = [action.data() for action in self._modes.actions()]
        if listed != list(state.modes):
            self._modes.clear()
            for mode in state.modes:
                action = self._modes.addAction(mode.replace("&", "&&"))
                action.setCheckable(True)
                action.setData(mode)
        for action in self._modes.actions():
            action.setChecked(action.data() == state.mode)

    @Slot(QAction)
    def _arm(self, action: QAction) -> None:
        if action.data() != self._console.arming().mode:
            self._console.ask(ArmAsked(action.data(), self._console.settings().operator))
        self._show_mode()

    # --- the other views ---------------------------------------------------------------------

    @Slot()
    def show_editor(self) -> None:
        """Edit what was begun."""
        self.setCurrentWidget(self.editor)

    @Slot()
    def show_list(self) -> None:
        """Back to the list."""
        self.setCurrentIndex(0)
        self.refresh()
        self.table.setFocus()

    @Slot(object)
    def _try(self, rule: AlarmRule) -> None:
        self.history.try_rule(rule)
        self.setCurrentWidget(self.history)

    @Slot(object)
    def _refused(self, message: RequestRefused) -> None:
        about = message.subject.partition(":")[0]
        if about in (ARMING, CALENDAR, *(kind.value for kind in Written)):
            self.outcome.setText(message.text)
            self.outcome.show()

    # --- building ----------------------------------------------------------------------------

    def _make_buttons(self) -> None:
        self._modes = QMenu(self)
        self._modes.triggered.connect(self._arm)
        self.mode_button = QToolButton()
        self.mode_button.setProperty("role", "day")
        self.mode_button.setAccessibleName(self.tr("Arming mode"))
        self.mode_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.mode_button.setMenu(self._modes)
        self.mode_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.mode_button.setMinimumHeight(32)  # px; as the buttons beside it
        deeds = self.deeds
        self.calendar_button = _button(self.tr("Calendar …"), deeds.calendar)
        self.add_button = _button(self.tr("Add rule"), deeds.add_rule)
        self.quiet_button = _button(self.tr("Add suppression"), deeds.add_suppression)
        self.edit_button = _button(self.tr("Edit"), deeds.edit)
        self.copy_button = _button(self.tr("Duplicate"), deeds.duplicate)
        self.switch_button = _button(self.tr("Switch off"), deeds.switch)
        self.remove_button = _button(self.tr("Remove …"), deeds.remove)
        self.add_button.setProperty("role", "primary")
        deeds.follow(self.edit_button, self.copy_button, self.remove_button, self.switch_button)
        for keys, slot in (
            ("Return", deeds.edit),
            ("Delete", deeds.remove),
            ("Ctrl+D", deeds.duplicate),
        ):
            shortcut = QShortcut(QKeySequence(keys), self.table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(slot)
        self.table.doubleClicked.connect(deeds.edit)

    def _connect(self, bridge: Bridge) -> None:
        bridge.refused.connect(self._refused)
        self.deeds.opened.connect(self.show_editor)
        self.deeds.asked.connect(self._forget_refusal)
        self.editor.closed.connect(self.show_list)
        self.editor.noticed.connect(self.noticed)
        self.editor.history_asked.connect(self._try)
        self.history.closed.connect(self.show_editor)
        self.history.moment_asked.connect(self.moment_asked)

    @Slot()
    def _forget_refusal(self) -> None:
        self.outcome.hide()

    def _lay_out(self) -> None:
        self.outcome = QLabel()
        labels = (
            (self._summary, "muted"),
            (self.remarks, "fault"),
            (self.empty, "muted"),
            (self.outcome, "fire"),
        )
        for label, role in labels:
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.outcome.hide()
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(12)
        column.addLayout(self._head())
        column.addLayout(self._tools())
        column.addWidget(self.outcome)
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addWidget(self.remarks)
        column.addStretch(0)
        for page in (whole, self.editor, self.history):
            self.addWidget(page)

    def _head(self) -> QHBoxLayout:
        title = QLabel(self.tr("Rules"))
        title.setProperty("role", "title")
        line = QHBoxLayout()
        line.addWidget(title)
        line.addWidget(self._summary, 1)
        line.addWidget(self.mode_button)
        line.addWidget(self.calendar_button)
        return line

    def _tools(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(self.search)
        line.addStretch(1)
        about_one = (self.edit_button, self.copy_button, self.switch_button, self.remove_button)
        for button in (*about_one, self.quiet_button, self.add_button):
            line.addWidget(button)
        return line


def _button(caption: str, slot: object) -> QPushButton:
    button = QPushButton(caption)
    button.clicked.connect(slot)
    return button
