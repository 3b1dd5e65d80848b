"""The model desk: who asked for what, and what became of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from tiny_models import MANIFEST, flame_model

from embereye.config.schema import Settings
from embereye.model.errors import DetectorError, ModelRefused
from embereye.model.messages import RequestRefused, SecurityEvent
from embereye.model.security import SecurityKind
from embereye.model.vision_models import (
    ActivateModelAsked,
    ImportModelAsked,
    ModelOutcome,
    ModelsChanged,
    ModelTrial,
    RemoveModelAsked,
)
from embereye.runtime.clock import SystemClock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services import model_access
from embereye.services.model_access import answer_models
from embereye.services.models import ModelDesk
from embereye.storage.database import EVIDENCE_FILE, read_all
from embereye.vision.registry import ModelLibrary

TRIAL = ModelTrial(("end_to_end",), ("fire",), 64, 64, 0.1, 0.02, 0.03, 1 << 20, "cpu")


class Bench:
    """A running desk whose trial runs are scripted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.settings = folder, Settings()
        self.posted: list[object] = []
        self.published: list[object] = []
        self.problem = ""
        self.desk = ModelDesk(
            ModelLibrary(folder / "models"),
            SystemClock(),
            lambda: self.settings,
            self.posted.append,
            self.published.append,
            self._trial,
            lambda: ("cpu", "cuda"),
        )

    def _trial(self, _model: Path) -> ModelTrial:
        if self.problem:
            raise DetectorError(self.problem)
        return TRIAL

    def file(self, name: str = "a", score: float = 0.9) -> str:
        path = self.folder / f"{name}.onnx"
        flame_model(path)
        path.write_bytes(path.read_bytes() + name.encode())  # another hash each
        return str(path)

    def do(self, request) -> ModelOutcome:
        box: Mailbox[ModelOutcome] = Mailbox(1, Full.GROW)
        self.desk.ask(request, lambda outcome: box.put(outcome) and None)
        (outcome,) = box.take_all(30)
        return outcome

    def take(self, name: str = "persons", file: str = "a") -> ModelOutcome:
        return self.do(ImportModelAsked(self.file(file), name, "ada", asked=7))

    @property
    def events(self) -> list[SecurityEvent]:
        return [message for message in self.posted if isinstance(message, SecurityEvent)]

    def choose(self, models: str, camera: str | None = None) -> None:
        row = {"id": "yard", "name": "Yard", "source": "rtsp://h/1", "models": camera}
        self.settings = Settings.model_validate({"detection": {"model": models}, "cameras": [row]})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench, stop = Bench(tmp_path), Event()
    thread = Thread(target=bench.desk.run, args=(stop,))
    thread.start()
    yield bench
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def test_an_import_is_shown_noted_and_told_to_the_engine(bench: Bench):
    outcome = bench.take()

    assert outcome == ModelOutcome(7, model="persons 1")
    (model,) = bench.desk.current.models
    assert (model.name, model.version, model.active) == ("persons", "1", True)
    assert (bench.desk.current.busy, bench.desk.current.outcome) == ("", outcome)
    assert any(isinstance(message, ModelsChanged) for message in bench.posted)
    (event,) = bench.events
    assert (event.kind, event.actor, event.subject) == (SecurityKind.MODELS, "ada", "model:persons")
    assert model.sha256 in event.text


def test_what_a_trial_run_finds_is_told_and_noted(bench: Bench):
    bench.problem = "It hangs."

    assert bench.take().problem == "It hangs."
    assert bench.desk.current.models == ()
    assert "Refused: It hangs." in bench.events[0].text
    assert not any(isinstance(message, ModelsChanged) for message in bench.posted)


def test_a_policy_of_the_administrator_closes_the_desk(bench: Bench):
    bench.take()
    bench.settings = Settings.model_validate({"detection": {"manage_models": False}})

    for request in (
        ImportModelAsked(bench.file("b"), "cars", "eve"),
        ActivateModelAsked("persons", "1", "eve"),
        RemoveModelAsked("persons", "1", "eve"),
    ):
        assert "administrator" in bench.do(request).problem
    assert len(bench.desk.current.models) == 1
    assert [event.actor for event in bench.events] == ["ada", "eve", "eve", "eve"]


