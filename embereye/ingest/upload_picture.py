"""Decodes what was uploaded: a still at once, a clip picture by picture.

The content decides what it is, not the name; anything that is damaged is refused as a whole when
it is a still, and shown up to the damage when it is a clip.
"""

import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import IO, Any

import av
import av.logging

from embereye.ingest.decode import StreamDecoder, declared_interval, video_stream
from embereye.ingest.native_memory import limit_native_memory
from embereye.ingest.picture import Decode
from embereye.ingest.upload_file import Refusal, UploadRefused
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.model.errors import CameraUnsupported
from embereye.runtime.clock import Clock

# 8192 × 6144; decoded that is 75 MB of 4:2:0. What is not in planes, such as a PNG, is limited to
# 27 million by `native_memory`: 80 MB.
MOST_PIXELS = 50_000_000
_MOST_PICTURES = 100_000  # of one clip: an hour at 25 a second
_COMPRESSED_CHUNKS = (b"zTXt", b"iTXt", b"iCCP")
_MOST_COMPRESSED = 256 << 10  # bytes; zlib makes at most 1032 times as many of them
_FALLBACK_INTERVAL = 0.04  # s between pictures of a clip that does not say it
# Containers of video only, and no further file is opened, whatever a container names.
_FORMATS = "mov,mp4,matroska,webm,avi"
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
# A decoder that conceals damage would show half a picture as a whole one.
_STRICT = {"max_pixels": str(MOST_PIXELS), "err_detect": "crccheck+bitstream+buffer+explode"}


def still(content: bytes, media: float, scaler: PlaneScaler) -> YuvPicture:
    """A JPEG or PNG, whole. Raises UploadRefused."""
    av.logging.set_level(None)  # damaged pictures would flood standard error
    limit_native_memory()
    if (size := _size(content)) is not None and size[0] * size[1] > MOST_PIXELS:
        raise UploadRefused(Refusal.PIXELS)
    codec = "mjpeg" if content.startswith(_JPEG) else "png"
    if codec == "png" and not _is_harmless_png(content):
        raise UploadRefused(Refusal.DAMAGED)
    try:
        context: Any = av.CodecContext.create(codec, "r")
        context.options = dict(_STRICT)
        frames: list[Any] = list(context.decode(av.Packet(content)))
        frames = frames or list(context.decode(None))
    except (av.error.ArgumentError, MemoryError):  # what libavcodec says to more than max_pixels
        raise UploadRefused(Refusal.PIXELS) from None
    except (av.FFmpegError, ValueError):
        raise UploadRefused(Refusal.DAMAGED) from None
    if not frames or frames[0].is_corrupt:
        raise UploadRefused(Refusal.DAMAGED)
    return YuvPicture(frames[0], scaler, media, Fraction(1))


class Clip:
    """One clip, played through once. `interval` is s between its pictures as it says."""

    def __init__(self, file: IO[bytes], name: str, clock: Clock) -> None:
        """Raises UploadRefused; the caller closes `file`."""
        av.logging.set_level(None)
        try:
            # Not by name: nobody can put another file into its place meanwhile.
            self._container: Any = av.open(
                file,
                "r",
                container_options={"protocol_whitelist": "", "format_whitelist": _FORMATS},
            )
        except (av.FFmpegError, OSError, ValueError):
            raise UploadRefused(Refusal.DAMAGED) from None
        try:
            stream = video_stream(self._container, name)
            context = stream.codec_context
            if context.width * context.height > MOST_PIXELS:
                raise UploadRefused(Refusal.PIXELS)
            context.options = {"max_pixels": str(MOST_PIXELS)}
        except CameraUnsupported:
            self.close()
            raise UploadRefused(Refusal.DAMAGED) from None
        except UploadRefused:
            self.close()
            raise
        self.interval = declared_interval(stream)
        step = self.interval or _FALLBACK_INTERVAL
        self._decoder = StreamDecoder(stream, clock, name, step)
        self._packets: Iterator[Any] = self._container.demux(stream)
        self._pictures = 0

    def next(self, decode: Decode = Decode.ALL) -> YuvPicture | None:
        """The next picture; None at the end. Raises UploadRefused where there was none at all."""
        # An upload of which nothing is decoded would look damaged, and be refused.
        self._decoder.decode = Decode.KEY_FRAMES if decode is Decode.NOTHING else decode
        try:
            picture = self._decoder.next()
            while picture is None:
                packet = next(self._packets, None)
                if packet is None:
                    break
                picture = self._decoder.feed(packet)
        except (av.FFmpegError, CameraUnsupported, OSError, ValueError):
            picture = None  # damaged from here on: what came before was seen
        if picture is None and self._pictures == 0:
            raise UploadRefused(Refusal.DAMAGED)
        self._pictures += 1
        if self._pictures > _MOST_PICTURES:
            raise UploadRefused(Refusal.LONG)
        return picture

    def close(self) -> None:
        self._container.close()


def _size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG as its head says; None: another format, the decoder checks."""
    if content.startswith(_PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    return None


def _is_harmless_png(content: bytes) -> bool:
    """Whether compressed notes in it stay small when they are inflated."""
    if not content.startswith(_PNG):
        return False
    at, compressed = len(_PNG), 0
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind in _COMPRESSED_CHUNKS:
            compressed += length
        at += 12 + length  # length, type, data, CRC; PNG specification, section 5.3
    return compressed <= _MOST_COMPRESSED
