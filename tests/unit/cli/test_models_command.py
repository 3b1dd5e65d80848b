"""`embereye models`, and what the self-test says about them."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tiny_models import FLAME, MANIFEST, flame_model

from embereye.cli.main import run_command_line
from embereye.cli.output import Exit
from embereye.config.schema import Settings
from embereye.runtime.clock import SystemClock
from embereye.services.self_test import Outcome, detector_check, perform
from embereye.vision.registry import active_model

Out = pytest.CaptureFixture[str]


def _run(folder: Path, *words: object) -> int:
    return run_command_line(["--data-dir", str(folder), "models", *map(str, words)])


def test_from_import_to_removal(tmp_path: Path, capsys: Out):
    data = tmp_path / "data"
    one = flame_model(tmp_path / "My Flames.onnx")
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as bundle:
        bundle.write(flame_model(tmp_path / "b.onnx", FLAME * 0.9), "m/b.onnx")
        bundle.writestr("m/b.toml", MANIFEST)

    assert _run(data, "import", one) == Exit.OK
    assert _run(data, "import", two, "--name", "my-flames", "--keep-active") == Exit.OK
    capsys.readouterr()
    assert _run(data, "list", "--json") == Exit.OK
    listed = [m for m in json.loads(capsys.readouterr().out)["models"] if m["name"] == "my-flames"]
    assert [(m["version"], m["active"], m["family"]) for m in listed] == [
        ("2", False, "end_to_end"),
        ("1", True, "end_to_end"),
    ]
    assert listed[0]["latency_ms"]["p95"] > 0
    assert listed[0]["labels"] == ["fire"]

    assert _run(data, "activate", "my-flames", "2") == Exit.OK
    assert _run(data, "remove", "my-flames", "2") == Exit.USAGE
    assert _run(data, "remove", "my-flames", "1") == Exit.OK
    assert _run(data, "list") == Exit.OK
    assert "my-flames" in capsys.readouterr().out


def test_a_model_that_names_no_classes_is_remarked_until_it_does(tmp_path: Path, capsys: Out):
    plain = flame_model(tmp_path / "u.onnx", manifest='family = "end_to_end"\nlicence = "MIT"\n')

    assert _run(tmp_path, "import", plain) == Exit.OK
    assert "manifest that has labels" in capsys.readouterr().out
    assert _run(tmp_path, "import", flame_model(tmp_path / "u.onnx")) == Exit.OK
    out = capsys.readouterr().out
    assert out.startswith("u 2 ")
    assert "manifest that has labels" not in out


def test_refusals_say_what_to_do(tmp_path: Path, capsys: Out):
    unclear = flame_model(tmp_path / "u.onnx", np.zeros((1, 84, 8)), "")

    assert _run(tmp_path, "import", unclear) == Exit.USAGE
    assert "licence" in capsys.readouterr().err
    (tmp_path / "x.pt").write_bytes(b"\x80\x04")
    assert _run(tmp_path, "import", tmp_path / "x.pt") == Exit.USAGE
    assert "ONNX" in capsys.readouterr().err


def test_a_folder_without_models_says_so(tmp_path: Path, capsys: Out):
    assert _run(tmp_path, "list") == Exit.OK
    out = capsys.readouterr().out
    assert "built-in" in out or "no models" in out


def _check(folder: Path, models: str) -> tuple[Outcome, str]:
    row = {"id": "yard", "name": "Yard", "source": "rtsp://h/1", "models": models}
    settings = Settings.model_validate({"cameras": [row]})
    (item,) = perform([detector_check(folder, settings, SystemClock())], strict=False)
    return item.outcome, item.text


def test_the_self_test_runs_the_models_of_the_cameras(tmp_path: Path):
    assert _run(tmp_path, "import", flame_model(tmp_path / "flames.onnx")) == Exit.OK
    assert active_model(tmp_path / "models", "flames") is not None

    outcome, text = _check(tmp_path, "flames, remote")
    assert (outcome, "flames 1" in text, "ms" in text) == (Outcome.OK, True, True)

    outcome, text = _check(tmp_path, "dogs")
    assert outcome is Outcome.FAILURE
    assert "dogs" in text