def test_going_back_to_an_older_version_is_noted(bench: Bench):
    bench.take(file="a")
    bench.take(file="b")

    assert bench.do(ActivateModelAsked("persons", "1", "bob")).problem == ""

    assert [model.active for model in bench.desk.current.models] == [False, True]
    assert (bench.events[-1].actor, "persons 1" in bench.events[-1].text) == ("bob", True)


@pytest.mark.parametrize(("every", "own"), [("persons", None), ("", "built-in, persons")])
def test_a_model_that_a_camera_uses_is_not_removed(bench: Bench, every: str, own: str | None):
    bench.take()
    bench.choose(every, own)

    problem = bench.do(RemoveModelAsked("persons", "1", "ada")).problem

    assert "Yard" in problem
    bench.choose("", None)
    assert bench.do(RemoveModelAsked("persons", "1", "ada")).problem == ""
    assert bench.desk.current.models == ()


def test_an_older_version_of_a_used_model_may_go(bench: Bench):
    bench.take(file="a")
    bench.take(file="b")
    bench.choose("persons")

    assert bench.do(RemoveModelAsked("persons", "1", "ada")).problem == ""
    assert bench.do(RemoveModelAsked("persons", "2", "ada")).problem


def test_a_refusal_that_nobody_waits_for_is_published(bench: Bench):
    bench.desk.ask(RemoveModelAsked("dogs", "1", "ada"))
    bench.take()

    refused = [message for message in bench.published if isinstance(message, RequestRefused)]
    assert [(message.subject, message.actor) for message in refused] == [("models", "ada")]


def test_what_runs_models_here_is_found_out(bench: Bench):
    bench.take()
    assert bench.desk.current.providers == ()

    bench.desk.shown()
    bench.do(ActivateModelAsked("persons", "1", "ada"))
    bench.do(ActivateModelAsked("persons", "1", "ada"))
    assert bench.desk.current.providers == ("cpu", "cuda")


def test_the_built_in_model_is_measured_once_somebody_looks(
    bench: Bench,
):
    bench.take()
    (model,) = bench.desk.current.models
    shipped = replace(model, name="built-in", trial=replace(TRIAL, labels=("smoke",), p95=0.0))
    bench.desk.current = replace(bench.desk.current, built_in=shipped)
    bench.desk.shown()
    bench.do(ActivateModelAsked("persons", "1", "ada"))
    bench.do(ActivateModelAsked("persons", "1", "ada"))

    measured = bench.desk.current.built_in
    assert measured is not None
    assert (measured.trial.p95, measured.trial.labels) == (TRIAL.p95, ("smoke",))


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"do": "import", "name": "x"},
        {"do": "import", "path": "/x", "name": 7},
        {"do": "activate", "name": "x"},
        {"do": "format", "name": "x", "version": "1"},
    ],
)
def test_unknown_requests_of_commands_are_refused(bench: Bench, asked: dict):
    assert not answer_models(bench.desk, asked)["ok"]


def test_a_command_works_on_a_folder_that_nobody_owns_and_leaves_the_audit(tmp_path: Path):
    model = flame_model(tmp_path / "fire.onnx", manifest=MANIFEST)
    data = tmp_path / "data"
    asked = {"do": "import", "path": str(model), "name": "fire", "actor": "ada"}

    answer = model_access.ask(data, SystemClock(), Settings, asked)

    assert answer["model"] == "fire 1"
    (made,) = ModelLibrary(data / "models").models()
    assert made.trial.p50 > 0
    rows = read_all(data / EVIDENCE_FILE, "SELECT subject, actor FROM audit")
    assert [tuple(row.values()) for row in rows] == [("model:fire", "ada")]
    with pytest.raises(ModelRefused, match="fire 1"):
        model_access.ask(data, SystemClock(), Settings, {**asked, "name": "fire"})
