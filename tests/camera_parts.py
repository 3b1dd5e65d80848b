"""Parts for camera tests: a clip made on the spot, server processes, a scripted source."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import av
import numpy as np

from embereye.ingest.picture import Deadlines, Decode, Picture
from embereye.ingest.usb import BgrPicture

SERVERS = Path(__file__).parent / "servers"


def make_clip(
    path: Path,
    seconds: float = 4.0,
    rate: int = 15,
    size: tuple[int, int] = (320, 240),
    b_frames: int = 0,
) -> Path:
    """A moving orange square on green, H.264 with one key frame a second, `b_frames` in a row."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = {"preset": "ultrafast", "g": str(rate), "bf": str(b_frames)}
        for index in range(round(seconds * rate)):
            pixels = np.zeros((size[1], size[0], 3), dtype=np.uint8)
            pixels[:, :, 1] = 90
            left = index * 4 % size[0]
            pixels[size[1] // 4 : size[1] // 2, left : left + size[0] // 8] = (255, 80, 20)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


class RtspServer:
    """A running server process; `fault` changes what it does.

    Attributes:
        epoch: Monotonic seconds at which its videos began.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        begun = self._answer()
        self.port = int(begun["port"])
        self.epoch = float(begun.get("epoch", 0.0))

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """End it without a word to anybody."""
        self._process.kill()

    def url(self, name: str, login: str = "") -> str:
        return f"rtsp://{login}127.0.0.1:{self.port}/{name}"

    def fault(self, word: str, mount: str = "") -> None:
        """Make all of it, or one mount, misbehave (see servers/rtsp_server.py); "ok" ends it."""
        assert self._process.stdin is not None
        line = f"{word} {mount}".strip()
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        assert self._answer() == {"fault": line}

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the RTSP server ended"
        return dict(json.loads(line))


@contextmanager
def rtsp_server(
    *media: Path, auth: str = "none", user: str = "", password: str = ""
) -> Iterator[RtspServer]:
    """Our own small server as a process."""
    command = [sys.executable, str(SERVERS / "rtsp_server.py"), "--port", "0", "--auth", auth]
    login = ["--user", user, "--password", password]
    with _process([*command, *login, "--media", *map(str, media)]) as process:
        yield RtspServer(process)


@contextmanager
def mjpeg_server() -> Iterator[RtspServer]:
    """An HTTP camera as a process."""
    with _process([sys.executable, str(SERVERS / "mjpeg_server.py")]) as process:
        yield RtspServer(process)


@contextmanager
def whep_server(*certificate: Path) -> Iterator[RtspServer]:
    """A WebRTC server as a process; needs aiortc. With certificate and key, by TLS."""
    files = map(str, certificate)
    with _process([sys.executable, str(SERVERS / "whep_server.py"), *files]) as process:
        yield RtspServer(process)


@contextmanager
def hostile_camera(*certificate: Path) -> Iterator[RtspServer]:
    """HTTP cameras that mean no good, as a process; with a certificate and its key over TLS."""
    command = [sys.executable, str(SERVERS / "hostile_camera.py"), *map(str, certificate)]
    with _process(command) as process:
        yield RtspServer(process)


@contextmanager
def sloppy_camera() -> Iterator[RtspServer]:
    """HTTP cameras with the faults of real ones, as a process."""
    with _process([sys.executable, str(SERVERS / "sloppy_camera.py")]) as process:
        yield RtspServer(process)


@contextmanager
def gst_server(*mounts: str, user: str = "", password: str = "") -> Iterator[RtspServer | None]:
    """GStreamer's server as a process; None where it is not installed."""
    if not Path("/usr/bin/python3").exists():
        yield None
        return
    login = ["--user", user, "--password", password] if user else []
    with _process(["/usr/bin/python3", str(SERVERS / "gst_rtsp.py"), *login, *mounts]) as process:
        try:
            server = RtspServer(process)
        except AssertionError:
            if process.wait(5) != 3:
                raise
            server = None
        yield server


@contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(5)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


Step = Exception | Picture | Callable[[], Picture | None] | None


class ScriptedSource:
    """A source that plays back steps: pictures, errors, calls. After the last one it waits."""

    def __init__(self, steps: Iterable[Step], opens: Iterable[Exception | None] = ()) -> None:
        self.live = True
        self.until_key: int | None = None
        self.streams = ("video test",)
        self.decode = Decode.ALL
        self.arrived = 0
        self.received = 0
        self.decoder = "test"
        self.interval = 0.0
        self.deadlines = Deadlines(1.0, 1.0)
        self.opened = 0
        self.closed = 0
        self._steps = iter(steps)
        self._opens = iter(opens)
        self.wait: Callable[[float], object] = Event().wait

    def open(self) -> None:
        self.opened += 1
        error = next(self._opens, None)
        if error is not None:
            raise error

    def read(self, timeout: float) -> Picture | None:
        step = next(self._steps, "end")
        if step == "end":
            self.wait(timeout)
            return None
        if isinstance(step, Exception):
            raise step
        self.arrived += 1
        return step() if callable(step) else step  # type: ignore[return-value]

    def close(self) -> None:
        self.closed += 1


def picture(media: float, width: int = 64, height: int = 48) -> Picture:
    """A grey picture at `media` seconds."""
    return BgrPicture(np.full((height, width, 3), 128, dtype=np.uint8), media)
