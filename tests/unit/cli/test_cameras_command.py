"""`embereye cameras probe`."""

import argparse
import json
from pathlib import Path

import pytest
from camera_parts import make_clip, rtsp_server

from embereye.cli.cameras import register
from embereye.model.errors import CameraUnreachable, SourceError


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    args = parser.parse_args(["cameras", *arguments])
    return int(args.run(args))


def test_probing_a_file_tells_codec_size_and_rate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_clip(tmp_path / "a.mp4", seconds=1.0)
    assert _run("probe", str(clip), "--seconds", "1", "--json") == 0
    offer = json.loads(capsys.readouterr().out)
    assert (offer["codec"], offer["width"], offer["height"]) == ("h264", 320, 240)
    assert offer["fps"] == pytest.approx(15, abs=1)
    assert offer["streams"] == ["video h264"]


def test_probing_tells_what_decodes_a_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_clip(tmp_path / "a.mp4", seconds=1.0)
    for wanted, decoder in (("off", "h264"), ("videotoolbox", "h264 (")):
        assert _run("probe", str(clip), "--seconds", "0.5", "--json", "--hardware", wanted) == 0
        assert json.loads(capsys.readouterr().out)["decoder"].startswith(decoder)


def test_probing_what_is_not_coded_tells_no_codec(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("probe", "testcard:640x360", "--seconds", "0.5", "--json") == 0
    offer = json.loads(capsys.readouterr().out)
    assert (offer["source"], offer["codec"], offer["width"]) == ("testcard:640x360", "", 640)


def test_probing_a_camera_does_not_repeat_its_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_clip(tmp_path / "a.mp4", seconds=1.0)
    with rtsp_server(clip, auth="digest", user="bob", password="canary") as server:
        assert _run("probe", server.url("a", "bob:canary@"), "--seconds", "0.5") == 0
    text = capsys.readouterr().out
    assert "first_picture_s" in text
    assert "canary" not in text


def test_a_dead_camera_is_an_error_in_words() -> None:
    with pytest.raises(CameraUnreachable, match="refuses connections"):
        _run("probe", "rtsp://127.0.0.1:9/x")


def test_a_hostile_address_is_refused() -> None:
    with pytest.raises(SourceError, match="must start with"):
        _run("probe", "concat:/etc/passwd|x")


def test_searching_where_nobody_answers_says_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _run("discover", "--interface", "127.0.0.1", "--seconds", "0.5") == 0
    assert "enter their address" in capsys.readouterr().out
    assert _run("discover", "--interface", "127.0.0.1", "--seconds", "0.5", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"cameras": []}


def test_an_interface_is_an_address_of_this_computer() -> None:
    with pytest.raises(SystemExit):
        _run("discover", "--interface", "eth0")
    with pytest.raises(CameraUnreachable, match="No network"):
        _run("discover", "--interface", "192.0.2.77", "--seconds", "0.5")
