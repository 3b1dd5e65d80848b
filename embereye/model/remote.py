"""The detector on another machine, as screens see it, and what people ask about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp


class RemoteCondition(Enum):
    """Whether its opinion can be had."""

    OFF = "off"
    STARTING = "being asked how it is"
    WORKING = "working"
    DEGRADED = "degraded"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class RemoteState:
    """A frozen snapshot, at most half a second old.

    Attributes:
        text: What is wrong and what to do, empty while all is well.
        warning: What is unwise about its settings, empty for nothing.
        place: "10.1.2.3:8090", without a key.
        device: What it says it computes on.
        cameras: How many cameras name it.
        since: Monotonic seconds at which the condition began.
        answered, failed: Pictures that got an answer, and that got none.
        stale: Pictures that were too old when their turn came.
        half, most: Seconds from decoding a picture to the answer about it: the median and the
            95th percentile of the last ones; None before the first.
    """

    condition: RemoteCondition = RemoteCondition.OFF
    text: str = ""
    warning: str = ""
    place: str = ""
    device: str = ""
    cameras: int = 0
    since: float = 0.0
    answered: int = 0
    failed: int = 0
    stale: int = 0
    half: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class RemoteSuspected:
    """It saw fire or smoke at a camera: its pictures are wanted at the full rate."""

    camera: CameraId
    at: Stamp


@dataclass(frozen=True, slots=True)
class EditRemoteDetectorAsked:
    """Other settings of the detector on another machine.

    Attributes:
        values: Options by name; None: back to the default.
        key: The API key from now on, "" for none; None: as before. Never shown.
    """

    values: Mapping[str, object]
    actor: str
    key: str | None = field(default=None, repr=False)
