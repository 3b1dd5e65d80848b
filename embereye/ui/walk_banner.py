"""Says all the time that alarms of some places are only a test."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from embereye.model.walk_test import WalkTest
from embereye.ui import words
from embereye.ui.elided import Elided
from embereye.ui.shapes import shape_pixmap
from embereye.ui.theme import Look, Shape, Tokens
from embereye.ui.walk_console import WalkConsole
from embereye.ui.walk_words import places_text, progress_text
from embereye.ui.wishes import Wishes

HEIGHT = 44  # px
_PERIOD = 250  # ms between two looks


class WalkBanner(QFrame):
    """A green line below the alarm bar while a walk test runs. GUI thread.

    Signals:
        ended: (WalkTest) it is over, with what it found
        fitted: () it came or went, so that the page has more or less room
    """

    ended = Signal(object)
    fitted = Signal()

    def __init__(self, console: WalkConsole, colours: Tokens, wishes: Wishes) -> None:
        super().__init__()
        self.setObjectName("walk")
        self.setFixedHeight(HEIGHT)
        self._console = console
        self._wishes = wishes
        self._last: WalkTest | None = console.walk_tests().last
        self.text = Elided()
        self.end_button = QPushButton(self.tr("End walk test"))
        self.end_button.clicked.connect(self._end)
        self._lay_out(colours)
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.hide()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the present state; tell once when a test has ended."""
        tests = self._console.walk_tests()
        if tests.running is not None:
            self._show(tests.running)
        if self.isHidden() is not (tests.running is None):
            self.setVisible(tests.running is not None)
            self.fitted.emit()
        if tests.last is not None and tests.last is not self._last:
            self._last = tests.last
            self.ended.emit(tests.last)

    def _show(self, test: WalkTest) -> None:
        left = words.stopwatch(test.until_utc - self._console.clock.now().utc)
        self.text.show_text(
            self.tr("Walk test until {0} ({1} left) · {2} · {3} · by {4}").format(
                words.clock_time(test.until_utc),
                left,
                places_text(test),
                progress_text(test),
                test.by,
            )
        )
        self.text.setToolTip(words.tip("\n".join(test.names)))

    @Slot()
    def _end(self) -> None:
        self._wishes.end_walk_test()

    def _lay_out(self, colours: Tokens) -> None:
        self.setStyleSheet(
            f"QFrame#walk {{ background: {colours.surface}; border: none; "
            f"border-bottom: 2px solid {colours.test}; border-top: 2px solid {colours.test}; }}"
            f"QFrame#walk QLabel {{ font-size: 15px; }}"
            f"QLabel#word {{ color: {colours.test}; font-weight: 600; }}"
        )
        ring = QLabel()
        ring.setPixmap(shape_pixmap(Look(colours.test, Shape.CIRCLE, False, "TEST"), 16))
        word = QLabel(words.priority_word("TEST"))
        word.setObjectName("word")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(ring)
        row.addWidget(word)
        row.addWidget(self.text, 1)
        row.addWidget(self.end_button)
