"""What an administrator must look at: security events and refused peers."""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.stamp import Stamp


class SecurityKind(StrEnum):
    """What happened. The value is what the security page and the audit show."""

    OTHER = "other"
    CALIBRATION = "calibration changed"
    LOCATION = "location changed"
    DOWNGRADE = "legacy packet of an enrolled device"
    FORGED = "wrong authentication"
    REPLAYED = "replayed packet"
    UNKNOWN_KEY = "unknown key"
    REVOKED_KEY = "revoked or expired key"
    CLONE = "two devices with one identity"
    REFUSED_PEER = "peer refused or cut off"
    LEGACY_REFUSED = "unauthenticated device refused"
    CLOCK = "device clock wrong"
    FIRMWARE = "firmware"
    KEYS = "keys changed"
    MODELS = "detection models"


@dataclass(frozen=True, slots=True)
class RefusedPeer:
    """One network address that was refused or sent unusable packets; counted, not listed singly.

    Attributes:
        address: Network address or serial port.
        reason: Of the newest refusal, in words.
        packets: Unusable packets so far.
        closed: Connections refused or cut off so far.
        first_utc, last_utc: Seconds UTC.
    """

    address: str
    reason: str
    packets: int
    closed: int
    first_utc: float
    last_utc: float


@dataclass(frozen=True, slots=True)
class SecurityRow:
    """One security event as the page lists it; `count` equal ones in a row are one row."""

    kind: SecurityKind
    subject: str
    text: str
    at: Stamp
    address: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class SecurityTable:
    """Newest first; a frozen snapshot of what this run met (the audit keeps everything)."""

    revision: int = 0
    events: tuple[SecurityRow, ...] = ()
    peers: tuple[RefusedPeer, ...] = ()
