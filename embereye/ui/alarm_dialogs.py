"""Questions about alarms: why and how long they are kept quiet, a comment, who takes care."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QSize, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.alarm import Alarm
from embereye.ui.dialogs import Form
from embereye.ui.elided import keep_narrow
from embereye.ui.foreign_text import isolated

LONGEST_COMMENT = 10_000  # characters; what the service takes
LONGEST_REASON = 500  # characters
_PRESETS = (900.0, 3_600.0, 14_400.0)  # s; 15 min, 1 h, 4 h (alarm design)
_NAMED = 3  # alarms named in a dialog, the rest as a number
_ACROSS = 2  # quick reasons side by side


@dataclass(frozen=True, slots=True)
class QuietFor:
    """How long alarms may be kept quiet, s.

    Attributes:
        usual: What is proposed.
        most: The longest.
        shift_end: Until the end of the shift; None where nobody said when shifts change.
    """

    usual: float
    most: float
    shift_end: float | None = None


class QuietDialog(Form):
    """Asks why and for how long: shelving, or out of service."""

    def __init__(
        self,
        title: str,
        intro: str,
        span: QuietFor,
        send: Callable[[float, str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, intro, title.split(" – ")[0], parent)
        self._send, self._span = send, span
        self.reason = QLineEdit()
        self.reason.setMaxLength(LONGEST_REASON)
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("Required: it is shown and stored with the alarm"))
        self.add(self.tr("Reason"), self._with_quick_reasons())
        self.minutes = QSpinBox()
        self.minutes.setAccessibleName(self.tr("Minutes"))
        self.minutes.setRange(1, max(1, int(span.most // 60)))
        self.minutes.setMinimumWidth(96)
        self.minutes.setSuffix(self.tr(" min"))
        self.add(self.tr("Duration"), self._with_presets())
        self.minutes.valueChanged.connect(self._mark)
        self.minutes.setValue(round(span.usual / 60))
        self._mark()
        self.reason.setFocus()

    def problem(self) -> str:
        if not self.reason.text().strip():
            return self.tr("Say why: choose a reason or enter one.")
        return ""

    def send(self) -> None:
        self._send(self.minutes.value() * 60.0, self.reason.text().strip())

    def _quick(self) -> tuple[str, ...]:
        return (
            self.tr("Maintenance"),
            self.tr("Hot work with permit"),
            self.tr("Known fault, repair ordered"),
            self.tr("Nuisance alarm"),
            self.tr("Process start-up"),
            self.tr("Cleaning"),
        )

    def _with_quick_reasons(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.reason)
        grid = QGridLayout()
        grid.setSpacing(4)
        for number, text in enumerate(self._quick()):
            button = _chip(text)
            button.clicked.connect(self._take_reason)
            grid.addWidget(button, number // _ACROSS, number % _ACROSS)
        column.addLayout(grid)
        whole.setFocusProxy(self.reason)
        return whole

    def _with_presets(self) -> QWidget:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.presets = QButtonGroup(self)
        self.presets.setExclusive(False)  # none is marked for another number of minutes
        spans = [(s, _span_word(s)) for s in _PRESETS if s <= self._span.most]
        end = self._span.shift_end
        if end is not None and 60 <= end <= self._span.most:
            spans.append((end, self.tr("End of shift")))
        for seconds, text in spans:
            button = _chip(text)
            button.setCheckable(True)
            self.presets.addButton(button, round(seconds / 60))
            row.addWidget(button)
        self.presets.idClicked.connect(self._take_minutes)
        row.addWidget(self.minutes)
        row.addStretch(1)
        whole.setFocusProxy(self.minutes)
        return whole

    @Slot()
    def _take_reason(self) -> None:
        button = self.sender()
        if isinstance(button, QToolButton):
            self.reason.setText(button.text())

    @Slot(int)
    def _take_minutes(self, minutes: int) -> None:
        self.minutes.setValue(minutes)
        self._mark()

    @Slot()
    def _mark(self) -> None:
        for button in self.presets.buttons():
            button.setChecked(self.presets.id(button) == self.minutes.value())


class CommentDialog(Form):
    """Takes words for one or more alarms."""

    def __init__(
        self,
        alarms: Sequence[Alarm],
        send: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        intro = QCoreApplication.translate(
            "CommentDialog", "For {0}. It is stored with your name and the time."
        )
        title = QCoreApplication.translate("CommentDialog", "Comment")
        super().__init__(title, intro.format(named(alarms)), title, parent)
        self._send = send
        self.text = _Words()
        self.text.setAccessibleName(self.tr("Comment"))
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self._count)
        self._counter = QLabel()
        self._counter.setProperty("role", "muted")
        self.add(self.tr("Comment"), self.text)
        self.form.addRow("", self._counter)
        self.text.setFocus()
        self._count()

    def problem(self) -> str:
        text = self.text.toPlainText().strip()
        if not text:
            return self.tr("Enter a comment.")
        if len(text) > LONGEST_COMMENT:
            over = len(text) - LONGEST_COMMENT
            return self.tr("Shorten the comment by {0} characters.").format(f"{over:,}")
        return ""

    def send(self) -> None:
        self._send(self.text.toPlainText().strip())

    @Slot()
    def _count(self) -> None:
        count = len(self.text.toPlainText().strip())
        self._counter.setText(
            self.tr("{0} of {1} characters").format(f"{count:,}", f"{LONGEST_COMMENT:,}")
        )


class AssigneeDialog(Form):
    """Names who takes care of one or more alarms."""

    def __init__(
        self,
        alarms: Sequence[Alarm],
        people: Sequence[str],
        send: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        intro = QCoreApplication.translate(
            "AssigneeDialog", "Who takes care of {0}? Leave it empty for nobody."
        )
        title = QCoreApplication.translate("AssigneeDialog", "Assign")
        super().__init__(title, intro.format(named(alarms)), title, parent)
        self._send = send
        self.who = QComboBox()
        self.who.setEditable(True)
        self.who.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.who.setAccessibleName(self.tr("Name"))
        keep_narrow(self.who, 24)
        self.who.addItems(list(people))
        self.who.setEditText(alarms[0].assigned_to if alarms else "")
        self.add(self.tr("Name"), self.who)
        editor = self.who.lineEdit()
        if editor is not None:
            editor.setMaxLength(64)  # like the operator's name in the settings
            editor.selectAll()

    def send(self) -> None:
        self._send(self.who.currentText().strip())


class _Words(QPlainTextEdit):
    """Six lines; the text of 10,000 characters scrolls inside."""

    def sizeHint(self) -> QSize:
        return QSize(420, self.fontMetrics().lineSpacing() * 6 + 16)


def named(alarms: Sequence[Alarm]) -> str:
    """Which alarms a dialog is about: up to three by name, more by their number."""
    names = [_name(alarm) for alarm in alarms[:_NAMED]]
    rest = len(alarms) - len(names)
    text = ", ".join(names)
    return _tr("{0} and {1} more").format(text, rest) if rest else text


def _name(alarm: Alarm) -> str:
    place = alarm.place_name if len(alarm.place_name) <= 60 else alarm.place_name[:59] + "…"
    return f"{isolated(place)} ({alarm.key.kind.value})"


def _span_word(seconds: float) -> str:
    minutes = round(seconds / 60)
    return _tr("{0} min").format(minutes) if minutes < 60 else _tr("{0} h").format(minutes // 60)


def _chip(text: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setProperty("role", "day")  # the style of small buttons in forms
    return button


def _tr(text: str) -> str:
    return QCoreApplication.translate("alarm_dialogs", text)
