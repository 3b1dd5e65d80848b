"""Incidents and all that belongs to them, wired together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from embereye.config.schema import Settings
from embereye.config.secrets import SecretStore
from embereye.model.ids import AlarmId, CameraId, IncidentId
from embereye.model.incident import IncidentTable, LlmState
from embereye.model.messages import AlarmChanged
from embereye.model.role import Operation
from embereye.runtime.engine import Engine
from embereye.runtime.worker import Worker
from embereye.services.incident_board import IncidentBoard
from embereye.services.incident_questions import IncidentQuestions
from embereye.services.incident_requests import Audit, IncidentRequests, Office
from embereye.services.incident_summary import IncidentSummaries
from embereye.services.incidents import Incidents, IncidentStore, incident_site
from embereye.services.llm_setup import KEY, llm_setup

_WORKER = "incident summaries"  # "language model" is the fault of the program that it asks


@dataclass(frozen=True, slots=True)
class IncidentPorts:
    """What incidents are wired to.

    Attributes:
        settings: Those in force.
        publish: To all who show it.
        tell: To the engine and to all who show it; any thread.
        refusal: `Access.refusal`.
    """

    engine: Engine
    store: IncidentStore
    secrets: SecretStore
    settings: Callable[[], Settings]
    publish: Callable[[object], None]
    tell: Callable[[object], None]
    refusal: Callable[[str, Operation], str]
    audit: Audit


class IncidentDesk:
    """Engine thread; `current`, `incident_of` and `language_model` from any thread."""

    def __init__(self, ports: IncidentPorts) -> None:
        engine, secrets = ports.engine, ports.secrets
        self._ports = ports
        board = IncidentBoard(engine, ports.publish, ports.store)
        self._incidents = Incidents(engine, board, ports.store, incident_site(ports.settings()))
        self._summaries = IncidentSummaries(
            engine.clock, lambda: secrets.read(KEY) or "", engine.post, ports.tell
        )
        questions = IncidentQuestions(engine, board, self._summaries, self._names)
        self._incidents.ripened = questions.ripened
        office = Office(ports.refusal, ports.publish, ports.audit, questions.ask_now)
        IncidentRequests(engine, board, office)

    @property
    def current(self) -> IncidentTable:
        """All incidents that are shown; a frozen snapshot."""
        return self._incidents.current

    @property
    def language_model(self) -> LlmState:
        """How the language model stands; a frozen snapshot."""
        return self._summaries.current

    def incident_of(self, alarm: AlarmId) -> IncidentId | None:
        """The incident of an alarm; None for one that is long over."""
        return self._incidents.incident_of(alarm)

    def start(self) -> None:
        """Bring back the incidents of earlier runs; before the engine runs."""
        self._incidents.restore()

    def apply(self, settings: Settings) -> None:
        """Follow changed settings."""
        self._incidents.apply(incident_site(settings))
        self._summaries.apply(llm_setup(settings.incidents.language_model))

    def take(self, changed: AlarmChanged) -> None:
        """An alarm changed and is about to be shown."""
        self._incidents.take(changed)

    def workers(self) -> tuple[tuple[str, Worker], ...]:
        """Threads of their own, by name."""
        return ((_WORKER, self._summaries),)

    def _names(self) -> Mapping[CameraId, str]:
        return {CameraId(camera.id): camera.name for camera in self._ports.settings().cameras}
