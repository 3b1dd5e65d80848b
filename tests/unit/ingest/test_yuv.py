"""Scaling from planes gives the same picture as the decoder's own conversion."""

from fractions import Fraction

import av
import numpy as np
import pytest

from embereye.ingest.yuv import PlaneScaler, YuvPicture

_FORMATS = [
    "yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "nv12", "gray", "yuv420p10le",
    "p010le", "yuv444p10le",
]  # fmt: skip


def _frame(
    form: str, full: int | None = None, size: tuple[int, int] = (130, 96)
) -> tuple[av.VideoFrame, np.ndarray]:
    pixels = np.zeros((size[1], size[0], 3), dtype=np.uint8)  # 130: rows are padded in the decoder
    pixels[:48, :64] = (250, 60, 20)
    pixels[48:, 64:] = (128, 128, 128)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    full = full or (2 if form.startswith("yuvj") else 1)
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


@pytest.mark.parametrize("full", [1, 2])
@pytest.mark.parametrize("size", [(130, 96), (131, 97), (66, 50)])
def test_pictures_of_a_chip_have_the_colours_of_planar_ones(
    size: tuple[int, int], full: int
) -> None:
    scaler = PlaneScaler()
    chip, bgr = _frame("nv12", full, size)
    planar, _ = _frame("yuv420p", full, size)
    for target in ((64, 48), (130, 96)):
        made = scaler.bgra(chip, *target).astype(int)
        assert np.abs(made - scaler.bgra(planar, *target)).max() <= 3
        assert np.abs(made[10, 10, :3] - bgr[10, 10]).max() <= 6
        assert np.array_equal(made[:, :, :3], scaler.bgr(chip, *target))


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
