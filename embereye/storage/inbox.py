"""Packets of authenticated devices on the disk: each once, and how far each device has got.

What keeps the promise "acknowledged is stored, stored is stored once":

- A put is one write: its rows and the progress are committed together or not at all, and `done`
  is told after that. The writer stores puts in the order in which they came.
- Progress never runs ahead of the rows. Only the session knows what the device still has, so it
  vouches (`complete_to`); when the database refused a packet for good, the progress of that boot
  stops below it, and later puts are told False, until the packet has come again and is stored.
- A number at or below the progress is not stored again, even after its row was removed.

Memory: this module keeps one `Progress` a device and nothing of what waits. What waits is in the
writer's mailbox, and while the disk fails it stays there; so the listener puts nothing more when
thousands of packets have no answer yet (decision 0014).
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from embereye.model.errors import StorageError
from embereye.model.ids import DeviceId
from embereye.model.raw_packet import Progress, RawPacket
from embereye.storage.database import Connection, read_all
from embereye.storage.writer import StorageWriter, Write

# Not "OR IGNORE", which would also swallow a row that breaks another rule.
_INSERT = (
    "INSERT INTO inbox (device, boot, seq, at_utc, device_ms, body, made_utc) VALUES "
    "(?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (device, boot, seq) DO NOTHING"
)
_PROGRESS = (
    "INSERT INTO inbox_progress (device, boot, seq, at_utc) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (device, boot) DO UPDATE SET seq = max(seq, excluded.seq), "
    "at_utc = excluded.at_utc"
)
_REMOVE = (
    "DELETE FROM inbox WHERE device = ?1 AND (at_utc < ?2 OR at_utc > ?3) AND (boot, seq) IN "
    "(SELECT boot, seq FROM inbox WHERE device = ?1 ORDER BY boot, seq LIMIT ?4)"
)
_BATCH = 250  # rows of one DELETE
_PRUNE = 500  # rows of one transaction: a few ms, which an alarm may have to wait
_AHEAD = 600.0  # s; an arrival so far in the future was stamped before the wall clock was set back


class InboxStore:
    """Fills the port `ingest.inbox`. Any thread, except where `done` is called."""

    def __init__(self, path: Path, writer: StorageWriter, reserve: int = 0) -> None:
        """Load the progress of all devices. `reserve`: bytes that should stay free on the disk.

        Raises:
            StorageError: The database cannot be read.
        """
        self._path = path
        self._writer = writer
        self._reserve = reserve
        self._missing: dict[tuple[DeviceId, int], set[int]] = {}
        self._progress: dict[DeviceId, Progress] = {}
        self._load()

    def progress(self, device: DeviceId) -> Progress:
        """What is stored of a device's newest boot, from memory; (0, 0) of an unknown one."""
        return self._progress.get(device, Progress())

    def put(
        self, packets: Sequence[RawPacket], complete_to: int, done: Callable[[bool], None]
    ) -> None:
        """Store packets of one device and one boot; see `ingest.inbox.Inbox`.

        Raises:
            ValueError: No packets, or of several devices or boots: a bug of the caller.
        """
        if len({(packet.device, packet.boot) for packet in packets}) != 1:
            raise ValueError("a put takes packets of one device and one boot")
        put = _Put(packets, complete_to, done, self._progress, self._missing)
        self._writer.put(Write(put.apply, put.ended))

    def devices(self) -> tuple[DeviceId, ...]:
        """Every device that ever had a packet stored."""
        return tuple(self._progress)

    def packets(self, device: DeviceId) -> list[RawPacket]:
        """What waits of one device, oldest first. Reads the disk.

        Raises:
            StorageError: The database cannot be read.
        """
        rows = read_all(
            self._path,
            "SELECT boot, seq, at_utc, device_ms, body, made_utc FROM inbox WHERE device = ? "
            "ORDER BY boot, seq",
            (str(device),),
        )
        return [RawPacket(device, **row) for row in rows]

    def short_of_room(self) -> bool:
        """Whether the room that is left on the disk is meant for alarms."""
        try:
            return shutil.disk_usage(self._path.parent).free < self._reserve
        except OSError:
            return False  # the writer says what is wrong with the disk

    def prune(self, before: Mapping[DeviceId, float], now_utc: float) -> None:
        """Remove packets that arrived before a moment of each device (s UTC); the progress stays.

        In transactions of about 500 rows, each behind everything urgent.
        """
        if before:
            prune = _Prune(list(before.items()), now_utc + _AHEAD, self._writer)
            self._writer.put_bulk(Write(prune.apply, prune.ended))

    def _load(self) -> None:
        for row in read_all(
            self._path, "SELECT device, boot, seq FROM inbox_progress ORDER BY boot"
        ):
            self._progress[DeviceId(row["device"])] = Progress(row["boot"], row["seq"])
        for device, progress in self._progress.items():
            rows = read_all(
                self._path,
                "SELECT seq FROM inbox WHERE device = ? AND boot = ? AND seq > ? ORDER BY seq",
                (str(device), progress.boot, progress.seq),
            )
            beyond = tuple(row["seq"] for row in rows)
            self._progress[device] = Progress(progress.boot, progress.seq, beyond)


