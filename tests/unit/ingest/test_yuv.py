"""Scaling from planes gives the same picture as the decoder's own conversion."""

from fractions import Fraction

import av
import numpy as np
import pytest

from embereye.ingest.yuv import PlaneScaler, YuvPicture

_FORMATS = ["yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "nv12", "gray", "yuv420p10le"]


def _frame(form: str) -> tuple[av.VideoFrame, np.ndarray]:
    pixels = np.zeros((96, 130, 3), dtype=np.uint8)  # 130: rows are padded inside the decoder
    pixels[:48, :64] = (250, 60, 20)
    pixels[48:, 64:] = (128, 128, 128)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    full = 2 if form.startswith("yuvj") else 1
    converted = frame.reformat(format=form, dst_color_range=full)
    return converted, pixels[:, :, ::-1]


@pytest.mark.parametrize("form", _FORMATS)
def test_colours_are_right_in_every_format(form: str) -> None:
    frame, bgr = _frame(form)
    if form == "gray":
        bgr = frame.to_ndarray(format="bgr24")
    made = PlaneScaler().bgr(frame, 130, 96).astype(int)
    for y, x in ((20, 20), (80, 100), (80, 20)):
        assert np.abs(made[y, x] - bgr[y, x]).max() <= 6


def test_a_tile_is_32_bit_contiguous_and_its_own_memory() -> None:
    frame, _ = _frame("yuv420p")
    scaler = PlaneScaler()
    first, second = scaler.bgra(frame, 64, 48), scaler.bgra(frame, 64, 48)
    assert first.shape == (48, 64, 4)
    assert first.flags.c_contiguous
    assert not np.shares_memory(first, second)


def test_changing_sizes_do_not_pile_up_memory() -> None:
    frame, _ = _frame("yuv420p")
    scaler = PlaneScaler()
    for width in range(2, 200, 2):
        assert scaler.bgr(frame, width, 48).shape == (48, width, 3)
    assert len(scaler._scratch) <= 8


def test_a_picture_tells_its_size() -> None:
    frame, _ = _frame("yuv420p")
    picture = YuvPicture(frame, PlaneScaler(), 1.5, Fraction(4, 3))
    assert (picture.width, picture.height, picture.media) == (130, 96, 1.5)
