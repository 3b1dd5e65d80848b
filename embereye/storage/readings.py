"""Readings and thermal pictures as compressed chunks in the telemetry database.

A chunk holds one channel of one device: at most 100 samples or 10 s. 100 devices with 10 Hz and
5 values are 432 million samples a day; as rows they would be four times the size, and an hour of
one device would take 61 ms to read instead of 0.3 ms.
"""

import math
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embereye.model.errors import StorageError
from embereye.model.ids import DeviceId
from embereye.model.reading import COLUMNS, ROWS, SensorReading
from embereye.model.stamp import Stamp
from embereye.model.trend import Trend
from embereye.rules.gas import ADC_FULL
from embereye.storage.database import Connection, read_all
from embereye.storage.follower import Follower
from embereye.storage.thermal_chunks import FrameRun, insert_run
from embereye.storage.writer import Done, StorageWriter, Write

_FORM = 1  # version of the blob
_HEAD = struct.Struct("<BcI")  # version, type of value, number of samples
_LEVEL = 1  # zlib; 6 saves another 3 % for three times the time
_MOST_SAMPLES = 1_000_000  # per chunk; a damaged head must not ask for gigabytes
_CENTI = 100.0  # old thermal pictures hold 1/100 °C
_GAP_SECONDS, _GAP_PERIODS = 5.0, 5.0  # longer than both is a gap: a device counts as suspect then
_PRUNE = 2_000  # rows of one transaction: about 10 ms
_PRUNE_THERMAL = 200  # of them chunks of thermal frames, 5 to 20 KB each


_Columns = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Channel:
    """How one channel is stored and shown.

    Attributes:
        kind: NumPy type on disk: "<u2" for raw counts of a converter, "<f4" for °C.
        scale: From the stored value to `unit`.
    """

    kind: str
    scale: float
    unit: str


