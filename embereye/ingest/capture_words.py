"""What the console and a capture process say to each other; small values for a pipe."""

from dataclasses import dataclass
from pathlib import Path

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Closely, Detecting, Size
from embereye.ingest.shared_slot import SlotPlace
from embereye.ingest.views import Stream
from embereye.model.camera import CaptureCounters
from embereye.model.ids import CameraId


@dataclass(frozen=True, slots=True)
class Key:
    """One stream of one camera in one run; a later run of the same stream has another number."""

    camera: CameraId
    stream: Stream
    number: int


# --- to the capture process ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begin:
    """Read this camera.

    Attributes:
        folders: Where video files may lie.
        before: What was counted by the run that this one goes on for.
    """

    key: Key
    camera: Camera
    folders: tuple[Path, ...]
    before: CaptureCounters


@dataclass(frozen=True, slots=True)
class End:
    """Do not read it any more."""

    key: Key


@dataclass(frozen=True, slots=True)
class Retry:
    """Connect again at once."""

    key: Key


@dataclass(frozen=True, slots=True)
class Want:
    """What is wanted of it from now on; see `camera_view.Wanted`."""

    key: Key
    sizes: tuple[Size, ...]
    rate: float
    detecting: Detecting
    closely: Closely | None
    attended: float


@dataclass(frozen=True, slots=True)
class Password:
    """Answer to `Asked`; not in `repr`. `error`: why it could not be read."""

    number: int
    text: str | None
    error: str = ""

    def __repr__(self) -> str:
        return f"Password(number={self.number})"


# --- to the console ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """The password of a camera is needed; key rings live in the console."""

    number: int
    camera: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The pictures of a slot lie here from now on."""

    key: Key
    where: SlotPlace


@dataclass(frozen=True, slots=True)
class Told:
    """A message for the engine; `key` None: it concerns the process itself."""

    key: Key | None
    message: object


@dataclass(frozen=True, slots=True)
class Counted:
    """Sign of life, four times a second."""

    rows: tuple[tuple[Key, CaptureCounters], ...]


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the log."""

    name: str
    level: int
    text: str
