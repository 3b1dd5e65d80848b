"""What sensor devices report."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.stamp import Stamp
from embereye.model.thermal import Optics

ROWS, COLUMNS = 24, 32
PIXELS = ROWS * COLUMNS


class Profile(StrEnum):
    """How a device encodes temperatures (sensor protocol, section 2)."""

    UNKNOWN = "unknown"
    MLX90640 = "mlx90640"
    CENTI27 = "centi27"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class SensorReading:
    """One `#Sensor` packet.

    Attributes:
        device: Who measured.
        at: When the packet arrived.
        adc1: Smoke channel, 0–4095 (12 bit), None when absent.
        adc2: Flame channel, 0–4095.
        adc3: Spare channel, 0–4095.
        flame: Digital flame input (MPY30 or DIO), None when absent.
        repeated: Judged once more after a restart; what keeps readings knows it already.
    """

    device: DeviceId
    at: Stamp
    adc1: int | None = None
    adc2: int | None = None
    adc3: int | None = None
    flame: bool | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class ThermalFrame:
    """One thermal picture of a device.

    Attributes:
        celsius: (24, 32) float32 °C, read-only; None while the calibration is missing or the
            profile has no defined scale.
        relative: (24, 32) float32 in sensor units, read-only; for display only, never for alarms.
        max_celsius: The hottest cell, °C; None without `celsius`.
        hottest: (row, column) of that cell.
        agreeing: Cells among the hottest one's eight neighbours that lie within 10 % of its
            height above the frame's median; one fire heats more than one cell.
        vdd_volt, ta_celsius: Supply and ambient temperature of the sensor chip, None if unknown.
        words: 834 or 768 big-endian 16-bit words as received, for the history; b"" where unknown.
        optics: What `celsius` was computed with; None without `celsius`, or when it is not known.
        repeated: As in `SensorReading`.
    """

    device: DeviceId
    at: Stamp
    profile: Profile
    celsius: NDArray[np.float32] | None
    relative: NDArray[np.float32]
    max_celsius: float | None = None
    min_celsius: float | None = None
    mean_celsius: float | None = None
    hottest: tuple[int, int] = (0, 0)
    agreeing: int = 0
    vdd_volt: float | None = None
    ta_celsius: float | None = None
    words: bytes = b""
    optics: Optics | None = None
    repeated: bool = False


class DeviceState(StrEnum):
    """Supervision of a device; UNKNOWN until its first packet after a start."""

    UNKNOWN = "unknown"
    LIVE = "live"
    SUSPECT = "suspect"
    SILENT = "silent"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One device in the engine's register.

    Attributes:
        assigned: False for a device that connected and is in nobody's settings.
        verified: Whether the present connection proved the device's identity; legacy ones never.
        enrolled: Whether it ever had a key; then its legacy packets are refused.
        camera: The camera whose picture its thermal overlay belongs to.
        waiting_calibration: True while an mlx90640 device's EEPROM is missing.
        period: Learned seconds between packets, None until learned.
        address: Network address of the newest connection.
        note: What an operator should know (a kept-aside EEPROM, an identity that moved).
        expected: Seconds between packets that supervision counts with: set, or learned.
        missed: Numbered packets that never came (authenticated devices only).
        clock_offset: Its clock less ours, s; None when it sends no time.
        clock_believed: Whether its stamps are used.
        firmware: As it says in its hello, "" unknown.
        firmware_state: "" fine or unknown, else "old", "quarantined" or "refused".
        doubts: What makes its values implausible, in words ("supply 2.6 V", "frozen picture").
        disabled_until: Seconds UTC when a disabled device is enabled again, None: not disabled, or
            for ever.
    """

    id: DeviceId
    name: str
    place: PlaceId
    camera: CameraId | None
    assigned: bool
    verified: bool
    state: DeviceState
    since: Stamp
    profile: Profile = Profile.UNKNOWN
    waiting_calibration: bool = False
    last_seen: Stamp | None = None
    period: float | None = None
    packets: int = 0
    corrupt: int = 0
    address: str = ""
    thermal: ThermalFrame | None = None
    reading: SensorReading | None = None
    note: str = ""
    enrolled: bool = False
    expected: float | None = None
    missed: int = 0
    clock_offset: float | None = None
    clock_believed: bool = True
    firmware: str = ""
    firmware_state: str = ""
    doubts: tuple[str, ...] = ()
    disabled_until: float | None = None


@dataclass(frozen=True, slots=True)
class DeviceTable:
    """Every known device; a frozen snapshot."""

    revision: int = 0
    devices: tuple[DeviceStatus, ...] = ()
