"""`embereye vision evaluate` on pictures and clips that are made here."""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from embereye.bench.onsets import PLACES, onset
from embereye.bench.shipped import shipped
from embereye.cli import evaluate, vision
from embereye.model.errors import DetectorError


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path)
    vision.register(parser.add_subparsers())
    args = parser.parse_args(["vision", "evaluate", *arguments])
    return int(args.run(args))


def _picture(path: Path, seed: int, flame: bool) -> None:
    rough = np.random.default_rng(seed).integers(20, 90, (9, 12, 3), dtype=np.uint8)
    picture = cv2.resize(rough, (160, 120), interpolation=cv2.INTER_CUBIC)
    if flame:  # orange around yellow-white, as the colour rule wants it
        cv2.circle(picture, (70, 70), 22, (20, 110, 250), -1)
        cv2.circle(picture, (70, 72), 12, (60, 220, 255), -1)
    cv2.imwrite(str(path), picture)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Six pictures, one of them twice, one broken; two clips."""
    rows = ["path,kind,set,group,fire,smoke,boxes,events"]
    for number in range(6):
        _picture(tmp_path / f"{number}.png", number, flame=number < 3)
        boxes = '"[[""fire"",0.44,0.58,0.28,0.37]]"' if number < 3 else "[]"
        rows.append(f"{number}.png,image,s{number % 2},g{number},{int(number < 3)},-1,{boxes},")
    (tmp_path / "twin.png").write_bytes((tmp_path / "0.png").read_bytes())
    rows.append("twin.png,image,s0,twin,1,-1,,")
    for name in ("calm.avi", "fire.avi"):
        writer = cv2.VideoWriter(str(tmp_path / name), cv2.VideoWriter.fourcc(*"MJPG"), 8, (64, 48))
        for _ in range(16):
            writer.write(np.full((48, 64, 3), 90, np.uint8))
        writer.release()
        fire = int(name == "fire.avi")
        rows.append(f"{name},video,video,{name},{fire},0,,")
    path = tmp_path / "manifest.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_pictures_are_measured_into_one_document(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "report.json"
    code = _run(str(manifest), "--model", "none", "--json", "--out", str(out))

    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert json.loads(out.read_text(encoding="utf-8")) == document
    assert (document["pictures"], document["repeats"]) == (7, 1)
    assert {(one["label"], one["set_name"]) for one in document["figures"]} == {
        ("fire", "all"), ("fire", "s0"), ("fire", "s1"),
    }  # fmt: skip
    assert document["figures"][0]["auc"]["value"] == 1.0
    assert document["boxes"][0]["pictures"] == 3


def test_repeats_can_be_kept(manifest: Path, capsys: pytest.CaptureFixture[str]):
    _run(str(manifest), "--model", "none", "--keep-repeats", "--json")
    document = json.loads(capsys.readouterr().out)
    assert document["repeats"] == 0
    assert document["figures"][0]["positives"] == 4


def test_the_table_names_the_figures(manifest: Path, capsys: pytest.CaptureFixture[str]):
    assert _run(str(manifest), "--model", "none", "--sets", "s0") == 0
    text = capsys.readouterr().out
    assert "AUC" in text
    assert "centre inside" in text
    assert "too narrow" in text


def test_a_picture_that_cannot_be_read_is_told_and_the_rest_counts(
    manifest: Path, capsys: pytest.CaptureFixture[str]
):
    (manifest.parent / "4.png").write_bytes(b"broken")
    code = _run(str(manifest), "--model", "none", "--json")
    captured = capsys.readouterr()
    assert code == 2
    assert json.loads(captured.out)["pictures"] == 6
    assert "4.png" in captured.err


def test_clips_are_played_and_counted(manifest: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ("--kind", "video", "--model", "none", "--minutes", "0.1", "--trials", "2")
    code = _run(str(manifest), *arguments, "--json")
    document = json.loads(capsys.readouterr().out)
    clips = document["collections"]["clips"]
    assert code == 0
    assert clips["found"][0]["times"] == [None, None]
    assert clips["quiet"][0]["name"] == "calm.avi"
    assert clips["shares"][0]["clips"]["value"] == 0.0
    assert clips["false_alarms_per_hour"]["fire"]["value"] == 0.0

    _run(str(manifest), *arguments)
    text = capsys.readouterr().out
    assert "false fire alarms a camera-hour: 0.000" in text
    assert "fire within 10 s: 0.000" in text


def test_own_scenes_need_no_manifest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    # One short one of each stands for all: rendering every scene takes a minute.
    scene, fire = next(evaluate.lookalikes(1.0)), onset(PLACES[-1], longer=0.5)
    monkeypatch.setattr(evaluate, "lookalikes", lambda: iter([scene]))
    monkeypatch.setattr(evaluate, "onsets", lambda: iter([fire]))
    monkeypatch.setattr(evaluate, "shipped", lambda: [row for row in shipped() if not row.fire][:1])
    code = _run("--lookalikes", "--model", "none", "--minutes", "0.1", "--trials", "1", "--json")
    collections = json.loads(capsys.readouterr().out)["collections"]
    assert code == 0
    assert len(collections["shipped"]["quiet"]) == 1
    assert collections["lookalikes"]["quiet"][0]["name"] == "sunset"
    assert collections["onsets"]["shares"][0]["seconds"] == 3.0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("absent.csv",),
        ("MANIFEST", "--sets", "none of these"),
        ("MANIFEST", "--out", "absent/report.json", "--model", "none"),
    ],
)
def test_a_wrong_use_is_told(arguments, manifest: Path, monkeypatch, capsys):
    monkeypatch.chdir(manifest.parent)
    assert _run(*(str(manifest) if word == "MANIFEST" else word for word in arguments)) == 2
    assert capsys.readouterr().err.startswith("embereye: ")


def test_wrong_rows_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "m.csv"
    path.write_text("path,kind,set,group,fire,smoke\n../a,image,s,g,1,0\n", encoding="utf-8")
    assert _run(str(path)) == 2
    assert "row 2: the path “../a” leaves" in capsys.readouterr().err


@pytest.mark.parametrize("model", ["absent.onnx", "imported-name", "remote", "a.onnx,b.onnx"])
@pytest.mark.parametrize("kind", ["image", "video"])
def test_a_model_that_cannot_be_used_ends_the_command(
    model: str, kind: str, manifest: Path, tmp_path: Path
):
    with pytest.raises(DetectorError):
        _run(str(manifest), "--model", model, "--kind", kind)


@pytest.mark.parametrize(
    "option", ["--threshold=2", "--minutes=0", "--trials=0", "--kind=sound", "--seed=x"]
)
def test_a_value_out_of_range_is_a_wrong_use(manifest: Path, option: str):
    with pytest.raises(SystemExit) as ended:
        _run(str(manifest), option)
    assert ended.value.code == 2
