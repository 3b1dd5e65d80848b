"""What becomes of a picture: tiles, detection pictures, counters."""

import numpy as np
import pytest
from camera_parts import picture
from fakes import FakeClock

from embereye.ingest.camera_view import Detecting
from embereye.ingest.delivery import Delivery
from embereye.ingest.picture import Decode
from embereye.ingest.usb import BgrPicture
from embereye.ingest.views import Views
from embereye.model.camera import CaptureCounters, PictureSigns
from embereye.model.frame import Frame, Part, Pixels, ViewDemand
from embereye.model.ids import CameraId

_ONE = CameraId("one")


def _feed(delivery: Delivery, clock: FakeClock, count: int, rate: float, late: float = 0.0) -> None:
    begin = clock.mono()
    for i in range(count):
        delivery.deliver(picture(1000 + begin + i / rate - late))
        clock.advance(1 / rate)


class _Stream:
    """A camera of 25 pictures a second whose pictures wait for the processor at times."""

    def __init__(self, delivery: Delivery, clock: FakeClock) -> None:
        self._delivery, self._clock = delivery, clock
        self._media = 1000.0

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 25)):
            self._media += 1 / 25
            self._clock.advance(1 / 25)
            self._delivery.deliver(picture(self._media))

    def fall_behind(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def catch_up(self, seconds: float) -> None:
        for _ in range(round(seconds * 25)):
            self._media += 1 / 25
            self._delivery.deliver(picture(self._media))


def _delivery(views: Views, clock: FakeClock, detect: float = 0.0) -> Delivery:
    delivery = Delivery(views.add(_ONE, Detecting(detect, 32)), clock, CaptureCounters())
    delivery.connected(1 / 25, live=True)
    return delivery


def test_due_and_delivered_agree_when_nothing_is_lost(clock: FakeClock) -> None:
    views = Views()
    views.demand([ViewDemand(_ONE, ((32, 24),), 15.0)])
    delivery = _delivery(views, clock)
    _feed(delivery, clock, 250, 25.0)
    counters = delivery.counters
    assert counters.due == pytest.approx(150, abs=2)
    assert counters.delivered == pytest.approx(150, abs=2)
    assert counters.skipped + counters.delivered == counters.decoded == 250
    assert counters.fps == pytest.approx(15, abs=0.6)


def test_pictures_that_never_came_were_due_nevertheless(clock: FakeClock) -> None:
    views = Views()
    views.demand([ViewDemand(_ONE, ((32, 24),), 25.0)])
    delivery = _delivery(views, clock)
    for i in range(250):
        if i % 5 != 0:
            delivery.deliver(picture(i / 25))
        clock.advance(1 / 25)
    assert delivery.counters.due == pytest.approx(250, abs=3)
    assert delivery.counters.delivered == 200


class _Costly(BgrPicture):
    converted = 0

    def bgr(self, width: int, height: int) -> Pixels:
        _Costly.converted += 1
        return super().bgr(width, height)


def test_nobody_looking_and_no_detection_means_no_conversion(clock: FakeClock) -> None:
    delivery = _delivery(Views(), clock)
    before = _Costly.converted
    assert delivery.wanted_decoding() is Decode.KEY_FRAMES, "it must prove that it works"
    delivery.deliver(_Costly(picture(0.0).bgr(64, 48), 0.0))
    assert _Costly.converted == before
    assert delivery.wanted_decoding() is Decode.NOTHING
    assert delivery.counters.due == 0
    assert delivery.counters.last_frame is not None


def test_packets_that_nobody_needs_are_counted(clock: FakeClock) -> None:
    delivery = _delivery(Views(), clock)
    for _ in range(10):
        delivery.arrived(clock.now())
    counters = delivery.counters
    assert (counters.undecoded, counters.decoded, counters.skipped) == (10, 0, 0)
    assert counters.last_frame is not None


@pytest.mark.parametrize(
    ("sparse", "attended", "looking", "expected"),
    [
        (True, False, False, Decode.KEY_FRAMES),
        (True, True, False, Decode.ALL),
        (True, False, True, Decode.ALL),
        (False, False, False, Decode.ALL),
        (None, False, False, Decode.ALL),
    ],
)
def test_key_frames_are_enough_where_nobody_looks_and_nothing_moves(
    clock: FakeClock, sparse: bool | None, attended: bool, looking: bool, expected: Decode
) -> None:
    views = Views()
    view = views.add(_ONE, Detecting(8.0, 32, sparse=sparse))
    delivery = Delivery(view, clock, CaptureCounters())
    if looking:
        views.demand([ViewDemand(_ONE, ((32, 24),), 15.0)])
    if attended:
        views.attend(_ONE, clock.mono() + 5.0)
    assert delivery.wanted_decoding() is expected


def test_where_key_frames_are_enough_nothing_is_due_in_between(clock: FakeClock) -> None:
    delivery = Delivery(
        Views().add(_ONE, Detecting(8.0, 32, sparse=True)), clock, CaptureCounters()
    )
    delivery.connected(1 / 25, live=True)
    for second in range(0, 60, 2):
        delivery.deliver(picture(float(second)))
        clock.advance(2.0)
    assert delivery.counters.due == delivery.counters.delivered == 30


def test_a_machine_that_cannot_keep_up_delivers_fewer_pictures_and_says_so(
    clock: FakeClock,
) -> None:
    """Half a second behind for ten seconds: 15, then 10, then 5 pictures a second."""
    views = Views()
    views.demand([ViewDemand(_ONE, ((32, 24),), 25.0)])
    delivery = _delivery(views, clock)
    stream = _Stream(delivery, clock)
    stream.run(2.0)
    before = delivery.counters
    stream.fall_behind(0.5)
    stream.run(12.0)
    counters = delivery.counters
    assert counters.delivered - before.delivered < 200
    assert counters.congested > 100
    assert counters.skipped == 0, "skipped on purpose and lost are counted apart"
    assert counters.delivered + counters.congested == counters.decoded
    assert counters.fps == pytest.approx(5, abs=1)


def test_the_full_rate_comes_back_when_the_machine_keeps_up_again(clock: FakeClock) -> None:
    views = Views()
    views.demand([ViewDemand(_ONE, ((32, 24),), 25.0)])
    delivery = _delivery(views, clock)
    stream = _Stream(delivery, clock)
    stream.run(2.0)
    stream.fall_behind(0.5)
    stream.run(12.0)
    stream.catch_up(0.5)
    stream.run(40.0)
    lost = delivery.counters.congested
    stream.run(10.0)
    assert delivery.counters.congested == lost
    assert delivery.counters.fps == pytest.approx(25, abs=1)


def test_an_overloaded_machine_decodes_key_frames_of_what_nobody_sees(clock: FakeClock) -> None:
    delivery = _delivery(Views(), clock, detect=8.0)
    stream = _Stream(delivery, clock)
    stream.run(2.0)
    assert delivery.wanted_decoding() is Decode.ALL
    stream.fall_behind(0.5)
    stream.run(3.0)
    assert delivery.wanted_decoding() is Decode.KEY_FRAMES


def test_detection_gets_pictures_at_its_own_rate_and_size(clock: FakeClock) -> None:
    views = Views()
    views.demand([ViewDemand(_ONE, ((32, 24),), 25.0)])
    delivery = _delivery(views, clock, detect=5.0)
    _feed(delivery, clock, 100, 25.0)
    view = views.of(_ONE)
    assert view is not None
    assert view.frames.put_count == pytest.approx(20, abs=1)
    frame = views.take(_ONE)
    assert frame is not None
    assert frame.pixels.shape == (24, 32, 3)
    assert (frame.source_width, frame.source_height) == (64, 48)


def test_each_wanted_size_gets_its_own_tile(clock: FakeClock) -> None:
    views = Views()
    views.demand([ViewDemand(_ONE, ((160, 90), (32, 24)))])
    delivery = _delivery(views, clock)
    delivery.deliver(picture(0.0))
    large, small = views.newest(_ONE, 160, 90), views.newest(_ONE, 32, 24)
    assert large is not None
    assert small is not None
    assert (large.pixels.shape, small.pixels.shape) == ((90, 120, 4), (24, 32, 4))


def _late(clock: FakeClock, lag: float, until_key: int | None) -> Delivery:
    """A delivery whose last picture came `lag` s late, `until_key` packets before a key frame."""
    views = Views()
    views.demand([ViewDemand(_ONE, ((32, 24),))])
    delivery = _delivery(views, clock)
    _feed(delivery, clock, 50, 25.0)
    clock.advance(lag)  # nothing was read meanwhile
    delivery.deliver(picture(1000 + clock.mono() - lag), until_key)
    return delivery


@pytest.mark.parametrize(
    ("lag", "until_key", "decode"),
    [
        (0.1, 5, Decode.ALL),
        (1.0, 20, Decode.KEY_FRAMES),  # 0.8 s away: it lies in the backlog already
        (1.0, 30, Decode.REFERENCES),  # 1.2 s away: the camera has not sent it yet
        (1.0, None, Decode.REFERENCES),
    ],
)
def test_a_backlog_is_left_out_only_up_to_a_key_frame_that_is_in_it(
    clock: FakeClock, lag: float, until_key: int | None, decode: Decode
) -> None:
    assert _late(clock, lag, until_key).wanted_decoding() is decode


def test_a_tile_that_stands_still_while_a_backlog_is_left_out_is_not_live(
    clock: FakeClock,
) -> None:
    """Or it would look live for as long as anything comes, be it random bytes."""
    delivery = _late(clock, 1.0, 5)
    shown = delivery.counters.last_frame
    clock.advance(0.5)
    delivery.arrived(clock.now())
    assert delivery.counters.last_frame == shown
    assert delivery.counters.undecoded == 1


def test_after_catching_up_everything_is_decoded_again(clock: FakeClock) -> None:
    delivery = _late(clock, 1.0, 5)
    delivery.deliver(picture(1000 + clock.mono() - 0.1), 25)
    assert delivery.wanted_decoding() is Decode.ALL


def test_while_catching_up_few_pictures_are_delivered(clock: FakeClock) -> None:
    delivery = _late(clock, 2.0, None)
    before = delivery.counters.delivered
    for i in range(1, 41):  # decoded in 0.4 s, four times as fast as they were taken
        clock.advance(0.01)
        delivery.deliver(picture(1000 + clock.mono() - 2.0 + i * 0.03))
    assert 1 <= delivery.counters.delivered - before <= 3


def test_a_leap_of_the_cameras_clock_is_not_taken_for_a_backlog_for_ever(clock: FakeClock) -> None:
    views = Views()
    views.demand([ViewDemand(_ONE, ((32, 24),))])
    delivery = _delivery(views, clock)
    _feed(delivery, clock, 50, 25.0)
    _feed(delivery, clock, 25 * 13, 25.0, late=1.0)
    assert delivery.wanted_decoding() is Decode.ALL


def test_a_file_that_is_late_keeps_all_its_pictures(clock: FakeClock) -> None:
    views = Views()
    views.demand([ViewDemand(_ONE, ((32, 24),))])
    delivery = _delivery(views, clock)
    delivery.connected(1 / 25, live=False)
    _feed(delivery, clock, 50, 25.0)
    _feed(delivery, clock, 10, 25.0, late=3.0)
    assert delivery.wanted_decoding() is Decode.ALL


def test_key_frames_alone_do_not_teach_a_slow_rate(clock: FakeClock) -> None:
    delivery = _delivery(Views(), clock)
    _feed(delivery, clock, 10, 0.5)
    assert delivery.counters.interval == pytest.approx(1 / 25)


def _spotted(width: int = 1280, height: int = 720) -> BgrPicture:
    """A dark picture with a white square of 8 pixels at (640, 360)."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[360:368, 640:648] = 255
    return BgrPicture(pixels, 0.0)


def _closely(clock: FakeClock, part: Part | None, seconds: float = 1.0) -> Frame:
    views = Views()
    delivery = _delivery(views, clock, detect=5.0)
    views.look_closely(_ONE, part, clock.mono() + seconds)
    clock.advance(0.5)
    delivery.deliver(_spotted())
    frame = views.take(_ONE)
    assert frame is not None
    return frame


def test_a_wanted_part_comes_in_the_fineness_of_the_source(clock: FakeClock) -> None:
    near = _closely(clock, Part(0.45, 0.45, 0.125, 0.125)).closeup
    assert near is not None
    assert (near.x, near.y, near.width, near.height) == (576, 324, 160, 90)
    assert near.pixels.shape == (90, 160, 3)
    assert (near.pixels[36:44, 64:72] == 255).all()
    assert near.pixels.sum() == 8 * 8 * 3 * 255


def test_a_large_part_is_made_smaller(clock: FakeClock) -> None:
    near = _closely(clock, Part(0.0, 0.0, 1.0, 0.5)).closeup
    assert near is not None
    assert near.pixels.shape == (180, 640, 3)
    assert (near.width, near.height) == (1280, 360)


def test_a_part_that_nobody_wants_any_more_is_left_out(clock: FakeClock) -> None:
    assert _closely(clock, None).closeup is None
    assert _closely(clock, Part(0.4, 0.4, 0.2, 0.2), seconds=0.4).closeup is None


def test_between_uploads_no_picture_is_due_and_none_is_compared(clock: FakeClock) -> None:
    views = Views()
    views.demand([ViewDemand(_ONE, ((32, 24),), 25.0)])
    delivery = Delivery(views.add(_ONE, Detecting(8.0, 32)), clock, CaptureCounters())
    delivery.connected(0.0, live=False, occasional=True)
    for index in range(5):
        delivery.deliver(picture(5.0 * index, 64 + 16 * index))
        clock.advance(600.0)
    assert (delivery.counters.due, delivery.counters.delivered) == (5, 5)
    assert delivery.counters.picture == PictureSigns()
