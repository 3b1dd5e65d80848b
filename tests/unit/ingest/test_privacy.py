"""What a privacy mask covers cannot be seen in any picture that is made of it."""

import math
from fractions import Fraction

import av
import numpy as np
import pytest
from camera_parts import ScriptedSource, picture
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.config.camera_options import PrivacyMask
from embereye.config.schema import Camera
from embereye.ingest.delivery import Delivery, closeup
from embereye.ingest.opener import opener_of
from embereye.ingest.picture import Decode, Picture
from embereye.ingest.privacy import MaskedPicture, MaskedSource, Masks, masked
from embereye.ingest.usb import BgrPicture
from embereye.ingest.views import Detecting, Views
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.model.camera import CaptureCounters
from embereye.model.frame import Part, Pixels, ViewDemand
from embereye.model.ids import CameraId

Corners = tuple[tuple[float, float], ...]

_QUARTER: Corners = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
_STAR: Corners = tuple(
    (0.5 + 0.45 * math.sin(turn * 0.8 * math.pi), 0.5 - 0.45 * math.cos(turn * 0.8 * math.pi))
    for turn in range(5)
)
_BOW: Corners = ((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9))
_RING: Corners = (
    (0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9), (0.1, 0.1),
    (0.3, 0.3), (0.3, 0.7), (0.7, 0.7), (0.7, 0.3), (0.3, 0.3),
)  # fmt: skip
_FORMATS = ("yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "bgr24", "rgb24", "gray")


def _white(width: int, height: int) -> BgrPicture:
    return BgrPicture(np.full((height, width, 3), 255, np.uint8), 0.0)


def _covered(mask: Corners, width: int = 160, height: int = 120) -> Pixels:
    """(height, width) bool: where a white picture comes out black."""
    masks = Masks([mask])
    shown = MaskedPicture(_white(width, height), masks).bgr(width, height)
    return np.asarray(shown.max(axis=2) == 0)


def _inside(mask: Corners, width: int, height: int) -> Pixels:
    """Pixel centres with a winding number other than 0, or an odd one: by the book, no OpenCV."""
    winding = np.zeros((height, width), np.int64)
    crossings = np.zeros((height, width), np.int64)
    y, x = (np.mgrid[0:height, 0:width] + 0.5) / np.array([height, width]).reshape(2, 1, 1)
    for (x0, y0), (x1, y1) in zip(mask, mask[1:] + mask[:1], strict=True):
        if y0 == y1:
            continue
        between = (y >= min(y0, y1)) & (y < max(y0, y1))
        hit = between & (x0 + (y - y0) * (x1 - x0) / (y1 - y0) > x)
        winding += hit * (1 if y1 > y0 else -1)
        crossings += hit
    return np.asarray((winding != 0) | (crossings % 2 == 1))


_fraction = st.integers(0, 4096).map(lambda n: n / 4096)
_corner = st.tuples(_fraction, _fraction)


@settings(deadline=None, max_examples=150)
@given(
    mask=st.lists(_corner, min_size=3, max_size=12).map(tuple),
    size=st.tuples(
        st.integers(4, 90).map(lambda n: 2 * n), st.integers(4, 70).map(lambda n: 2 * n)
    ),
)
def test_nothing_inside_an_outline_is_left(mask: Corners, size: tuple[int, int]) -> None:
    assert _covered(mask, *size)[_inside(mask, *size)].all()


@settings(deadline=None, max_examples=150)
@given(mask=st.lists(_corner, min_size=3, max_size=8).map(tuple))
def test_each_pixel_that_the_outline_touches_is_covered(mask: Corners) -> None:
    found = _covered(mask, 160, 120)
    for (x0, y0), (x1, y1) in zip(mask, mask[1:] + mask[:1], strict=True):
        along = np.linspace(0, 1, 500)
        columns = np.minimum(((x0 + along * (x1 - x0)) * 160).astype(int), 159)
        rows = np.minimum(((y0 + along * (y1 - y0)) * 120).astype(int), 119)
        assert found[rows, columns].all()


@pytest.mark.parametrize("mask", [_STAR, _BOW, _RING], ids=["star", "bow", "ring"])
def test_an_outline_that_crosses_itself_has_no_holes(mask: Corners) -> None:
    found = _covered(mask, 320, 240)
    assert found[120, 160]
    assert found[_inside(mask, 320, 240)].all()


@pytest.mark.parametrize(
    "mask",
    [
        ((0.2, 0.2), (0.8, 0.8), (0.2, 0.2)),
        ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5)),
        ((1.0, 0.0), (1.0, 1.0), (1.0, 0.5)),
        ((0.0, 1.0), (1.0, 1.0), (0.5, 1.0)),
    ],
    ids=["line", "point", "right edge", "lower edge"],
)
def test_an_outline_without_area_is_covered_as_a_line(mask: Corners) -> None:
    found = _covered(mask, 160, 120)
    for x, y in mask:
        assert found[min(119, int(y * 120)), min(159, int(x * 160))]