_PERCENT = 100.0 / ADC_FULL  # sensor protocol, section 3
CHANNELS = {
    "smoke": Channel("<u2", _PERCENT, "%"),
    "flame": Channel("<u2", _PERCENT, "%"),
    "spare": Channel("<u2", 1.0, "counts"),
    "flame digital": Channel("<u2", 1.0, ""),
    "thermal max": Channel("<f4", 1.0, "°C"),
    "thermal min": Channel("<f4", 1.0, "°C"),
    "thermal mean": Channel("<f4", 1.0, "°C"),
    "ambient": Channel("<f4", 1.0, "°C"),
}
_ABSENT = 0xFFFF  # of "<u2"; above every 12-bit count


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Samples of one channel.

    Attributes:
        utc: (n,) float64, seconds UTC.
        values: (n,) float32 in stored units (counts or °C); NaN where the packet had none.
    """

    device: DeviceId
    channel: str
    utc: NDArray[np.float64]
    values: NDArray[np.float32]


def sensor_chunks(device: DeviceId, readings: Sequence[SensorReading]) -> list[Chunk]:
    """The chunks of `#Sensor` packets; channels that never had a value are left out."""
    utc = np.fromiter((r.at.utc for r in readings), np.float64, len(readings))
    columns: _Columns = {
        "smoke": [r.adc1 for r in readings],
        "flame": [r.adc2 for r in readings],
        "spare": [r.adc3 for r in readings],
        "flame digital": [r.flame for r in readings],
    }
    return _chunks(device, utc, columns)


def frame_chunks(device: DeviceId, frames: Sequence["FrameFacts"]) -> list[Chunk]:
    """The chunks of thermal frames."""
    utc = np.fromiter((f.at.utc for f in frames), np.float64, len(frames))
    columns: _Columns = {
        "thermal max": [f.max_celsius for f in frames],
        "thermal min": [f.min_celsius for f in frames],
        "thermal mean": [f.mean_celsius for f in frames],
        "ambient": [f.ta_celsius for f in frames],
    }
    return _chunks(device, utc, columns)


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """The figures of one thermal frame, without its picture."""

    at: Stamp
    max_celsius: float | None
    min_celsius: float | None
    mean_celsius: float | None
    ta_celsius: float | None


def encode(channel: str, utc: NDArray[np.float64], values: NDArray[np.float32]) -> bytes:
    """The blob of one chunk: head, then zlib of times and values.

    Times are differences in microseconds; 64 bits, since the wall clock may be set by days.
    """
    kind = CHANNELS[channel].kind
    absent = np.isnan(values)
    if kind == "<u2":
        values = np.where(absent, np.float32(_ABSENT), np.clip(values, 0, _ABSENT - 1))
    steps = np.diff(np.round((utc - utc[0]) * 1e6), prepend=0.0).astype("<i8")
    body = steps.tobytes() + values.astype(kind).tobytes()
    return _HEAD.pack(_FORM, kind[1:2].encode(), len(utc)) + zlib.compress(body, _LEVEL)


def decode(channel: str, start: float, blob: bytes) -> tuple[NDArray[np.float64], ...]:
    """Times (s UTC) and stored values of a blob; NaN where there was none.

    Raises:
        StorageError: The blob is damaged.
    """
    kind = CHANNELS[channel].kind
    try:
        form, letter, count = _HEAD.unpack_from(blob)
        if form != _FORM or letter != kind[1:2].encode() or count > _MOST_SAMPLES:
            raise ValueError("unknown form")
        size = count * (8 + int(kind[2]))
        body = zlib.decompressobj().decompress(blob[_HEAD.size :], size + 1)
        if len(body) != size:
            raise ValueError("wrong length")
    except (struct.error, zlib.error, ValueError) as error:
        raise StorageError(
            f"A chunk of {channel} is damaged ({error}). Run 'embereye db check'."
        ) from None
    steps = np.frombuffer(body, "<i8", count)
    values = np.frombuffer(body, kind, count, offset=8 * count).astype(np.float64)
    if kind == "<u2":
        values[values == _ABSENT] = np.nan
    return start + np.cumsum(steps, dtype=np.int64) / 1e6, values


def decode_picture(blob: bytes) -> NDArray[np.float32]:
    """The (24, 32) picture in °C that earlier versions stored each 10 s.

    Raises:
        StorageError: The blob is damaged.
    """
    size = ROWS * COLUMNS * 2
    try:
        body = zlib.decompressobj().decompress(blob, size + 1)
    except zlib.error as error:
        raise StorageError(f"A stored thermal picture is damaged ({error}).") from None
    if len(body) != size:
        raise StorageError("A stored thermal picture is damaged (wrong length).")
    across = np.frombuffer(body, "<i2").reshape(ROWS, COLUMNS)
    return (np.cumsum(across, axis=1, dtype="<i2") / _CENTI).astype(np.float32)


class ReadingStore:
    """Keeps readings and thermal pictures. Any thread; writes return at once."""

    def __init__(
        self, path: Path, writer: StorageWriter, after: StorageWriter | None = None
    ) -> None:
        """`after`: values are stored only when what this one was given before is."""
        self._path = path
        self._writer = writer
        self._values = writer if after is None else Follower(after, writer)

    def save_chunks(self, chunks: Sequence[Chunk], done: Done | None = None) -> None:
        """Store chunks in one transaction; they are compressed in the writer's thread.

        `done` is called there after the commit, and never if too many writes wait.
        """
        self._values.put_bulk(Write(lambda connection: _insert(connection, chunks), done))

    def save_frames(self, run: FrameRun, done: Done | None = None) -> None:
        """Store a chunk of thermal frames; `done` as in `save_chunks`."""
        self._values.put_bulk(Write(lambda connection: insert_run(connection, run), done))

    def save_metrics(self, utc: float, values: Iterable[tuple[str, float]]) -> None:
        """Store figures of the program itself; names end with their base unit."""
        rows = [(utc, name, value) for name, value in values if math.isfinite(value)]
        self._writer.put_bulk(
            Write(
                lambda connection: connection.executemany(
                    "INSERT OR REPLACE INTO metrics (at_utc, name, value) VALUES (?, ?, ?)", rows
                )
            )
        )

    def trend(self, device: DeviceId, channel: str, since: float, until: float) -> Trend:
        """One channel between two moments (s UTC). Not for the GUI thread.

        Raises:
            StorageError: The database cannot be read.
        """
        return read_trend(self._path, device, channel, since, until)

    def prune(self, before: float) -> None:
        """Remove up to 2,000 rows (200 thermal chunks) of a table before a moment (s UTC)."""

        def apply(connection: Connection) -> None:
            for table, column, most in (
                ("readings", "start_utc", _PRUNE),
                ("thermal_chunks", "start_utc", _PRUNE_THERMAL),
                ("thermal", "at_utc", _PRUNE),
                ("device_log", "at_utc", _PRUNE),
                ("metrics", "at_utc", _PRUNE),
            ):
                key = "rowid" if table != "metrics" else "(name, at_utc)"
                selected = key.strip("()")
                connection.execute(
                    f"DELETE FROM {table} WHERE {key} IN "  # noqa: S608 - names from the lines above
                    f"(SELECT {selected} FROM {table} WHERE {column} < ? LIMIT {most})",
                    (before,),
                )

        self._writer.put_bulk(Write(apply))


def read_trend(path: Path, device: DeviceId, channel: str, since: float, until: float) -> Trend:
    """One channel of one device between two moments (s UTC), from the telemetry database."""
    utc, values = read_samples(path, device, channel, since, until)
    return trend_of(channel, utc, values, since, until)


def read_samples(
    path: Path, device: DeviceId, channel: str, since: float, until: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times (s UTC) and values (in the channel's unit) between two moments, in order.

    Raises:
        StorageError: The database cannot be read, or a chunk is damaged.
    """
    rows = read_all(
        path,
        "SELECT start_utc, samples FROM readings WHERE device = ? AND channel = ? "
        "AND start_utc >= ? AND start_utc <= ? AND end_utc >= ? ORDER BY start_utc",
        # a chunk lasts 10 s, or up to 100 periods of a device that sends slowly
        (str(device), channel, since - 3600.0, until, since),
    )
    parts = [decode(channel, row["start_utc"], row["samples"]) for row in rows]
    if not parts:
        return np.empty(0), np.empty(0)
    utc = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts]) * CHANNELS[channel].scale
    order = np.argsort(utc, kind="stable")
    utc, values = utc[order], values[order]
    inside = (utc >= since) & (utc <= until)
    return utc[inside], values[inside]


