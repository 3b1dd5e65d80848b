"""Damaged video: what a decoder makes up is never shown."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import av.logging
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext
from camera_parts import make_clip
from fakes import FakeClock

from embereye.ingest.decode import StreamDecoder
from embereye.model.errors import CameraUnreachable

_WHOLE = 20  # packets before the damage


def _pictures(clip: Path, damage: Callable[[bytes], bytes], clock: FakeClock) -> tuple[int, int]:
    """Pictures shown before and after the damage begins."""
    av.logging.set_level(None)
    before = after = 0
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
        decoder = StreamDecoder(stream, clock, "test", 1 / 15)
        fed = 0
        for container_packet in container.demux(stream):
            for packet in annex_b.filter(container_packet):
                if not packet.size:
                    continue
                content = bytes(packet) if fed < _WHOLE else damage(bytes(packet))
                copy = av.Packet(content)
                copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
                copy.is_keyframe = packet.is_keyframe
                copy.stream = stream
                shown = decoder.feed(copy) is not None
                before, after = before + (shown and fed < _WHOLE), after + (shown and fed >= _WHOLE)
                fed += 1
    return before, after


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("cut", lambda content: content[: len(content) // 2]),
        ("garbage", lambda content: content[:5] + np.random.default_rng(1).bytes(len(content))),
    ],
)
def test_damaged_pictures_are_left_out(
    tmp_path: Path, clock: FakeClock, name: str, damage: Callable[[bytes], bytes]
) -> None:
    before, after = _pictures(make_clip(tmp_path / "clip.mp4"), damage, clock)
    assert before >= _WHOLE - 1, name
    assert after <= 1, name


def test_whole_pictures_are_all_shown(tmp_path: Path, clock: FakeClock) -> None:
    before, after = _pictures(make_clip(tmp_path / "clip.mp4"), lambda content: content, clock)
    assert before + after >= 59


def test_lucky_pictures_among_damaged_ones_are_left_out(tmp_path: Path, clock: FakeClock) -> None:
    """Every third packet is whole: a decoder shows it, on top of what it made up before."""
    number = iter(range(1000))

    def damage(content: bytes) -> bytes:
        return content if next(number) % 3 == 0 else content[:5] + bytes(len(content))

    _, after = _pictures(make_clip(tmp_path / "clip.mp4"), damage, clock)
    assert after <= 4  # whole key frames only


def test_one_lost_packet_costs_a_third_of_a_second(tmp_path: Path, clock: FakeClock) -> None:
    number = iter(range(1000))

    def damage(content: bytes) -> bytes:
        return content[: len(content) // 2] if next(number) == 3 else content

    before, after = _pictures(make_clip(tmp_path / "clip.mp4"), damage, clock)
    assert before + after >= 59 - 7


def test_after_more_damage_than_one_packet_only_a_key_frame_is_trusted(
    tmp_path: Path, clock: FakeClock
) -> None:
    """Packets 21 and 22 are damaged; packet 30 is the next key frame."""
    number = iter(range(_WHOLE, 1000))

    def damage(content: bytes) -> bytes:
        return content[: len(content) // 2] if next(number) in (21, 22) else content

    before, after = _pictures(make_clip(tmp_path / "clip.mp4"), damage, clock)
    assert 60 - 11 <= before + after <= 60 - 9


class _Broken:
    """A packet that does not decode."""

    is_keyframe = False
    pts = None

    def decode(self) -> list[object]:
        raise av.error.InvalidDataError(1, "damaged")


def _decoder_after_a_picture(
    path: Path, clock: FakeClock, step: float | None = None
) -> StreamDecoder:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoder = StreamDecoder(stream, clock, "yard", step)
        assert any(decoder.feed(packet) is not None for packet in container.demux(stream))
        return decoder


def test_a_stream_that_shows_nothing_for_three_seconds_is_opened_again(
    tmp_path: Path, clock: FakeClock
) -> None:
    decoder = _decoder_after_a_picture(make_clip(tmp_path / "clip.mp4"), clock)
    for _ in range(29):
        clock.advance(0.1)
        assert decoder.feed(_Broken()) is None
    clock.advance(0.2)
    with pytest.raises(CameraUnreachable, match="damaged"):
        decoder.feed(_Broken())


def test_one_damaged_packet_of_a_slow_camera_changes_nothing(
    tmp_path: Path, clock: FakeClock
) -> None:
    decoder = _decoder_after_a_picture(make_clip(tmp_path / "clip.mp4"), clock)
    clock.advance(5.0)
    assert decoder.feed(_Broken()) is None


def test_random_bytes_are_no_stream_without_key_frames(tmp_path: Path, clock: FakeClock) -> None:
    """After 300 packets without a key frame whatever decodes would be shown."""
    random, shown = np.random.default_rng(7), 0
    with av.open(str(make_clip(tmp_path / "clip.mp4"))) as container:
        stream = container.streams.video[0]
        decoder = StreamDecoder(stream, clock, "yard")
        assert any(decoder.feed(packet) is not None for packet in container.demux(stream))
        for number in range(3000):
            packet = av.Packet(b"\x00\x00\x00\xc9\x41" + random.bytes(200))
            packet.pts, packet.time_base = number * 6000, Fraction(1, 90_000)
            packet.stream = stream
            clock.advance(0.0005)
            shown += decoder.feed(packet) is not None
    assert shown == 0


def test_a_damaged_file_is_not_opened_again(tmp_path: Path, clock: FakeClock) -> None:
    decoder = _decoder_after_a_picture(make_clip(tmp_path / "clip.mp4"), clock, step=1 / 15)
    for _ in range(40):
        clock.advance(0.2)
        assert decoder.feed(_Broken()) is None


def test_after_a_damaged_key_frame_the_next_one_is_waited_for(
    tmp_path: Path, clock: FakeClock
) -> None:
    """Packet 30 is damaged, the fifteen behind it are whole."""
    number = iter(range(_WHOLE, 1000))

    def damage(content: bytes) -> bytes:
        return content[: len(content) // 2] if next(number) == 30 else content

    before, after = _pictures(make_clip(tmp_path / "clip.mp4"), damage, clock)
    assert 60 - 17 <= before + after <= 60 - 15


class _Packet:
    """A packet whose picture is known beforehand."""

    def __init__(self, number: int, *, key: bool = False, broken: bool = False) -> None:
        self.is_keyframe = key
        self.pts = number
        self._key, self._broken = key, broken

    def decode(self) -> list[object]:
        frame = av.VideoFrame(64, 48, "yuv420p")
        return [_Frame(frame, self._key, self._broken, self.pts)]


class _Frame:
    def __init__(self, frame: av.VideoFrame, key: bool, broken: bool, pts: int) -> None:
        self.width, self.height, self.format = frame.width, frame.height, frame.format
        self.key_frame, self.is_corrupt = key, broken
        self.pts, self.dts, self.time_base = pts, pts, Fraction(1, 15)


def test_key_frames_in_halves_are_lived_with(tmp_path: Path, clock: FakeClock) -> None:
    """As servers make them that repeat parameter sets before each slice: from the second one on."""
    decoder = _decoder_after_a_picture(make_clip(tmp_path / "clip.mp4"), clock)
    shown = []
    for group in range(4):
        number = 1000 + group * 20
        halves = [_Packet(number, key=True, broken=True) for _ in range(2)]
        others = [_Packet(number + index) for index in range(1, 20)]
        shown.append(sum(decoder.feed(packet) is not None for packet in (*halves, *others)))
    assert shown[0] == 0
    assert min(shown[1:]) >= 14
