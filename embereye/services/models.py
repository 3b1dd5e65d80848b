"""What people ask about models and what waits for disks and processes: importing, changing."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from embereye.config.schema import Settings
from embereye.model.errors import DetectorError, EmberEyeError, ModelRefused
from embereye.model.messages import RequestRefused, SecurityEvent, TableChanged
from embereye.model.security import SecurityKind
from embereye.model.vision_models import (
    ActivateModelAsked,
    ImportedModel,
    ImportModelAsked,
    ModelOutcome,
    ModelsChanged,
    ModelTable,
    ModelTrial,
    RemoveModelAsked,
)
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.demo_picture import demo_picture
from embereye.services.model_choice import built_in_record
from embereye.services.model_use import is_chosen, users_of
from embereye.vision.model_trial import try_model
from embereye.vision.providers import offered, wished
from embereye.vision.registry import Intake, ModelLibrary, Trial

_log = logging.getLogger(__name__)

_WAITING = 20  # requests; people make them, one at a time
_NAMED = 3  # cameras in a text

Request = ImportModelAsked | ActivateModelAsked | RemoveModelAsked
Answer = Callable[[ModelOutcome], None]


class ModelDesk:
    """Works off requests in a thread of its own: a trial run takes up to 15 s.

    Whoever may change the settings may change models, unless an administrator's policy fixes
    `detection.manage_models` to false; every change and every refusal is an event in the audit
    with who asked for it. Publishes `TableChanged("models")` and refusals; posts `ModelsChanged`
    and events to the engine.

    Attributes:
        current: All imported models; replaced as a whole, any thread.
    """

    requests = (ImportModelAsked, ActivateModelAsked, RemoveModelAsked)

    def __init__(
        self,
        library: ModelLibrary,
        clock: Clock,
        settings: Callable[[], Settings],
        post: Callable[[object], None],
        publish: Callable[[object], None],
        trial: Trial | None = None,
        providers: Callable[[], tuple[str, ...]] = offered,
    ) -> None:
        """`trial` runs a model that nobody has tried yet; None: in a confined process."""
        self.current = ModelTable()
        self._library, self._clock, self._settings = library, clock, settings
        self._post, self._publish = post, publish
        self._trial, self._providers = trial or self._try, providers
        self._asked: Mailbox[tuple[Request, Answer | None]] = Mailbox(_WAITING, Full.REFUSE)
        self._shown = False  # whether any screen has shown the table

    def shown(self) -> ModelTable:
        """`current`, for a screen: what costs processes is found out once somebody looks."""
        self._shown = True
        return self.current

    def ask(self, request: Any, answer: Answer | None = None) -> None:
        """Queue one of `requests`; any thread.

        `answer` is called once, in the desk's thread or at once.
        """
        if not self._asked.put((request, answer)):
            text = "Too many requests about models are waiting: try again in a moment."
            self._refuse(request, ModelRefused(text), answer)

    def run(self, stop: Event) -> None:
        """Work off requests until stopped."""
        self._library.clean()
        self._show(models=self._library.models(), built_in=built_in_record())
        known = False
        while not stop.is_set():
            if self._shown and not known:
                known = True
                self._find_out()
            for request, answer in self._asked.take_all(0.25):
                try:
                    outcome = self._do(request)
                except EmberEyeError as error:
                    self._refuse(request, error, answer)
                else:
                    self._end(outcome, answer)

    def _find_out(self) -> None:
        """What can run models on this machine, and how the built-in one does here."""
        self._show(providers=self._providers())
        shipped = self.current.built_in
        if shipped is None or shipped.problem:
            return
        try:
            found = self._trial(Path(shipped.path))
        except DetectorError as error:
            self._show(built_in=replace(shipped, problem=str(error)))
            return
        labels = shipped.trial.labels or found.labels
        self._show(built_in=replace(shipped, trial=replace(found, labels=labels)))

    def _do(self, request: Request) -> ModelOutcome:
        if not self._settings().detection.manage_models:
            raise ModelRefused("Your administrator has fixed which models are used here.")
        if isinstance(request, ImportModelAsked):
            return self._import(request)
        if isinstance(request, ActivateModelAsked):
            self._library.activate(request.name, request.version)
            self._changed()
            self._tell(request, f"{request.name} {request.version} is in use from now on.")
        else:
            self._remove(request)
        return ModelOutcome(request.asked)

    def _import(self, asked: ImportModelAsked) -> ModelOutcome:
        source = Path(asked.path)
        self._show(busy=f"{source.name} is copied and tried; that takes up to 20 s.")
        intake = Intake(
            source,
            asked.name,
            asked.actor,
            self._clock.now().utc,
            asked.licence,
            asked.family,
            asked.activate,
        )
        made = self._library.take(intake, self._trial)
        self._changed()
        self._tell(asked, f"{made.name} {made.version} was imported: {_facts(made)}.")
        return ModelOutcome(asked.asked, model=f"{made.name} {made.version}")

    def _remove(self, asked: RemoveModelAsked) -> None:
        settings, versions = self._settings(), self._versions(asked.name)
        if len(versions) < 2 and is_chosen(settings, asked.name):
            users = users_of(settings, asked.name)
            cameras = ", ".join(users[:_NAMED]) or "the settings (detection.model)"
            more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
            raise ModelRefused(
                f"{asked.name} is used by {cameras}{more}. Choose other models for them first."
            )
        self._library.remove(asked.name, asked.version)
        self._changed()
        self._tell(asked, f"{asked.name} {asked.version} was removed.")

    def _versions(self, name: str) -> list[ImportedModel]:
        return [model for model in self._library.models() if model.name == name]

    def _changed(self) -> None:
        self._show(models=self._library.models())
        self._post(ModelsChanged(self._clock.now()))

    def _end(self, outcome: ModelOutcome, answer: Answer | None) -> None:
        self._show(busy="", outcome=outcome)
        if answer is not None:
            answer(outcome)

    def _refuse(self, request: Request, error: EmberEyeError, answer: Answer | None) -> None:
        _log.warning("%s refused: %s", type(request).__name__, error)
        families = error.families if isinstance(error, ModelRefused) else ()
        if not families:  # a question is no refusal
            self._tell(request, f"Refused: {error}")
        outcome = ModelOutcome(request.asked, str(error), families)
        if answer is None and not request.asked:
            self._publish(RequestRefused(str(error), request.actor, "models"))
        self._end(outcome, answer)

    def _tell(self, request: Request, text: str) -> None:
        subject = f"model:{request.name}"[:80]
        now = self._clock.now()
        event = SecurityEvent(subject, text, now, SecurityKind.MODELS, actor=request.actor)
        self._post(event)

    def _show(self, **changes: Any) -> None:
        self.current = replace(self.current, revision=self.current.revision + 1, **changes)
        self._publish(TableChanged("models", self._clock.now()))

    def _try(self, model: Path) -> ModelTrial:
        providers = wished(self._settings().detection.provider)
        return try_model(model, providers, demo_picture(), self._clock)


def _facts(made: ImportedModel) -> str:
    return f"{made.family}, licence {made.licence[:60]}, SHA-256 {made.sha256}"
