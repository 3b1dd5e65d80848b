"""Keep a repository of signed firmware, for makers of devices; docs/firmware.md has the whole way.

    python tools/firmware_repository.py init REPOSITORY KEYS
    python tools/firmware_repository.py add REPOSITORY KEYS IMAGE VERSION
    python tools/firmware_repository.py remove REPOSITORY KEYS VERSION
    python tools/firmware_repository.py refresh REPOSITORY KEYS
    python tools/firmware_repository.py list REPOSITORY

REPOSITORY is what goes onto a USB stick; KEYS is a folder that never leaves the maker. The keys are
encrypted with a passphrase that is asked for, or taken from EMBEREYE_FIRMWARE_PASSPHRASE; with
--plain they are not. Source: TUF specification 1.0, sections 3 and 4.
"""

import argparse
import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from embereye.rules.firmware_policy import version_of

ROLES = ("root", "targets", "snapshot", "timestamp")
PASSPHRASE = "EMBEREYE_FIRMWARE_PASSPHRASE"

_ROOT_DAYS = 3650.0  # as long as devices are in the field; this tool does not replace root keys
_TARGETS_DAYS = 365.0  # what there is; `refresh` signs it anew before that
_TIMESTAMP_DAYS = 30.0  # how old a copy may be: it has to travel on a stick
_LARGEST = 8 * 2**20  # bytes of an image that EmberEye takes

Signers = Mapping[str, CryptoSigner]


class MakerError(Exception):
    """What the person who publishes has to change, in words."""


