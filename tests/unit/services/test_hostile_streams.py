"""Neither stream of a camera can be made of a hostile text, by form, import or file (R22)."""

from pathlib import Path

import pytest
from hostile_sources import HOSTILE

from embereye.config.schema import Settings
from embereye.model.errors import ConfigError
from embereye.services.camera_configuration import changed_camera

_GOOD = {"id": "gate", "name": "Gate", "source": "rtsp://10.1.2.3/main"}
_SECRETS = ("p/w", "p?w", "p#w", "abc")


@pytest.fixture
def configured(tmp_path: Path) -> Settings:
    (tmp_path / "a.mp4").write_bytes(b"x")
    return Settings(media_folders=(str(tmp_path),))


@pytest.mark.parametrize("stream", ["source", "sub_source"])
@pytest.mark.parametrize("text", [text for text in HOSTILE if text])
def test_a_hostile_stream_is_refused_with_advice(
    configured: Settings, stream: str, text: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        changed_camera(configured, None, {**_GOOD, stream: text})
    said = " ".join((str(refusal.value), *refusal.value.problems))
    assert stream in said
    assert not any(secret in said for secret in _SECRETS)


def test_no_sub_stream_is_no_hostile_one(configured: Settings) -> None:
    assert changed_camera(configured, None, {**_GOOD, "sub_source": ""}).camera.sub_source == ""


def test_files_outside_the_media_folders_are_no_sub_streams(
    configured: Settings, tmp_path: Path
) -> None:
    outside = tmp_path.parent / "outside.mp4"
    outside.write_bytes(b"x")
    (tmp_path / "link.mp4").symlink_to(outside)
    for text in (str(outside), "../outside.mp4", "link.mp4", "/etc/passwd"):
        with pytest.raises(ConfigError):
            changed_camera(configured, None, {**_GOOD, "sub_source": text})


def test_a_login_of_the_sub_stream_never_stays_in_its_address(configured: Settings) -> None:
    values = {**_GOOD, "sub_source": "rtsp://bob:canary%40@10.1.2.3/sub"}
    row = changed_camera(configured, None, values)
    assert row.camera.sub_source == "rtsp://10.1.2.3/sub"
    assert "canary" not in repr(row)
    assert "canary" not in row.camera.model_dump_json()
