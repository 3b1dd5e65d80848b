"""Video files as cameras: looped, at the pace of their own time stamps."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import av.logging

from embereye.ingest.decode import StreamDecoder, declared_interval, stream_names, video_stream
from embereye.ingest.hardware import Chip
from embereye.ingest.picture import Deadlines, Decode, Picture
from embereye.ingest.source import Source
from embereye.ingest.yuv import YuvPicture
from embereye.model.errors import CameraUnreachable, CameraUnsupported
from embereye.runtime.clock import Clock

# Containers of video only; no play list, image sequence or script is ever opened.
_FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,h264,hevc,mjpeg,m4v"
_HURRY = 0.2  # s; this much behind, pictures that no other one needs are left out
_LATE = 1.0  # s; more than this behind, the file pauses instead of racing after the clock
_FALLBACK_INTERVAL = 0.04  # s between pictures of a file that does not say it


class FileSource:
    """One video file, played for ever. `wait(seconds)` may return early, such as at a stop."""

    def __init__(
        self,
        source: Source,
        clock: Clock,
        wait: Callable[[float], object],
        chip: Chip | None = None,
    ) -> None:
        self.live = False
        self.until_key: int | None = None
        self.decode = Decode.ALL
        self.arrived = 0
        self.received = 0
        self.decoder = ""
        self.streams: tuple[str, ...] = ()
        self.interval = 0.0
        self.deadlines = Deadlines()
        self._path = Path(source.text)
        self._clock = clock
        self._wait = wait
        self._chip = chip
        self._container: Any = None
        self._packets: Iterator[Any] = iter(())
        self._decoder: StreamDecoder | None = None
        self._next: _Looped | None = None
        self._offset = 0.0  # media seconds before this round
        self._last = 0.0  # media seconds of the newest picture
        self._begin: float | None = None  # mono when media was 0
        self._late = False
        self._found = False  # a picture in this round

    def open(self) -> None:
        self._offset = self._last = 0.0
        self._begin = None
        self._start_round()

    def read(self, timeout: float) -> Picture | None:
        if self._next is None:
            self._next = self._decoded()
            if self._next is None:
                if self.decode is Decode.NOTHING:  # no picture's own time holds the file back
                    self._wait(min(self.interval or _FALLBACK_INTERVAL, timeout))
                return None
        now = self._clock.mono()
        if self._begin is None or now - (self._begin + self._next.media) > _LATE:
            self._begin = now - self._next.media
        ahead = self._begin + self._next.media - now
        self._late = ahead < -_HURRY
        if ahead > 0:
            self._wait(min(ahead, timeout))
            if self._clock.mono() < self._begin + self._next.media:
                return None
        picture, self._next = self._next, None
        return picture

    def close(self) -> None:
        container, self._container = self._container, None
        decoder, self._decoder = self._decoder, None
        self._packets, self._next = iter(()), None
        if decoder is not None:
            decoder.close()
        if container is not None:
            container.close()

    def _start_round(self) -> None:
        self.close()
        self._found = False
        av.logging.set_level(None)  # damaged files would flood standard error
        try:
            # With its protocol in front, no name can be taken for another one.
            self._container = av.open(
                f"file:{self._path}",
                container_options={"protocol_whitelist": "file", "format_whitelist": _FORMATS},
            )
        except (FileNotFoundError, PermissionError):
            raise CameraUnreachable(
                f"{self._path.name} cannot be opened. Check that it exists and may be read."
            ) from None
        except (av.FFmpegError, OSError, ValueError):
            raise CameraUnsupported(
                f"{self._path.name} is not a video file that can be read. Choose another file."
            ) from None
        stream = video_stream(self._container, self._path.name)
        self.interval = declared_interval(stream)
        self.streams = stream_names(self._container, stream)
        step = self.interval or _FALLBACK_INTERVAL
        self._decoder = StreamDecoder(stream, self._clock, self._path.name, step, self._chip)
        self.decoder = self._decoder.decoder
        self._packets = self._container.demux(stream)

    def _decoded(self) -> "_Looped | None":
        if self._decoder is None:
            raise CameraUnreachable(f"{self._path.name} is not open.")
        if (picture := self._decoder.next()) is None:
            packet = self._packet()
            if packet is None:
                self._end_round()
                return None
            hurry = self._late and self.decode is Decode.ALL
            self._decoder.decode = Decode.REFERENCES if hurry else self.decode
            self.received += packet.size
            picture = self._decoder.feed(packet)
            self.decoder = self._decoder.decoder
            self._found = self._found or self.decode is Decode.NOTHING  # not tried is not failed
        self.arrived += 1
        return self._placed(picture) if picture is not None else None

    def _packet(self) -> Any:
        try:
            return next(self._packets, None)
        except av.FFmpegError:  # damaged end: what came before is still a round
            return None

    def _end_round(self) -> None:
        if not self._found:
            raise CameraUnsupported(
                f"{self._path.name} contains no picture that can be decoded. Choose another file."
            )
        self._offset = self._last + (self.interval or _FALLBACK_INTERVAL)
        self._start_round()

    def _placed(self, picture: YuvPicture) -> "_Looped":
        self._found = True
        self._last = self._offset + picture.media
        return _Looped(picture, self._last)


class _Looped:
    """A picture on the time line of all rounds."""

    __slots__ = ("_picture", "bgr", "bgra", "height", "media", "shape", "width")

    def __init__(self, picture: YuvPicture, media: float) -> None:
        self.media = media
        self.width, self.height, self.shape = picture.width, picture.height, picture.shape
        self.bgra, self.bgr = picture.bgra, picture.bgr
