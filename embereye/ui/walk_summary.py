"""What a walk test has found, once it is over."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.walk_test import WalkTest
from embereye.ui import words
from embereye.ui.console import Console
from embereye.ui.walk_words import places_text, source_name

_SIZE = (640, 460)  # px


class WalkSummary(QDialog):
    """Which cameras and devices raised a test alarm, and which did not. GUI thread.

    The audit keeps the same.
    """

    def __init__(self, console: Console, test: WalkTest, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Walk test ended"))
        self.resize(*_SIZE)
        self.missing = _column([source_name(console, one) for one in test.missing])
        self.tested = _column([source_name(console, one) for one in test.tested])
        columns = QHBoxLayout()
        columns.setSpacing(16)
        missing = self.tr("△ {0} raised no test alarm").format(len(test.missing))
        columns.addLayout(_titled(missing, self.missing, "fault" if test.missing else "muted"))
        tested = self.tr("○ {0} raised a test alarm").format(len(test.tested))
        columns.addLayout(_titled(tested, self.tested, "strong"))
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(self._intro(test))
        column.addLayout(columns, 1)
        column.addLayout(buttons)

    def _intro(self, test: WalkTest) -> QLabel:
        ended = test.until_utc if test.ended_utc is None else test.ended_utc
        pattern = self.tr("{0}, from {1} to {2}, started by {3}. The audit keeps this summary.")
        since, until = words.clock_time(test.since_utc), words.clock_time(ended)
        label = QLabel(pattern.format(places_text(test), since, until, test.by))
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label


def _column(names: list[str]) -> QListWidget:
    rows = QListWidget()
    rows.setSelectionMode(QListWidget.SelectionMode.NoSelection)
    rows.addItems(names)
    return rows


def _titled(title: str, rows: QListWidget, role: str) -> QVBoxLayout:
    label = QLabel(title)
    label.setProperty("role", role)
    rows.setAccessibleName(title)
    column = QVBoxLayout()
    column.setSpacing(8)
    column.addWidget(label)
    column.addWidget(rows, 1)
    return column
