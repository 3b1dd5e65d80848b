"""How the program itself is doing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The facts of the status bar.

    Attributes:
        recording: Whether alarms reach the disk.
        disk_days: Days until the disk is full at the present rate, None when unknown.
        disk_free_mib: Free space of the data directory.
        sensor_address: "host:port" of the sensor listener, or why it does not listen.
    """

    recording: bool
    disk_days: float | None
    disk_free_mib: int
    sensor_address: str
