"""Folders of numbered stills as cameras: played in the order of their numbers, for ever."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from embereye.ingest.picture import Deadlines, Decode, Picture
from embereye.ingest.source import Source
from embereye.ingest.upload_file import LARGEST_IMAGE, UploadRefused
from embereye.ingest.upload_name import UploadKind, kind_of
from embereye.ingest.upload_picture import still
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.model.errors import CameraUnreachable, CameraUnsupported
from embereye.runtime.clock import Clock

_INTERVAL = 0.2  # s; stills carry no time, and five a second is what slow cameras send
_LATE = 1.0  # s; more than this behind, the sequence pauses instead of racing after the clock
_MOST = 100_000  # stills; their names are held in memory


class SequenceSource:
    """The JPEGs and PNGs of one folder. `wait(seconds)` may return early, such as at a stop."""

    def __init__(self, source: Source, clock: Clock, wait: Callable[[float], object]) -> None:
        self.live = False
        self.until_key: int | None = None
        self.decode = Decode.ALL
        self.arrived = 0
        self.received = 0
        self.decoder = ""
        self.streams: tuple[str, ...] = ("stills",)
        self.interval = _INTERVAL
        self.deadlines = Deadlines()
        self._folder = Path(source.text)
        self._clock = clock
        self._wait = wait
        self._stills: list[Path] = []
        self._place = 0
        self._good = False  # a still of this round could be decoded
        self._media = 0.0
        self._due: float | None = None  # mono of the next still
        self._scaler = PlaneScaler()

    def open(self) -> None:
        try:
            with os.scandir(self._folder) as entries:
                names = [e.name for e in entries if e.is_file(follow_symlinks=False)]
        except OSError as error:
            raise CameraUnreachable(
                f"The folder {self._folder.name} cannot be read ({error.strerror or error})."
            ) from None
        images = [name for name in names if kind_of(name) is UploadKind.IMAGE]
        self._stills = [self._folder / name for name in sorted(images, key=_natural)[:_MOST]]
        if not self._stills:
            raise CameraUnsupported(
                f"The folder {self._folder.name} holds no JPEG or PNG pictures. Choose another."
            )
        self._place, self._media, self._due, self._good = 0, 0.0, None, False

    def read(self, timeout: float) -> Picture | None:
        if not self._stills:
            raise CameraUnreachable(f"The folder {self._folder.name} is not open.")
        now = self._clock.mono()
        if self._due is None or now - self._due > _LATE:
            self._due = now
        if self._due > now:
            self._wait(min(self._due - now, timeout))
            if self._clock.mono() < self._due:
                return None
        self._due += _INTERVAL
        return self._next()

    def close(self) -> None:
        self._stills = []

    def _next(self) -> YuvPicture | None:
        if self._place == len(self._stills):
            if not self._good:
                raise CameraUnsupported(
                    f"No picture in the folder {self._folder.name} can be decoded. Choose another."
                )
            self._place, self._good = 0, False
        path = self._stills[self._place]
        self._place += 1
        self._media += _INTERVAL
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST_IMAGE)
            self.received += len(content)
            picture = still(content, self._media, self._scaler)
        except (OSError, UploadRefused):
            return None
        self._good = True
        self.arrived += 1
        return picture


def _natural(name: str) -> list[tuple[int, str]]:
    """ "frame9" before "frame10"."""
    parts = re.split(r"([0-9]{1,18})", name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
