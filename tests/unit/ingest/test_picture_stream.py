"""How a stream's pictures reach their supervision, and what that costs where it is not wanted."""

from fractions import Fraction
from io import BytesIO
from itertools import groupby

import av
import numpy as np
import pytest
from camera_parts import picture
from fakes import FakeClock

from embereye.ingest.camera_view import CameraView, Detecting
from embereye.ingest.decode import StreamDecoder, Timeline
from embereye.ingest.delivery import Delivery
from embereye.ingest.usb import BgrPicture
from embereye.ingest.views import Views
from embereye.model.camera import CaptureCounters, Doubt
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId

_ONE = CameraId("one")
_TOO_SMALL, _SMALL = (64, 48), (64, 64)  # px, to be looked at


class _Rig:
    """A delivery on a fake clock."""

    def __init__(self, clock: FakeClock, detecting: Detecting, *, live: bool = True) -> None:
        self.clock = clock
        self.views = Views()
        self.view: CameraView = self.views.add(_ONE, detecting)
        self.delivery = Delivery(self.view, clock, CaptureCounters())
        self.delivery.connected(1 / 25, live=live)
        self.media = 0.0

    def feed(
        self,
        seconds: float,
        speed: float = 1.0,
        size: tuple[int, int] = _TOO_SMALL,
        step: float = 0.04,
    ) -> None:
        """Pictures of `seconds`, one each `step` s, stamped `speed` times as fast as time."""
        for _ in range(round(seconds * 25)):
            self.media += 0.04 * speed
            self.delivery.deliver(picture(self.media, *size))
            self.clock.advance(step)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return self.delivery.counters.picture.doubts


@pytest.mark.parametrize(("rate", "looks"), [(8.0, 40), (4.0, 40), (25.0, 50), (1.0, 10)])
def test_pictures_for_detection_are_looked_at_at_most_five_times_a_second(
    clock: FakeClock, rate: float, looks: int
) -> None:
    rig = _Rig(clock, Detecting(rate, 640, checks=True))
    seen = set()
    for _ in range(250):
        rig.feed(1 / 25, size=_SMALL)
        seen.add(rig.delivery.counters.picture.at)
    assert len(seen - {None}) == pytest.approx(looks, abs=2)


def test_without_detection_tiles_are_looked_at(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(0.0, 640, checks=True))
    rig.feed(1.0, size=_SMALL)
    assert rig.delivery.counters.picture.at is None
    rig.views.demand([ViewDemand(_ONE, ((128, 96),), 25.0)])
    rig.feed(1.0, size=_SMALL)
    assert rig.delivery.counters.picture.at is not None


def test_unwanted_checks_look_at_nothing(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(8.0, 640, checks=False))
    rig.feed(70.0, speed=2.0)
    assert rig.delivery.counters.picture.at is None
    assert rig.doubts == ()


def test_a_stream_that_is_late_again_and_again_is_told(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(8.0, 640, checks=True))
    rig.feed(5.0)
    for _ in range(6):  # the network holds everything back for 2 s, and catches up 10 s later
        rig.feed(2.0)
        clock.advance(2.0)
        rig.feed(10.0)
        rig.feed(2.0, step=0.001)
    assert Doubt.DELAYED in rig.doubts
    rig.feed(60.0)
    assert rig.doubts == ()


def test_stamps_at_twice_the_rate_are_told(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(8.0, 640, checks=True))
    rig.feed(35.0, speed=2.0)
    assert rig.doubts == (Doubt.TIMES,)


def test_stamps_at_half_the_rate_are_wrong_and_not_delay(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(8.0, 640, checks=True))
    rig.feed(90.0, speed=0.5)
    assert rig.doubts == (Doubt.TIMES,)


def test_a_file_is_neither_late_nor_wrong(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(8.0, 640, checks=True), live=False)
    rig.feed(70.0, speed=0.5)
    assert rig.doubts == ()


