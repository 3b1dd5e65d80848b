"""What was found is drawn where it is, never beside the picture, and readable."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from consoles import camera
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from embereye.config.schema import Camera
from embereye.config.zone_options import Line, Zone
from embereye.model.camera import CameraState
from embereye.model.detection import FIRE, SMOKE, Detection, DetectionResult
from embereye.model.frame import Tile
from embereye.model.ids import CameraId
from embereye.model.sighting import Followed
from embereye.ui import freshness
from embereye.ui.chip_places import Box, place
from embereye.ui.picture import Picture
from embereye.ui.theme import DARK, HIGH_CONTRAST, Tokens
from embereye.ui.tile import TilePainter
from embereye.ui.tile_scene import Overlay, Scene
from embereye.ui.viewport import WHOLE, Viewport
from embereye.ui.zone_draft import Drawn, draft_of

Build = Callable[..., tuple[QImage, Scene]]
_ALL = frozenset(Overlay)
_GREY = QColor(90, 90, 90)
_RED = QColor(DARK.fire)


def _found(label: str, box: tuple[float, float, float, float], size: tuple[int, int]) -> Detection:
    """A detection whose box is given in fractions."""
    x, y, width, height = box
    across, down = size
    return Detection(label, 0.92, x * across, y * down, width * across, height * down)


@pytest.fixture
def paint(qapp: QApplication, clock: FakeClock, colours: Tokens) -> Build:
    """Paint a grey tile with these detections; the image and what it shows."""

    def build(
        *found: Detection,
        source: tuple[int, int] = (640, 480),
        area: tuple[int, int] = (640, 480),
        tokens: Tokens = DARK,
        **changes: object,
    ) -> tuple[QImage, Scene]:
        pixels = np.full((area[1], area[0], 4), 90, np.uint8)
        tile = Tile(CameraId("gate"), pixels, 1, clock.now(), *source)
        now = clock.now()
        result = DetectionResult(
            CameraId("gate"), 1, now, now, found, 0.9, 0.0, True, "test", 0.01, source
        )
        scene = Scene(
            area=QRect(0, 0, *area),
            camera=camera("gate", clock),
            look=freshness.look(camera("gate", clock, CameraState.LIVE), 0.0),
            picture=Picture(tile),
            boxes=result,
            overlays=_ALL,
        )
        scene = replace(scene, **changes)
        return _shot(scene, tokens, clock.mono()), scene

    return build


def _shot(scene: Scene, tokens: Tokens, mono: float) -> QImage:
    image = QImage(scene.area.size(), QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    TilePainter(tokens, "inferno").paint(painter, scene, mono)
    painter.end()
    return image


def _at(image: QImage, x: float, y: float) -> QColor:
    """The colour at fractions of the image."""
    return image.pixelColor(round(x * (image.width() - 1)), round(y * (image.height() - 1)))


def _area_of(image: QImage, colour: QColor) -> QRect:
    """The rectangle that encloses all pixels of a colour."""
    wanted = np.array([colour.blue(), colour.green(), colour.red()])
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    rows, columns = np.nonzero((pixels[..., :3] == wanted).all(axis=2))
    if not rows.size:
        return QRect()
    return QRect(
        QPoint(int(columns.min()), int(rows.min())), QPoint(int(columns.max()), int(rows.max()))
    )


_SHAPES = [(640, 480), (640, 360), (360, 640), (176, 144)]


@pytest.mark.parametrize("source", _SHAPES)
@pytest.mark.parametrize("view", [WHOLE, WHOLE.zoomed(2, 0.4, 0.55)])
def test_a_box_lies_round_what_was_found(
    paint: Build, source: tuple[int, int], view: Viewport
) -> None:
    found = _found("person", (0.3, 0.45, 0.2, 0.2), source)
    boxes = frozenset({Overlay.BOXES})
    image, _ = paint(found, source=source, area=(720, 540), view=view, overlays=boxes)
    picture = Picture(Tile(CameraId("a"), np.zeros((540, 720, 4), np.uint8), 1, None, *source))  # type: ignore[arg-type]
    inside = picture.fitted(QRect(0, 0, 720, 540))
    for x, y, there in (
        (0.3, 0.55, True),
        (0.5, 0.55, True),
        (0.4, 0.65, True),
        (0.4, 0.55, False),
    ):
        shown = view.shown(x, y)
        spot = QPoint(
            inside.x() + round(shown[0] * inside.width()),
            inside.y() + round(shown[1] * inside.height()),
        )
        near = [
            image.pixelColor(spot + QPoint(dx, dy)).lightness()
            for dx in (-2, -1, 0, 1)
            for dy in (-2, -1, 0, 1)
        ]
        assert (max(near) > 200) is there, (x, y)


def test_smoke_is_tinted_inside_its_contour_only(paint: Build) -> None:
    ring = tuple(
        (320 + 120 * math.cos(a), 240 + 100 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 40)
    )
    smoke = Detection(SMOKE, 0.7, 200, 140, 240, 200, ring)
    image, _ = paint(smoke)
    assert _at(image, 0.5, 0.5) != _GREY
    assert _at(image, 205 / 639, 145 / 479) == _GREY  # in the box, outside of the contour
    assert _at(image, 0.1, 0.9) == _GREY
    edge = image.pixelColor(320, 340)
    assert edge.red() > edge.blue() + 50


def test_smoke_without_a_contour_shows_its_box(paint: Build) -> None:
    image, _ = paint(Detection(SMOKE, 0.7, 200, 140, 240, 200))
    assert _at(image, 205 / 639, 145 / 479) != _GREY


@pytest.mark.parametrize("tokens", [DARK, HIGH_CONTRAST])
def test_fire_differs_from_an_object_by_colour_word_and_shape(paint: Build, tokens: Tokens) -> None:
    box = (0.4, 0.4, 0.2, 0.3)
    fire, _ = paint(_found(FIRE, box, (640, 480)), tokens=tokens)
    person, _ = paint(_found("person", box, (640, 480)), tokens=tokens)
    red = _area_of(fire, QColor(tokens.fire))
    assert red.width() > 120
    assert red.top() < 0.4 * 480 - 8  # the chip above the box is filled
    assert _area_of(person, QColor(tokens.fire)).isEmpty()


def _chips(paint: Build, scene: Scene) -> list[QRect]:
    """Where chips are: what differs from the tile that is painted without the overlays."""
    painter = TilePainter(DARK, "inferno")
    image = QImage(scene.area.size(), QImage.Format.Format_RGB32)
    canvas = QPainter(image)
    painter.paint(canvas, scene, 0.0)
    canvas.end()
    made = painter._found._chips._made.values()
    return [QRect(chip.at, chip.pixmap.size()) for _, _, chips in made for chip in chips]


@pytest.mark.parametrize("area", [(192, 108), (320, 180), (640, 360), (1920, 1080), (3840, 2160)])
@pytest.mark.parametrize(
    "box",
    [(0.0, 0.0, 0.1, 0.1), (0.9, 0.9, 0.3, 0.3), (0.0, 0.8, 1.0, 0.2), (-0.2, -0.2, 2.0, 2.0)],
)
def test_chips_stay_in_the_picture(
    paint: Build, area: tuple[int, int], box: tuple[float, float, float, float]
) -> None:
    _, scene = paint(_found(FIRE, box, (640, 360)), source=(640, 360), area=area)
    (chip,) = _chips(paint, scene)
    assert scene.area.contains(chip)
    assert chip.height() >= 12


def test_chips_never_cover_each_other_nor_the_captions(paint: Build) -> None:
    crowd = [
        replace(_found("person", (0.02 * k, 0.02 * k, 0.1, 0.2), (640, 480)), track=k + 1)
        for k in range(20)
    ]
    _, scene = paint(*crowd, area=(320, 240))
    chips = _chips(paint, scene)
    assert len(chips) > 10
    assert not any(a.intersects(b) for n, a in enumerate(chips) for b in chips[:n])
    assert not any(chip.intersects(QRect(0, 0, 30, 15)) for chip in chips)  # the camera's name


def test_a_fire_has_its_chip_even_in_a_crowd(paint: Build) -> None:
    box = (0.5, 0.5, 0.05, 0.05)
    crowd = [_found("person", box, (640, 480)) for _ in range(60)]
    image, _ = paint(*crowd, _found(FIRE, box, (640, 480)), area=(320, 240))
    assert _area_of(image, _RED).width() > 40


@pytest.mark.parametrize(
    ("overlays", "box", "contour"),
    [
        ({Overlay.BOXES}, True, False),
        ({Overlay.CONTOUR}, False, True),
        ({Overlay.BOXES, Overlay.CONTOUR}, False, True),
        (set(), False, False),
    ],
)
def test_contour_and_boxes_are_switched_apart(
    paint: Build, overlays: set[Overlay], box: bool, contour: bool
) -> None:
    ring = ((320.0, 150.0), (420.0, 330.0), (220.0, 330.0))
    smoke = Detection(SMOKE, 0.7, 200, 140, 240, 200, ring)
    image, _ = paint(smoke, overlays=frozenset(overlays))
    assert (image.pixelColor(200, 240) != _GREY) is box
    assert (image.pixelColor(320, 260) != _GREY) is contour


def test_a_trail_leads_to_where_an_object_is_and_fades(paint: Build) -> None:
    way = tuple((0.1 + 0.1 * k, 0.8) for k in range(9))
    followed = (Followed(1, "person", 0.8, 0.0, True, way),)
    image, _ = paint(followed=followed, area=(640, 480))
    old, new = image.pixelColor(70, 384), image.pixelColor(560, 384)
    assert new.lightness() > old.lightness() > _GREY.lightness()
    without, _ = paint(followed=followed, overlays=frozenset({Overlay.BOXES}))
    assert without.pixelColor(560, 384) == _GREY


@pytest.mark.parametrize("source", _SHAPES)
@pytest.mark.parametrize("view", [WHOLE, WHOLE.zoomed(2, 0.5, 0.5)])
def test_areas_lie_where_their_fractions_say(
    paint: Build, source: tuple[int, int], view: Viewport
) -> None:
    row = Camera(
        id="gate", name="Gate", source="testcard:",
        zones=(
            Zone(id="a", name="A", points=((0.3, 0.3), (0.5, 0.3), (0.5, 0.5), (0.3, 0.5))),
            Zone(id="b", name="B", kind="exclude",
                 points=((0.55, 0.55), (0.7, 0.55), (0.7, 0.7), (0.55, 0.7))),
        ),
        lines=(
            Line(id="l", name="L", points=((0.3, 0.65), (0.5, 0.65)), direction="to the right"),
        ),
    )  # fmt: skip
    image, scene = paint(source=source, area=source, view=view, zones=draft_of(row).shapes)

    def colours(x0: float, y0: float, x1: float, y1: float) -> set[str]:
        (ax, ay), (bx, by) = view.shown(x0, y0), view.shown(x1, y1)
        columns = range(round(ax * source[0]), round(bx * source[0]))
        rows = range(round(ay * source[1]), round(by * source[1]))
        return {image.pixelColor(x, y).name() for x in columns for y in rows}

    tinted = colours(0.33, 0.33, 0.47, 0.47)
    assert len(tinted) == 1
    assert QColor(tinted.pop()).green() > _GREY.green() + 2
    assert len(colours(0.58, 0.58, 0.67, 0.67)) > 1  # hatched
    assert _GREY.name() in colours(0.58, 0.58, 0.67, 0.67)
    assert colours(0.53, 0.33, 0.54, 0.47) == {_GREY.name()}
    assert colours(0.33, 0.53, 0.47, 0.54) == {_GREY.name()}
    # Whoever walks from left to right has the lower side at the right hand.
    assert colours(0.38, 0.655, 0.42, 0.68) != {_GREY.name()}
    assert colours(0.38, 0.58, 0.42, 0.62) == {_GREY.name()}
    assert scene.zones


def test_nothing_is_drawn_over_a_picture_that_is_not_live(paint: Build, clock: FakeClock) -> None:
    old = freshness.look(camera("gate", clock), 60.0)
    with_fire, scene = paint(_found(FIRE, (0.4, 0.4, 0.2, 0.3), (640, 480)), look=old)
    assert _area_of(with_fire, _RED).isEmpty()
    assert scene.boxes is not None


@pytest.mark.parametrize(
    "found",
    [
        Detection(FIRE, 0.9, -5e6, -5e6, 1e7, 1e7),
        Detection(FIRE, 0.9, 10.0, 10.0, 0.0, 0.0),
        Detection(FIRE, 0.9, 900.0, 900.0, 10.0, 10.0),
        Detection(SMOKE, 5.0, 10.0, 10.0, 50.0, 50.0, ((1.0, 1.0), (2.0, 2.0))),
        Detection("<b>" + "x" * 500, 0.5, 10.0, 10.0, 50.0, 50.0, (), 10**12),
        Detection("", 0.5, 10.0, 10.0, 50.0, 50.0),
    ],
)
def test_odd_detections_are_drawn_without_harm(paint: Build, found: Detection) -> None:
    _, scene = paint(found, area=(320, 180))
    for chip in _chips(paint, scene):
        assert scene.area.contains(chip)


def test_a_verdict_without_its_size_and_picture_is_drawn_without_harm(paint: Build) -> None:
    _, scene = paint(_found(FIRE, (0.1, 0.1, 0.5, 0.5), (640, 480)), source=(0, 0))
    assert scene.source == (1, 1)


_COORD, _SIDE = st.integers(-300, 900), st.integers(0, 400)


@given(
    boxes=st.lists(
        st.tuples(_COORD, _COORD, st.integers(0, 400), st.integers(0, 400)), max_size=25
    ),
    area=st.tuples(st.integers(40, 800), st.integers(30, 600)),
)
@settings(deadline=None)
def test_places_are_inside_and_apart(
    boxes: list[tuple[int, int, int, int]], area: tuple[int, int]
) -> None:
    picture: Box = (7, 9, 7 + area[0], 9 + area[1])
    taken: list[Box] = []
    for x, y, width, height in boxes:
        room = place((x, y, x + width, y + height), (60, 14), picture, taken)
        if room is None:
            continue
        assert picture[0] <= room[0]
        assert room[2] <= picture[2]
        assert picture[1] <= room[1]
        assert room[3] <= picture[3]
        here = QRect(QPoint(*room[:2]), QPoint(room[2] - 1, room[3] - 1))
        for other in taken:
            there = QRect(QPoint(*other[:2]), QPoint(other[2] - 1, other[3] - 1))
            assert not here.intersects(there)
        taken.append(room)


def test_trouble_of_a_zone_is_red(paint: Build) -> None:
    bow = Drawn("a", "A", "include", ((0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5)), ())
    image, _ = paint(zones=(bow,))
    assert image.pixelColor(192, 144).red() > 120
