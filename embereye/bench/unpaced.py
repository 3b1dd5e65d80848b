"""Files as cameras without their pace: the real sources and the real path, as fast as possible.

A file plays at the pace of its own time stamps, by a clock and a wait that it is given. Here the
clock leaps over each wait instead of sleeping; nothing else differs.
"""

from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from pathlib import Path

from embereye.config.schema import Camera
from embereye.ingest.capture import Opener
from embereye.ingest.capture_child import serve
from embereye.ingest.opener import Passwords, opener_of
from embereye.ingest.picture import PictureSource
from embereye.ingest.source import Source
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock


class LeapingClock:
    """The clock of one source: ahead of the real one by all that was waited. One thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = 0.0

    def now(self) -> Stamp:
        now = self._clock.now()
        return Stamp(now.mono + self._ahead, now.utc + self._ahead)

    def mono(self) -> float:
        return self._clock.mono() + self._ahead

    def boot(self) -> str:
        return ""  # no other clock counts like this one

    def leap(self, seconds: float) -> None:
        """What a wait of `seconds` comes to."""
        self._ahead += max(0.0, seconds)


def unpaced(
    camera: Camera, folders: Iterable[Path], passwords: Passwords, clock: Clock
) -> tuple[Source, Opener]:
    """`ingest.opener.opener_of` for files that are read as fast as possible."""
    leaping = LeapingClock(clock)
    source, opener = opener_of(camera, folders, passwords, leaping)

    def build(_wait: Callable[[float], object]) -> PictureSource:
        return opener(leaping.leap)

    return source, build


def serve_unpaced(pipe: Connection) -> None:
    """The body of a capture process whose files have no pace."""
    serve(pipe, unpaced)
