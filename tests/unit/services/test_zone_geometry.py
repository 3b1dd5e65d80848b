"""From drawn pictures to alarms: areas and lines lie where they were drawn, in every picture.

A bright thing on a dark ground goes the whole real way: decoded planes, scaling for detection,
the input of a network that marks what is bright, boxes in pixels of the source, areas as fractions.
Whatever the source, the processing size and the input are, the decision is that of the thing's
true place, unless this lies within one pixel of what the network got from a border.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import av
import numpy as np
import pytest
from fakes import FakeClock
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from onnx_parts import bright_model, described

from embereye.config.schema import Camera, Line, Settings, Zone
from embereye.ingest.views import limited
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.model.detection import Detection, DetectionResult
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.sighting import Sighting
from embereye.rules.polygon import area_within, contains
from embereye.rules.scene import lies_hidden, lies_in
from embereye.rules.zones import Box, zone_trouble
from embereye.runtime.engine import Engine
from embereye.services.intrusions import Intrusions
from embereye.services.places import places_of
from embereye.services.zone_site import zone_site
from embereye.services.zone_watch import ZoneWatch
from embereye.vision.onnx import OnnxDetector

SOURCES = {  # width, height, shape of a pixel
    "4:3": (640, 480, Fraction(1)),
    "16:9": (1920, 1080, Fraction(1)),
    "16:9 sub stream": (640, 360, Fraction(1)),
    "upright": (1080, 1920, Fraction(1)),
    "upright sub stream": (360, 640, Fraction(1)),
    "squeezed sub stream": (704, 576, Fraction(16, 11)),  # 16:9 in the pixels of PAL
}
SIDES = (0, 640, 320, 160)  # longest side for detection
INPUTS = {"padded": ((320, 256), ""), "stretched": ((256, 256), "stretched = true\n")}
WAYS = list(product(SOURCES, SIDES, INPUTS))
C1 = CameraId("c1")


@pytest.fixture(scope="module")
def detectors(tmp_path_factory):
    """One network for each input; they mark whatever is bright."""
    made = {}
    for name, (size, more) in INPUTS.items():
        path = bright_model(tmp_path_factory.mktemp("models") / f"{name}.onnx", size)
        text = 'labels = ["fire"]\npadding = 0\nfamily = "end_to_end"\n' + more
        made[name] = OnnxDetector(described(path, text))
    return made


class Picture:
    """One bright thing in a picture of a source, given in fractions; edges on whole pixels."""

    def __init__(self, source, left, top, wide, high):
        self.width, self.height, self.shape = SOURCES[source]
        x, y = round(left * self.width), round(top * self.height)
        right = min(self.width, x + max(8, round(wide * self.width)))
        bottom = min(self.height, y + max(8, round(high * self.height)))
        luma = np.full((self.height, self.width), 16, np.uint8)
        luma[y:bottom, x:right] = 235
        grey = np.full((self.height // 2, self.width), 128, np.uint8)
        planes = np.concatenate([luma, grey])
        self.frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        self.box = Box(x / self.width, y / self.height, right / self.width, bottom / self.height)

    def seen_by(self, detector, side):
        """What the network finds, in pixels of the source, and the coarsest pixel on the way."""
        picture = YuvPicture(self.frame, PlaneScaler(), 0.0, self.shape)
        source = self.width, self.height
        pixels = picture.bgr(*limited(source, self.shape, side))
        at = FakeClock().now()
        frame = Frame(C1, pixels, 1, at, 0.0, *source)
        (found,) = detector.detect(frame).detections
        rows, columns = pixels.shape[:2]
        wide, high = detector.size
        if not detector.manifest.stretched:
            scale = min(wide / columns, high / rows)
            wide, high = columns * scale, rows * scale
        return found, (1 / min(columns, wide), 1 / min(rows, high))


class Watch:
    """One camera with something drawn, fed with what was found."""

    def __init__(self, zones=(), lines=()):
        camera = Camera(id="c1", name="Yard", source="rtsp://h/1", zones=zones, lines=lines)
        chosen = Settings(cameras=(camera,))
        self.clock = FakeClock()
        engine = self.engine = Engine(self.clock)
        self.sightings, self.reports = [], []
        intrusions = Intrusions(places_of(chosen), self.reports.append)
        ZoneWatch(engine, zone_site(chosen), lambda _: (0, 0), intrusions, lambda _: None)
        engine.on(Sighting, self.sightings.append)

    def see(self, found: Detection, size, label, pictures=1):
        score = 0.9 if label == "fire" else 0.0
        for picture in range(pictures):
            now = self.clock.advance(0.125)
            # What is the same to the last digit is one look only.
            sure = found.confidence - 1e-6 * picture
            boxes = (replace(found, label=label, confidence=sure),)
            self.engine.post(
                DetectionResult(C1, 1, now, now, boxes, score, 0.0, True, "test", 0.01, size)
            )
            self.engine.step()

    @property
    def fire(self):
        return self.sightings[-1].counting.fire > 0


def drawn(points, kind, label):
    alarm = kind == "include" and label != "fire"
    return Zone(
        id="z", name="Zone", points=points, kind=kind, labels=(label,), alarm=alarm
    )  # fmt: skip


def near(points, x, y, pixel):
    """Whether a border runs within one pixel of a place."""
    left, right = max(0.0, x - pixel[0]), min(1.0, x + pixel[0])
    top, bottom = max(0.0, y - pixel[1]), min(1.0, y + pixel[1])
    whole = (right - left) * (bottom - top)
    return 1e-12 < area_within(points, left, top, right, bottom) < whole - 1e-12


def shaken(box, pixel):
    """The box with each edge up to one pixel elsewhere."""
    for a, b, c, d in product((-1, 0, 1), repeat=4):
        yield Box(
            box.left + a * pixel[0],
            box.top + b * pixel[1],
            box.right + c * pixel[0],
            box.bottom + d * pixel[1],
        )


_part = st.floats(0.02, 0.98)
_corner = st.tuples(_part, _part)
_areas = st.lists(_corner, min_size=3, max_size=6, unique=True).filter(
    lambda points: not zone_trouble(points)
)
_things = st.tuples(
    st.floats(0.0, 0.8), st.floats(0.0, 0.8), st.floats(0.03, 0.3), st.floats(0.03, 0.3)
)
_ways = st.sampled_from(WAYS)
_checked = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_box_comes_back_to_its_true_place_to_one_pixel(detectors, way):
    source, side, layout = way
    picture = Picture(source, 0.31, 0.27, 0.2, 0.3)
    found, pixel = picture.seen_by(detectors[layout], side)
    width, height = picture.width, picture.height
    seen = (found.x / width, (found.x + found.width) / width)
    assert seen == pytest.approx((picture.box.left, picture.box.right), abs=pixel[0])
    seen = (found.y / height, (found.y + found.height) / height)
    assert seen == pytest.approx((picture.box.top, picture.box.bottom), abs=pixel[1])


@_checked
@given(_ways, _areas, _things)
def test_a_person_alarms_exactly_in_the_drawn_area(detectors, way, points, thing):
    source, side, layout = way
    picture = Picture(source, *thing)
    found, pixel = picture.seen_by(detectors[layout], side)
    foot = picture.box.foot
    assume(not near(points, *foot, pixel))
    watch = Watch(zones=(drawn(points, "include", "person"),))
    watch.see(found, (picture.width, picture.height), "person", pictures=3)
    assert bool(watch.reports) is contains(points, *foot)


@_checked
@given(_ways, _areas, _things, st.sampled_from(["include", "exclude"]))
def test_a_flame_counts_exactly_where_the_drawing_says(detectors, way, points, thing, kind):
    source, side, layout = way
    picture = Picture(source, *thing)
    found, pixel = picture.seen_by(detectors[layout], side)
    rule = lies_in if kind == "include" else lies_hidden
    inside = rule("fire", picture.box, points)
    assume(all(rule("fire", box, points) is inside for box in shaken(picture.box, pixel)))
    watch = Watch(zones=(drawn(points, kind, "fire"),))
    watch.see(found, (picture.width, picture.height), "fire")
    assert watch.fire is (inside if kind == "include" else not inside)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_edge_of_an_area_decides_to_one_pixel(detectors, way):
    """Areas whose lower edge lies one pixel below a foot, and one pixel above it."""
    source, side, layout = way
    picture = Picture(source, 0.4, 0.3, 0.1, 0.3)
    found, pixel = picture.seen_by(detectors[layout], side)
    for below in (True, False):
        edge = picture.box.bottom + (1 if below else -1) * pixel[1]
        watch = Watch(zones=(drawn(((0.1, 0.1), (0.9, 0.1), (0.9, edge), (0.1, edge)), "include",
                                   "person"),))  # fmt: skip
        watch.see(found, (picture.width, picture.height), "person", pictures=3)
        assert bool(watch.reports) is below


@pytest.mark.parametrize("way", [way for way in WAYS if way[1] == 320], ids=str)
@pytest.mark.parametrize("beside", [False, True])
def test_a_line_is_crossed_exactly_where_it_was_drawn(detectors, way, beside):
    """Feet that pass one pixel within and one pixel beyond the end of a line."""
    source, side, layout = way
    foot, watch = None, None
    for step in range(12):
        picture = Picture(source, 0.3 + 0.03 * step, 0.3, 0.1, 0.3)
        found, pixel = picture.seen_by(detectors[layout], side)
        if watch is None:
            foot = picture.box.bottom + (-1.5 if beside else 1.5) * pixel[1]
            line = Line(id="l", name="Line", points=((0.5, foot), (0.5, 0.05)))
            watch = Watch(lines=(line,))
        watch.see(found, (picture.width, picture.height), "person")
    words = [reason for report in watch.reports for reason in report.reasons]
    assert bool(words) is not beside
    assert all("crossed Line to the right" in text for text in words)
