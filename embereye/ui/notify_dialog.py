"""Who is told of alarms outside this room, and whether that works."""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from embereye.model.messages import RequestRefused
from embereye.model.notice import (
    BlockRelaysAsked,
    EditTargetAsked,
    NoticeTable,
    RemoveTargetAsked,
    SendTestAsked,
    TargetKind,
    TargetState,
)
from embereye.services.notify_configuration import SUBJECT, Target
from embereye.ui import notify_words, words
from embereye.ui.beside import Question, found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.notify_captions import kind_title
from embereye.ui.notify_console import NotifyConsole
from embereye.ui.notify_form import TargetForm
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.theme import Tokens

_REFRESH = 500  # ms
_WIDTH, _HEIGHT = 940, 560  # px


class NotifyDialog(QDialog):
    """All targets with their states. GUI thread."""

    def __init__(
        self,
        console: NotifyConsole,
        bridge: Bridge,
        colours: Tokens,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Notifications"))
        self.resize(_WIDTH, _HEIGHT)
        self._console, self._bridge, self._colours = console, bridge, colours
        self._table = NoticeTable()
        self.model: Rows[TargetState] = Rows(self._fields(), lambda row: row.id, self)
        self.table = rows_view(self.model, self.tr("Targets"), RowDelegate(colours, self))
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self.summary, self.trouble, self.outcome = QLabel(), QLabel(), QLabel()
        for label, role in (
            (self.summary, "muted"),
            (self.trouble, "fault"),
            (self.outcome, "muted"),
        ):
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._make_buttons()
        self._lay_out()
        bridge.refused.connect(self._refused)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.refresh()
        self.table.setFocus()

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot."""
        self._table = self._console.notifications()
        chosen = self.selection()
        if self.model.show(self._table.targets) and self._table.targets:
            number = self.model.number_of(chosen.id) if chosen is not None else None
            self.table.setCurrentIndex(self.model.index(number or 0, 0))
        self.summary.setText(notify_words.health(self._table)[1])
        blocked = self._table.relays_blocked
        self.block_button.setText(
            self.tr("Let relays work") if blocked else self.tr("Block all relays")
        )
        self.block_button.setVisible(any(t.kind is TargetKind.RELAY for t in self._table.targets))
        self._show(self.selection())

    def selection(self) -> TargetState | None:
        return self.model.row(self.table.currentIndex().row())

    @Slot(QModelIndex, QModelIndex)
    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        self._show(self.model.row(current.row()))

    def _show(self, state: TargetState | None) -> None:
        trouble = "\n".join(notify_words.remarks(state)) if state is not None else ""
        self.trouble.setText(trouble)
        self.trouble.setVisible(bool(trouble))
        test = state.test if state is not None else None
        if test is not None:
            self.outcome.setText(
                self.tr("Test at {0}: {1}").format(words.clock_time(test.at_utc), test.text)
            )
        elif not self._refusal:
            self.outcome.setText("")
        relay = state is not None and state.kind is TargetKind.RELAY
        self.arm_button.setVisible(relay)
        self.arm_button.setText(
            self.tr("Disarm") if state is not None and state.armed else self.tr("Arm")
        )
        for button in (self.edit_button, self.remove_button, self.test_button):
            button.setEnabled(state is not None)

    # --- wishes ------------------------------------------------------------------------------

    @Slot()
    def _add_mail(self) -> None:
        self._open(TargetKind.EMAIL, None)

    @Slot()
    def _add_hook(self) -> None:
        self._open(TargetKind.WEBHOOK, None)

    @Slot()
    def _add_relay(self) -> None:
        self._open(TargetKind.RELAY, None)

    @Slot()
    def _edit(self) -> None:
        state = self.selection()
        targets = self._console.settings().notifications.targets
        target = next((t for t in targets if state is not None and t.id == state.id), None)
        if state is not None and target is not None:
            self._open(state.kind, target)

    def _open(self, kind: TargetKind, target: Target | None) -> None:
        name = f"target {target.id if target is not None else kind.value}"
        if not found(self, name):
            show_beside(TargetForm(self._console, self._bridge, kind, target, self), name)

    @Slot()
    def _remove(self) -> None:
        state = self.selection()
        if state is None or found(self, "remove target"):
            return
        title = self.tr("Remove {0}").format(state.name)
        text = self.tr("Remove {0}? Its secrets are deleted, and what waits for it is given up.")
        question = Question(title, text.format(state.name), self.tr("Remove"), self, state)
        question.agreed.connect(self._agreed_to_remove)
        show_beside(question, "remove target")

    @Slot(object)
    def _agreed_to_remove(self, state: TargetState) -> None:
        self._ask(RemoveTargetAsked(state.id, self._actor()))

    @Slot()
    def _test(self) -> None:
        if state := self.selection():
            self._ask(SendTestAsked(state.id, self._actor()))

    @Slot()
    def _arm(self) -> None:
        if state := self.selection():
            values = {"armed": not state.armed}
            self._ask(EditTargetAsked(state.kind, state.id, values, self._actor()))

    @Slot()
    def _block(self) -> None:
        self._ask(BlockRelaysAsked(not self._table.relays_blocked, self._actor()))

    def _ask(self, request: object) -> None:
        self._refusal = ""
        self._console.ask(request)

    @Slot(object)
    def _refused(self, message: RequestRefused) -> None:
        if message.subject.partition(":")[0] == SUBJECT:
            self._refusal = message.text
            self.outcome.setText(message.text)

    def _actor(self) -> str:
        return self._console.settings().operator

    # --- building ----------------------------------------------------------------------------

    def _fields(self) -> list[Field[TargetState]]:
        fault = self._colours.fault
        return [
            Field(self.tr("Target"), lambda t: t.name, 0),
            Field(self.tr("Kind"), lambda t: kind_title(t.kind), 90),
            Field(
                self.tr("State"),
                lambda t: notify_words.state_word(t, self._table.relays_blocked),
                120,
                colour=lambda t: "" if notify_words.good(t) else fault,
            ),
            Field(self.tr("Waiting"), lambda t: f"{t.figures.pending or '–'}", 84, right=True),
            Field(self.tr("Oldest"), lambda t: _moment(t.figures.oldest_utc), 160, right=True),
            Field(
                self.tr("Last sent"), lambda t: _moment(t.figures.last_sent_utc), 160, right=True
            ),
        ]

    def _make_buttons(self) -> None:
        self._refusal = ""
        self.edit_button = _button(self.tr("Edit …"), self._edit)
        self.remove_button = _button(self.tr("Remove …"), self._remove)
        self.test_button = _button(self.tr("Send a test"), self._test)
        self.arm_button = _button(self.tr("Disarm"), self._arm)
        self.block_button = _button(self.tr("Block all relays"), self._block)
        self.add_buttons = (
            _button(self.tr("Add e-mail …"), self._add_mail),
            _button(self.tr("Add webhook …"), self._add_hook),
            _button(self.tr("Add relay …"), self._add_relay),
        )

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.summary, 1)
        head.addWidget(self.block_button)
        tools = QHBoxLayout()
        for button in (self.test_button, self.edit_button, self.remove_button, self.arm_button):
            tools.addWidget(button)
        tools.addStretch(1)
        for button in self.add_buttons:
            tools.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.trouble)
        column.addWidget(self.outcome)
        column.addLayout(tools)


def _moment(utc: float | None) -> str:
    return "–" if utc is None else words.date_time(utc)


def _button(caption: str, slot: object) -> QPushButton:
    button = QPushButton(caption)
    button.setAutoDefault(False)
    button.clicked.connect(slot)
    return button
