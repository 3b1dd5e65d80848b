"""What the keys A and Shift+A acknowledge."""

from PySide6.QtCore import QObject, Signal, Slot

from embereye.model.alarm import Alarm
from embereye.ui.console import Console
from embereye.ui.pages import Page, Pages
from embereye.ui.popup_stack import PopupStack
from embereye.ui.wishes import Wishes
from embereye.ui.worst_alarm import WorstAlarm

_TWICE = 0.7  # s; a key pressed again sooner was pressed in haste, not after reading


class Acknowledging(QObject):
    """Finds the alarm that is meant on the page in front. GUI thread.

    Signals:
        noticed: (str) what was asked, or why nothing was
    """

    noticed = Signal(str)

    def __init__(
        self,
        console: Console,
        wishes: Wishes,
        pages: Pages,
        popups: PopupStack,
        worst: WorstAlarm,
    ) -> None:
        super().__init__(pages)
        self._console, self._wishes = console, wishes
        self._pages, self._popups, self._worst = pages, popups, worst
        self._at = float("-inf")

    @Slot()
    def selected(self) -> None:
        """The selected alarm, that of the selected tile, else the worst."""
        now = self._console.clock.mono()
        if now - self._at < _TWICE:
            return  # the same press twice; it would take the next alarm, unseen
        self._at = now
        if self._pages.current is Page.ALARMS:
            self._pages.alarms.acknowledge_selected()
            return
        alarm = self._selection()
        if alarm is None or not self._wishes.acknowledge([alarm]):
            self.noticed.emit(self.tr("Select an unacknowledged alarm first."))

    @Slot()
    def visible(self) -> None:
        """All that are on the screen: rows of the list, else popups."""
        if self._pages.current is Page.ALARMS:
            self._pages.alarms.acknowledge_visible()
            return
        count = self._wishes.acknowledge(popup.alarm for popup in self._popups.popups())
        self.noticed.emit(self.tr("Acknowledging {0} visible alarms.").format(count))

    def _selection(self) -> Alarm | None:
        selected = self._pages.wall.canvas.selected
        if self._pages.current is Page.WALL and selected is not None:
            for alarm in self._console.alarms().alarms:
                if alarm.calling and selected in alarm.cameras:
                    return alarm
        return self._worst.alarm
