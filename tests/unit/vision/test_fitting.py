"""Pictures into a network's input, boxes back into the picture, exact to one pixel."""

from itertools import product

import cv2
import numpy as np
import pytest

from embereye.vision.fitting import fitted, normalised
from embereye.vision.manifest import Manifest

SOURCES = [(640, 480), (1920, 1080), (480, 854), (333, 517), (641, 479), (64, 64), (17, 300)]
INPUTS = [(320, 256), (416, 416), (640, 640), (192, 320)]


@pytest.mark.parametrize("size", [(64, 64), (36, 64), (64, 20), (480, 640), (1, 3)])
@pytest.mark.parametrize("centred", [True, False])
def test_the_picture_keeps_its_shape_inside_the_input(size: tuple[int, int], centred: bool):
    pixels = np.full((*size, 3), 200, np.uint8)

    picture, fit = fitted(pixels, (64, 64), Manifest("m", centred=centred))

    inside = picture[..., 0] == 200
    scale = min(64 / size[0], 64 / size[1])
    assert inside.sum() == pytest.approx(size[0] * size[1] * scale**2, rel=0.1)
    assert inside[fit.top, fit.left]
    assert (fit.left, fit.top) == (0, 0) or centred


def test_a_stretched_picture_fills_the_input():
    pixels = np.full((20, 90, 3), 200, np.uint8)

    picture, _ = fitted(pixels, (64, 48), Manifest("m", stretched=True))

    assert (picture == 200).all()


def test_channel_order_and_normalisation_follow_the_manifest():
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:] = (10, 20, 30)  # BGR
    manifest = Manifest("m", rgb=True, mean=(10.0, 20.0, 30.0), scale=(1.0, 2.0, 3.0))

    picture, _ = fitted(pixels, (8, 8), manifest)

    assert normalised(picture, manifest)[0, 0].tolist() == [20.0, 0.0, -60.0]


@pytest.mark.parametrize(("source", "size"), list(product(SOURCES, INPUTS)))
@pytest.mark.parametrize("layout", ["centred", "top left", "stretched"])
def test_a_box_comes_back_within_one_pixel_of_the_thing(
    source: tuple[int, int], size: tuple[int, int], layout: str
):
    """A white rectangle is drawn, fitted, measured in the input and taken back."""
    columns, rows = source
    manifest = Manifest(
        "m", centred=layout == "centred", stretched=layout == "stretched", padding=0
    )
    left, top = columns // 4, rows // 3
    right, bottom = columns - columns // 5, rows - rows // 6
    pixels = np.zeros((rows, columns, 3), np.uint8)
    pixels[top:bottom, left:right] = 255
    # A network's input is sampled, not averaged; a soft edge is measured to a part of a pixel.
    soft = max(0.5, columns / size[0], rows / size[1])
    pixels = cv2.GaussianBlur(pixels, (0, 0), soft, borderType=cv2.BORDER_REPLICATE)

    picture, fit = fitted(pixels, size, manifest)
    back = fit.back(_measured(picture)[None])[0]

    assert back == pytest.approx([left, top, right, bottom], abs=1.0)


def test_points_in_the_padding_end_at_the_edge_of_the_picture():
    _, fit = fitted(np.zeros((36, 64, 3), np.uint8), (64, 64), Manifest("m"))

    assert fit.back(np.array([[-5, 0, 99, 64]], np.float32)).tolist() == [[0, 0, 64, 36]]


def _measured(picture: np.ndarray) -> np.ndarray:
    """Edges of the bright rectangle to a fraction of a pixel: where its profile is at half."""
    grey = picture[..., 0].astype(np.float64)
    across = _ends(grey.max(axis=0) / grey.max())
    down = _ends(grey.max(axis=1) / grey.max())
    return np.array([across[0], down[0], across[1], down[1]], np.float32)


def _ends(profile: np.ndarray) -> tuple[float, float]:
    """A pixel that is covered by half counts as half."""
    inside = np.flatnonzero(profile > 0.5)
    first, last = inside[0], inside[-1]
    before = _crossing(profile, first - 1, first)
    after = len(profile) - _crossing(
        profile[::-1], len(profile) - last - 2, len(profile) - last - 1
    )
    return before, after


def _crossing(profile: np.ndarray, low: int, high: int) -> float:
    """Where a straight line between two pixel centres passes one half."""
    if low < 0:
        return 0.0
    share = (0.5 - profile[low]) / (profile[high] - profile[low])
    return low + 0.5 + share


def test_measuring_is_exact_itself():
    pixels = np.zeros((40, 60, 3), np.uint8)
    cv2.rectangle(pixels, (10, 5), (29, 34), (255, 255, 255), -1)

    assert _measured(pixels).tolist() == [10, 5, 30, 35]
