"""From packets to pictures: tiers of decoding and streams that cannot be decoded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from camera_parts import make_clip
from fakes import FakeClock

from embereye.ingest import packet_shelf
from embereye.ingest.decode import StreamDecoder, stream_names, video_stream
from embereye.ingest.picture import Decode
from embereye.model.errors import CameraUnsupported


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4 s at 15 pictures a second, a key frame each second, B frames between."""
    return make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", seconds=4.0, b_frames=2)


@pytest.fixture
def container(clip: Path) -> Iterator[Any]:
    with av.open(str(clip)) as opened:
        yield opened


def _decoded(container: Any, decoder: StreamDecoder, plan: dict[int, Decode]) -> list[int]:
    """Numbers of the packets that made a picture; `plan` changes the tier at some of them."""
    made = []
    for number, packet in enumerate(container.demux(video=0)):
        decoder.decode = plan.get(number, decoder.decode)
        if decoder.feed(packet) is not None:
            made.append(number)
    return made


def _decoder(container: Any, clock: FakeClock) -> StreamDecoder:
    return StreamDecoder(video_stream(container, "yard"), clock, "yard", 1 / 15)


def test_all_pictures_are_decoded_unless_told_otherwise(container: Any, clock: FakeClock) -> None:
    assert len(_decoded(container, _decoder(container, clock), {})) >= 57  # 60 less the delay


def test_key_frames_only(container: Any, clock: FakeClock) -> None:
    made = _decoded(container, _decoder(container, clock), {0: Decode.KEY_FRAMES})
    assert len(made) <= 5


@pytest.mark.parametrize("tier", [Decode.KEY_FRAMES, Decode.NOTHING])
def test_after_a_pause_it_goes_on_with_the_present_picture(
    container: Any, clock: FakeClock, tier: Decode
) -> None:
    """Key frames are 15 packets apart: the next one would come with number 30."""
    made = _decoded(container, _decoder(container, clock), {3: tier, 20: Decode.ALL})
    assert min(number for number in made if number >= 20) <= 23  # B frames come late
    assert len([number for number in made if number >= 20]) >= 35


def test_after_a_pause_pictures_are_what_they_would_have_been(clip: Path, clock: FakeClock) -> None:
    def last(plan: dict[int, Decode]) -> Any:
        with av.open(str(clip)) as opened:
            decoder, shown = _decoder(opened, clock), None
            for number, packet in enumerate(opened.demux(video=0)):
                decoder.decode = plan.get(number, decoder.decode)
                if number <= 27:
                    shown = decoder.feed(packet) or shown
            assert shown is not None
            return shown.bgr(320, 240)

    whole = last({})
    paused = last({2: Decode.NOTHING, 25: Decode.ALL})
    assert (whole == paused).all()


def test_nothing_is_decoded_while_nothing_is_wanted(
    container: Any, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = _decoder(container, clock)
    monkeypatch.setattr(decoder._codec, "decode", _never)
    assert _decoded(container, decoder, {0: Decode.NOTHING}) == []


def _never(_packet: Any) -> list[Any]:
    raise AssertionError("a packet was decoded")


def test_a_backlog_that_is_too_large_waits_for_a_key_frame(
    container: Any, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packet_shelf, "_MOST", 5)
    made = _decoded(container, _decoder(container, clock), {3: Decode.NOTHING, 25: Decode.ALL})
    assert not [number for number in made if 25 <= number < 30]
    assert len([number for number in made if number >= 30]) >= 25


def test_a_long_pause_is_no_leap_of_the_cameras_clock(container: Any, clock: FakeClock) -> None:
    decoder = StreamDecoder(video_stream(container, "yard"), clock, "yard")
    medias = []
    for number, packet in enumerate(container.demux(video=0)):
        if 20 <= number < 25:
            clock.advance(5.0)
        if packet.size and packet.pts is not None and number >= 25:
            packet.pts += 15 * 60 * packet.time_base.denominator  # a quarter of an hour went by
        decoder.decode = Decode.NOTHING if 20 <= number < 25 else Decode.ALL
        clock.advance(1 / 15)
        picture = decoder.feed(packet)
        if picture is not None:
            medias.append(picture.media)
            repaired = picture.repaired
    assert medias == sorted(medias)
    assert repaired <= 1


def test_b_frames_are_left_out_of_a_late_stream(container: Any, clock: FakeClock) -> None:
    made = _decoded(container, _decoder(container, clock), {0: Decode.REFERENCES})
    assert 15 <= len(made) <= 45


@pytest.mark.parametrize("tier", [Decode.KEY_FRAMES, Decode.NOTHING])
def test_rubbish_is_not_left_out_for_ever_in_the_hope_of_a_key_frame(
    container: Any, clock: FakeClock, tier: Decode
) -> None:
    """What is left out on purpose counts as a sign of life, so it must be known for video."""
    decoder = _decoder(container, clock)
    _decoded(container, decoder, {20: tier})
    before = decoder.arrived
    for number in range(60):
        clock.advance(1 / 15)
        assert decoder.feed(_Rubbish(60 + number)) is None
    assert decoder.arrived - before <= 1.5 * 15


class _Rubbish:
    """A packet of random bytes that is taken for a picture between key frames."""

    is_keyframe = False
    size = 100

    def __init__(self, number: int) -> None:
        self.pts = number * 1024  # ticks of the clip: 15 pictures a second

    def decode(self) -> list[object]:
        raise av.error.InvalidDataError(1, "damaged")


def test_it_knows_when_the_next_key_frame_is_due(container: Any, clock: FakeClock) -> None:
    decoder = _decoder(container, clock)
    seen = []
    for packet in container.demux(video=0):
        decoder.feed(packet)
        seen.append(decoder.until_key)
    assert seen[14] is None  # only one key frame so far
    assert (seen[15], seen[20], seen[29]) == (15, 10, 1)


class _Nothing:
    """A packet that makes no picture."""

    is_keyframe = True
    pts = None

    def decode(self) -> list[object]:
        raise av.error.InvalidDataError(1, "damaged")


def test_fifteen_seconds_without_a_picture_are_unsupported(
    container: Any, clock: FakeClock
) -> None:
    decoder = _decoder(container, clock)
    for _ in range(14):
        assert decoder.feed(_Nothing()) is None
        clock.advance(1.0)
    clock.advance(2.0)
    with pytest.raises(CameraUnsupported, match=r"H\.264"):
        decoder.feed(_Nothing())


def test_streams_are_named_the_chosen_one_first(container: Any) -> None:
    assert stream_names(container, container.streams.video[0]) == ("video h264",)
