"""HTTP cameras that libav cannot read: sloppy MJPEG streams, and one JPEG for each request."""

import contextlib
import http.client
import math
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
import av.logging

from embereye.ingest.hardware import Chip
from embereye.ingest.http_client import Deadline, client
from embereye.ingest.jpeg_stream import JpegStream
from embereye.ingest.picture import Deadlines, Decode, Picture
from embereye.ingest.rtsp import NetworkSource
from embereye.ingest.source import Login, Source
from embereye.ingest.upload_picture import MOST_PIXELS
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.model.errors import (
    CameraRefused,
    CameraUnreachable,
    CameraUnsupported,
    EmberEyeError,
)
from embereye.runtime.clock import Clock

_PORTION = 65_536  # bytes read at once, at most
_PERIOD = 0.2  # s between two requests for single pictures; cheap cameras manage 5 a second
_PROOF = 4 << 20  # bytes without any picture after which it is no camera
_SINGLE = frozenset(("jpeg_pipe", "image2pipe"))  # what libav calls a single JPEG
_PATIENCE = 2.0  # read deadlines without a whole picture; a large one may come slowly
_PROVEN = 3  # pictures; a stream that breaks off later is read by libav well enough
_NO_PICTURES = ("text/html", "application/")

Wait = Callable[[float], object]


class HttpSource:
    """One HTTP camera: by libav where it can, else by `MjpegSource`; that is learnt once."""

    def __init__(
        self,
        source: Source,
        login: Callable[[], Login | None],
        clock: Clock,
        deadlines: Deadlines,
        wait: Wait,
        chip: Chip | None = None,
    ) -> None:
        self.live = True
        self.until_key: int | None = None
        self.decode = Decode.ALL
        self.arrived = 0
        self.received = 0
        self.decoder = ""
        self.streams: tuple[str, ...] = ()
        self.interval = 0.0
        self._network = NetworkSource(source, login, clock, deadlines, chip=chip)
        self._own = MjpegSource(source, login, clock, deadlines, wait)
        self._used: NetworkSource | MjpegSource = self._network
        self._shown = 0  # pictures of this connection
        self.deadlines = Deadlines(2 * deadlines.open, deadlines.read)  # it may take both ways

    def open(self) -> None:
        self._shown = 0
        if self._used is self._own:
            self._own.open()
        else:
            self._open_either()
        self._show()

    def read(self, timeout: float) -> Picture | None:
        self._used.decode = self.decode
        try:
            picture = self._used.read(timeout)
        except (CameraUnreachable, CameraUnsupported) as failure:
            if self._used is self._own or self._shown >= _PROVEN:
                raise
            self._network.close()  # it opened what it cannot read
            if self._shown:  # the time line of one connection must not fall
                self._used = self._own
                raise
            self._try_own(failure)
            picture = None
        self._shown += picture is not None
        self._show()
        return picture

    def close(self) -> None:
        self._network.close()
        self._own.close()

    def _open_either(self) -> None:
        try:
            self._network.open()
        except CameraUnsupported as refusal:
            self._network.close()
            self._try_own(refusal)
            return
        if self._network.container in _SINGLE:
            self._network.close()
            self._own.open()
            self._used = self._own

    def _try_own(self, failure: CameraUnreachable | CameraUnsupported) -> None:
        try:
            self._own.open()
        except (CameraUnreachable, CameraUnsupported):
            raise failure from None
        self._used = self._own

    def _show(self) -> None:
        """What the used one says of itself."""
        used = self._used
        self.arrived, self.until_key = used.arrived, used.until_key
        self.interval, self.streams = used.interval, used.streams
        self.decoder = used.decoder
        self.received = self._network.received + self._own.received


