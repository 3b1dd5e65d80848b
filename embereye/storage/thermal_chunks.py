"""Thermal frames into the telemetry database: as the device sent them, in chunks.

Chunks of a device may overlap in time: frames that were left out for their rate are added when an
alarm makes them worth keeping. Readers sort by time.
"""

from dataclasses import dataclass

from embereye.model.ids import DeviceId
from embereye.storage.database import Connection
from embereye.storage.thermal_codec import encode


@dataclass(frozen=True, slots=True, eq=False)
class FrameRun:
    """Frames of one device on their way to the disk; at most `thermal_codec.MOST_FRAMES`.

    Attributes:
        utc: Seconds UTC of arrival of each.
        frames: Big-endian words as received, all of one length.
        max_celsius: Hottest cell of all, °C; None without calibration.
    """

    device: DeviceId
    utc: tuple[float, ...]
    frames: tuple[bytes, ...]
    max_celsius: float | None = None


def insert_run(connection: Connection, run: FrameRun) -> None:
    """Store one chunk; inside a transaction of the writer."""
    connection.execute(
        "INSERT INTO thermal_chunks (device, start_utc, end_utc, frames, max_celsius, body) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            str(run.device),
            run.utc[0],
            max(run.utc),
            len(run.utc),
            run.max_celsius,
            encode(run.utc, run.frames),
        ),
    )
