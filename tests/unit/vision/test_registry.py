"""The library of imported models: versions, rollback, nothing half done."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from embereye.model.errors import DetectorError, ModelRefused
from embereye.model.vision_models import ImportedModel, ModelTrial
from embereye.vision import registry
from embereye.vision.manifest import manifest_of
from embereye.vision.registry import Intake, ModelLibrary, active_model

TRIAL = ModelTrial(("yolox",), ("person",), 416, 416, 0.1, 0.02, 0.03, 1 << 20, "cpu")


def _trial(_model: Path) -> ModelTrial:
    return TRIAL


class Bench:
    """A library and somebody who brings models."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bag = folder / "models", folder / "bag"
        self.bag.mkdir()
        self.library = ModelLibrary(self.folder)
        self._count = 0

    def bring(self, manifest: str = "", content: bytes = b"") -> Intake:
        self._count += 1
        source = self.bag / f"model{self._count}.onnx"
        source.write_bytes(content or f"weights {self._count}".encode())
        if manifest:
            source.with_suffix(".toml").write_text(manifest)
        return Intake(source, "persons", "ada", 1000.0, licence="MIT")

    def take(self, intake: Intake | None = None, trial=_trial) -> ImportedModel:
        return self.library.take(intake or self.bring(), trial)

    @property
    def active(self) -> str:
        path = active_model(self.folder, "persons")
        return path.parent.name if path else ""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_an_import_keeps_file_manifest_and_record(bench: Bench):
    made = bench.take(bench.bring('labels = ["person"]\nversion = "7b"\n'))

    (kept,) = bench.library.models()
    assert kept == made
    assert (kept.name, kept.version, kept.active, kept.problem) == ("persons", "1", True, "")
    assert (kept.imported_by, kept.imported_utc, kept.maker_version) == ("ada", 1000.0, "7b")
    assert kept.trial == TRIAL
    manifest = manifest_of(bench.folder / "persons" / "1" / "model.onnx")
    assert (manifest.name, manifest.licence, manifest.labels) == ("persons 1", "MIT", ("person",))
    assert (manifest.family, manifest.sha256) == ("yolox", kept.sha256)


def test_versions_count_up_and_the_newest_is_used_when_wanted(bench: Bench):
    bench.take()
    bench.take(replace(bench.bring(), activate=False))
    assert bench.active == "1"

    bench.take()
    assert bench.active == "3"
    assert [model.version for model in bench.library.models()] == ["3", "2", "1"]


def test_an_older_version_can_be_used_again(bench: Bench):
    bench.take()
    bench.take()

    bench.library.activate("persons", "1")

    assert bench.active == "1"
    assert [model.active for model in bench.library.models()] == [False, True]


def test_what_is_not_there_or_damaged_cannot_be_used(bench: Bench):
    bench.take()
    bench.take()
    (bench.folder / "persons" / "1" / "model.onnx").write_bytes(b"x")

    for version in ("1", "9", "..", ""):
        with pytest.raises(ModelRefused):
            bench.library.activate("persons", version)
    assert bench.active == "2"


def test_the_version_in_use_cannot_be_removed_beside_others(bench: Bench):
    bench.take()
    bench.take()

    with pytest.raises(ModelRefused, match="in use"):
        bench.library.remove("persons", "2")
    bench.library.remove("persons", "1")
    bench.library.remove("persons", "2")

    assert bench.library.models() == ()
    assert list(bench.folder.iterdir()) == []


def test_a_number_is_not_used_twice_while_others_are_there(bench: Bench):
    bench.take()
    bench.take()
    bench.library.remove("persons", "1")

    assert bench.take().version == "3"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "built-in",
        "remote",
        "Persons",
        "a b",
        "../x",
        "a/b",
        "x.onnx",
        ".hidden",
        "a..b",
        "x" * 41,
    ],
)
def test_bad_names_are_refused(bench: Bench, name: str):
    with pytest.raises(ModelRefused):
        bench.take(replace(bench.bring(), name=name))


def test_without_a_licence_nothing_is_taken(bench: Bench):
    with pytest.raises(ModelRefused, match="licence"):
        bench.take(replace(bench.bring(), licence=" "))

    assert bench.take(replace(bench.bring('licence = "BSD-3"'), licence="")).licence == "BSD-3"


