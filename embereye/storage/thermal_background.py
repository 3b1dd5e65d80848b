"""The learned thermal backgrounds, by device and local hour."""

import logging
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from embereye.model.ids import DeviceId
from embereye.model.reading import COLUMNS, PIXELS
from embereye.model.stamp import Stamp
from embereye.rules.thermal_background import HOURS, HourLearned
from embereye.rules.thermal_defects import Defect
from embereye.storage.database import Connection, read_all
from embereye.storage.writer import StorageWriter, Write

_log = logging.getLogger(__name__)

_BYTES = 2 * PIXELS * 4  # mean and deviation, float32
_MOST_BYTES = 2 * _BYTES  # of a damaged row that would unpack to more
# A cell without a background is NaN; one that has failed is marked apart, so that it is still
# known after a restart and cannot raise its false alarm again. Where its deviation would be is then
# the highest temperature that it is known to show.
_FAILED = np.float32(-np.inf)


@dataclass(frozen=True, slots=True)
class SavedBackground:
    """What earlier runs learned of one device.

    Attributes:
        defects: Failed cells, by the row that was written last.
    """

    hours: tuple[HourLearned, ...]
    defects: tuple[Defect, ...]


class BackgroundStore:
    """Saves and restores backgrounds. Any thread; writes return at once, in order."""

    def __init__(self, path: Path, writer: StorageWriter) -> None:
        self._path = path
        self._writer = writer

    def load(self) -> dict[DeviceId, SavedBackground]:
        """Every background; damaged rows are passed over and logged.

        Raises:
            StorageError: The database cannot be read.
        """
        return load_backgrounds(self._path)

    def save(
        self, device: DeviceId, learned: HourLearned, defects: Iterable[Defect], at: Stamp
    ) -> None:
        """Keep one hour and the failed cells; bulk: some kilobytes each.

        Packed in the writer's thread: that of all devices would hold up the engine's.
        """
        failed = tuple(defects)
        self._writer.put_bulk(
            Write(lambda connection: _put(connection, device, learned, failed, at))
        )

    def forget(self, device: DeviceId) -> None:
        """Forget all hours of a device."""
        self._writer.put_bulk(Write(lambda connection: _delete(connection, device)))


def load_backgrounds(path: Path) -> dict[DeviceId, SavedBackground]:
    """As `BackgroundStore.load`."""
    hours: dict[DeviceId, list[HourLearned]] = {}
    defects: dict[DeviceId, tuple[Defect, ...]] = {}
    for row in read_all(path, "SELECT * FROM thermal_background ORDER BY learned_utc"):
        found = _unpacked(row)
        if found is None:
            _log.warning("thermal background of %s at %s is damaged", row["device"], row["hour"])
            continue
        device = DeviceId(row["device"])
        hours.setdefault(device, []).append(found[0])
        defects[device] = found[1]
    return {d: SavedBackground(tuple(found), defects[d]) for d, found in hours.items()}


def _delete(connection: Connection, device: DeviceId) -> None:
    connection.execute("DELETE FROM thermal_background WHERE device = ?", (str(device),))


def _put(
    connection: Connection,
    device: DeviceId,
    learned: HourLearned,
    failed: tuple[Defect, ...],
    at: Stamp,
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO thermal_background (device, hour, weight, learned_utc, picture) "
        "VALUES (?, ?, ?, ?, ?)",
        (str(device), learned.hour, learned.weight, at.utc, _packed(learned, failed)),
    )


def _packed(learned: HourLearned, defects: Iterable[Defect]) -> bytes:
    mean, deviation = learned.mean.astype("<f4"), learned.deviation.astype("<f4")
    for defect in defects:
        mean[defect.index], deviation[defect.index] = _FAILED, defect.highest
    return zlib.compress(mean.tobytes() + deviation.tobytes())


def _unpacked(row: dict[str, Any]) -> tuple[HourLearned, tuple[Defect, ...]] | None:
    try:
        content = zlib.decompressobj().decompress(row["picture"], _MOST_BYTES)
    except zlib.error:
        return None
    if len(content) != _BYTES or not 0 <= row["hour"] < HOURS or not row["weight"] >= 0:
        return None
    mean, deviation = np.frombuffer(content, "<f4").reshape(2, PIXELS).astype(np.float32)
    failed = np.flatnonzero(np.isneginf(mean)).tolist()
    defects = tuple(Defect(*divmod(cell, COLUMNS), float(deviation[cell])) for cell in failed)
    deviation[failed] = 0.0
    mean[~np.isfinite(mean)] = np.nan
    deviation[~(np.isfinite(deviation) & (deviation >= 0))] = 0.0
    return HourLearned(row["hour"], row["weight"], mean, deviation), defects
