"""Readings and thermal frames of all devices as they came, for a replay; not for the GUI thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embereye.model.ids import DeviceId
from embereye.model.reading import SensorReading
from embereye.model.stamp import Stamp
from embereye.storage import thermal_codec
from embereye.storage.database import read_all
from embereye.storage.readings import decode

_LONGEST = 180.0  # s from the first sample of a chunk to its last: 10 s of readings, 60 s of frames
_CHANNELS = ("smoke", "flame", "spare", "flame digital")


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """One thermal frame as the device sent it, big-endian words, and its arrival (s UTC)."""

    device: DeviceId
    utc: float
    words: bytes


def read_readings(path: Path, since: float, until: float) -> list[SensorReading]:
    """The packets of all devices in [since, until) s UTC, in order of each device.

    Their monotonic times are seconds UTC, too. Counts of the converter and moments to the
    microsecond are what arrived.

    Raises:
        StorageError: The database cannot be read, or a chunk is damaged.
    """
    rows = read_all(
        path,
        "SELECT device, channel, start_utc, count, samples FROM readings WHERE start_utc >= ? "
        "AND start_utc < ? AND end_utc >= ? AND channel IN (?, ?, ?, ?) ORDER BY start_utc, id",
        (since - _LONGEST, until, since, *_CHANNELS),
    )
    chunks: dict[tuple[str, float, int], dict[str, bytes]] = {}
    for row in rows:
        key = row["device"], row["start_utc"], row["count"]
        chunks.setdefault(key, {})[row["channel"]] = row["samples"]
    return [
        reading
        for (device, start, count), channels in chunks.items()
        for reading in _readings(DeviceId(device), start, count, channels)
        if since <= reading.at.utc < until
    ]


def read_frames(path: Path, since: float, until: float) -> list[StoredFrame]:
    """The thermal frames of all devices in [since, until) s UTC, in order.

    Raises:
        StorageError: The database cannot be read, or a chunk is damaged.
    """
    rows = read_all(
        path,
        "SELECT device, start_utc, body FROM thermal_chunks WHERE start_utc >= ? "
        "AND start_utc < ? AND end_utc >= ? ORDER BY start_utc",
        (since - _LONGEST, until, since),
    )
    found = []
    for row in rows:
        run = thermal_codec.decode(row["start_utc"], row["body"])
        for index in ((run.utc >= since) & (run.utc < until)).nonzero()[0].tolist():
            device = DeviceId(row["device"])
            found.append(StoredFrame(device, float(run.utc[index]), run.received(index)))
    return sorted(found, key=lambda frame: frame.utc)


def _readings(
    device: DeviceId, start: float, count: int, channels: dict[str, bytes]
) -> Iterator[SensorReading]:
    times: list[float] = []
    columns: list[list[int | None]] = []
    for channel in _CHANNELS:
        if channel not in channels:
            columns.append([None] * count)
            continue
        utc, values = decode(channel, start, channels[channel])
        times = utc.tolist()
        columns.append([None if np.isnan(v) else int(v) for v in values.tolist()])
    for utc, smoke, flame, spare, digital in zip(times, *columns, strict=True):
        burning = None if digital is None else bool(digital)
        yield SensorReading(device, Stamp(utc, utc), smoke, flame, spare, burning)
