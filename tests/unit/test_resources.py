"""What ships beside the code is complete, within its limits and found wherever the program runs."""

import sys
import tomllib
import wave
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
import pytest

from embereye.runtime.resources import ResourceMissing, resource

_DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
_CLIPS: list[dict[str, Any]] = tomllib.loads(_DEMO.joinpath("manifest.toml").read_text("utf-8"))[
    "clips"
]
_SOUNDS = ("fire", "high", "medium", "low", "fault", "test")
_ICONS = (
    "wall", "alarms", "devices", "trends", "playback", "map", "health", "settings", "acknowledge",
    "silence", "reset", "maximise", "fullscreen", "retry", "edit", "password", "overlay", "thermal",
    "camera-off", "sound-on", "sound-off", "page-first", "page-previous", "page-next", "page-last",
)  # fmt: skip


@pytest.fixture(params=_CLIPS, ids=lambda clip: clip["file"])
def clip(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


def _packets(path: Path) -> list[tuple[float, bool]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [
            (float(p.pts * stream.time_base), p.is_keyframe)
            for p in container.demux(stream)
            if p.pts is not None
        ]


def test_clip_is_what_the_manifest_says(clip):
    with av.open(str(resource("demo", clip["file"]))) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (clip["width"], clip["height"])
        assert stream.average_rate == clip["fps"]
        assert stream.frames == clip["seconds"] * clip["fps"]
        assert container.duration / av.time_base == pytest.approx(clip["seconds"], abs=0.1)


def test_clip_has_regular_key_frames_and_no_reordering(clip):
    packets = _packets(resource("demo", clip["file"]))
    keys = [i for i, (_, key) in enumerate(packets) if key]
    assert keys[0] == 0
    assert set(np.diff(keys)) == {clip["key_frame_every"]}
    assert clip["key_frame_every"] / clip["fps"] <= 2.0
    assert [at for at, _ in packets] == sorted(at for at, _ in packets)


def test_clip_shows_a_picture(clip):
    with av.open(str(resource("demo", clip["file"]))) as container:
        first = next(container.decode(video=0)).to_ndarray(format="gray")
    assert 15 < first.mean() < 200
    assert first.std() > 10


def test_fire_brightens_only_the_clips_that_have_one(clip):
    with av.open(str(resource("demo", clip["file"]))) as container:
        frames = [
            f.to_ndarray(format="rgb24").astype(np.int16)
            for i, f in enumerate(container.decode(video=0))
            if i % clip["fps"] == 0
        ]

    def flame(frame: np.ndarray) -> float:
        """Share of bright pixels that are much redder than blue."""
        red, blue = frame[..., 0], frame[..., 2]
        return float(((red > 200) & (red - blue > 80)).mean())

    shares = [flame(frame) for frame in frames]
    if not clip["fire"]:
        assert "onset" not in clip
        return
    before = shares[: int(clip["onset"])]
    assert max(before) < 0.006
    assert np.mean(shares[-4:]) > max(before) + 0.01


def test_clips_stay_small():
    sizes = {clip["file"]: resource("demo", clip["file"]).stat().st_size for clip in _CLIPS}
    assert max(sizes.values()) < 600_000
    assert sum(sizes.values()) < 5_000_000


def test_manifest_names_every_clip_once_and_three_burn():
    assert sorted(clip["file"] for clip in _CLIPS) == sorted(p.name for p in _DEMO.glob("*.mp4"))
    assert len({clip["place"] for clip in _CLIPS}) == len(_CLIPS)
    assert sum(clip["fire"] for clip in _CLIPS) == 3


def _samples(name: str) -> np.ndarray:
    with wave.open(str(resource("sounds", f"{name}.wav"))) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (44_100, 2, 1)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768.0


@pytest.mark.parametrize("name", _SOUNDS)
def test_sound_is_loud_enough_and_not_clipped(name):
    samples = _samples(name)
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(-3.0, abs=0.1)
    loudest = samples[: samples.size // 44_100 * 44_100].reshape(-1, 44_100)
    assert np.sqrt((loudest**2).mean(axis=1)).max() > 0.05


@pytest.mark.parametrize("name", _SOUNDS)
def test_sound_loops_without_a_click(name):
    samples = _samples(name)
    bend = np.abs(np.diff(samples, n=2)).max()  # the sharpest bend that the sound itself has
    looped = np.concatenate((samples[-2:], samples[:2]))
    assert np.abs(np.diff(looped, n=2)).max() <= bend
    assert np.abs(np.diff(looped)).max() <= np.abs(np.diff(samples)).max()


def test_fire_sound_never_falls_silent():
    samples = _samples("fire")
    blocks = samples[: samples.size // 2205 * 2205].reshape(-1, 2205)  # 50 ms
    assert np.sqrt((blocks**2).mean(axis=1)).min() > 0.2


@pytest.mark.parametrize("name", _ICONS)
def test_icon_is_a_line_drawing_on_the_24_pixel_grid(name):
    root = ElementTree.parse(resource("icons", f"{name}.svg")).getroot()
    assert root.tag.endswith("svg")
    assert root.get("viewBox") == "0 0 24 24"
    assert root.get("stroke-width") == "1.75"
    assert root.get("stroke") == "#E7EAED"
    assert len(list(root)) > 0


def test_application_icon_is_there_as_drawing_and_as_picture():
    assert (
        ElementTree.parse(resource("icons", "embereye.svg")).getroot().get("viewBox") == "0 0 24 24"
    )
    header = resource("icons", "embereye.png").read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert (int.from_bytes(header[16:20]), int.from_bytes(header[20:24])) == (256, 256)


@pytest.mark.parametrize("weight", ["Regular", "Medium", "SemiBold", "Bold"])
def test_font_is_there(weight):
    assert resource("fonts", f"Inter-{weight}.otf").read_bytes()[:4] == b"OTTO"


def test_font_comes_with_its_licence():
    text = resource("fonts", "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE" in text
    assert "The Inter Project Authors" in text


def test_frozen_program_finds_resources_beside_itself(tmp_path, monkeypatch):
    tmp_path.joinpath("resources", "icons").mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource("icons") == tmp_path / "resources" / "icons"


def test_missing_file_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    with pytest.raises(
        ResourceMissing, match=r"sounds/fire\.wav is missing.*Install EmberEye again"
    ):
        resource("sounds", "fire.wav")
