"""Cameras whose decoder chip is missing, breaks off or hangs go on in software."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event
from typing import Any

import av
import pytest
from camera_parts import make_clip, rtsp_server
from hosting import hosted

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture import CaptureWorker, Outlet
from embereye.ingest.files import FileSource
from embereye.ingest.hardware import Chip, offered
from embereye.ingest.opener import opener_of
from embereye.ingest.picture import Deadlines, PictureSource
from embereye.ingest.rtsp import NetworkSource
from embereye.ingest.source import parse
from embereye.ingest.views import Views
from embereye.model.camera import CameraState
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import CaptureChanged
from embereye.runtime.clock import SystemClock
from embereye.runtime.mailbox import Full, Mailbox

_ONE = CameraId("one")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2 s at 15 pictures a second, a key frame each second."""
    return make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", seconds=2.0)


class _Driver:
    """A software decoder in the place of a chip, until packet `last`; then it does `then`."""

    def __init__(self, codec: str, last: int, then: Callable[[], object]) -> None:
        self.context: Any = av.CodecContext.create(codec, "r")
        self.last = last
        self.then = then

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("extradata", "thread_count", "thread_type", "skip_frame"):
            setattr(self.context, name, value)
        else:
            super().__setattr__(name, value)

    def decode(self, packet: Any) -> list[Any]:
        self.last -= 1
        if self.last < 0:
            self.then()
        return list(self.context.decode(packet))


def _fails() -> None:
    raise av.error.ExternalError(0, "the device was lost")


class _Running:
    """A capture worker in a thread of its own, with somebody who looks."""

    def __init__(self, opener: Callable[[Callable[[float], object]], PictureSource]) -> None:
        self.views = Views()
        self.views.demand([ViewDemand(_ONE, ((64, 48),))])
        self.box: Mailbox[object] = Mailbox(100, Full.REFUSE)
        self._came: list[object] = []
        outlet = Outlet(self.views.add(_ONE, Detecting()), self.box.put)
        self.worker = CaptureWorker(opener, outlet, SystemClock(), lambda *_: 0.0, grace=0.2)

    def hosted(self) -> AbstractContextManager[None]:
        return hosted(self.worker.run, wait=5.0)

    def until(self, state: CameraState) -> CaptureChanged:
        """The next report of `state`; what came with it is kept."""
        for _ in range(20):
            self._came = self._came or list(self.box.take_all(10.0))
            while self._came:
                message = self._came.pop(0)
                if isinstance(message, CaptureChanged) and message.state is state:
                    return message
        raise AssertionError(f"never {state.value}")


def test_a_driver_that_hangs_costs_one_connection(clip: Path) -> None:
    clock, free = SystemClock(), Event()
    chip = Chip("cuda", clock, create=lambda _, codec: _Driver(codec, 10, free.wait))
    made: list[FileSource] = []

    def build(wait: Callable[[float], object]) -> PictureSource:
        source = FileSource(parse(str(clip), (clip.parent,))[0], clock, wait, chip)
        source.deadlines = Deadlines(2.0, 1.0)
        made.append(source)
        return source

    running = _Running(build)
    try:
        with running.hosted():
            running.until(CameraState.LIVE)
            assert made[0].decoder == "h264 (cuda)"
            running.until(CameraState.NO_SIGNAL)
            running.until(CameraState.LIVE)
            assert made[-1].decoder == "h264 (software; cuda failed)"
            assert len(made) == 2
    finally:
        free.set()  # the reader that was left behind may end


def test_a_card_that_is_lost_costs_no_connection(clip: Path) -> None:
    clock = SystemClock()
    chip = Chip("cuda", clock, create=lambda _, codec: _Driver(codec, 20, _fails))
    with rtsp_server(clip) as server:
        source = NetworkSource(
            parse(server.url("a"))[0], lambda: None, clock, Deadlines(), chip=chip
        )
        source.open()
        try:
            decoders = []
            while len(decoders) < 40:
                if source.read(0.5) is not None:
                    decoders.append(source.decoder)
        finally:
            source.close()
    assert decoders[0] == "h264 (cuda)"
    assert decoders[-1] == "h264 (software; cuda failed)"


@pytest.mark.parametrize("wanted", ["auto", "vaapi", "cuda", "d3d11va", "videotoolbox"])
def test_a_camera_on_a_machine_without_chips_is_live(wanted: str, clip: Path) -> None:
    if offered():
        pytest.skip(f"this machine has {offered()}")
    with rtsp_server(clip) as server:
        camera = Camera(id="one", name="Gate", source=server.url("a"), hardware=wanted)
        _, opener = opener_of(camera, (), lambda _camera: None, SystemClock())
        made: list[PictureSource] = []
        running = _Running(lambda wait: made.append(opener(wait)) or made[-1])
        with running.hosted():
            running.until(CameraState.LIVE)
    kind = "chip" if wanted == "auto" else wanted
    assert made[0].decoder == f"h264 (software; no {kind})"
    assert made[0].received > 0
