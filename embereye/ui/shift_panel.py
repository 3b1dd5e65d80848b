"""The shift log beside the key figures: what was written, and a line to write."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout

from embereye.model.shift import ShiftLine
from embereye.ui import words
from embereye.ui.foreign_text import isolated
from embereye.ui.hand_over import line_words
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.theme import Tokens

_WIDE, _SLIM = 560, 400  # px
_ROOMY = 1500  # px of page width from which the wide log leaves enough for the figures
_ENTRY = 72  # px; three lines


class ShiftPanel(QFrame):
    """Shows the lines of a span, newest first. GUI thread.

    Signals:
        noted: (str) somebody wrote a note
        hand_over_asked: () the shift is to be handed over
    """

    noted = Signal(str)
    hand_over_asked = Signal()

    def __init__(self, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.fit(0)
        self.model: Rows[ShiftLine] = Rows(self._fields(), lambda line: line, self)
        self.table = rows_view(self.model, self.tr("Shift log"), RowDelegate(colours, self))
        self.table.selectionModel().currentRowChanged.connect(self._read)
        self._whole = QLabel()
        self._whole.setWordWrap(True)
        self._whole.setTextFormat(Qt.TextFormat.PlainText)
        self._whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._whole.hide()
        self._empty = QLabel(self.tr("Nobody wrote anything in this time. Begin below."))
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self.entry = QPlainTextEdit()
        self.entry.setPlaceholderText(self.tr("Note for the shift log …"))
        self.entry.setAccessibleName(self.tr("Note for the shift log"))
        self.entry.setTabChangesFocus(True)
        self.entry.setFixedHeight(_ENTRY)
        self.entry.textChanged.connect(self._weigh)
        self.entry.installEventFilter(self)
        self.write_button = QPushButton(self.tr("Write"))
        self.write_button.setToolTip(self.tr("Ctrl+Enter"))
        self.write_button.clicked.connect(self.write)
        self.hand_over_button = QPushButton(self.tr("Hand over …"))
        self.hand_over_button.clicked.connect(self.hand_over_asked)
        self._lay_out()
        self._weigh()

    def fit(self, page_width: int) -> None:
        """Take as much width as a page of this width can spare."""
        self.setFixedWidth(_WIDE if page_width >= _ROOMY else _SLIM)

    def show_lines(self, lines: Sequence[ShiftLine], problem: str = "") -> None:
        """Show these, oldest first as they are given, or why there are none."""
        self.model.show(list(reversed(lines)))
        self._empty.setVisible(not lines)
        if problem:
            self._empty.setText(problem)

    @Slot()
    def write(self) -> None:
        """Ask for the note to be kept; what was typed goes only when it is sent."""
        text = self.entry.toPlainText().strip()
        if text:
            self.noted.emit(text)
            self.entry.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Enter writes."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.write()
                return True
        return super().eventFilter(watched, event)

    @Slot()
    def _weigh(self) -> None:
        self.write_button.setEnabled(bool(self.entry.toPlainText().strip()))

    @Slot()
    def _read(self) -> None:
        line = self.model.row(self.table.currentIndex().row())
        self._whole.setVisible(line is not None)
        if line is not None:
            head = f"{words.full_time(line.at_utc)} · {isolated(line.actor)}"
            self._whole.setText(f"{head}\n{isolated(line_words(line))}")

    def _fields(self) -> list[Field[ShiftLine]]:
        return [
            Field(self.tr("Time"), lambda line: words.clock_time(line.at_utc)[:5], 64),
            Field(self.tr("Who"), lambda line: isolated(line.actor), 80),
            Field(
                self.tr("What"), lambda line: isolated(" ".join(line_words(line).split())[:500]), 0
            ),
        ]

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Shift log"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.hand_over_button)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.write_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._empty)
        column.addWidget(self.table, 1)
        column.addWidget(self._whole)
        column.addWidget(self.entry)
        column.addLayout(foot)