class MjpegSource:
    """JPEG after JPEG over HTTP, found by their own marks. Lives in one thread.

    A server that ends its answer after one picture is asked again, five times a second.
    """

    def __init__(
        self,
        source: Source,
        login: Callable[[], Login | None],
        clock: Clock,
        deadlines: Deadlines,
        wait: Wait,
    ) -> None:
        self.live = True
        self.until_key: int | None = 0  # every picture is one
        self.decode = Decode.ALL
        self.arrived = 0
        self.received = 0
        self.decoder = "mjpeg"
        self.streams: tuple[str, ...] = ("video mjpeg",)
        self.interval = 0.0
        self.deadlines = deadlines
        self._source = source
        self._login = login
        self._clock = clock
        self._wait = wait
        self._answer: Any = None
        self._stream = JpegStream()
        self._ready: deque[bytes] = deque()
        self._single = False
        self._asked_at = -math.inf  # mono of the last request
        self._of_answer = 0  # pictures of the present answer
        self._begin = self._picture_at = clock.mono()
        self._scaler = PlaneScaler()

    def open(self) -> None:
        av.logging.set_level(None)
        self._begin = self._picture_at = self._clock.mono()
        self._ask()
        end, taken = self._clock.mono() + self.deadlines.open, 0
        while not self._ready:
            portion = self._portion()
            taken += len(portion)
            if not portion or taken > _PROOF:
                raise CameraUnsupported(
                    f"{self._source.place} sends no JPEG pictures. Check the path of the address."
                )
            if self._clock.mono() > end:
                raise CameraUnreachable(f"{self._source.place} sends no picture. Check the camera.")

    def read(self, timeout: float) -> Picture | None:
        if self._answer is None and not self._single:
            raise CameraUnreachable(f"{self._source.place} is not connected.")
        if not self._ready:
            self._fetch(timeout)
        picture = self._next()
        now = self._clock.mono()
        if picture is not None:
            self._picture_at = now
        elif now - self._picture_at > _PATIENCE * self.deadlines.read:
            raise CameraUnreachable(
                f"{self._source.place} sends data, but no whole picture. Check the camera."
            )
        return picture

    def _next(self) -> YuvPicture | None:
        """The oldest picture that is here, decoded."""
        if not self._ready:
            return None
        content = self._ready.popleft()
        picture = self._decoded(content)
        self.arrived += picture is not None
        return picture

    def close(self) -> None:
        answer, self._answer = self._answer, None
        self._stream = JpegStream()
        self._ready.clear()
        if answer is not None:
            answer.close()

    def _fetch(self, timeout: float) -> None:
        if self._single and self._answer is None:
            ahead = self._asked_at + _PERIOD - self._clock.mono()
            if ahead > 0:
                self._wait(min(ahead, timeout))
                return
            self._ask()
        if not self._portion():
            self._ended()

    def _ended(self) -> None:
        """One picture in an answer: the next one must be asked for. More: it broke off."""
        if not self._single and self._of_answer != 1:
            raise CameraUnreachable(f"The camera at {self._source.place} ended the connection.")
        if self._of_answer == 0:
            raise CameraUnreachable(f"{self._source.place} sends no picture any more. Check it.")
        self._single = True
        self.interval = _PERIOD
        answer, self._answer = self._answer, None
        self._stream = JpegStream()
        answer.close()

    def _portion(self) -> bytes:
        """Some bytes, handed to the parser; empty at the end of the answer."""
        found: bytes = self._guarded(lambda: self._answer.read1(_PORTION))
        self.received += len(found)
        pictures = self._stream.feed(found)
        self._of_answer += len(pictures)
        self._ready.extend(pictures)
        return found

    def _ask(self) -> None:
        url, login = self._source.url, self._login()
        if url is None:
            raise CameraUnsupported(f"{self._source.place} is not a network camera.")
        request = urllib.request.Request(  # noqa: S310 - http and https only, see `client`
            url.text(), headers={"User-Agent": "EmberEye", "Accept": "*/*"}
        )
        self._asked_at, self._of_answer = self._clock.mono(), 0
        with Deadline(self.deadlines.open) as deadline:
            caller = client(url.text(), login, deadline)
            self._answer = self._guarded(
                lambda: deadline.kept(lambda: caller.open(request, timeout=self.deadlines.read)),
                login is not None,
            )
        kind = str(self._answer.headers.get("Content-Type", "")).lower()
        if kind.startswith(_NO_PICTURES):
            raise CameraUnsupported(
                f"{self._source.place} answers with a page and no picture. Check the address."
            )

    def _guarded(self, call: Callable[[], Any], logged_in: bool = True) -> Any:
        """`call()`; its errors in words, never with the address as it was asked for."""
        try:
            return call()
        except urllib.error.HTTPError as error:
            error.close()
            verdict = _verdict(error.code, self._source.place, logged_in)
        except TimeoutError:
            verdict = CameraUnreachable(
                f"The camera does not answer at {self._source.place} "
                f"(waited {self.deadlines.read:.0f} s). Check its power, network and address."
            )
        except (OSError, http.client.HTTPException, ValueError):
            verdict = CameraUnreachable(
                f"The camera at {self._source.place} cannot be reached, or broke the connection."
            )
        raise verdict

    def _decoded(self, content: bytes) -> YuvPicture | None:
        """None for a damaged picture: the next one comes soon."""
        context: Any = av.CodecContext.create("mjpeg", "r")
        context.options = {"max_pixels": str(MOST_PIXELS)}
        frames: list[Any] = []
        with contextlib.suppress(av.FFmpegError, ValueError):
            frames = list(context.decode(av.Packet(content)))
        if not frames or frames[0].is_corrupt:
            return None
        media = self._clock.mono() - self._begin
        return YuvPicture(frames[0], self._scaler, media, Fraction(1))


def _verdict(status: int, place: str, logged_in: bool) -> EmberEyeError:
    if status in (401, 403):
        if logged_in:
            return CameraRefused(
                f"The camera at {place} rejects the user name or password. Enter them again."
            )
        return CameraRefused(
            f"The camera at {place} asks for a user name and password. Enter them."
        )
    if status == 404:
        return CameraUnreachable(
            f"{place} answers, but has no picture at this path. Check the path of the address."
        )
    if 300 <= status < 400:
        return CameraUnsupported(f"{place} sends the caller elsewhere. Enter that address instead.")
    return CameraUnreachable(f"{place} answers with an error ({status}). Check the camera.")