class _Put:
    """One put on its way to the disk. `apply` and `ended` belong to the writer's thread."""

    def __init__(
        self,
        packets: Sequence[RawPacket],
        complete_to: int,
        done: Callable[[bool], None],
        progress: dict[DeviceId, Progress],
        missing: dict[tuple[DeviceId, int], set[int]],
    ) -> None:
        self._device, self._boot = packets[0].device, packets[0].boot
        self._rows = [
            (str(p.device), p.boot, p.seq, p.at_utc, p.device_ms, p.body, p.made_utc)
            for p in packets
        ]
        self._complete_to = complete_to
        self._done = done
        self._progress = progress
        self._missing = missing
        self._reached = 0

    def apply(self, connection: Connection) -> None:
        """Insert what is new, and move the progress; may be called again after a roll-back."""
        key = str(self._device), self._boot
        found = connection.execute(
            "SELECT seq FROM inbox_progress WHERE device = ? AND boot = ?", key
        ).fetchone()
        stored = -1 if found is None else found[0]
        new = [row for row in self._rows if row[2] > stored]
        if new:
            connection.executemany(_INSERT, new)
        self._reached = self._allowed()
        if self._reached > stored:
            connection.execute(_PROGRESS, (*key, self._reached, self._rows[-1][3]))

    def ended(self, error: StorageError | None) -> None:
        """After the COMMIT, or when it will never come."""
        key = self._device, self._boot
        numbers = {row[2] for row in self._rows}
        if error is not None:
            self._missing.setdefault(key, set()).update(numbers)
            self._done(False)
            return
        if key in self._missing:
            self._missing[key] -= numbers
            if not self._missing[key]:
                del self._missing[key]
        known = self._progress.get(self._device, Progress())
        if (self._boot, self._reached) > (known.boot, known.seq):
            beyond = known.beyond if known.boot == self._boot else ()
            beyond = tuple(seq for seq in beyond if seq > self._reached)
            self._progress[self._device] = Progress(self._boot, self._reached, beyond)
        self._done(self._reached >= self._complete_to)

    def _allowed(self) -> int:
        """How far the progress may go: below a packet that the database refused."""
        missing = self._missing.get((self._device, self._boot))
        if missing is None:
            return self._complete_to
        left = missing.difference(row[2] for row in self._rows)
        return min(self._complete_to, min(left) - 1) if left else self._complete_to


class _Prune:
    """Removes in steps; the next is asked for when one is committed. Writer's thread."""

    def __init__(
        self, limits: Sequence[tuple[DeviceId, float]], ahead: float, writer: StorageWriter
    ) -> None:
        self._limits = limits
        self._ahead = ahead
        self._writer = writer
        self._next = self._reached = 0

    def apply(self, connection: Connection) -> None:
        self._reached = self._next
        room = _PRUNE
        while room > 0 and self._reached < len(self._limits):
            device, before = self._limits[self._reached]
            removed = self._remove(connection, str(device), before)
            room -= max(removed, 1)
            if removed < _BATCH:
                self._reached += 1

    def ended(self, error: StorageError | None) -> None:
        self._next = self._reached
        if error is None and self._next < len(self._limits):
            self._writer.put_bulk(Write(self.apply, self.ended))

    def _remove(self, connection: Connection, device: str, before: float) -> int:
        oldest = connection.execute(
            "SELECT at_utc FROM inbox WHERE device = ? ORDER BY boot, seq LIMIT 1", (device,)
        ).fetchone()
        if oldest is None or before <= oldest[0] <= self._ahead:
            return 0
        removed = connection.execute(_REMOVE, (device, before, self._ahead, _BATCH)).rowcount
        return int(removed)
