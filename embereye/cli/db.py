"""`embereye db`: check, backup, restore, migrate."""

import argparse
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embereye.cli.output import Exit, print_json
from embereye.cli.paths import data_folder
from embereye.model.errors import AlreadyRunning, StorageError
from embereye.runtime.clock import SystemClock
from embereye.runtime.instance import FolderLock
from embereye.storage.backup import BACKUP_FOLDER, check_database, copy_database, restore_database
from embereye.storage.chain import CHAINED, Chain, Heads, load_key
from embereye.storage.database import EVIDENCE_FILE, TELEMETRY_FILE
from embereye.storage.migrations import MIGRATIONS, migrate, pending
from embereye.storage.opening import note_restore

_FILES = (EVIDENCE_FILE, TELEMETRY_FILE)


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command group."""
    group = commands.add_parser("db", help="databases: check, backup, restore, migrate")
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="integrity, schema and audit chain")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_check)
    backup = actions.add_parser("backup", help="copy both databases, also while the console runs")
    backup.add_argument("--out", type=Path, help=f"folder (default: {BACKUP_FOLDER} in the data)")
    backup.set_defaults(run=_backup)
    restore = actions.add_parser("restore", help="put a backup in place; the console must be off")
    restore.add_argument("backup", type=Path, help="a file made by 'db backup'")
    restore.set_defaults(run=_restore)
    update = actions.add_parser("migrate", help="update the databases, with a backup first")
    update.set_defaults(run=_migrate)


def _check(args: argparse.Namespace) -> int:
    folder = data_folder(args)
    problems = {name: _problems(folder, name) for name in _FILES}
    sound = not any(problems.values())
    if args.json:
        print_json({"ok": sound, "files": problems})
    else:
        for name, found in problems.items():
            print(f"{name}: {'sound' if not found else 'NOT SOUND'}")
            for problem in found:
                print(f"  {problem}")
    return Exit.OK if sound else Exit.DATABASE


def _problems(folder: Path, name: str) -> list[str]:
    path = folder / name
    try:
        missing = pending(path) if path.exists() else ()
        problems = check_database(path)
        if name == EVIDENCE_FILE and not missing and not problems:
            chain, heads = Chain(load_key(folder)), Heads(folder)
            for table in CHAINED:
                problems += chain.verify(path, table, heads)
    except StorageError as error:
        return [str(error)]
    if missing:
        problems.append(f"not up to date ({', '.join(missing)}): run 'embereye db migrate'")
    return problems


def _backup(args: argparse.Namespace) -> int:
    folder, at = data_folder(args), SystemClock().now()
    target = args.out.expanduser().resolve() if args.out else None
    for name in _FILES:
        print(copy_database(folder / name, at, "backup", target))
    return Exit.OK


def _restore(args: argparse.Namespace) -> int:
    folder, backup = data_folder(args), args.backup.expanduser().resolve()
    name = next((name for name in _FILES if backup.name.startswith(Path(name).stem)), None)
    if name is None:
        raise StorageError(
            f"{backup.name} is not named like a backup. Backups begin with 'embereye-' or "
            "'telemetry-'; give it such a name."
        )
    pending(backup, MIGRATIONS[name])  # raises for a backup made by a newer version
    with _owned(folder):
        aside = restore_database(backup, folder / name, SystemClock().now())
        if name == EVIDENCE_FILE:
            note_restore(folder, backup, getpass.getuser(), SystemClock())
    print(f"{folder / name} is restored from {backup}.")
    if aside is not None:
        print(f"The former file is kept as {aside}.")
    return Exit.OK


def _migrate(args: argparse.Namespace) -> int:
    folder = data_folder(args)
    with _owned(folder):
        for name in _FILES:
            steps = migrate(folder / name, SystemClock().now())
            print(f"{name}: {', '.join(steps) if steps else 'up to date'}")
    return Exit.OK


@contextmanager
def _owned(folder: Path) -> Iterator[None]:
    """Hold the data folder, so that no console starts meanwhile; AlreadyRunning if one runs."""
    try:
        lock = FolderLock(folder)
    except AlreadyRunning as error:
        raise AlreadyRunning(f"{error}: close it first, then do this again.") from None
    try:
        yield
    finally:
        lock.release()
