"""A camera with a key frame every 24 s: it is not taken for one without any."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from fakes import FakeClock

from embereye.ingest.decode import StreamDecoder
from embereye.ingest.picture import Decode

_DISTANCE, _RATE = 600, 25  # pictures between key frames; pictures a second
_SIZE = (64, 48)
_BEFORE = 5  # pictures that are looked at before the pause
_NEAR = 3.0  # mean difference of two pictures that are the same but for coding


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A square that moves over noise: 72 s with three key frames."""
    path = tmp_path_factory.mktemp("gop") / "gop.mkv"
    width, height = _SIZE
    noise = np.random.default_rng(1).integers(60, 120, (height, width, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        distance = {"g": str(_DISTANCE), "keyint_min": str(_DISTANCE)}
        stream.codec_context.options = {
            "preset": "ultrafast",
            "bf": "0",
            "sc_threshold": "0",
            **distance,
        }
        for index in range(3 * _DISTANCE):
            pixels = noise.copy()
            left = index * 2 % (width - 16)
            pixels[16:32, left : left + 16] = (255, 80, 20)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, _RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def truth(clip: Path) -> list[np.ndarray]:
    with av.open(str(clip)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def _shown(clip: Path, clock: FakeClock, paused: Decode, until: int) -> dict[int, np.ndarray]:
    """Pictures by number, after `_BEFORE`; decoded as `paused` says up to number `until`."""
    shown: dict[int, np.ndarray] = {}
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        decoder = StreamDecoder(stream, clock, "yard")
        for number, packet in enumerate(container.demux(stream)):
            if packet.size == 0:
                break
            clock.advance(1 / _RATE)
            decoder.decode = paused if _BEFORE <= number < until else Decode.ALL
            picture = decoder.feed(packet)
            while picture is not None:
                if number >= _BEFORE:
                    shown[number] = picture.bgr(*_SIZE)
                picture = decoder.next()
    return shown


@pytest.mark.parametrize("look_at", [800, 1000, 1150])
def test_who_looks_between_two_distant_key_frames_sees_no_invented_picture(
    clip: Path, truth: list[np.ndarray], clock: FakeClock, look_at: int
) -> None:
    shown = _shown(clip, clock, Decode.NOTHING, look_at)
    wrong = [
        number
        for number, pixels in shown.items()
        if np.abs(pixels.astype(int) - truth[number].astype(int)).mean() > _NEAR
    ]
    assert wrong == []
    assert len(shown) >= _DISTANCE - 1, "from the key frame at 1200 on at the latest"


def test_of_distant_key_frames_nothing_else_is_decoded_where_they_are_enough(
    clip: Path, clock: FakeClock
) -> None:
    """Once their distance is known: after the second one."""
    shown = _shown(clip, clock, Decode.KEY_FRAMES, 10**6)
    assert [number for number in shown if number > _DISTANCE] == [2 * _DISTANCE]