@dataclass(frozen=True)
class Lifetimes:
    """Days until the metadata expire: the timestamp, and targets and snapshot."""

    timestamp: float = _TIMESTAMP_DAYS
    targets: float = _TARGETS_DAYS


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0, or 2 when something has to be changed first."""
    args = _arguments(arguments)
    try:
        args.run(args)
    except (MakerError, RepositoryError, OSError, ValueError) as error:
        print(f"firmware_repository: {error}", file=sys.stderr)
        return 2
    return 0


def new_signers() -> dict[str, CryptoSigner]:
    """A fresh ed25519 key for each role."""
    return {role: CryptoSigner(Ed25519PrivateKey.generate()) for role in ROLES}


def write_root(folder: Path, signers: Signers, now: datetime) -> None:
    """`root.json`, which consoles are told to trust; the first and only version."""
    root = Root(expires=_after(now, _ROOT_DAYS), version=1, consistent_snapshot=True)
    for role in ROLES:
        root.add_key(signers[role].public_key, role)
    for name in ("1.root.json", "root.json"):
        _write(root, signers["root"], folder / "metadata" / name)


def put_image(folder: Path, targets: Targets, version: str, content: bytes) -> None:
    """Put an image into a repository; `targets` then has to be released."""
    name = f"device-{version}.bin"
    target = TargetFile.from_data(name, content, ["sha256"])
    target.unrecognized_fields["custom"] = {"version": version}
    targets.targets[name] = target
    path = folder / "targets" / f"{sha256(content).hexdigest()}.{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def release(
    folder: Path,
    signers: Signers,
    targets: Targets,
    now: datetime,
    lifetimes: Lifetimes | None = None,
) -> None:
    """Sign `targets` and what points to it; `targets.version` must be above that of before."""
    lasts, number = lifetimes or Lifetimes(), targets.version
    metadata = folder / "metadata"
    targets.expires = _after(now, lasts.targets)
    _write(targets, signers["targets"], metadata / f"{number}.targets.json")
    snapshot = Snapshot(expires=_after(now, lasts.targets), version=number)
    snapshot.meta["targets.json"] = MetaFile(version=number)
    _write(snapshot, signers["snapshot"], metadata / f"{number}.snapshot.json")
    timestamp = Timestamp(expires=_after(now, lasts.timestamp), version=number)
    timestamp.snapshot_meta = MetaFile(version=number)
    # Last: readers begin here, so a stop before this line leaves the release of before.
    _write(timestamp, signers["timestamp"], metadata / "timestamp.json")


def newest_targets(folder: Path) -> Targets:
    """The images of a repository as they were released last."""
    timestamp = Metadata[Timestamp].from_file(str(folder / "metadata" / "timestamp.json")).signed
    number = timestamp.snapshot_meta.version
    return Metadata[Targets].from_file(str(folder / "metadata" / f"{number}.targets.json")).signed


def save_keys(folder: Path, signers: Signers, passphrase: str) -> None:
    """Write the keys, each readable by this account only; "" leaves them unencrypted."""
    folder.mkdir(parents=True, exist_ok=True)
    how: KeySerializationEncryption = NoEncryption()
    if passphrase:
        how = BestAvailableEncryption(passphrase.encode())
    for role, signer in signers.items():
        key = load_pem_private_key(signer.private_bytes, None)
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
        handle = os.open(folder / f"{role}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text)


def load_keys(folder: Path, passphrase: str) -> dict[str, CryptoSigner]:
    """The keys that sign releases; MakerError when they cannot be read. root.pem is not needed."""
    signers = {}
    for role in ROLES[1:]:
        try:
            content = (folder / f"{role}.pem").read_bytes()
            encrypted = b"ENCRYPTED" in content
            key = load_pem_private_key(content, passphrase.encode() if encrypted else None)
        except OSError as error:
            raise MakerError(f"The key {role}.pem cannot be read: {error.strerror}.") from None
        except ValueError:
            raise MakerError(f"The passphrase of {role}.pem is wrong.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise MakerError(f"{role}.pem is no ed25519 key.")
        signers[role] = CryptoSigner(key)
    return signers


# --- commands --------------------------------------------------------------------------------


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Keep a repository of signed firmware.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, words, run in (
        ("init", "make keys and an empty repository", _init),
        ("add", "add an image", _add),
        ("remove", "take an image out", _remove),
        ("refresh", "sign everything anew before it expires", _refresh),
        ("list", "show what is in it and until when it is good", _list),
    ):
        command = commands.add_parser(name, help=words)
        command.add_argument("repository", type=Path)
        if name != "list":
            command.add_argument("keys", type=Path)
            command.add_argument("--days", type=float, default=_TIMESTAMP_DAYS)
        if name == "init":
            command.add_argument("--plain", action="store_true", help="do not encrypt the keys")
        if name == "add":
            command.add_argument("image", type=Path)
        if name in ("add", "remove"):
            command.add_argument("version")
        command.set_defaults(run=run)
    return parser.parse_args(arguments)


def _init(args: argparse.Namespace) -> None:
    if (args.repository / "metadata").exists() or (args.keys / "root.pem").exists():
        raise MakerError("There is a repository or a key already: name new folders.")
    passphrase = "" if args.plain else _passphrase(again=True)
    if not passphrase:
        print(
            "Warning: the keys are not encrypted. Whoever reads them can make firmware that every"
            " console takes.",
            file=sys.stderr,
        )
    signers, now = new_signers(), datetime.now(UTC)
    save_keys(args.keys, signers, passphrase)
    write_root(args.repository, signers, now)
    (args.repository / "targets").mkdir(parents=True, exist_ok=True)
    targets = Targets(expires=now, version=1)
    release(args.repository, signers, targets, now, Lifetimes(args.days))
    print(f"Keep {args.keys} secret, and {args.keys / 'root.pem'} offline.")
    print(f"Give {args.repository / 'metadata' / 'root.json'} to whoever runs a console.")


def _add(args: argparse.Namespace) -> None:
    if version_of(args.version) is None:
        raise MakerError(f"{args.version} is no version: use up to four numbers, as 1.4.0.")
    content = args.image.read_bytes()
    if not 0 < len(content) <= _LARGEST:
        raise MakerError(f"{args.image} is empty or larger than {_LARGEST // 2**20} MiB.")
    targets = newest_targets(args.repository)
    if _named(targets, args.version):
        raise MakerError(f"Version {args.version} is there already: a version never changes.")
    signers = _signers(args)
    put_image(args.repository, targets, args.version, content)
    _release(args, targets, signers)


def _remove(args: argparse.Namespace) -> None:
    targets = newest_targets(args.repository)
    names = _named(targets, args.version)
    if not names:
        raise MakerError(f"There is no version {args.version}.")
    for name in names:
        del targets.targets[name]
    _release(args, targets, _signers(args))


def _refresh(args: argparse.Namespace) -> None:
    _release(args, newest_targets(args.repository), _signers(args))


def _list(args: argparse.Namespace) -> None:
    path = args.repository / "metadata" / "timestamp.json"
    expires = Metadata[Timestamp].from_file(str(path)).signed.expires
    targets = newest_targets(args.repository)
    for target in targets.targets.values():
        print(f"{_version(target):12} {target.length:9} bytes  {target.hashes['sha256']}")
    print(f"release {targets.version}, good until {expires:%Y-%m-%d %H:%M} UTC")


def _release(args: argparse.Namespace, targets: Targets, signers: Signers) -> None:
    targets.version += 1
    release(args.repository, signers, targets, datetime.now(UTC), Lifetimes(args.days))
    _list(args)


def _signers(args: argparse.Namespace) -> dict[str, CryptoSigner]:
    encrypted = b"ENCRYPTED" in (args.keys / "targets.pem").read_bytes()
    return load_keys(args.keys, _passphrase(again=False) if encrypted else "")


def _passphrase(*, again: bool) -> str:
    given = os.environ.get(PASSPHRASE)
    if given is None:
        given = getpass.getpass("Passphrase of the keys: ")
        if again and getpass.getpass("Once more: ") != given:
            raise MakerError("The two passphrases differ.")
    if not given:
        raise MakerError("The passphrase is empty; --plain makes keys that are not encrypted.")
    return given


def _named(targets: Targets, version: str) -> list[str]:
    """The names of the images of a version, whatever way it is written."""
    wanted = version_of(version)
    return [n for n, t in targets.targets.items() if version_of(_version(t)) == wanted]


def _version(target: TargetFile) -> str:
    return str((target.custom or {}).get("version", ""))


def _after(now: datetime, days: float) -> datetime:
    return (now + timedelta(days=days)).replace(microsecond=0)


def _write(signed: Root | Targets | Snapshot | Timestamp, signer: CryptoSigner, path: Path) -> None:
    metadata: Metadata[Any] = Metadata(signed)
    metadata.sign(signer)
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata.to_file(str(path))


if __name__ == "__main__":
    sys.exit(main())
