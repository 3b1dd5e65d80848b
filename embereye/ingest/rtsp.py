"""Network cameras through PyAV: RTSP over TCP or UDP, and HTTP streams.

Every native call has a deadline that libav itself checks, so that a hung one ends by itself; the
capture worker does not wait for that when it is told to stop. The address with its password is
handed to libav in memory only: libav's own log is off, and its errors, which repeat the address,
are replaced outside of their `except` block, so that no traceback carries them.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any, Literal

import av
import av.logging

from embereye.ingest.decode import StreamDecoder, declared_interval, stream_names, video_stream
from embereye.ingest.hardware import Chip
from embereye.ingest.haste import Haste
from embereye.ingest.native_memory import limit_native_memory
from embereye.ingest.picture import Deadlines, Decode, Picture
from embereye.ingest.source import Kind, Login, Source
from embereye.model.errors import (
    CameraRefused,
    CameraUnreachable,
    CameraUnsupported,
    EmberEyeError,
)
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

Transport = Literal["tcp", "udp"]
# Formats that carry live video and name no further files or addresses, except HLS, whose
# addresses stay inside the allowed protocols.
_HTTP_FORMATS = "mpjpeg,mjpeg,jpeg_pipe,mpegts,h264,hevc,flv,hls,matroska,webm,mov,mp4"
_PROTOCOLS = {
    "rtsp": "rtsp,rtp,udp,tcp",
    "rtsps": "rtsp,rtsps,rtp,srtp,udp,tcp,tls",
    "http": "http,tcp,httpproxy",
    "https": "https,http,tls,tcp,httpproxy",
}
_FLUSHED = 0.05  # s; no packet of a working stream comes this close to the deadline


class NetworkSource:
    """One RTSP or HTTP camera. `login` is called in the reading thread at each `open`.

    Attributes:
        container: libav's name of the container, such as "rtsp" or "mpjpeg", once it is open.
    """

    def __init__(
        self,
        source: Source,
        login: Callable[[], Login | None],
        clock: Clock,
        deadlines: Deadlines,
        transport: Transport = "tcp",
        chip: Chip | None = None,
    ) -> None:
        self.live = True
        self.until_key: int | None = None
        self.decode = Decode.ALL
        self.arrived = 0
        self.received = 0
        self.decoder = ""
        self.streams: tuple[str, ...] = ()
        self.container = ""
        self.interval = 0.0
        self.deadlines = deadlines
        self._source = source
        self._login = login
        self._clock = clock
        self._transport = transport
        self._chip = chip
        self._container: Any = None
        self._packets: Iterator[Any] = iter(())
        self._decoder: StreamDecoder | None = None
        self._haste = Haste(deadlines, clock)
        self._present = deadlines  # of this connection

    def open(self) -> None:
        av.logging.set_level(None)  # libav writes addresses with passwords into its log
        limit_native_memory()
        login = self._login()
        self._present, begin = self._haste.begin(), self._clock.mono()
        container = self._guarded(
            lambda: self._connect(login), self._present.open, login is not None
        )
        self._haste.opened(self._clock.mono() - begin)
        self._container = container
        self.container = container.format.name
        if self._source.kind is Kind.HTTP and container.duration is not None:
            raise CameraUnsupported(
                f"{self._source.place} sends a recording, not a live picture. "
                "Copy the file into a media folder instead."
            )
        stream = video_stream(container, self._source.place)
        self.interval = declared_interval(stream)
        self.streams = stream_names(container, stream)
        self._decoder = StreamDecoder(stream, self._clock, self._source.place, chip=self._chip)
        self.decoder = self._decoder.decoder
        self._packets = container.demux(stream)

    def read(self, timeout: float) -> Picture | None:
        decoder = self._decoder
        if decoder is None:
            raise CameraUnreachable(f"{self._source.place} is not connected.")
        if (waiting := decoder.next()) is not None:
            return waiting
        packet = self._packet()
        decoder.decode = self.decode
        picture = decoder.feed(packet)
        self.arrived, self.until_key = decoder.arrived, decoder.until_key
        self.decoder = decoder.decoder
        return picture

    def close(self) -> None:
        container, self._container = self._container, None
        decoder, self._decoder, self._packets = self._decoder, None, iter(())
        if decoder is not None:
            decoder.close()
        if container is not None:
            container.close()

    def _packet(self) -> Any:
        begin = self._clock.mono()
        packet = self._guarded(lambda: next(self._packets, None), self._present.read)
        if packet is None or packet.size == 0:
            raise CameraUnreachable(f"The camera at {self._source.place} ended the connection.")
        if self._clock.mono() - begin > self._present.read - _FLUSHED:
            # At its deadline libav first hands out what its parser still held: an old picture.
            raise _silent(self._source.place, self._present.read)
        self._haste.packet(key=packet.is_keyframe)
        self.received += packet.size
        return packet

    def _connect(self, login: Login | None) -> Any:
        url = self._source.url
        if url is None:
            raise CameraUnsupported(f"{self._source.place} is not a network camera.")
        rtsp = self._source.kind is Kind.RTSP
        return av.open(
            url.text(login),
            format="rtsp" if rtsp else None,
            options=self._options(url.scheme, rtsp),
            timeout=(self._present.open, self._present.read),
        )

    def _options(self, scheme: str, rtsp: bool) -> dict[str, str]:
        longest = max(self._present.open, self._present.read)
        options = {"protocol_whitelist": _PROTOCOLS[scheme]}
        if not rtsp:
            # 64 KiB hold one JPEG or some transport packets: enough to tell the format
            return options | {
                "format_whitelist": _HTTP_FORMATS,
                "probesize": "65536",
                "analyzeduration": "200000",  # µs
                "rw_timeout": str(int(longest * 1e6)),
            }
        return options | {
            "rtsp_transport": self._transport,
            "allowed_media_types": "video",
            "timeout": str(int(longest * 1e6)),  # µs, each socket operation
            "analyzeduration": "1",  # the default takes 1.9 s to open, this 0.1 s (measured)
            "probesize": "32",
            "buffer_size": str(1 << 20),  # bytes of the UDP socket: two large key frames
        }

    def _guarded(self, call: Callable[[], Any], waited: float, logged_in: bool = True) -> Any:
        begin = self._clock.mono()
        try:
            return call()
        except av.FFmpegError as error:
            verdict = _verdict(error, self._source.place, logged_in, waited)
            if self._source.kind is Kind.RTSP and isinstance(error, av.error.InvalidDataError):
                # Also what libav says of a camera that closes the line while it starts.
                verdict = CameraUnreachable(
                    f"{self._source.place} does not answer as a camera does. "
                    "Check the address and the port, or wait until it has started."
                )
            if self._clock.mono() - begin > waited - _FLUSHED:
                # An open that libav ended by its deadline is reported as "invalid data" (RTSP).
                verdict = _silent(self._source.place, waited)
        except (OSError, ValueError) as error:  # of PyAV itself, may also repeat the address
            _log.debug("opening %s failed with %s", self._source.place, type(error).__name__)
            verdict = CameraUnreachable(f"The camera at {self._source.place} cannot be reached.")
        raise verdict


def _verdict(error: av.FFmpegError, place: str, logged_in: bool, waited: float) -> EmberEyeError:
    """What an error of libav means to a person; never repeats its text."""
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        if logged_in:
            return CameraRefused(
                f"The camera at {place} rejects the user name or password. Enter them again."
            )
        return CameraRefused(
            f"The camera at {place} asks for a user name and password. Enter them."
        )
    if isinstance(error, av.error.HTTPNotFoundError):
        return CameraUnreachable(
            f"{place} answers, but has no stream at this path. Check the path of the address."
        )
    if isinstance(error, av.error.HTTPError):
        return CameraUnreachable(f"{place} answers with an error. Check the path and the camera.")
    if isinstance(error, av.error.ConnectionRefusedError):
        return CameraUnreachable(f"{place} refuses connections. Check the address and the port.")
    if isinstance(error, _UNSUPPORTED):
        return CameraUnsupported(
            f"{place} answers with something that is not a video stream. Check the address."
        )
    if isinstance(error, av.error.ExitError | av.error.TimeoutError):
        return _silent(place, waited)
    return CameraUnreachable(f"The camera at {place} cannot be reached, or broke the connection.")


def _silent(place: str, waited: float) -> CameraUnreachable:
    return CameraUnreachable(
        f"The camera does not answer at {place} (waited {waited:.0f} s). "
        "Check its power, network and address."
    )


_UNSUPPORTED = (
    av.error.DecoderNotFoundError,
    av.error.DemuxerNotFoundError,
    av.error.InvalidDataError,
    av.error.PatchWelcomeError,
    av.error.ProtocolNotFoundError,
)
