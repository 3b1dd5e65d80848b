"""Watching a source for some seconds, to tell what it offers."""

from collections.abc import Callable
from dataclasses import dataclass

from embereye.ingest.picture import Picture, PictureSource
from embereye.model.errors import CameraUnreachable
from embereye.runtime.clock import Clock

TRIAL_SECONDS = 3.0  # s of watching: three key frame distances of most cameras

_READ_WAIT = 0.5  # s


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source offers.

    Attributes:
        source: Without credentials.
        codec: As FFmpeg names it; empty where nothing is coded.
        decoder: Codec and what decoded it, such as "h264 (software; no vaapi)".
        fps: Pictures per second that came.
        declared_fps: As the source says, None when it says nothing.
        open_s, first_picture_s: Seconds until connected and until the first picture.
        streams: Kind and codec of everything offered.
    """

    source: str
    codec: str
    width: int
    height: int
    fps: float
    declared_fps: float | None
    open_s: float
    first_picture_s: float
    streams: tuple[str, ...]
    decoder: str = ""


def watch_source(
    name: str,
    source: PictureSource,
    clock: Clock,
    seconds: float = TRIAL_SECONDS,
    cancelled: Callable[[], bool] = lambda: False,
) -> Offer:
    """Open `source`, watch it for `seconds` after its first picture, close it. Blocks.

    `name` is its text without credentials. SourceError when it cannot be opened, sends no picture
    in that time, or was `cancelled`, which is looked at twice a second once it is open.
    """
    begin = clock.mono()
    try:
        source.open()
        opened = clock.mono()
        seen = _Seen()
        while clock.mono() - (seen.first or opened) < seconds:
            if cancelled():
                raise CameraUnreachable(f"The test of {name} was cancelled.")
            picture = source.read(_READ_WAIT)
            if picture is not None:
                seen.note(picture, clock.mono())
        if seen.first is None:
            raise CameraUnreachable(f"{name} is connected, but sent no picture in {seconds:.0f} s.")
        return Offer(
            source=name,
            codec=_codec(source.streams),
            width=seen.width,
            height=seen.height,
            fps=round(seen.fps, 2),
            declared_fps=round(1 / source.interval, 3) if source.interval else None,
            open_s=round(opened - begin, 3),
            first_picture_s=round(seen.first - begin, 3),
            streams=source.streams,
            decoder=source.decoder,
        )
    finally:
        source.close()


def _codec(streams: tuple[str, ...]) -> str:
    kind, _, codec = streams[0].partition(" ") if streams else ("", "", "")
    return codec if kind == "video" else ""


class _Seen:
    """Counts pictures."""

    def __init__(self) -> None:
        self.first: float | None = None
        self.width = self.height = 0
        self._last = 0.0
        self._count = 0

    def note(self, picture: Picture, at: float) -> None:
        self.first = at if self.first is None else self.first
        self.width, self.height = picture.width, picture.height
        self._last = at
        self._count += 1

    @property
    def fps(self) -> float:
        span = self._last - (self.first or 0.0)
        return (self._count - 1) / span if self._count > 1 and span > 0 else 0.0
