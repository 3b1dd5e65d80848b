"""The capture bench: the real path without pace, the peer, and what is reported of them."""

import shutil
from pathlib import Path

import av
import pytest
from fakes import FakeClock

from embereye.bench import decode_peer
from embereye.bench.capture import _Case, _metrics
from embereye.bench.capture_rig import Work, rig
from embereye.bench.clips import Codec, Recipe, make_clip
from embereye.bench.decode_peer import peer_name, peer_rate
from embereye.bench.rtsp_load import Mount, RtspLoad
from embereye.bench.unpaced import LeapingClock, serve_unpaced
from embereye.ingest.capture_child import serve

_SMALL = Recipe(160, 120, 10, bits=100_000, seconds=4)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", _SMALL)


def test_a_clock_that_leaps_is_ahead_by_all_that_was_waited() -> None:
    real = FakeClock()
    leaping = LeapingClock(real)
    begin = leaping.mono()
    leaping.leap(0.4)
    leaping.leap(-1.0)
    assert leaping.mono() == pytest.approx(begin + 0.4)
    assert leaping.now().mono == pytest.approx(leaping.mono())
    assert real.mono() == begin


@pytest.mark.serial
def test_a_file_goes_through_the_capture_process_faster_than_it_plays(clip: Path) -> None:
    with rig([str(clip)], clip.parent, serve_unpaced) as ours:
        ours.settle()
        work = ours.work(0.5)
    assert work.delivered / work.seconds > 5 * _SMALL.rate
    assert work.decoded >= work.delivered
    assert 0 < work.taken <= work.delivered
    assert work.cpu > 0


@pytest.mark.serial
def test_the_same_process_reads_live_cameras_at_their_own_pace(clip: Path) -> None:
    load = RtspLoad([Mount("one", clip), Mount("two", clip)])
    try:
        with rig([load.url("one"), load.url("two")], clip.parent, serve) as ours:
            ours.settle()
            work = ours.work(1.0)
    finally:
        load.close()
    assert work.delivered / work.seconds == pytest.approx(2 * _SMALL.rate, rel=0.4)


@pytest.mark.parametrize("program", ["ffmpeg", "PyAV"])
def test_the_peer_decodes_the_clip(
    program: str, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if program == "ffmpeg" and shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    if program == "PyAV":
        monkeypatch.setattr(decode_peer, "_ffmpeg", lambda: None)
    assert peer_name().startswith(program)
    assert peer_rate(clip, 3) > _SMALL.rate


def test_ratios_are_medians_of_turns_beside_their_targets() -> None:
    works = [Work(delivered, delivered, 10, 1.0, 1.0, 0.02) for delivered in (50, 90, 95)]
    metrics = _metrics(_Case("case", _SMALL, 0.85), works, [100.0, 100.0, 100.0])
    assert metrics["case_ratio"].value == 0.9
    assert metrics["case_ratio"].target == "≥ 0.85"
    assert metrics["case_ratio"].ok
    assert metrics["case_reader"].value == 2.0
    stated = _metrics(_Case("case", _SMALL, None), works, [100.0, 100.0, 100.0])
    assert stated["case_ratio"].target == ""


@pytest.mark.parametrize("codec", ["h264", "h265", "mjpeg"])
def test_clips_have_the_pictures_of_their_recipe(codec: Codec, tmp_path: Path) -> None:
    recipe = Recipe(64, 48, 5, codec, bits=100_000, seconds=2)
    path = make_clip(tmp_path / ("clip.avi" if codec == "mjpeg" else "clip.mp4"), recipe)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == recipe.pictures
    assert (frames[0].width, frames[0].height) == (64, 48)