def trend_of(
    channel: str,
    utc: NDArray[np.float64],
    values: NDArray[np.float64],
    since: float,
    until: float = math.inf,
) -> Trend:
    """Samples (in the channel's unit) between two moments, in order, with NaN in each gap."""
    inside = (utc >= since) & (utc <= until)
    utc, values = utc[inside], values[inside]
    order = np.argsort(utc, kind="stable")
    utc, values = utc[order], values[order]
    steps = np.diff(utc)
    if len(steps):
        longest = max(_GAP_SECONDS, _GAP_PERIODS * float(np.median(steps)))
        gaps = np.flatnonzero(steps > longest) + 1
        utc = np.insert(utc, gaps, utc[gaps - 1] + longest / _GAP_PERIODS)
        values = np.insert(values, gaps, np.nan)
    return Trend(channel, CHANNELS[channel].unit, utc, values)


def _chunks(device: DeviceId, utc: NDArray[np.float64], columns: _Columns) -> list[Chunk]:
    chunks = []
    for channel, column in columns.items():
        values = np.array(column, np.float32)  # None becomes NaN
        if not np.isnan(values).all():
            chunks.append(Chunk(device, channel, utc, values))
    return chunks


def _insert(connection: Connection, chunks: Sequence[Chunk]) -> None:
    connection.executemany(
        "INSERT INTO readings (device, channel, start_utc, end_utc, count, samples) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                str(chunk.device),
                chunk.channel,
                float(chunk.utc[0]),
                float(chunk.utc.max()),
                len(chunk.utc),
                encode(chunk.channel, chunk.utc, chunk.values),
            )
            for chunk in chunks
        ],
    )
