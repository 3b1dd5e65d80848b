"""Copies of a database made while it may be in use, and putting one back."""

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from embereye.model.errors import StorageError
from embereye.model.stamp import Stamp
from embereye.storage.database import connect, explained, read_all, reading

BACKUP_FOLDER = "backups"
_PAGES = 1024  # copied at a time (4 MiB): a writer waits for less than 10 ms


def copy_database(path: Path, at: Stamp, label: str, folder: Path | None = None) -> Path:
    """Copy `path` into `folder` (default: `backups` beside it) and check the copy.

    The copy is one consistent state, also while another process writes; it is one file without
    a WAL. It appears under its name only when it is complete and sound.

    Raises:
        StorageError: With what to do.
    """
    target = folder or path.parent / BACKUP_FOLDER
    moment = datetime.fromtimestamp(at.utc, UTC).strftime("%Y%m%dT%H%M%SZ")
    safe = "".join(c if c.isalnum() or c in ".-_" else "-" for c in label)
    final = target / f"{path.stem}-{moment}-{safe}.db"
    try:
        target.mkdir(parents=True, exist_ok=True)
        partial = final.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        _copy(path, partial)
        os.replace(partial, final)
    except OSError as error:
        raise StorageError(f"The backup {final} cannot be written: {error.strerror}.") from error
    return final


def restore_database(backup: Path, path: Path, at: Stamp) -> Path | None:
    """Put `backup` in place of `path`; the former file is kept and its new name returned.

    Only while no console runs on the data directory.

    Raises:
        StorageError: The backup is damaged or of another kind; nothing was changed then.
    """
    if not backup.is_file():
        raise StorageError(f"There is no file {backup}. Name a file made by 'embereye db backup'.")
    problems = check_database(backup)
    if problems:
        raise StorageError(f"{backup} is damaged ({problems[0]}). Use another backup.")
    tables = {row["name"] for row in read_all(backup, "SELECT name FROM sqlite_master")}
    wanted = "alarms" if path.stem == "embereye" else "readings"
    if wanted not in tables:
        raise StorageError(f"{backup} is not a backup of {path.name}. Name the right file.")
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    try:
        _copy(backup, partial)
        aside = _move_aside(path, at)
        os.replace(partial, path)
    except OSError as error:
        raise StorageError(f"{path} cannot be restored: {error.strerror}.") from error
    return aside


def check_database(path: Path) -> list[str]:
    """What `PRAGMA integrity_check` and the foreign keys find; empty when sound."""
    rows = read_all(path, "PRAGMA integrity_check(20)")
    problems = [str(next(iter(row.values()))) for row in rows]
    if problems == ["ok"]:
        problems = []
    strays = read_all(path, "PRAGMA foreign_key_check")
    return problems + [f"{row['table']} row {row['rowid']} refers to nothing" for row in strays]


def _copy(source: Path, target: Path) -> None:
    with (
        reading(source) as origin,
        explained(target),
        closing(connect(str(target), isolation_level=None)) as copy,
    ):
        origin.backup(copy, pages=_PAGES)
        copy.execute("PRAGMA journal_mode=DELETE")
    problems = check_database(target)
    if problems:
        target.unlink(missing_ok=True)
        raise StorageError(
            f"{source} is damaged ({problems[0]}). Run 'embereye db restore' with a backup."
        )


def _move_aside(path: Path, at: Stamp) -> Path | None:
    """Move a database together with its WAL: one without the other is worthless or harmful."""
    if not path.exists():
        return None
    moment = datetime.fromtimestamp(at.utc, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.stem}-replaced-{moment}.db")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            os.replace(part, aside.with_name(aside.name + suffix))
    return aside