def test_another_size_in_mid_stream_is_delivered_and_told(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(8.0, 640, checks=True))
    rig.feed(2.0)
    assert rig.delivery.counters.picture.resized is None
    rig.feed(2.0, size=(128, 96))
    counters = rig.delivery.counters
    assert (counters.width, counters.height) == (128, 96)
    assert counters.picture.resized is not None
    assert counters.delivered == pytest.approx(32, abs=2)


def test_what_is_known_outlives_a_connection_but_not_another_source(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(8.0, 640, checks=True))
    watch = rig.view.watch
    Delivery(rig.view, clock, rig.delivery.counters).connected(0.04, live=True)
    assert rig.view.watch is watch
    rig.view.clear()
    assert rig.view.watch is not watch


def test_a_camera_that_an_operator_turned_is_learned_anew(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(8.0, 640, checks=True))
    noise = np.random.default_rng(1)
    views = [noise.integers(0, 255, (12, 16, 3), np.uint8) for _ in range(2)]

    def show(view: int, seconds: float) -> None:
        for _ in range(round(seconds * 25)):
            grown = np.repeat(np.repeat(views[view], 16, 0), 16, 1)
            seen = grown ^ noise.integers(0, 4, grown.shape, np.uint8)  # a camera's own noise
            rig.media += 0.04
            rig.delivery.deliver(BgrPicture(seen, rig.media))
            rig.clock.advance(0.04)

    show(0, 120.0)
    assert rig.delivery.counters.picture.known
    rig.view.detecting = Detecting(8.0, 640, checks=False)
    show(1, 8.0)
    assert rig.doubts == ()
    rig.view.detecting = Detecting(8.0, 640, checks=True)
    show(1, 120.0)
    assert rig.doubts == ()
    show(0, 120.0)  # nobody turned it: negative control
    assert rig.doubts == (Doubt.MOVED,)


def test_stamps_that_fall_repeat_or_leap_are_counted(clock: FakeClock) -> None:
    line = Timeline(clock)
    for stamp in (0.0, 0.04, 0.04, 0.08, 90.0, 90.04, 1.0, None, 1.04):
        line.media(stamp)
        clock.advance(0.04)
    assert line.repaired == 3


def test_pictures_without_stamps_of_their_own_are_watched(clock: FakeClock) -> None:
    rig = _Rig(clock, Detecting(8.0, 640, checks=True))
    pixels = np.full((64, 64, 3), 90, dtype=np.uint8)
    made = BgrPicture(pixels, clock.mono())
    assert made.shape == Fraction(1)
    rig.delivery.deliver(made)
    assert rig.delivery.counters.picture.at == clock.mono()


def test_a_stream_that_changes_its_size_is_decoded_on(clock: FakeClock) -> None:
    encoded = b"".join(_h264(size) for size in ((128, 96), (256, 192), (128, 96)))
    with av.open(BytesIO(encoded), "r", format="h264") as container:
        stream = container.streams.video[0]
        decoder = StreamDecoder(stream, clock, "test")
        sizes = []
        for packet in container.demux(stream):
            clock.advance(0.04)
            made = decoder.feed(packet) if packet.size else None
            while made is not None:
                sizes.append(made.bgra(made.width, made.height).shape[:2])
                made = decoder.next()
    assert [size for size, _ in groupby(sizes)] == [(96, 128), (192, 256), (96, 128)]
    assert len(sizes) >= 40


def _h264(size: tuple[int, int]) -> bytes:
    """15 pictures without a container."""
    coder = av.CodecContext.create("libx264", "w")
    coder.width, coder.height, coder.pix_fmt = *size, "yuv420p"
    coder.time_base, coder.framerate = Fraction(1, 15), Fraction(15)
    coder.options = {"tune": "zerolatency"}
    packets = []
    for index in range(15):
        pixels = np.full((size[1], size[0], 3), 90 + 5 * index, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts = index
        packets += coder.encode(frame)
    return b"".join(bytes(packet) for packet in [*packets, *coder.encode(None)])