def test_a_mask_over_everything_leaves_nothing() -> None:
    whole: Corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    for size in ((160, 120), (2, 2), (320, 90), (642, 358)):
        assert _covered(whole, *size).all()


def test_what_lies_between_masks_stays_visible() -> None:
    bars: list[Corners] = [
        ((0, 0), (1, 0), (1, 0.2), (0, 0.2)),
        ((0, 0.8), (1, 0.8), (1, 1), (0, 1)),
        ((0, 0), (0.2, 0), (0.2, 1), (0, 1)),
        ((0.8, 0), (1, 0), (1, 1), (0.8, 1)),
    ]
    shown = MaskedPicture(_white(320, 240), Masks(bars)).bgr(320, 240)
    assert shown[60:180, 80:240].min() == 255
    assert shown[:48].max() == 0


def test_a_mask_hides_no_more_than_scaling_demands() -> None:
    found = _covered(_QUARTER, 640, 480)
    assert not found[240 + 7 :].any()
    assert not found[:, 320 + 7 :].any()


def _coloured(form: str, width: int, height: int, mask: Corners) -> YuvPicture:
    """Grey, and red where the mask touches a pixel."""
    fine = _inside(mask, width * 4, height * 4)
    touched = fine.reshape(height, 4, width, 4).any(axis=(1, 3))
    pixels = np.full((height, width, 3), 128, np.uint8)
    pixels[touched] = (255, 0, 0)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=form)
    return YuvPicture(frame, PlaneScaler(), 0.0, Fraction(1))


@pytest.mark.parametrize("form", _FORMATS)
@pytest.mark.parametrize(
    "size", [(160, 120), (80, 60), (320, 240), (640, 480), (62, 46), (200, 150), (24, 18)]
)
def test_no_colour_of_what_is_masked_spreads_beyond_it(form: str, size: tuple[int, int]) -> None:
    mask: Corners = ((0.21, 0.23), (0.77, 0.31), (0.63, 0.79))
    secret = _coloured(form, 160, 120, mask)
    blank = _coloured(form, 160, 120, ())
    masks = Masks([mask])
    for convert in ("bgr", "bgra"):
        shown = getattr(MaskedPicture(secret, masks), convert)(*size)
        harmless = getattr(MaskedPicture(blank, masks), convert)(*size)
        assert shown.shape == harmless.shape
        assert np.abs(shown.astype(int) - harmless).max() <= 1


