"""Firmware of devices: images, updates, roll-outs."""

from dataclasses import dataclass, field
from enum import StrEnum

from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp


@dataclass(frozen=True, slots=True)
class FirmwareImage:
    """One signed image that passed every check.

    Attributes:
        version: Such as "1.4.0".
        target: Path of the file inside its repository.
        size: Bytes.
        sha256: 64 hex digits.
    """

    version: str
    target: str
    size: int
    sha256: str


class UpdateState(StrEnum):
    """Of one device in a roll-out."""

    RUNNING = "running"
    WATCHED = "watched"  # it came back with the new version and must stay healthy for a while
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeviceUpdate:
    """How far one device is.

    Attributes:
        detail: In words; why it failed.
        changed: When the state was entered.
    """

    device: DeviceId
    state: UpdateState
    changed: Stamp
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    """Bringing one version to the devices in stages; a frozen snapshot.

    Attributes:
        version: "" when there is no roll-out.
        updates: Devices that were begun, in that order.
        stage: 0 one device, 1 a tenth, 2 all.
        halted: Why it stopped, "" while it goes on.
        remaining: Devices that still run another version.
        finished: Whether all devices of that time have it; others join when it is asked for again.
    """

    version: str = ""
    updates: tuple[DeviceUpdate, ...] = ()
    stage: int = 0
    halted: str = ""
    remaining: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class FirmwareSaid:
    """An authenticated device said something about an update (`FW:…`, without the prefix)."""

    device: DeviceId
    text: str
    at: Stamp


@dataclass(frozen=True, slots=True)
class RolloutAsked:
    """Bring a version to all devices that can take it, in stages; also goes on after a halt."""

    version: str
    actor: str


@dataclass(frozen=True, slots=True)
class TrustMakerAsked:
    """Believe the maker of the devices whose root.json lies at `path`."""

    path: str
    actor: str


@dataclass(frozen=True, slots=True)
class ImportFirmwareAsked:
    """Take the images of the repository in the folder `path`."""

    path: str
    actor: str


@dataclass(frozen=True, slots=True)
class ImageRead:
    """The image to roll out was read and checked.

    Attributes:
        actor: Who asked; "" when a roll-out of the last run goes on.
    """

    version: str
    image: bytes = field(repr=False)
    actor: str = ""


@dataclass(frozen=True, slots=True)
class HaltRolloutAsked:
    """Begin no further device."""

    actor: str
