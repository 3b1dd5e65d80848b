"""Where alarms are kept while the database cannot take them.

One line per record: CRC-32 in hexadecimal, a space, JSON. A line that was cut off by a crash is
skipped. A ballast file beside it is given up when the disk is full, to make room for records.
"""

import errno
import json
import logging
import os
import shutil
import zlib
from pathlib import Path
from typing import Any

from embereye.model.errors import StorageError

_log = logging.getLogger(__name__)

JOURNAL_FILE = "alarms.journal"
_BALLAST_FILE = "ballast.bin"
BALLAST = 4 * 2**20  # bytes; about 4,000 records of 1 KiB
_BLOCK = bytes(64 * 1024)
_TO_START = 2**20  # bytes; two databases need 64 KiB of shared memory and a WAL of some pages each


class Journal:
    """Records that survive a kill and a power cut without the database.

    One thread at a time: first the composing one (`replay`), then the storage writer.

    Attributes:
        appended: Records written since the last `clear`.
    """

    def __init__(self, folder: Path, ballast: int = BALLAST) -> None:
        self._path = folder / JOURNAL_FILE
        self._ballast_path = folder / _BALLAST_FILE
        self._ballast = ballast
        self.appended = 0

    def append(self, record: dict[str, Any]) -> None:
        """Write one record down to the disk. On a full disk the ballast is given up first.

        Raises:
            StorageError: There is no room even so, or the disk fails.
        """
        body = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        line = b"%08x %s\n" % (zlib.crc32(body), body)
        try:
            self._write(line)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not self._release():
                raise self._failure(error) from error
            try:
                self._write(line)
            except OSError as again:
                raise self._failure(again) from again
        self.appended += 1

    def replay(self) -> list[dict[str, Any]]:
        """What was written and not cleared, oldest first.

        Raises:
            StorageError: The file is there and cannot be read.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._failure(error) from error
        records = []
        for line in content.split(b"\n"):
            if not line:
                continue
            record = _parse(line)
            if record is None:
                _log.error("a damaged record in %s was skipped", self._path)
            else:
                records.append(record)
        return records

    def clear(self) -> None:
        """Forget the records: they are committed in the database now."""
        self.appended = 0
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s cannot be emptied: %s", self._path, error)

    def make_room(self) -> None:
        """Give up the ballast where the disk is too full even to open the databases."""
        if shutil.disk_usage(self._path.parent).free < _TO_START:
            self._release()

    def ensure_ballast(self) -> bool:
        """Make the ballast file where it is missing and room is left; whether it is there."""
        try:
            if self._ballast_path.exists() and self._ballast_path.stat().st_size >= self._ballast:
                return True
            with self._ballast_path.open("wb") as file:
                for _ in range(0, self._ballast, len(_BLOCK)):
                    file.write(_BLOCK)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self._release()
            return False
        return True

    def _write(self, line: bytes) -> None:
        fresh = not self._path.exists()
        with self._path.open("ab", buffering=0) as file:
            start = file.tell()
            try:
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(start)
                raise
        if fresh:
            _sync_folder(self._path.parent)

    def _release(self) -> bool:
        if not self._ballast_path.exists():
            return False
        self._ballast_path.unlink(missing_ok=True)
        _log.warning("the disk is full: the reserve for alarm records is in use now")
        return True

    def _failure(self, error: OSError) -> StorageError:
        return StorageError(
            f"The journal {self._path} cannot be used: {error.strerror}. Free space on this disk "
            "and check that this user may write here."
        )


def _parse(line: bytes) -> dict[str, Any] | None:
    checksum, _, body = line.partition(b" ")
    try:
        if int(checksum, 16) != zlib.crc32(body):
            return None
        record = json.loads(body)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut (where folders can be opened)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
