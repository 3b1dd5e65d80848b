"""Which packets of a device the telemetry database holds already, by their times of arrival."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embereye.model.ids import DeviceId
from embereye.storage.database import read_all
from embereye.storage.readings import decode
from embereye.storage.thermal_codec import decode_times

# s; both forms keep whole microseconds from the first of a chunk; below half of the 2 µs by which
# packets of one device differ at least (`ingest.clock_offset`)
_SAME = 0.9e-6
# s before the wanted moment at which a chunk that reaches over it may begin, as in `read_trend`
_LONGEST_CHUNK = 3600.0
_SENSOR = ("smoke", "flame", "spare", "flame digital")
_FRAME = ("thermal max", "thermal min", "thermal mean", "ambient")

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class StoredTimes:
    """Arrivals (s UTC, ascending) of what is stored of one device.

    Attributes:
        sensors: Of `#Sensor` packets.
        figures: Of thermal frames whose maximum, minimum … are stored.
        words: Of thermal frames that are stored as received.
    """

    sensors: Times
    figures: Times
    words: Times


def stored_times(path: Path, device: DeviceId, since: float) -> StoredTimes:
    """What the telemetry database at `path` holds since a moment (s UTC), and somewhat before.

    Raises:
        StorageError: It cannot be read, or is damaged.
    """
    return StoredTimes(
        _of_channels(path, device, _SENSOR, since),
        _of_channels(path, device, _FRAME, since),
        _of_frames(path, device, since),
    )


def absent(times: Times, stored: Times) -> NDArray[np.bool_]:
    """Which of `times` (any order) have no partner in `stored` (ascending); each serves once.

    Equal times are counted.
    """
    missing = np.ones(len(times), np.bool_)
    place, count = 0, len(stored)
    for index in np.argsort(times, kind="stable").tolist():
        while place < count and stored[place] < times[index] - _SAME:
            place += 1
        if place < count and stored[place] <= times[index] + _SAME:
            missing[index] = False
            place += 1
    return missing


def _of_channels(path: Path, device: DeviceId, channels: tuple[str, ...], since: float) -> Times:
    """A packet is in the chunk of each channel that had a value in that chunk."""
    found: Times = np.empty(0)
    for channel in channels:
        rows = read_all(
            path,
            "SELECT start_utc, samples FROM readings WHERE device = ? AND channel = ? "
            "AND start_utc >= ? AND end_utc >= ?",
            (str(device), channel, since - _LONGEST_CHUNK, since),
        )
        parts = [decode(channel, row["start_utc"], row["samples"])[0] for row in rows]
        times = np.concatenate([np.empty(0), *parts])
        found = np.sort(np.concatenate([found, times[absent(times, found)]]))
    return found


def _of_frames(path: Path, device: DeviceId, since: float) -> Times:
    rows = read_all(
        path,
        "SELECT start_utc, body FROM thermal_chunks WHERE device = ? "
        "AND start_utc >= ? AND end_utc >= ?",
        (str(device), since - _LONGEST_CHUNK, since),
    )
    parts = [decode_times(row["start_utc"], row["body"]) for row in rows]
    return np.sort(np.concatenate([np.empty(0), *parts]))
