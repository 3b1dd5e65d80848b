"""`embereye vision detect`."""

import argparse
import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from embereye.cli import vision
from embereye.cli.main import run_command_line
from embereye.model.errors import DetectorError


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--config", type=Path)
    vision.register(parser.add_subparsers())
    args = parser.parse_args(["vision", "detect", *arguments])
    return int(args.run(args))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """An image with a name that is not ASCII."""
    path = tmp_path / "Höf 1.png"
    _, coded = cv2.imencode(".png", np.full((120, 160, 3), 90, np.uint8))
    path.write_bytes(coded.tobytes())
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """3 s of grey at 10 frames a second."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (160, 120))
    for _ in range(30):
        writer.write(np.full((120, 160, 3), 90, np.uint8))
    writer.release()
    return path


def test_json_is_one_document_as_in_the_contract(
    picture: Path, clip: Path, capsys: pytest.CaptureFixture[str]
):
    code = _run(str(picture), str(clip), "--every", "1", "--json")

    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert set(document) == {"model", "items", "latency_ms"}
    assert set(document["latency_ms"]) == {"p50", "p95"}
    assert set(document["items"][0]) == {"path", "frame", "time", "detections", "fire", "smoke"}
    assert [item["frame"] for item in document["items"]] == [0, 0, 10, 20]
    assert [item["time"] for item in document["items"]] == pytest.approx([0, 0, 1, 2])


def test_a_folder_is_searched(picture: Path, clip: Path, capsys: pytest.CaptureFixture[str]):
    (picture.parent / "notes.txt").write_text("no picture")

    code = _run(str(picture.parent), "--every", "60", "--json")

    paths = [item["path"] for item in json.loads(capsys.readouterr().out)["items"]]
    assert code == 0
    assert paths == [str(picture), str(clip)]


def test_without_json_a_table_is_printed(picture: Path, capsys: pytest.CaptureFixture[str]):
    _run(str(picture))

    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["file", "frame", "time", "s", "fire", "smoke", "seen"]
    assert str(picture) in row


@pytest.mark.parametrize("path", ["absent.jpg", "."])
def test_nothing_to_look_at_is_a_wrong_use(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)

    assert _run(path) == 2
    assert capsys.readouterr().err.startswith("embereye: ")


@pytest.mark.parametrize("name", ["broken.jpg", "broken.mp4"])
def test_a_file_that_cannot_be_decoded_is_named_and_the_rest_goes_on(
    name: str, picture: Path, capsys: pytest.CaptureFixture[str]
):
    broken = picture.parent / name
    broken.write_bytes(b"nothing" * 50)

    code = _run(str(broken), str(picture), "--json")

    captured = capsys.readouterr()
    assert code == 2
    assert name in captured.err
    assert len(json.loads(captured.out)["items"]) == 1


def test_a_model_that_cannot_be_used_ends_the_command(picture: Path):
    with pytest.raises(DetectorError, match=r"absent\.onnx"):
        _run(str(picture), "--model", str(picture.parent / "absent.onnx"))


def _coded(suffix: str, pixels: np.ndarray) -> bytes:
    return bytes(cv2.imencode(suffix, pixels)[1])


def _gigantic() -> bytes:
    """A BMP whose header declares 40,000×40,000 pixels."""
    small = bytearray(_coded(".bmp", np.zeros((4, 4, 3), np.uint8)))
    small[18:26] = (40_000).to_bytes(4, "little") * 2
    return bytes(small)


def test_odd_pictures_are_judged_and_bad_ones_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    grey = np.full((120, 160), 90, np.uint8)
    good = {
        "a_grey.png": _coded(".png", grey),
        "b_alpha.png": _coded(".png", np.full((120, 160, 4), 90, np.uint8)),
        "c_deep.png": _coded(".png", grey.astype(np.uint16) * 257),
    }
    bad = {"d_empty.jpg": b"", "e_huge.bmp": _gigantic(), "f_cut.png": good["a_grey.png"][:40]}
    for name, content in {**good, **bad}.items():
        (tmp_path / name).write_bytes(content)

    code = _run(str(tmp_path), "--json")

    captured = capsys.readouterr()
    assert code == 2
    seen = [Path(item["path"]).name for item in json.loads(captured.out)["items"]]
    assert seen == list(good)
    assert all(name in captured.err for name in bad)
    assert "40000×40000 pixels" in captured.err


def _animation(path: Path) -> Path:
    """2 s that grow brighter."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb8"
        for shade in range(0, 200, 10):
            picture = np.full((48, 64, 3), shade, np.uint8)
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="rgb8"))
            )
        container.mux(stream.encode())
    return path


def test_all_pictures_of_an_animation_are_watched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = _animation(tmp_path / "a.gif")
    assert _run(str(path), "--every", "0.5", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["items"]) >= 3


@pytest.mark.parametrize(
    "text", ["ffconcat version 1.0\nfile clip.avi\n", "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/\n"]
)
def test_a_play_list_is_no_clip(clip: Path, text: str, capsys: pytest.CaptureFixture[str]):
    path = clip.parent / "list.avi"
    path.write_text(text)
    assert _run(str(path), "--json") == 2
    assert "list.avi" in capsys.readouterr().err


def test_a_gigantic_animation_is_refused_by_its_header(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    small = bytearray(_animation(tmp_path / "a.gif").read_bytes())
    small[6:10] = (12_000).to_bytes(2, "little") * 2
    (tmp_path / "a.gif").write_bytes(bytes(small))
    assert _run(str(tmp_path / "a.gif"), "--json") == 2
    assert "too large" in capsys.readouterr().err


@pytest.mark.parametrize("model", ["nobody-imported-it", "remote"])
def test_a_model_that_nobody_has_ends_the_command(picture: Path, model: str):
    with pytest.raises(DetectorError):
        _run(str(picture), "--model", model)


def test_an_unknown_model_is_a_wrong_use(picture: Path, capsys: pytest.CaptureFixture[str]):
    folder = str(picture.parent / "data")
    command = ["vision", "detect", "--data-dir", folder, "--model", "nobody-imported-it"]
    assert run_command_line([*command, str(picture)]) == 2
    assert "Import it" in capsys.readouterr().err


@pytest.mark.parametrize("period", ["-1", "soon", "4000"])
def test_a_wrong_period_is_a_wrong_use(picture: Path, period: str):
    with pytest.raises(SystemExit) as ended:
        _run(str(picture), f"--every={period}")
    assert ended.value.code == 2
