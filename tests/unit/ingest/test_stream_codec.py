"""Decoding by a chip, played by a software decoder that misbehaves as chips do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from camera_parts import make_clip
from fakes import FakeClock

from embereye.ingest.decode import StreamDecoder
from embereye.ingest.hardware import Chip
from embereye.ingest.picture import Decode
from embereye.ingest.yuv import YuvPicture


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4 s at 15 pictures a second, a key frame each second."""
    return make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", seconds=4.0)


class PlayedChip:
    """A codec context of a chip that hands out NV12; `twist` changes what comes of a packet."""

    def __init__(self, codec: str, twist: Callable[[int, list[Any]], list[Any]]) -> None:
        object.__setattr__(self, "context", av.CodecContext.create(codec, "r"))
        object.__setattr__(self, "twist", twist)
        object.__setattr__(self, "fed", 0)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.context, name, value)

    def decode(self, packet: Any) -> list[Any]:
        object.__setattr__(self, "fed", self.fed + 1)
        return self.twist(self.fed, [_nv12(frame) for frame in self.context.decode(packet)])


def _nv12(frame: Any) -> Any:
    made = frame.reformat(format="nv12")
    made.pts, made.time_base = frame.pts, frame.time_base
    return made


def _as_it_is(number: int, frames: list[Any]) -> list[Any]:
    return frames


def _breaks_off(number: int, frames: list[Any]) -> list[Any]:
    if number > 20:
        raise av.error.ExternalError(0, "the card was reset")
    return frames


def _green(number: int, frames: list[Any]) -> list[Any]:
    for frame in frames:
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
    return frames


def _green_later(number: int, frames: list[Any]) -> list[Any]:
    return _green(number, frames) if number > 20 else frames


def _mute(number: int, frames: list[Any]) -> list[Any]:
    return []


def _refuses(number: int, frames: list[Any]) -> list[Any]:
    raise av.error.InvalidDataError(0, "no such profile")


class Played:
    """The clip fed through a decoder, `step` s of clock a packet."""

    def __init__(
        self, clip: Path, clock: FakeClock, twist: Any, wanted: str = "cuda", step: float = 1 / 15
    ) -> None:
        self.chip = Chip(wanted, clock, create=lambda kind, codec: PlayedChip(codec, twist))
        self.shown: list[YuvPicture | None] = []
        self.decoders: list[str] = []
        with av.open(str(clip)) as container:
            decoder = StreamDecoder(container.streams.video[0], clock, "test", 1 / 15, self.chip)
            self.decoder = decoder
            for packet in container.demux(video=0):
                if packet.size:
                    clock.advance(step)
                    self.shown.append(decoder.feed(packet))
                    self.decoders.append(decoder.decoder)
            decoder.close()

    @property
    def lost(self) -> list[int]:
        return [number for number, picture in enumerate(self.shown) if picture is None]


def test_a_chip_decodes_every_picture_in_right_colours(clip: Path, clock: FakeClock) -> None:
    played, software = Played(clip, clock, _as_it_is), Played(clip, clock, _as_it_is, "off")
    assert set(played.decoders) == {"h264 (cuda)"}
    assert set(software.decoders) == {"h264"}
    assert played.lost == software.lost == []
    for one, other in zip(played.shown, software.shown, strict=True):
        assert one is not None
        assert other is not None
        assert one.media == pytest.approx(other.media)
        assert np.abs(one.bgr(160, 120).astype(int) - other.bgr(160, 120)).max() <= 6


def test_a_chip_that_breaks_off_is_replaced_at_the_next_key_frame(
    clip: Path, clock: FakeClock
) -> None:
    played = Played(clip, clock, _breaks_off)
    assert played.decoders[19] == "h264 (cuda)"
    assert played.decoders[20] == "h264 (software; cuda failed)"
    assert played.lost == list(range(20, 30))  # the next key frame is packet 30


def test_a_chip_that_cannot_decode_a_stream_loses_no_picture(clip: Path, clock: FakeClock) -> None:
    played = Played(clip, clock, _refuses)
    assert set(played.decoders) == {"h264 (software; cuda failed)"}
    assert played.lost == []


