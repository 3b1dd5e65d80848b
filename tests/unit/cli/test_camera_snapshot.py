"""`embereye cameras snapshot`: a masked picture of a camera in the settings, noted in the audit."""

import argparse
import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest
from fakes import FakeClock
from hosting import hosted
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.cli.cameras import register
from embereye.config.camera_options import PrivacyMask
from embereye.config.load import Layers
from embereye.config.schema import Camera
from embereye.config.store import SettingsStore
from embereye.model.errors import EmberEyeError
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.instance import Ownership
from embereye.services.owner_requests import OwnerRequests
from embereye.services.snapshot_access import ASK
from embereye.services.snapshot_log import SnapshotLog, saved_of
from embereye.storage.queries import Slice, audit

_MASK = PrivacyMask(points=((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    store = SettingsStore(Layers(made / "settings.toml", environment={}))
    cameras = (
        Camera(id="card", name="Card", source="testcard:640x480", privacy=(_MASK,)),
        Camera(id="door", name="Door", source="folder:door"),
        Camera(id="gone", name="Gone", source="rtsp://127.0.0.1:9/x", open_timeout=1.0),
    )
    store.save({"cameras": cameras}, 0)
    return made


def _run(folder: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    parser.set_defaults(data_dir=folder, config=None)
    register(parser.add_subparsers())
    args = parser.parse_args(["cameras", "snapshot", *arguments])
    return int(args.run(args))


def test_a_picture_is_saved_masked_and_noted(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.png"
    assert _run(folder, "card", "--out", str(path), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["file"], told["camera"], told["width"]) == (str(path), "card", 640)
    shown = cv2.imread(str(path))
    assert shown is not None
    assert shown.shape == (480, 640, 3)
    assert shown[:240, :320].max() == 0
    assert shown[260:, 340:].max() > 0
    (row,) = audit(folder, Slice())
    assert (row["kind"], row["subject"], row["actor"]) == ("snapshot", "card", getpass.getuser())
    assert row["text"].endswith(f"saved as {path}")


def test_in_a_folder_it_gets_a_name_of_its_own(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(folder, "card", "--out", str(tmp_path)) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.parent == tmp_path
    assert path.name.startswith("Card_card_")
    assert path.is_file()


def test_no_file_is_overwritten(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(EmberEyeError, match="is there already"):
        _run(folder, "card", "--out", str(path))
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("camera", "said"),
    [("door", "upload folder"), ("none", "no camera none"), ("gone", "127.0.0.1:9")],
)
def test_what_cannot_be_taken_is_told(folder: Path, tmp_path: Path, camera: str, said: str) -> None:
    with pytest.raises(EmberEyeError, match=said):
        _run(folder, camera, "--out", str(tmp_path / "a.png"))
    assert not (tmp_path / "a.png").exists()


def test_a_running_program_notes_it_itself(folder: Path, tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = []
    engine = Engine(SystemClock())
    log = SnapshotLog(engine, lambda *row: rows.append(row))
    with _owned(folder, OwnerRequests({ASK: log.answer})):
        assert _run(folder, "card", "--out", str(tmp_path / "a.jpg")) == 0
    engine.step()
    ((kind, subject, actor, text, _at),) = rows
    assert (kind, subject, actor) == ("snapshot", "card", getpass.getuser())
    assert str(text).endswith("a.jpg")


def test_a_program_that_does_not_note_it_is_told_of(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with (
        _owned(folder, OwnerRequests({})),
        pytest.raises(EmberEyeError, match=r"was saved, but not noted .* does not know"),
    ):
        _run(folder, "card", "--out", str(path))
    assert path.exists()


@contextmanager
def _owned(folder: Path, answers: OwnerRequests) -> Iterator[None]:
    """A program that owns the data folder."""
    owner = Ownership(folder, lambda: None, answers)
    try:
        with hosted(owner.run, wait=3.0):
            yield
    finally:
        owner.release()


@pytest.mark.parametrize("utc", [float("nan"), float("inf"), 1e12, -1.0, 5])
def test_a_time_that_is_none_is_refused(utc: float) -> None:
    assert saved_of({"camera": "a", "utc": utc, "file": "b", "actor": "c"}) is None


_any = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)


@settings(deadline=None)
@given(
    asked=st.dictionaries(st.sampled_from(["camera", "utc", "file", "actor"]), _any),
)
def test_other_requests_are_refused_and_never_break_the_log(asked: dict[str, object]) -> None:
    rows: list[tuple[object, ...]] = []
    engine = Engine(FakeClock())
    log = SnapshotLog(engine, lambda *row: rows.append(row))
    answer = log.answer(asked)
    engine.step()
    assert answer["ok"] is (saved_of(asked) is not None)
    assert len(rows) == answer["ok"]
