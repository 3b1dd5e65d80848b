"""What the screens of incidents may ask of the program. `app` fills this port."""

from typing import Protocol

from embereye.model.ids import AlarmId, IncidentId
from embereye.model.incident import IncidentTable, LlmState
from embereye.ui.console import Console


class IncidentConsole(Console, Protocol):
    """GUI thread; no method blocks."""

    def incidents(self) -> IncidentTable:
        """All incidents that are not closed, and the newest closed ones."""

    def incident_of(self, alarm: AlarmId) -> IncidentId | None:
        """The incident of an alarm; None for one that is long over."""

    def language_model(self) -> LlmState:
        """How the language model stands that sums incidents up."""
