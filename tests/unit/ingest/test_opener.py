"""From a camera's settings to something that can be opened."""

from pathlib import Path

import pytest
from camera_parts import make_clip
from fakes import FakeClock

from embereye.config.schema import Camera
from embereye.ingest.hardware import offered
from embereye.ingest.opener import opener_of
from embereye.model.errors import CameraRefused
from embereye.runtime.clock import SystemClock


def _camera(**changes: object) -> Camera:
    fields = {"id": "one", "name": "Gate", "source": "rtsp://127.0.0.1:9/x", "user": "viewer"}
    return Camera.model_validate({**fields, **changes})


def test_a_missing_password_is_asked_for_and_never_tried(clock: FakeClock) -> None:
    _, build = opener_of(_camera(), (), lambda _camera: None, clock)
    with pytest.raises(CameraRefused, match="No password is stored for Gate"):
        build(lambda _s: None).open()


def test_an_empty_password_that_was_entered_is_tried(clock: FakeClock) -> None:
    _, build = opener_of(_camera(open_timeout=1.0), (), lambda _camera: "", clock)
    with pytest.raises(Exception, match="refuses connections"):
        build(lambda _s: None).open()


@pytest.mark.parametrize(
    ("wanted", "decoder"),
    [("off", "h264"), ("videotoolbox", "h264 (software; no videotoolbox)")],
)
def test_a_camera_without_its_chip_shows_pictures_and_says_so(
    wanted: str, decoder: str, tmp_path: Path
) -> None:
    if wanted in offered():
        pytest.skip("this machine has it")
    clip = make_clip(tmp_path / "a.mp4", seconds=1.0)
    camera = _camera(source=str(clip), user="", hardware=wanted)
    _, build = opener_of(camera, (tmp_path,), lambda _camera: None, SystemClock())
    source = build(lambda _s: None)
    source.open()
    try:
        pictures = [source.read(1.0) for _ in range(2)]
    finally:
        source.close()
    assert any(pictures)
    assert source.decoder == decoder
    assert 0 < source.received < clip.stat().st_size