def test_tiles_detection_pictures_and_closeups_are_masked(clock: FakeClock) -> None:
    one = CameraId("one")
    views = Views()
    views.demand([ViewDemand(one, ((64, 48), (320, 240)), 25.0)])
    delivery = Delivery(views.add(one, Detecting(5.0, 32)), clock, CaptureCounters())
    delivery.connected(0.04, live=True)
    views.look_closely(one, Part(0.25, 0.25, 0.5, 0.5), clock.mono() + 60)
    delivery.deliver(MaskedPicture(_white(640, 480), Masks([_QUARTER])))
    for size in ((64, 48), (320, 240)):
        tile = views.newest(one, *size)
        assert tile is not None
        assert tile.pixels.shape[:2] == (size[1], size[0])
        assert _upper_left_only(tile.pixels[:, :, :3])
        assert tile.pixels[:, :, 3].min() == 255
    frame = views.take(one)
    assert frame is not None
    assert frame.closeup is not None
    assert _upper_left_only(frame.pixels)
    near = frame.closeup.pixels
    assert near[: len(near) // 2, : near.shape[1] // 2].max() == 0
    assert near[-1, -1].min() == 255


def _upper_left_only(pixels: Pixels) -> bool:
    rows, columns = pixels.shape[0] // 2, pixels.shape[1] // 2
    return pixels[:rows, :columns].max() == 0 and pixels[-1, -1].min() == 255


def test_a_closeup_of_a_masked_part_is_black() -> None:
    near = closeup(MaskedPicture(_white(640, 480), Masks([_QUARTER])), Part(0.1, 0.1, 0.3, 0.3))
    assert near.pixels.max() == 0


def test_a_picture_tells_of_itself_what_delivery_asks() -> None:
    frame = av.VideoFrame(64, 48, "yuv420p")
    below = YuvPicture(frame, PlaneScaler(), 4.5, Fraction(4, 3), repaired=7)
    above = MaskedPicture(below, Masks([_QUARTER]))
    assert (above.width, above.height, above.media) == (64, 48, 4.5)
    assert (above.shape, above.repaired) == (Fraction(4, 3), 7)
    assert MaskedPicture(picture(0.0), Masks([])).repaired == 0


class _Radio(ScriptedSource):
    """Has more than the port asks for."""

    chip = "vaapi"


def _masked(source: ScriptedSource) -> MaskedSource:
    found = masked(source, (PrivacyMask(points=_QUARTER),))
    assert isinstance(found, MaskedSource)
    return found


def test_a_masked_source_is_otherwise_the_source_itself() -> None:
    source = _Radio([picture(1.0), None])
    above = _masked(source)
    above.open()
    above.decode = Decode.KEY_FRAMES
    assert source.opened == 1
    assert source.decode is Decode.KEY_FRAMES
    first = above.read(0.1)
    assert first is not None
    assert first.bgr(64, 48)[:24, :32].max() == 0
    assert above.read(0.1) is None
    assert (above.arrived, above.chip) == (source.arrived, "vaapi")
    assert (above.live, above.interval, above.streams) == (True, 0.0, ("video test",))
    above.close()
    assert source.closed == 1
    with pytest.raises(AttributeError):
        above.nothing  # noqa: B018 - reading it is the test


def test_without_masks_a_source_is_left_alone() -> None:
    source = ScriptedSource([])
    assert masked(source, ()) is source


def test_a_camera_with_masks_is_opened_masked(clock: FakeClock) -> None:
    camera = Camera(
        id="a", name="A", source="testcard:640x480", privacy=(PrivacyMask(points=_QUARTER),)
    )
    _, build = opener_of(camera, (), lambda _camera: None, clock)
    source = build(lambda _seconds: None)
    source.open()
    shown: Picture | None = None
    while shown is None:
        clock.advance(0.1)
        shown = source.read(0.1)
    source.close()
    assert shown.bgr(640, 480)[:240, :320].max() == 0
    assert shown.bgra(640, 480)[300:, 400:, :3].max() > 0


def test_sizes_that_come_and_go_are_forgotten() -> None:
    masks = Masks([_QUARTER])
    for side in range(20, 120, 2):
        MaskedPicture(_white(64, 48), masks).bgr(side, side)
    assert len(masks._outlines) <= 12
