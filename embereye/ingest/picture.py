"""The port that every camera source fills."""

import math
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Protocol

from embereye.model.frame import Pixels


class Decode(Enum):
    """How much of a stream is decoded."""

    ALL = "all"
    REFERENCES = "references"  # late: pictures that no other one needs (B frames) are left out
    KEY_FRAMES = "key frames"  # enough for the moment, or far too late: all is read, few decoded
    NOTHING = "nothing"  # nobody looks and no detection is due: all is read, nothing decoded


class Picture(Protocol):
    """One decoded picture, in whatever form the source has it. Used by one thread.

    Attributes:
        width, height: Pixels of the source.
        media: Seconds on the source's time line; never falls while the source is open.
        shape: Pixel width over pixel height; 1 for square pixels.
    """

    width: int
    height: int
    media: float
    shape: Fraction

    def bgra(self, width: int, height: int) -> Pixels:
        """A new (height, width, 4) array, scaled; sides are even."""

    def bgr(self, width: int, height: int) -> Pixels:
        """A new (height, width, 3) array, scaled; sides are even."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long native calls of a source may take, s.

    Attributes:
        open: Until the stream is described and set up.
        read: Until the next packet.
        picture: Without a picture for this long it is connected again; infinite for sources that
            have one now and then only, which count as live as soon as they are open. None: a
            long key frame distance beyond the other two.
    """

    open: float = 5.0
    read: float = 4.0
    picture: float | None = None

    @property
    def occasional(self) -> bool:
        """Whether the source has pictures now and then only, such as an upload folder."""
        return self.picture == math.inf


class PictureSource(Protocol):
    """One camera. Lives in one thread; attributes may be read by any.

    Attributes:
        decode: Set by the reader before `read`.
        arrived: Packets (or pictures) that came so far, shown or left out on purpose; those that
            were decoded in vain do not count.
        received: Bytes of video that came so far, over all connections; 0 where nothing is sent.
        decoder: Codec and what decodes it, such as "h264" or "h264 (software; no vaapi)", once it
            is open; empty where nothing is coded.
        interval: Seconds between pictures as the source declares it, 0 when unknown.
        deadlines: What `open` and `read` keep to.
        streams: Kind and codec of each stream offered, such as "video h264", once it is open.
        until_key: Packets until the next key frame by the distance of the last two, None when
            that is unknown.
        live: Whether the source has a clock of its own that nobody can hold up (not a file).
    """

    decode: Decode
    arrived: int
    received: int
    decoder: str
    interval: float
    deadlines: Deadlines
    live: bool
    until_key: int | None
    streams: tuple[str, ...]

    def open(self) -> None:
        """Connect.

        Raises:
            CameraUnreachable, CameraRefused, CameraUnsupported: with what to do, no credentials.
        """

    def read(self, timeout: float) -> Picture | None:
        """The next picture, or None when there is none to decode now or within `timeout` s.

        Network sources return None after each packet without a picture and end a silent stream
        by `deadlines.read`; files and USB cameras wait up to `timeout`.

        Raises:
            CameraUnreachable, CameraRefused, CameraUnsupported: open again after a pause.
        """

    def close(self) -> None:
        """Let go of the camera; harmless when it is not open."""
