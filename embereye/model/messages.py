"""What threads tell each other. Past tense: something happened; -Asked: somebody wishes."""

from dataclasses import dataclass

from embereye.model.alarm import Alarm
from embereye.model.camera import CameraState
from embereye.model.ids import AlarmId, CameraId, DeviceId, PlaceId
from embereye.model.reading import Profile
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp

# --- into the engine -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaptureChanged:
    """A capture worker's link changed: CONNECTING, LIVE, NO_SIGNAL, WRONG_PASSWORD, UNSUPPORTED.

    `detail` says in words what is wrong and what to do; it never contains credentials. `sub`: it
    is the camera's sub stream.
    """

    camera: CameraId
    state: CameraState
    detail: str
    at: Stamp
    sub: bool = False


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """A connection was bound to a device, or its facts changed (also its first packet).

    Attributes:
        location: The first `#locid` of the device, "" without one; UNVERIFIED.
    """

    device: DeviceId
    at: Stamp
    address: str
    profile: Profile
    waiting_calibration: bool
    note: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class DeviceGone:
    """The last connection of a device closed."""

    device: DeviceId
    at: Stamp
    reason: str


@dataclass(frozen=True, slots=True)
class PacketsRefused:
    """Packets of a device (or of an unknown peer: None) that could not be used."""

    device: DeviceId | None
    address: str
    count: int
    reason: str
    at: Stamp


@dataclass(frozen=True, slots=True)
class CalibrationTaken:
    """A device's calibration memory was accepted for the first time, or kept aside.

    Attributes:
        words: 832 big-endian 16-bit words, as received.
        aside: It differs from the one in use and waits for an operator's decision.
    """

    device: DeviceId
    words: bytes
    at: Stamp
    aside: bool = False


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """Something that an administrator must look at (a second EEPROM, a moved location).

    Attributes:
        subject: "device:ID" or "address:ADDRESS".
        actor: Who did it, for the audit.
        count: How many equal ones this stands for.
    """

    subject: str
    text: str
    at: Stamp
    kind: SecurityKind = SecurityKind.OTHER
    address: str = ""
    actor: str = "system"
    count: int = 1


@dataclass(frozen=True, slots=True)
class WorkerFailed:
    """A supervised worker crashed, hung, or could not be started; recovered=True ends it."""

    name: str
    text: str
    recovered: bool
    at: Stamp


# --- requests --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AcknowledgeAsked:
    alarm: AlarmId
    actor: str


@dataclass(frozen=True, slots=True)
class ResetAsked:
    alarm: AlarmId
    actor: str


@dataclass(frozen=True, slots=True)
class SilenceAsked:
    """Sound off for a while; changes no alarm."""

    actor: str
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class RetryCameraAsked:
    camera: CameraId
    actor: str


@dataclass(frozen=True, slots=True)
class EnableCameraAsked:
    camera: CameraId
    enabled: bool
    actor: str


@dataclass(frozen=True, slots=True)
class CameraPasswordAsked:
    """New credentials for a camera; kept in the secret store only."""

    camera: CameraId
    user: str
    password: str
    actor: str

    def __repr__(self) -> str:
        return f"CameraPasswordAsked(camera={self.camera!r}, actor={self.actor!r})"


@dataclass(frozen=True, slots=True)
class CameraSourceAsked:
    """Point a camera at another source (credentials inside go to the secret store)."""

    camera: CameraId
    source: str
    actor: str

    def __repr__(self) -> str:
        return f"CameraSourceAsked(camera={self.camera!r}, actor={self.actor!r})"


@dataclass(frozen=True, slots=True)
class AssignDeviceAsked:
    """Give an unassigned device its place, and optionally the camera that it looks along with."""

    device: DeviceId
    name: str
    place: PlaceId
    camera: CameraId | None
    actor: str


# --- published by the engine -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AlarmChanged:
    """An alarm changed, after its commit (or 50 ms without one: `alarm.recorded` is False).

    Attributes:
        announced: True when it must be (re-)announced with popup and sound.
        origin: Arrival of the packet or frame behind it; None for an operator's action.
        at: When this was published.
    """

    alarm: Alarm
    announced: bool
    origin: Stamp | None
    at: Stamp


@dataclass(frozen=True, slots=True)
class TableChanged:
    """A service replaced its snapshot; read `current` of the one named.

    Attributes:
        table: "alarms", "cameras", "devices", "detections" or "security".
        at: When; with `origin`, for latency.
        origin: Arrival of the newest packet or frame in it.
    """

    table: str
    at: Stamp
    origin: Stamp | None = None


@dataclass(frozen=True, slots=True)
class SilenceChanged:
    """Sound was silenced until a moment (monotonic seconds), or is on again (None)."""

    until: float | None
    actor: str
    at: Stamp


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """A request could not be fulfilled; `text` says why, for the person who asked.

    Attributes:
        subject: "device:ID" where it was about one device, "settings:ID" where about its settings,
            "firmware" where about firmware of devices.
    """

    text: str
    actor: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class SoundChanged:
    """The sound path works or not (from the GUI's sound player)."""

    usable: bool
    text: str
    at: Stamp


@dataclass(frozen=True, slots=True)
class StorageChanged:
    """Writing to disk works or not (from the storage writer)."""

    usable: bool
    text: str
    at: Stamp
