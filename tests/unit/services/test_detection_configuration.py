"""How all cameras are looked at is changed whole or not at all, and noted."""

from pathlib import Path

import pytest

from embereye.config.load import Layers
from embereye.config.store import SettingsStore
from embereye.config.vision_options import Detection
from embereye.model.errors import ConfigError
from embereye.model.vision_models import EditDetectionAsked
from embereye.services.configuration import _subject
from embereye.services.detection_configuration import (
    SUBJECT,
    DetectionConfiguration,
    changed_detection,
)


class Bench:
    def __init__(self, folder: Path, policy: str = "") -> None:
        (folder / "policy.toml").write_text(policy)
        self.store = SettingsStore(Layers(folder / "settings.toml", folder / "policy.toml"))
        self.noted: list[tuple[str, str, str]] = []
        part = DetectionConfiguration(self.store, lambda *note: self.noted.append(note))
        self._do = part.doers[EditDetectionAsked]

    def ask(self, **values: object) -> None:
        self._do(EditDetectionAsked(values, "ada"))


def test_other_models_are_saved_and_noted(tmp_path: Path):
    bench = Bench(tmp_path)
    bench.ask(model="built-in, persons", provider="cpu")

    assert bench.store.current.detection.model == "built-in, persons"
    assert bench.store.current.detection.provider == "cpu"
    ((subject, actor, text),) = bench.noted
    assert (subject, actor) == ("detection", "ada")
    assert "'built-in, persons'" in text


def test_the_rest_of_the_section_stays(tmp_path: Path):
    bench = Bench(tmp_path)
    bench.ask(fire_confidence="0.8")
    bench.ask(smoke_confidence=0.6)
    bench.ask(fire_confidence=None)

    section = bench.store.current.detection
    assert section.fire_confidence == Detection().fire_confidence
    assert section.smoke_confidence == 0.6


@pytest.mark.parametrize(
    "values",
    [
        {"fire_confidence": 7},
        {"provider": "steam"},
        {"model": "x" * 501},
        {"memory": 300},
        {"x": 1},
    ],
)
def test_wrong_values_change_nothing(tmp_path: Path, values: dict[str, object]):
    bench = Bench(tmp_path)

    with pytest.raises(ConfigError) as refused:
        bench.ask(**values)
    assert refused.value.problems[0].startswith(next(iter(values)))
    assert bench.store.current.detection == Detection()
    assert bench.noted == []


def test_a_policy_fixes_the_models(tmp_path: Path):
    policy = 'locked = ["detection.model"]\n[detection]\nmodel = "persons"\n'
    bench = Bench(tmp_path, policy)

    with pytest.raises(ConfigError, match="administrator"):
        bench.ask(model="dogs")
    assert bench.store.current.detection.model == "persons"


def test_refusals_name_the_form(tmp_path: Path):
    assert _subject(EditDetectionAsked({}, "ada")) == SUBJECT
    assert changed_detection(Detection(), {}) == Detection()