def test_green_pictures_of_a_chip_are_never_shown(clip: Path, clock: FakeClock) -> None:
    played = Played(clip, clock, _green)
    assert played.decoders[0] == "h264 (software; cuda failed)"
    assert played.lost == []


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 s at 15 small pictures a second, a key frame each second."""
    path = tmp_path_factory.mktemp("clip") / "long.mp4"
    return make_clip(path, seconds=60.0, size=(64, 48))


def test_a_chip_that_turns_wrong_later_is_found_at_the_next_comparison(
    long_clip: Path, clock: FakeClock
) -> None:
    decoders = Played(long_clip, clock, _green_later, step=1.0).decoders
    assert decoders[20] == "h264 (cuda)"
    assert decoders[20 + 60 + 15] == "h264 (software; cuda failed)"


@pytest.mark.parametrize(("step", "packets"), [(1 / 15, 101), (1 / 2, 18)])
def test_a_mute_chip_is_replaced_before_the_stream_counts_as_undecodable(
    long_clip: Path, clock: FakeClock, step: float, packets: int
) -> None:
    played = Played(long_clip, clock, _mute, step=step)
    assert played.decoders[packets // 2] == "h264 (cuda)"
    assert played.decoders[packets] == "h264 (software; cuda failed)"
    assert len(played.lost) <= packets + 15


def test_damaged_packets_are_not_the_fault_of_the_chip(clip: Path, clock: FakeClock) -> None:
    chip = Chip("cuda", clock, create=lambda kind, codec: PlayedChip(codec, _as_it_is))
    with av.open(str(clip)) as container:
        decoder = StreamDecoder(container.streams.video[0], clock, "test", 1 / 15, chip)
        for number, packet in enumerate(container.demux(video=0)):
            if packet.size:
                damaged = av.Packet(b"\x00\x00\x00\x07" + b"\xff" * 7)
                damaged.pts, damaged.time_base = packet.pts, packet.time_base
                damaged.is_keyframe = packet.is_keyframe
                decoder.feed(damaged if number in (15, 16, 17, 30) else packet)
        assert decoder.decoder == "h264 (cuda)"


def test_a_chip_that_rested_is_tried_again_in_the_same_stream(
    long_clip: Path, clock: FakeClock
) -> None:
    contexts = iter([_refuses])
    chip = Chip(
        "cuda",
        clock,
        create=lambda kind, codec: PlayedChip(codec, next(contexts, _as_it_is)),
    )
    decoders = []
    with av.open(str(long_clip)) as container:
        decoder = StreamDecoder(container.streams.video[0], clock, "test", 1 / 15, chip)
        for packet in container.demux(video=0):
            if packet.size:
                clock.advance(1.0)
                decoder.feed(packet)
                decoders.append(decoder.decoder)
    assert set(decoders[:600]) == {"h264 (software; cuda failed)"}
    assert set(decoders[630:]) == {"h264 (cuda)"}


def test_a_camera_without_its_chip_is_decoded_in_software(clip: Path, clock: FakeClock) -> None:
    """For real: no driver of these is loaded on a machine without such a card."""
    absent = Chip("videotoolbox", clock)
    if absent.open("h264") is not None:
        pytest.skip("this machine has it")
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        decoder = StreamDecoder(stream, clock, "test", 1 / 15, absent)
        shown = [decoder.feed(packet) for packet in container.demux(stream) if packet.size]
    assert all(shown)
    assert decoder.decoder == "h264 (software; no videotoolbox)"


@pytest.mark.parametrize("twist", [_as_it_is, _breaks_off])
def test_b_frames_are_left_out_by_whatever_decodes(
    twist: Any, clock: FakeClock, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "b.mp4", seconds=4.0, b_frames=2)
    counts = []
    for wanted in ("cuda", "off"):
        chip = Chip(wanted, clock, create=lambda kind, codec: PlayedChip(codec, twist))
        with av.open(str(clip)) as container:
            decoder = StreamDecoder(container.streams.video[0], clock, "test", 1 / 15, chip)
            decoder.decode = Decode.REFERENCES
            shown = [decoder.feed(packet) for packet in container.demux(video=0) if packet.size]
        counts.append(sum(picture is not None for picture in shown))
    by_chip, by_software = counts
    assert 20 <= by_chip <= by_software <= 45  # of 60
