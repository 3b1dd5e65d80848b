"""From an FTP client to the pictures that viewers and detection get."""

import ftplib
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from camera_parts import make_clip
from hosting import hosted

from embereye.config.schema import Camera
from embereye.config.upload_options import Ftp, Uploads
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture import CaptureWorker, Outlet
from embereye.ingest.folder_watch import FolderWatch
from embereye.ingest.ftp_account import FtpAccount
from embereye.ingest.ftp_server import FtpUploads
from embereye.ingest.opener import opener_of
from embereye.ingest.upload_site import UploadCounts, UploadSite, UploadTaken
from embereye.ingest.views import Views
from embereye.model.camera import CameraState
from embereye.model.frame import Frame, ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import CaptureChanged
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import Worker

_GATE = CameraId("gate")
_FILES = 50


def _shade(level: int) -> bytes:
    """A picture whose grey says which one it is; what follows its end makes it large enough."""
    pixels = np.full((120, 160, 3), 20 + 4 * level, dtype=np.uint8)
    return cv2.imencode(".jpg", pixels)[1].tobytes() + bytes([level]) * 10_240


class _Console:
    """One upload camera as the program runs it, with its root and an FTP server."""

    def __init__(self, path: Path) -> None:
        self.root = path / "uploads"
        self.root.mkdir()
        self.views = Views()
        self.posts: list[object] = []
        self.frames: list[Frame] = []
        watch = FolderWatch(self.root, "events")
        site = UploadSite(
            self.root, path / "memory", watch, examined=self._examined, post=self.posts.append
        )
        camera = Camera(id="gate", name="Gate", source="folder:Front Door")
        _, opener = opener_of(camera, (), lambda _camera: None, SystemClock(), site)
        view = self.views.add(_GATE, Detecting(8.0, 0))
        self.views.demand([ViewDemand(_GATE, ((160, 120),))])
        self.capture = CaptureWorker(opener, Outlet(view, self.posts.append), SystemClock())
        accounts = {"gate": FtpAccount("gate", "front_door", "secret 1")}
        uploads = Uploads(root=str(self.root), ftp=Ftp(enabled=True, port=0))
        self.ftp = FtpUploads(uploads, path, lambda: accounts, SystemClock(), self.posts.append)
        self.workers: tuple[Worker, ...] = (watch, self.capture, self.ftp)

    def _examined(self, camera: str) -> bool:
        view = self.views.of(CameraId(camera))
        return view is None or not view.frames.fresh

    def look(self, stop: threading.Event) -> None:
        """Take pictures as detection does, 100 a second at most."""
        while not stop.wait(0.01):
            frame = self.views.take(_GATE)
            if frame is not None:
                self.frames.append(frame)

    def states(self) -> list[CameraState]:
        return [post.state for post in self.posts if isinstance(post, CaptureChanged)]

    def taken(self) -> list[str]:
        return [post.upload.name for post in self.posts if isinstance(post, UploadTaken)]

    def upload(self, files: dict[str, bytes]) -> None:
        with ftplib.FTP(timeout=5.0) as client:
            client.connect("127.0.0.1", self.ftp.port or 0)
            client.login("gate", "secret 1")
            for name, content in files.items():
                client.storbinary(f"STOR {name}", io.BytesIO(content))


@contextmanager
def _running(console: _Console) -> Iterator[_Console]:
    with hosted(*(worker.run for worker in console.workers), console.look, wait=3.0):
        yield console


def _wait_for(what: object, seconds: float) -> None:
    pause, end = threading.Event(), SystemClock().mono() + seconds
    while not what():  # type: ignore[operator]
        assert SystemClock().mono() < end
        pause.wait(0.02)


@pytest.mark.paced
def test_every_picture_of_a_burst_is_seen_by_detection(tmp_path: Path) -> None:
    with _running(_Console(tmp_path)) as console:
        _wait_for(lambda: console.ftp.port, 5.0)
        console.upload({f"{level:02}.jpg": _shade(level) for level in range(_FILES)})
        _wait_for(lambda: len(console.taken()) == _FILES, 20.0)
    seen = [round((float(frame.pixels.mean()) - 20) / 4) for frame in console.frames]
    assert sorted(seen) == list(range(_FILES))
    counts = [post for post in console.posts if isinstance(post, UploadCounts)][-1]
    assert (counts.taken, counts.pictures, counts.unexamined) == (_FILES, _FILES, 0)
    assert counts.refused == {}
    # The camera is there from its first file on, and nothing between uploads is a fault.
    assert console.states()[-1] is CameraState.LIVE


@pytest.mark.paced
def test_a_clip_is_examined_at_the_rate_of_detection(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=3.0, rate=15).read_bytes()
    with _running(_Console(tmp_path)) as console:
        _wait_for(lambda: console.ftp.port, 5.0)
        console.upload({"MDalarm_20240308_142501.mkv": clip})
        _wait_for(lambda: len(console.taken()) == 1, 15.0)
    # 3 s at 8 looks a second of the clip's own time, none of them overwritten by the next one.
    assert 22 <= len(console.frames) <= 26
    media = [frame.media for frame in console.frames]
    assert np.diff(media).max() < 0.2
    tile = console.views.newest(_GATE, 160, 120)
    assert tile is not None