def test_a_manifest_of_another_file_is_refused(bench: Bench):
    with pytest.raises(ModelRefused, match="SHA-256"):
        bench.take(bench.bring(f'sha256 = "{"0" * 64}"'))


@pytest.mark.parametrize("manifest", ["family = 7", "x = ", "unknown = 1", 'family = "magic"'])
def test_a_broken_manifest_is_refused(bench: Bench, manifest: str):
    with pytest.raises(ModelRefused):
        bench.take(bench.bring(manifest))


def test_the_same_file_is_not_taken_twice(bench: Bench):
    bench.take(bench.bring(content=b"same"))

    with pytest.raises(ModelRefused, match="persons 1"):
        bench.take(bench.bring(content=b"same"))


def test_the_same_file_with_labels_at_last_is_a_new_version(bench: Bench):
    bench.take(bench.bring(content=b"same"))
    named = 'labels = ["person"]\n'

    assert bench.take(bench.bring(named, b"same")).version == "2"
    with pytest.raises(ModelRefused, match="persons 2"):
        bench.take(bench.bring(named, b"same"))


def test_the_same_file_read_as_another_family_is_a_new_version(bench: Bench):
    bench.take(bench.bring(content=b"same"))

    other = replace(bench.bring(content=b"same"), family="yolov5")
    made = bench.take(other, lambda _model: replace(TRIAL, families=("yolov5",)))
    assert (made.version, made.family) == ("2", "yolov5")


def test_a_file_whose_kept_manifest_is_damaged_is_taken_again(bench: Bench):
    bench.take(bench.bring(content=b"same"))
    (bench.folder / "persons" / "1" / "model.toml").write_text("= no manifest")

    assert bench.take(bench.bring(content=b"same")).version == "2"


def test_where_the_family_is_not_clear_a_person_has_to_choose(bench: Bench):
    def unclear(model: Path) -> ModelTrial:
        told = manifest_of(model).family
        return replace(TRIAL, families=(str(told),) if told else ("yolox", "yolov5"))

    with pytest.raises(ModelRefused) as refused:
        bench.take(trial=unclear)
    assert refused.value.families == ("yolox", "yolov5")

    made = bench.take(replace(bench.bring(), family="yolov5"), unclear)
    assert made.family == "yolov5"


def test_a_failed_trial_leaves_nothing_behind(bench: Bench):
    def failing(_model: Path) -> ModelTrial:
        raise DetectorError("It hangs.")

    with pytest.raises(ModelRefused, match="hangs"):
        bench.take(trial=failing)

    assert list(bench.folder.iterdir()) == []


class Killed(BaseException):
    """The process ends here."""


def test_an_import_that_is_killed_leaves_the_library_as_it_was(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    bench.take()

    def killed(_model: Path) -> ModelTrial:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_args, **_options: None)
        with pytest.raises(Killed):
            bench.take(trial=killed)
    assert len(list(bench.folder.iterdir())) == 2

    assert [model.version for model in bench.library.models()] == ["1"]
    bench.library.clean()
    assert [path.name for path in bench.folder.iterdir()] == ["persons"]


def test_an_import_that_is_killed_before_its_pointer_is_finished_at_the_next_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(registry, "_point", killed)
        with pytest.raises(Killed):
            bench.take()
    assert bench.active == ""

    bench.library.clean()

    assert bench.active == "1"


@pytest.mark.parametrize("damage", ["{", "[]", '{"name": 1}', "null", ""])
def test_a_damaged_record_is_shown_and_can_be_removed(bench: Bench, damage: str):
    bench.take()
    (bench.folder / "persons" / "1" / "record.json").write_text(damage)

    (found,) = bench.library.models()
    assert "damaged" in found.problem
    bench.library.remove("persons", "1")
    assert bench.library.models() == ()


def test_a_full_disk_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "room_for", lambda *_: False)

    with pytest.raises(ModelRefused, match="Make space"):
        bench.take()


def test_there_is_an_end_to_how_many_are_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "_MOST", 2)
    bench.take()
    bench.take()

    with pytest.raises(ModelRefused, match="Remove some"):
        bench.take()
