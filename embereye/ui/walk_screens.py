"""Everything on the screen about walk tests: banner, start, summary."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.role import Operation
from embereye.model.walk_test import WalkTest
from embereye.services.access import Access
from embereye.ui.beside import found, show_beside
from embereye.ui.theme import Tokens
from embereye.ui.walk_banner import WalkBanner
from embereye.ui.walk_console import WalkConsole
from embereye.ui.walk_dialog import WalkDialog
from embereye.ui.walk_summary import WalkSummary
from embereye.ui.wishes import Wishes


class WalkScreens(QObject):
    """Opens the dialogs of walk tests beside one window. GUI thread.

    Signals:
        noticed: (str) why no walk test can be asked for

    Attributes:
        banner: To be laid out below the alarm bar.
    """

    noticed = Signal(str)

    def __init__(
        self, console: WalkConsole, colours: Tokens, wishes: Wishes, window: QWidget
    ) -> None:
        super().__init__(window)
        self._console, self._wishes, self._window = console, wishes, window
        self._access = Access(console.settings)
        self.banner = WalkBanner(console, colours, wishes)
        self.banner.ended.connect(self._show_summary)

    @Slot()
    def ask(self) -> None:
        """Begin one; while one runs, go to the button that ends it."""
        obstacle = self._access.refusal(self._wishes.actor, Operation.WALK_TEST)
        if obstacle:
            self.noticed.emit(obstacle)
        elif self._console.walk_tests().running is not None:
            self.banner.end_button.setFocus()
        elif not found(self._window, "walk test"):
            show_beside(WalkDialog(self._console, self._wishes, self._window), "walk test")

    @Slot(object)
    def _show_summary(self, test: WalkTest) -> None:
        show_beside(WalkSummary(self._console, test, self._window), "walk summary")
