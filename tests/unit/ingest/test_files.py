"""Video files as cameras: looped, at the pace of their own time stamps."""

from itertools import pairwise
from pathlib import Path

import pytest
from camera_parts import make_clip
from fakes import FakeClock

from embereye.ingest.decode import Timeline
from embereye.ingest.files import FileSource
from embereye.ingest.picture import Decode, Picture
from embereye.ingest.source import Kind, Source
from embereye.model.errors import CameraUnreachable, CameraUnsupported


def _source(path: Path, clock: FakeClock) -> FileSource:
    return FileSource(Source(Kind.FILE, str(path)), clock, clock.advance)


def _play(source: FileSource, clock: FakeClock, seconds: float) -> list[tuple[float, Picture]]:
    begin, seen = clock.mono(), []
    while clock.mono() - begin < seconds:
        picture = source.read(0.5)
        if picture is not None:
            seen.append((clock.mono() - begin, picture))
    return seen


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "two-seconds.mp4", seconds=2.0)


def test_pictures_come_at_their_own_time_and_for_ever(clip: Path, clock: FakeClock) -> None:
    source = _source(clip, clock)
    source.open()
    seen = _play(source, clock, 10.0)
    source.close()
    assert len(seen) == pytest.approx(150, abs=2)
    assert max(abs(at - picture.media) for at, picture in seen) < 0.02


def test_the_media_time_grows_over_the_loops(clip: Path, clock: FakeClock) -> None:
    source = _source(clip, clock)
    source.open()
    media = [picture.media for _, picture in _play(source, clock, 6.5)]
    source.close()
    steps = [b - a for a, b in pairwise(media)]
    assert min(steps) == pytest.approx(1 / 15, abs=0.005)
    assert max(steps) == pytest.approx(1 / 15, abs=0.005)


def test_a_pause_of_the_machine_is_not_made_up_by_racing(clip: Path, clock: FakeClock) -> None:
    source = _source(clip, clock)
    source.open()
    _play(source, clock, 1.0)
    clock.advance(60.0)
    assert len(_play(source, clock, 2.0)) <= 32
    source.close()


def test_a_file_that_nobody_looks_at_goes_on_at_its_pace(clip: Path, clock: FakeClock) -> None:
    source = _source(clip, clock)
    source.open()
    _play(source, clock, 1.0)
    source.decode, before = Decode.NOTHING, source.arrived
    assert _play(source, clock, 5.0) == []  # over two ends of the clip
    assert source.arrived - before == pytest.approx(75, abs=3)
    source.decode = Decode.ALL
    assert len(_play(source, clock, 4.0)) == pytest.approx(60, abs=16)
    source.close()


def test_a_small_delay_is_caught_up(clip: Path, clock: FakeClock) -> None:
    source = _source(clip, clock)
    source.open()
    _play(source, clock, 1.0)
    clock.advance(0.5)
    assert len(_play(source, clock, 1.5)) == pytest.approx(30, abs=2)
    source.close()


@pytest.mark.parametrize("content", [b"", b"not a video" * 100, b"#EXTM3U\nfile:///etc/passwd\n"])
def test_a_file_that_is_no_video_is_unsupported(
    content: bytes, tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(CameraUnsupported, match="Choose another file"):
        _source(path, clock).open()


def test_a_list_of_other_files_is_never_followed(
    clip: Path, tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "list.mp4"
    path.write_text(f"ffconcat version 1.0\nfile '{clip}'\n")
    with pytest.raises(CameraUnsupported):
        _source(path, clock).open()


def test_a_file_that_went_away_is_unreachable(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(CameraUnreachable, match="Check that it exists"):
        _source(tmp_path / "gone.mp4", clock).open()


def test_a_truncated_file_plays_what_it_has(clip: Path, tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "cut.ts"
    make_clip(tmp_path / "whole.ts", seconds=2.0)
    data = (tmp_path / "whole.ts").read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    source = _source(path, clock)
    source.open()
    assert len(_play(source, clock, 3.0)) > 20
    source.close()


@pytest.mark.parametrize(
    "stamps", [[0.0, None, 0.2], [0.0, 0.0, 0.0], [5.0, 1.0, 0.5], [0.0, 1e6, 1e6 + 0.1]]
)
def test_missing_or_wild_stamps_are_replaced_by_the_time_of_arrival(
    stamps: list[float | None], clock: FakeClock
) -> None:
    timeline = Timeline(clock)
    media = []
    for stamp in stamps:
        media.append(timeline.media(stamp))
        clock.advance(0.1)
    assert media == pytest.approx([0.0, 0.1, 0.2])


def test_every_recording_is_played_at_its_own_rate(shared_data: Path, clock: FakeClock) -> None:
    for path in sorted((shared_data / "media" / "video").iterdir()):
        source = _source(path, clock)
        source.open()
        seen = _play(source, clock, 1.0)
        media = [picture.media for _, picture in seen]
        assert source.interval > 0, path.name
        assert len(seen) == pytest.approx(1 / source.interval, abs=3), path.name
        assert all(b > a for a, b in pairwise(media)), path.name
        source.close()


class _SlowClock(FakeClock):
    """Each look at the clock costs `cost` seconds: a machine that is too slow."""

    cost = 0.0

    def mono(self) -> float:
        self.advance(self.cost)
        return super().mono()


def test_a_file_that_falls_behind_leaves_out_pictures_that_no_other_needs(tmp_path: Path) -> None:
    clock = _SlowClock()
    clip = make_clip(tmp_path / "b.mp4", seconds=4.0, rate=30, b_frames=3)
    source = _source(clip, clock)
    source.open()
    quick = len(_play(source, clock, 2.0))
    clock.cost = 0.02  # several looks a picture: slower than its 30 pictures a second
    before = source.arrived
    shown = len(_play(source, clock, 4.0))
    source.close()
    assert quick == pytest.approx(60, abs=3)
    assert source.arrived - before > 1.3 * shown
