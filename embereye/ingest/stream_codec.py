"""Decodes the packets of one stream: by a chip as long as it can be trusted, else in software.

A change from one to the other happens at a key frame, without a new connection. Standards make
H.264 and H.265 decoders exact to the bit, so once a minute one key frame is decoded both ways and
compared: a chip that answers with green or old pictures must not keep a fire from being seen.
"""

import contextlib
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.ingest.hardware import Chip

# Packets in a row without a picture: decoders hold back 16 pictures at most, chips some more. Of
# slow cameras fewer, after a time that is shorter than the patience with undecodable streams.
_MUTE, _MUTE_SLOW, _MUTE_TIME = 100, 5, 8.0
_PATIENCE = 300  # packets waited for a key frame; streams with intra refresh have none
_COMPARED = 60.0  # s between comparisons: a software decoder's work for one picture in 900
_UNLIKE = 6.0  # mean grey levels; exact decoders differ by 0, JPEG ones by less than 2
_SMALL = (64, 36)  # pixels of a compared picture


class StreamCodec:
    """The decoder of one stream. Lives in one thread; `close` ends its use of the chip."""

    def __init__(self, stream: Any, chip: Chip | None) -> None:
        self._software = stream.codec_context
        # One decoding thread per stream is best when there are many streams (measured).
        self._software.thread_type = "NONE"
        self._software.thread_count = 1
        self._name: str = self._software.codec.canonical_name
        self._chip = chip
        self._skipped = "DEFAULT"
        self._mute = 0  # packets since the last picture of the chip
        self._answered = 0.0  # mono of it
        self._awaited = 0  # packets that a key frame is waited for, after a change of decoder
        self._compared: float | None = None  # mono
        self._expected: tuple[int, NDArray[np.int32]] | None = None  # pts, small picture
        self._context: Any = None
        self._open_chip()

    @property
    def decoder(self) -> str:
        """Codec and what decodes it, such as "h264", "h264 (vaapi)", "h264 (software; no cuda)"."""
        note = self._chip.note if self._chip is not None else ""
        return f"{self._name} ({note})" if note else self._name

    def decode(self, packet: Any) -> list[Any]:
        """The pictures of one packet. Raises av.FFmpegError where it is damaged."""
        if self._context is None and self._chip is not None:
            self._retry(packet)
        if self._awaited and not self._begins(packet):
            return []
        if self._context is None:
            return list(packet.decode())
        return self._by_chip(packet)

    def leave_out_b_frames(self, wanted: bool) -> None:
        """Whether pictures that no other one needs are left out from now on."""
        self._skipped = "NONREF" if wanted else "DEFAULT"
        (self._context or self._software).skip_frame = self._skipped

    def close(self) -> None:
        """Let go of the chip; it may hang in that as well."""
        if self._chip is not None and self._context is not None:
            with self._chip.at_work():
                self._context = None

    def _open_chip(self) -> None:
        self._context = self._chip.open(self._name) if self._chip is not None else None
        self._mute, self._compared, self._expected = 0, None, None
        if self._context is not None:
            self._prepare(self._context)
            self._context.skip_frame = self._skipped

    def _prepare(self, context: Any) -> None:
        context.thread_type = "NONE"
        context.thread_count = 1
        if self._software.extradata:
            context.extradata = self._software.extradata

    def _retry(self, packet: Any) -> None:
        if packet.is_keyframe and self._chip is not None and self._chip.rested:
            self._open_chip()

    def _begins(self, packet: Any) -> bool:
        self._awaited = 0 if packet.is_keyframe else self._awaited - 1
        return self._awaited == 0

    # --- the chip ------------------------------------------------------------------------------

    def _by_chip(self, packet: Any) -> list[Any]:
        assert self._chip is not None
        self._expect(packet)
        try:
            with self._chip.at_work():
                frames = list(self._context.decode(packet))
        except av.error.InvalidDataError:
            if not packet.is_keyframe:
                raise
            return self._judged(packet)
        except (av.FFmpegError, OSError, ValueError, NotImplementedError) as error:
            return self._replace(packet, type(error).__name__)
        if self._is_mute(frames):
            return self._replace(packet, "no picture comes out of it")
        if not self._plausible(frames):
            return self._replace(packet, "its pictures are wrong")
        return frames

    def _is_mute(self, frames: list[Any]) -> bool:
        assert self._chip is not None
        now = self._chip.clock.mono()
        if frames or self._mute == 0:
            self._answered = now
        self._mute = 0 if frames else self._mute + 1
        waited = now - self._answered
        return self._mute > _MUTE or (self._mute > _MUTE_SLOW and waited > _MUTE_TIME)

    def _judged(self, packet: Any) -> list[Any]:
        """A key frame that the chip calls damaged: software knows whether it is."""
        if self._reference(packet) is None:
            raise av.error.InvalidDataError(0, "damaged key frame")
        return self._replace(packet, "it cannot decode this stream")

    def _replace(self, packet: Any, why: str) -> list[Any]:
        assert self._chip is not None
        self._context = None
        self._chip.failed(why)
        self._software.skip_frame = self._skipped
        self._awaited = 0 if packet.is_keyframe else _PATIENCE
        return [] if self._awaited else list(packet.decode())

    def _expect(self, packet: Any) -> None:
        """Now and then, what the picture of a key frame must look like."""
        assert self._chip is not None
        now = self._chip.clock.mono()
        due = self._compared is None or now - self._compared >= _COMPARED
        if not due or not packet.is_keyframe or packet.pts is None:
            return
        self._compared = now
        frame = self._reference(packet)
        whole = frame is not None and not frame.is_corrupt and not frame.interlaced_frame
        self._expected = (packet.pts, _small(frame)) if whole else None

    def _plausible(self, frames: list[Any]) -> bool:
        if self._expected is None:
            return True
        pts, expected = self._expected
        for frame in frames:
            if frame.pts == pts:
                self._expected = None
                return float(np.abs(_small(frame) - expected).mean()) <= _UNLIKE
        return True

    def _reference(self, packet: Any) -> Any | None:
        """The picture of a key frame by software alone; None where there is none."""
        context: Any = av.CodecContext.create(self._software.codec.name, "r")
        self._prepare(context)
        with contextlib.suppress(av.FFmpegError, ValueError):
            frames = [*context.decode(packet), *context.decode(None)]
            return frames[0] if frames else None
        return None


def _small(frame: Any) -> NDArray[np.int32]:
    """Brightness at a small size, 0–255, whatever the bits of a sample."""
    plane, depth = frame.planes[0], frame.format.components[0].bits
    wide = depth > 8
    rows: Any = np.frombuffer(plane, dtype=np.uint16 if wide else np.uint8)
    rows = rows.reshape(-1, plane.line_size // rows.itemsize)[: plane.height, : plane.width]
    small = np.asarray(cv2.resize(rows, _SMALL, interpolation=cv2.INTER_AREA), dtype=np.int32)
    if wide:  # p010 and its like keep their bits at the upper end
        small >>= 8 if frame.format.name.startswith("p0") else depth - 8
    return small
