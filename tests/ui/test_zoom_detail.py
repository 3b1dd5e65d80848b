"""Zooming shows detail that the whole picture has no pixels for: through real capture."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest
from consoles import FakeConsole, camera
from PySide6.QtGui import QImage

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture import CaptureWorker, Outlet
from embereye.ingest.opener import opener_of
from embereye.ingest.views import Views
from embereye.model.camera import CaptureCounters
from embereye.model.frame import Tile, ViewDemand
from embereye.model.ids import CameraId
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads
from embereye.ui.demands import Demands
from embereye.ui.theme import Tokens
from embereye.ui.wall_page import WallPage

_GATE = CameraId("c00")
_SIZE = (1280, 720)
_STRIPE = 2  # px of the source; half a pixel of the small tile


def _clip(path: Path) -> Path:
    """Fine upright stripes, without losses that count."""
    stripes = (np.arange(_SIZE[0]) // _STRIPE % 2 * 200 + 20).astype(np.uint8)
    pixels = np.repeat(np.tile(stripes, (_SIZE[1], 1))[:, :, None], 3, 2)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height = _SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = {"preset": "ultrafast", "crf": "10", "g": "10"}
        for index in range(20):
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


class _Captured(FakeConsole):
    """Shows what capture makes, for what the wall demands."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.views = Views()
        counters = CaptureCounters(fps=10.0, width=_SIZE[0], height=_SIZE[1], interval=0.1)
        self.show_cameras(camera("c00", self.clock, counters=counters))

    def tile(self, camera: CameraId, width: int, height: int) -> Tile | None:
        return self.views.newest(camera, width, height)

    def demand(self, demands: tuple[ViewDemand, ...]) -> None:  # type: ignore[override]
        self.views.demand(demands)


@pytest.fixture
def console(tmp_path: Path) -> Iterator[_Captured]:
    made = _Captured()
    view = made.views.add(_GATE, Detecting())
    row = Camera(id="c00", name="c00", source=str(_clip(tmp_path / "stripes.mp4")))
    _, opener = opener_of(row, (tmp_path,), lambda _: None, made.clock)
    worker = CaptureWorker(opener, Outlet(view, lambda _: None), made.clock)
    stop = Event()
    thread = PlainThreads().start("capture", lambda: worker.run(stop))
    yield made
    stop.set()
    assert thread.join(5.0)


def test_stripes_finer_than_a_pixel_of_the_tile_are_seen_when_zoomed(
    console: _Captured, colours: Tokens, qtbot: object
) -> None:
    page = WallPage(console, Demands(console, 25.0), colours)
    qtbot.addWidget(page)  # type: ignore[attr-defined]
    page.resize(340, 240)
    page.show()
    canvas = page.canvas

    def width() -> int:
        """Pixels of the newest picture for the tile as it is now."""
        area = canvas.area_of(_GATE)
        assert area is not None
        tile = console.tile(_GATE, *canvas.zooms.size(_GATE, (area.width(), area.height())))
        return 0 if tile is None else tile.pixels.shape[1]

    def striped() -> bool:
        """Whether the tile has stripes of two pixels."""
        canvas.tick()
        image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        area = canvas.picture_area(_GATE)
        assert area is not None
        row = np.array(
            [
                image.pixelColor(x, area.center().y()).red()
                for x in range(area.left() + area.width() // 2, area.right() - 8)
            ]
        )
        apart, equal = np.abs(row[2:] - row[:-2]).mean(), np.abs(row[4:] - row[:-4]).mean()
        return bool(apart > 120 and equal < 40)

    qtbot.waitUntil(lambda: 0 < width() < _SIZE[0] // 3, timeout=10_000)  # type: ignore[attr-defined]
    assert not striped()
    canvas.look_at(_GATE, canvas.zooms.of(_GATE).zoomed(4))
    qtbot.waitUntil(lambda: width() == _SIZE[0], timeout=10_000)  # type: ignore[attr-defined]
    assert striped()
