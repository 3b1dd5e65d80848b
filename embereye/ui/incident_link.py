"""From an alarm to the incident that it belongs to."""

from typing import Protocol

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton

from embereye.model.alarm import Alarm
from embereye.model.ids import IncidentId
from embereye.ui import incident_words
from embereye.ui.incident_console import IncidentConsole
from embereye.ui.past_console import PastConsole


class AlarmsConsole(PastConsole, IncidentConsole, Protocol):
    """The program as the page about alarms sees it. GUI thread; no method blocks."""


class IncidentLink(QPushButton):
    """Names the incident of an alarm and leads to it; hidden where there is none. GUI thread.

    Signals:
        incident_asked: (IncidentId) show this incident
    """

    incident_asked = Signal(object)

    def __init__(self, console: IncidentConsole) -> None:
        super().__init__()
        self._console = console
        self._number: IncidentId | None = None
        self.setProperty("role", "link")
        self.setToolTip(self.tr("Shows the incident of this alarm, its note and its summary."))
        self.clicked.connect(self._ask)
        self.hide()

    def show_alarm(self, alarm: Alarm | None) -> None:
        """Name the incident of this alarm as it stands."""
        self._number = None if alarm is None else self._console.incident_of(alarm.id)
        every = self._console.incidents().incidents
        found = next((one for one in every if one.id == self._number), None)
        self.setVisible(found is not None)
        if found is None:
            return
        count, state = len(found.members), incident_words.state_word(found.state).lower()
        alarms = self.tr("{0} alarms").format(count) if count != 1 else self.tr("1 alarm")
        text = self.tr("Incident {0} · {1} · {2}").format(found.id, alarms, state)
        if text != self.text():
            self.setText(text)

    @Slot()
    def _ask(self) -> None:
        if self._number is not None:
            self.incident_asked.emit(self._number)
