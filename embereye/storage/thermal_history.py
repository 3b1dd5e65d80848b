"""Reads stored thermal frames back: where they lie, and what they hold. Not for the GUI thread."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embereye.model.ids import DeviceId
from embereye.storage.database import read_all
from embereye.storage.readings import decode_picture
from embereye.storage.thermal_codec import Run, decode, decode_times

# s; longest time from the first to the last frame of a chunk: a device that pauses closes its
# chunk after 60 s (services.thermal_recording), the rest is for clocks that were set
_LONGEST = 120.0
_OVERLAPPING = 8  # chunks that may lie over each other: one, and those added by alarms
_MOST_CHUNKS = 50_000  # of one answer: 34 days of a device that sends each 4 s


@dataclass(frozen=True, slots=True)
class ChunkSpan:
    """Where one chunk lies: row id, first and last frame (s UTC), number of frames."""

    id: int
    start: float
    end: float
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class OldPicture:
    """A picture that an earlier version stored each 10 s; (24, 32) float32, °C."""

    utc: float
    celsius: NDArray[np.float32]


def spans(path: Path, device: DeviceId, since: float, until: float) -> list[ChunkSpan]:
    """The chunks of a device that touch a time (s UTC), in order.

    Raises:
        StorageError: The database cannot be read.
    """
    rows = read_all(
        path,
        "SELECT id, start_utc, end_utc, frames FROM thermal_chunks WHERE device = ? "
        "AND start_utc >= ? AND start_utc <= ? AND end_utc >= ? ORDER BY start_utc LIMIT ?",
        (str(device), since - _LONGEST, until, since, _MOST_CHUNKS),
    )
    return [ChunkSpan(r["id"], r["start_utc"], r["end_utc"], r["frames"]) for r in rows]


def extent(path: Path, device: DeviceId) -> tuple[float, float] | None:
    """First and last stored frame of a device, s UTC; None without any. Old pictures count.

    Raises:
        StorageError: The database cannot be read.
    """
    rows = read_all(
        path,
        "SELECT (SELECT min(start_utc) FROM thermal_chunks WHERE device = ?1) AS first, "
        "(SELECT end_utc FROM thermal_chunks WHERE device = ?1 "
        "ORDER BY start_utc DESC LIMIT 1) AS last, "
        "(SELECT min(at_utc) FROM thermal WHERE device = ?1) AS old_first, "
        "(SELECT max(at_utc) FROM thermal WHERE device = ?1) AS old_last",
        (str(device),),
    )
    firsts = [v for v in (rows[0]["first"], rows[0]["old_first"]) if v is not None]
    lasts = [v for v in (rows[0]["last"], rows[0]["old_last"]) if v is not None]
    return (min(firsts), max(lasts)) if firsts and lasts else None


def read_run(path: Path, chunk: int) -> Run | None:
    """The frames of one chunk; None when it was removed meanwhile.

    Raises:
        StorageError: The chunk is damaged or the database cannot be read.
    """
    rows = read_all(path, "SELECT start_utc, body FROM thermal_chunks WHERE id = ?", (chunk,))
    return decode(rows[0]["start_utc"], rows[0]["body"]) if rows else None


def old_pictures(
    path: Path, device: DeviceId, since: float, until: float, most: int
) -> list[OldPicture]:
    """Up to `most` pictures of an earlier version between two moments, in order.

    Raises:
        StorageError: A picture is damaged or the database cannot be read.
    """
    rows = read_all(
        path,
        "SELECT at_utc, picture FROM thermal WHERE device = ? AND at_utc >= ? AND at_utc <= ? "
        "ORDER BY at_utc LIMIT ?",
        (str(device), since, until, most),
    )
    return [OldPicture(row["at_utc"], decode_picture(row["picture"])) for row in rows]


def neighbours(
    path: Path, device: DeviceId, since: float, until: float
) -> tuple[float | None, float | None]:
    """The newest stored frame before `since`, and the first one at `until` or later, s UTC.

    Raises:
        StorageError: A chunk is damaged or the database cannot be read.
    """
    before = _times_of(
        path,
        "SELECT start_utc, body FROM thermal_chunks WHERE device = ? AND start_utc < ? "
        "ORDER BY start_utc DESC LIMIT ?",
        (str(device), since, _OVERLAPPING),
    )
    after = _times_of(
        path,
        "SELECT start_utc, body FROM thermal_chunks WHERE device = ? AND start_utc >= ? "
        "AND end_utc >= ? ORDER BY start_utc LIMIT ?",
        (str(device), until - _LONGEST, until, _OVERLAPPING),
    )
    old = read_all(
        path,
        "SELECT (SELECT max(at_utc) FROM thermal WHERE device = ?1 AND at_utc < ?2) AS before, "
        "(SELECT min(at_utc) FROM thermal WHERE device = ?1 AND at_utc >= ?3) AS after",
        (str(device), since, until),
    )[0]
    earlier = [*before[before < since].tolist(), old["before"]]
    later = [*after[after >= until].tolist(), old["after"]]
    return (
        max((utc for utc in earlier if utc is not None), default=None),
        min((utc for utc in later if utc is not None), default=None),
    )


def _times_of(path: Path, sql: str, values: tuple[object, ...]) -> NDArray[np.float64]:
    parts = [decode_times(row["start_utc"], row["body"]) for row in read_all(path, sql, values)]
    return np.concatenate(parts) if parts else np.empty(0)
