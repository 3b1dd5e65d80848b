"""A stream that is read in a capture process, as the console holds it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from threading import Lock

from embereye.config.schema import Camera
from embereye.ingest.camera_view import CameraView, SlotKind
from embereye.ingest.capture_words import Key, Want
from embereye.ingest.shared_slot import MirrorSlot, SlotPlace, unpacked_frame, unpacked_tile
from embereye.model.camera import CaptureCounters
from embereye.model.frame import Frame, Tile
from embereye.model.messages import CaptureChanged
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

_STEP = 2.0  # s

MIRRORED = SlotKind(
    lambda _size: MirrorSlot[Tile](unpacked_tile), lambda: MirrorSlot[Frame](unpacked_frame)
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What capture processes need of the console.

    Attributes:
        post: Takes messages for the engine; any thread.
        passwords: Camera id → stored password; may block for seconds.
        folders: Where video files may lie at present.
    """

    clock: Clock
    post: Callable[[object], None]
    passwords: Callable[[str], str | None]
    folders: Callable[[], Sequence[Path]]


class RemoteCapture:
    """One stream that is read in a capture process. `CaptureWorker` from afar; any thread.

    Attributes:
        before: What was counted by the run that this one goes on for.
        counted: What the process itself says, and goes on from after a restart.
        placed: Whether a picture of it was published.
        successor: Is to take over from it in another process.

    Args:
        successor: It takes over from another process: nothing is said before its first picture.
    """

    def __init__(
        self,
        key: Key,
        camera: Camera,
        view: CameraView,
        before: CaptureCounters,
        *,
        successor: bool = False,
    ) -> None:
        self.key = key
        self.camera = camera
        self.view = view
        self.before = before
        self.placed = False
        self.left = False
        self.counted = before
        self._missed: CaptureCounters | None = None
        self.successor: RemoteCapture | None = None
        self._lock = Lock()
        self._successor = successor
        self.retries = 0

    @property
    def counters(self) -> CaptureCounters:
        """What was done so far; at most 0.3 s old."""
        counted, missed = self.counted, self._missed
        return counted if missed is None else counted.counting(missed)

    def count(self, counters: CaptureCounters) -> None:
        """What the process counted. The host's thread."""
        self.counted = counters

    def take_over(self, old: "RemoteCapture") -> None:
        """Count on from what the old one counted while this one connected."""
        self._missed = old.counters.counting(self.before, -1)

    def retry(self) -> None:
        """Try again at once, whatever pause there was."""
        self.retries += 1

    def leave_chip(self) -> None:
        """Decode in software from the next beginning on: a driver may have taken the process."""
        if self.camera.hardware != "off":
            _log.warning("camera %s is decoded in software from now on", self.camera.id)
            self.camera = self.camera.model_copy(update={"hardware": "off"})

    def leave(self) -> None:
        """Deliver and report nothing from now on."""
        self.left = True

    @property
    def reports(self) -> bool:
        """Whether the engine should hear what is said of it."""
        return not self.left and not self._replaced and (self.placed or not self._successor)

    @property
    def _replaced(self) -> bool:
        return self.successor is not None and self.successor.placed

    def want(self) -> Want:
        """What is wanted of it now. The host's thread."""
        wanted = self.view.wanted()
        sizes = tuple(size for size, _ in wanted.tiles)
        # Seldom enough for a pipe: the time it is attended is told in steps.
        attended = ceil(wanted.attended / _STEP) * _STEP
        return Want(self.key, sizes, wanted.rate, wanted.detecting, wanted.closely, attended)

    def move(self, where: SlotPlace) -> None:
        """The pictures of one slot lie here from now on. The host's thread."""
        with self._lock:
            if self.left or self._replaced:
                return
            size, view = where.size, self.view
            slot: object = view.frames if size is None else view.slot(size)
            if isinstance(slot, MirrorSlot):
                slot.move(where)
            self.placed = True

    def give_up(self) -> bool:
        """Leave, unless a picture was published; whether that was done."""
        with self._lock:
            self.left = self.left or not self.placed
            return self.left


def of_sub(message: object) -> object:
    """What a worker says, marked as of a sub stream."""
    return replace(message, sub=True) if isinstance(message, CaptureChanged) else message
