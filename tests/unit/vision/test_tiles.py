"""Parts of a large picture are looked at in turn: small flames are found, at a bounded cost."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx_parts import bright_model, constant_model, described

from embereye.model.detection import Detection
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.detector import Verdict
from embereye.vision.onnx import OnnxDetector
from embereye.vision.tiles import TiledDetector, tiled, tiles_of

YARD = CameraId("yard")
SIZE = (320, 256)
PICTURE = (640, 480)
TILES = tiles_of(PICTURE, SIZE)


class Scripted:
    """Says per tile what the test wants, and counts how often it is asked."""

    name = "scripted"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.says: dict[str, Verdict] = {}
        self.forgotten: set[str] = set()

    def detect(self, frame: Frame) -> Verdict:
        name = frame.camera.removeprefix("yard").strip() or "whole"
        self.asked.append(name)
        return self.says.get(name, Verdict())

    def forget(self, camera: CameraId) -> None:
        self.forgotten.add(camera)


def _frame(pixels: np.ndarray | None = None, number: int = 0) -> Frame:
    pixels = np.zeros((PICTURE[1], PICTURE[0], 3), np.uint8) if pixels is None else pixels
    rows, columns = pixels.shape[:2]
    return Frame(YARD, pixels, number, Stamp(number, number), float(number), columns, rows)


def _fire(score: float, x: float = 10, y: float = 10, side: float = 8) -> Verdict:
    return Verdict((Detection("fire", score, x, y, side, side),), fire=score)


@settings(deadline=None, max_examples=80)
@given(
    st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    st.tuples(st.integers(32, 700), st.integers(32, 700)),
)
def test_tiles_cover_the_whole_picture_and_are_few(picture, size):
    tiles = tiles_of(picture, size)

    assert 1 <= len(tiles) <= 12
    for axis, side in (("left", "width"), ("top", "height")):
        reach = 0
        for start, length in sorted({(getattr(t, axis), getattr(t, side)) for t in tiles}):
            assert start <= reach
            reach = start + length
        assert reach == picture[0 if axis == "left" else 1]


def test_neighbouring_tiles_share_a_quarter():
    assert {tile.left for tile in TILES} == {0, 160, 320}
    assert TILES[0].width == SIZE[0]


def test_each_look_costs_one_inference_more_and_no_tile_is_left_out():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)

    for number in range(2 * len(TILES)):
        detector.detect(_frame(number=number))

    assert inner.asked.count("whole") == 2 * len(TILES)
    assert len(inner.asked) == 4 * len(TILES)
    assert set(inner.asked) == {"whole", *(f"tile {n}" for n in range(len(TILES)))}


def test_a_picture_not_twice_the_input_is_looked_at_once():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)

    detector.detect(_frame(np.zeros((400, 600, 3), np.uint8)))

    assert inner.asked == ["whole"]


def test_a_closeup_is_a_part_already():
    inner = Scripted()
    near = replace(_frame(), camera=CameraId("yard closeup"))

    TiledDetector(inner, SIZE).detect(near)

    assert inner.asked == ["closeup"]


def _looked(inner: Scripted) -> list[str]:
    return [name for name in inner.asked if name != "whole"]


def test_every_second_look_goes_where_most_moves():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)
    pixels = np.zeros((PICTURE[1], PICTURE[0], 3), np.uint8)

    for number in range(8):
        pixels = pixels.copy()
        pixels[440:470, 600:630] = 255 * (number % 2)  # lower right corner
        detector.detect(_frame(pixels, number))

    assert _looked(inner).count(f"tile {len(TILES) - 1}") >= 3
    assert len(set(_looked(inner))) >= 5  # the others had their turn


def test_a_suspicious_tile_is_looked_at_every_second_time_until_it_is_clear():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)
    inner.says["tile 1"] = _fire(0.6)
    for number in range(8):
        detector.detect(_frame(number=number))
    before = _looked(inner).count("tile 1")
    inner.says.clear()
    inner.asked.clear()
    for number in range(8, 8 + len(TILES)):
        detector.detect(_frame(number=number))

    assert before >= 3
    assert _looked(inner).count("tile 1") <= 2


def test_what_a_tile_has_found_stands_while_another_is_looked_at():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)
    inner.says["tile 1"] = _fire(0.6)
    scores = [detector.detect(_frame(number=number)).fire for number in range(10)]
    inner.says.clear()
    later = [detector.detect(_frame(number=number)).fire for number in range(10, 14)]

    first = scores.index(0.6)
    assert scores[first:] == [0.6] * (10 - first)
    assert later[-2:] == [0.0, 0.0]


def test_a_thing_seen_whole_and_in_a_tile_is_one_box_with_the_surer_score():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)
    inner.says = {"whole": _fire(0.4, 100, 100, 40), "tile 0": _fire(0.9, 105, 105, 30)}

    verdict = detector.detect(_frame())

    assert [(d.x, d.width, d.confidence) for d in verdict.detections] == [(100, 40, 0.9)]
    assert verdict.fire == 0.9


def test_another_thing_or_another_place_stays_a_box_of_its_own():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)
    smoke = Verdict((Detection("smoke", 0.5, 105, 105, 30, 30),), smoke=0.5)
    inner.says = {"whole": _fire(0.4, 100, 100, 40), "tile 0": smoke}

    assert len(detector.detect(_frame()).detections) == 2


def test_a_forgotten_camera_is_forgotten_tile_by_tile():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)
    detector.detect(_frame())

    detector.forget(YARD)

    assert inner.forgotten == {"yard", *(f"yard tile {n}" for n in range(len(TILES)))}


def test_another_stream_size_starts_a_new_round():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)
    detector.detect(_frame())
    detector.detect(_frame(np.zeros((1080, 1920, 3), np.uint8)))

    assert "yard tile 0" in inner.forgotten


def test_a_contour_comes_along_into_the_whole_picture():
    inner = Scripted()
    detector = TiledDetector(inner, SIZE)
    outline = ((1.0, 2.0), (9.0, 2.0), (5.0, 8.0))
    seen = Detection("smoke", 0.8, 1, 2, 8, 6, outline)
    inner.says = {f"tile {n}": Verdict((seen,), smoke=0.8) for n in (0, 1)}
    pixels = np.zeros((PICTURE[1], PICTURE[0], 3), np.uint8)
    frame = Frame(YARD, pixels, 0, Stamp(0, 0), 0.0, 1280, 960)

    detector.detect(frame)
    verdict = detector.detect(frame)

    places = {(box.x, box.outline[0]) for box in verdict.detections}
    assert (2.0, (2.0, 4.0)) in places
    other = next(box for box in verdict.detections if box.x != 2.0)
    assert other.outline[0] == (other.x, other.y) == (2.0 + 2 * TILES[1].left, 4.0)


@pytest.mark.parametrize("spot", [(5, 5), (318, 250), (630, 470), (161, 225), (400, 30)])
def test_a_spot_that_the_whole_picture_loses_is_found_and_placed(tmp_path: Path, spot):
    """A spot of 5 pixels; the whole picture shows it as grey as 2.5 pixels are."""
    path = bright_model(tmp_path / "bright.onnx", SIZE)
    described(path, 'labels = ["fire"]\nfamily = "end_to_end"\npadding = 0\ntiles = true\n')
    detector = tiled(OnnxDetector(path))
    left, top = spot
    pixels = np.zeros((PICTURE[1], PICTURE[0], 3), np.uint8)
    pixels[top : top + 5, left : left + 5] = 140  # half-lit pixels fall below the threshold

    found = []
    for number in range(2 * len(TILES)):
        found += detector.detect(_frame(pixels, number)).detections

    assert found
    box = min(found, key=lambda box: box.width)
    assert (box.x, box.y, box.width, box.height) == pytest.approx((left, top, 5, 5), abs=1)


@pytest.mark.parametrize(
    ("family", "tiles", "expected"),
    [
        ("heat_map", "", True),
        ("heat_map", "tiles = false", False),
        ("end_to_end", "", False),
        ("end_to_end", "tiles = true", True),
    ],
)
def test_heat_maps_have_tiles_and_others_when_told(tmp_path: Path, family, tiles, expected):
    shape = (1, 2, 32, 40) if family == "heat_map" else (1, 1, 6)
    path = constant_model(tmp_path / "m.onnx", np.zeros(shape), SIZE)
    described(path, f'family = "{family}"\n{tiles}\n')

    detector = tiled(OnnxDetector(path))

    assert isinstance(detector, TiledDetector) == expected
    assert detector.provider == "CPUExecutionProvider"
