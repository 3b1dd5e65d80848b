"""What was learned about devices: it survives a restart."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embereye.model.ids import DeviceId
from embereye.model.reading import Profile
from embereye.model.stamp import Stamp
from embereye.storage.database import Connection, read_all
from embereye.storage.writer import StorageWriter, Write

_KNOWN = (
    "profile", "address", "first_seen_utc", "last_seen_utc", "idle_smoke", "idle_flame",
    "idle_utc", "location", "location_verified", "location_aside", "calibration",
    "calibration_utc", "calibration_verified", "calibration_aside",
    "firmware", "period_s",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LearnedDevice:
    """What is known about one device from earlier runs.

    Attributes:
        first_seen_utc, last_seen_utc: Seconds UTC, None when never.
        idle_smoke, idle_flame: Idle level in percent, None until learned.
        location: First `#locid` it sent; UNVERIFIED unless `location_verified`.
        location_aside: A different one, kept until an operator decides.
        calibration: 832 big-endian 16-bit words, None while missing.
        calibration_aside: A different one, kept until an operator decides.
        period: Seconds between packets, None until learned.
        firmware: As an authenticated hello told it, "" when none did.
    """

    id: DeviceId
    profile: Profile = Profile.UNKNOWN
    address: str = ""
    first_seen_utc: float | None = None
    last_seen_utc: float | None = None
    idle_smoke: float | None = None
    idle_flame: float | None = None
    location: str = ""
    location_verified: bool = False
    location_aside: str = ""
    calibration: bytes | None = None
    calibration_verified: bool = False
    calibration_aside: bytes | None = None
    period: float | None = None
    firmware: str = ""


class DeviceStore:
    """Saves and restores what was learned. Any thread; writes return at once."""

    def __init__(self, path: Path, writer: StorageWriter) -> None:
        self._path = path
        self._writer = writer

    def load(self) -> dict[DeviceId, LearnedDevice]:
        """Every device ever seen.

        Raises:
            StorageError: The database cannot be read.
        """
        return load_devices(self._path)

    def seen(self, device: DeviceId, at: Stamp, profile: Profile, address: str) -> None:
        """Note that it lives. Bulk: call it once a minute a device, not for each packet."""
        self._writer.put_bulk(
            Write(
                lambda connection: _upsert(
                    connection,
                    device,
                    first_seen_utc=at.utc,
                    last_seen_utc=at.utc,
                    profile=profile.value,
                    address=address,
                )
            )
        )

    def save_idle(
        self, device: DeviceId, smoke: float | None, flame: float | None, at: Stamp
    ) -> None:
        """Keep the learned idle levels (percent)."""
        self._put(device, idle_smoke=smoke, idle_flame=flame, idle_utc=at.utc)

    def save_calibration(
        self, device: DeviceId, words: bytes, at: Stamp, *, verified: bool = False
    ) -> None:
        """Keep the calibration memory (832 words); a former one is replaced."""
        self._put(
            device,
            calibration=words,
            calibration_utc=at.utc,
            calibration_verified=int(verified),
            calibration_aside=None,
        )

    def set_calibration_aside(self, device: DeviceId, words: bytes) -> None:
        """Keep a different calibration memory until an operator decides."""
        self._put(device, calibration_aside=words)

    def save_location(self, device: DeviceId, location: str, *, verified: bool = False) -> None:
        """Keep the location it reports; a former one is replaced."""
        self._put(device, location=location, location_verified=int(verified), location_aside="")

    def set_location_aside(self, device: DeviceId, location: str) -> None:
        """Keep a different location until an operator decides."""
        self._put(device, location_aside=location)

    def accept_aside(self, device: DeviceId) -> None:
        """Use the calibration memory and the location that were kept aside; an operator decided."""

        def apply(connection: Connection) -> None:
            connection.execute(
                "UPDATE devices SET calibration = coalesce(calibration_aside, calibration), "
                "location = CASE location_aside WHEN '' THEN location ELSE location_aside END, "
                "calibration_aside = NULL, location_aside = '' WHERE id = ?",
                (str(device),),
            )

        self._writer.put(Write(apply))

    def save_period(self, device: DeviceId, period: float | None) -> None:
        """Keep its learned period (s); None forgets it."""
        self._put(device, period_s=period)

    def save_firmware(self, device: DeviceId, firmware: str) -> None:
        """Keep the version that an authenticated hello told."""
        self._put(device, firmware=firmware)

    def _put(self, device: DeviceId, **values: object) -> None:
        self._writer.put(Write(lambda connection: _upsert(connection, device, **values)))


def load_devices(path: Path) -> dict[DeviceId, LearnedDevice]:
    """Every device ever seen; StorageError when the database cannot be read."""
    devices = [_device(row) for row in read_all(path, "SELECT * FROM devices")]
    return {device.id: device for device in devices}


def _upsert(connection: Connection, device: DeviceId, **values: object) -> None:
    unknown = set(values) - set(_KNOWN)
    if unknown:
        raise ValueError(f"no such columns: {unknown}")
    columns = ", ".join(["id", *values])
    marks = ", ".join("?" * (len(values) + 1))
    changes = ", ".join(
        f"{name} = coalesce({name}, excluded.{name})"
        if name == "first_seen_utc"
        else f"{name} = excluded.{name}"
        for name in values
    )
    connection.execute(
        f"INSERT INTO devices ({columns}) VALUES ({marks}) "  # noqa: S608 - names from _KNOWN
        f"ON CONFLICT (id) DO UPDATE SET {changes}",
        (str(device), *values.values()),
    )


def _device(row: dict[str, Any]) -> LearnedDevice:
    return LearnedDevice(
        id=DeviceId(row["id"]),
        profile=Profile(row["profile"]),
        address=row["address"],
        first_seen_utc=row["first_seen_utc"],
        last_seen_utc=row["last_seen_utc"],
        idle_smoke=row["idle_smoke"],
        idle_flame=row["idle_flame"],
        location=row["location"],
        location_verified=bool(row["location_verified"]),
        location_aside=row["location_aside"],
        calibration=row["calibration"],
        calibration_verified=bool(row["calibration_verified"]),
        calibration_aside=row["calibration_aside"],
        period=row["period_s"],
        firmware=row["firmware"],
    )
