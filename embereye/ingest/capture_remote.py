"""A stream that is read in a capture process, as the console holds it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

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
        counters: What was done so far; at most 0.3 s old.
        placed: Whether a picture of it was published.
        handed_over: Whether another process is to deliver its further slots.

    Args:
        before: What was counted by the run that this one goes on for.
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
        self.counters = before
        self.placed = False
        self.left = False
        self.handed_over = False
        self._successor = successor
        self.retries = 0

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
        return not self.left and (self.placed or not self._successor)

    def want(self) -> Want:
        """What is wanted of it now. The host's thread."""
        wanted = self.view.wanted()
        sizes = tuple(size for size, _ in wanted.tiles)
        # Seldom enough for a pipe: the time it is attended is told in steps.
        attended = ceil(wanted.attended / _STEP) * _STEP
        return Want(self.key, sizes, wanted.rate, wanted.detecting, wanted.closely, attended)

    def move(self, where: SlotPlace) -> None:
        """The pictures of one slot lie here from now on. The host's thread."""
        if self.left or self.handed_over:
            return
        size, view = where.size, self.view
        slot: object = view.frames if size is None else view.slot(size)
        if isinstance(slot, MirrorSlot):
            slot.move(where)
        self.placed = True


def of_sub(message: object) -> object:
    """What a worker says, marked as of a sub stream."""
    return replace(message, sub=True) if isinstance(message, CaptureChanged) else message
