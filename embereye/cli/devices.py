"""`embereye devices`: keys and firmware of authenticated devices."""

import argparse
import getpass
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from embereye.cli import firmware
from embereye.cli.output import Exit, print_json, print_table, utc_text
from embereye.cli.paths import data_folder, layers
from embereye.config.load import load
from embereye.config.secrets import open_secrets
from embereye.ingest import tls
from embereye.ingest.serial_enrolment import SerialEnrolment
from embereye.model.credential import KeyState
from embereye.model.errors import ConfigError, EnrolmentRefused, SerialEnrolmentError
from embereye.runtime.clock import SystemClock
from embereye.services import enrolment_access
from embereye.services.enrolment_qr import qr_file, qr_terminal
from embereye.services.key_file import key_texts
from embereye.storage.database import EVIDENCE_FILE
from embereye.storage.device_keys import StoredKey, load_keys

_ONCE = "This text is the key of the device. It is shown this once only; keep it secret."

_BY_HAND = "Enter the text above into the device, or revoke the device and enrol it once more."


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command group."""
    group = commands.add_parser("devices", help="keys and firmware of authenticated devices")
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    for name, words, run in (
        ("enrol", "make the first key of a device", _make),
        ("rotate", "make a second key; the old one stays valid for 7 days", _make),
    ):
        action = _one(actions, name, words, run)
        action.add_argument("--qr", action="store_true", help="show it as a QR code too")
        action.add_argument("--serial", metavar="PORT", help="write it into the device there")
        action.add_argument(
            "--out", type=Path, help="write it into this new file (.png, .svg: as QR code)"
        )
    _one(actions, "revoke", "end all keys of a device at once", _revoke)
    take = actions.add_parser("import", help="take keys that are in the devices already")
    take.add_argument("file", type=Path, help="one enrolment text a line, # begins a comment")
    take.add_argument("--json", action="store_true")
    take.set_defaults(run=_import)
    keys = actions.add_parser("keys", help="list all keys, without their secrets")
    keys.add_argument("--json", action="store_true")
    keys.set_defaults(run=_keys)
    certificate = actions.add_parser(
        "certificate", help="show what devices must trust to use the encrypted port"
    )
    certificate.add_argument("--json", action="store_true")
    certificate.set_defaults(run=_certificate)
    firmware.register(actions)


def _one(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    words: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=words)
    action.add_argument("id", metavar="ID", help="identity of the device")
    action.add_argument("--json", action="store_true")
    action.set_defaults(run=run, do=name)
    return action


def _make(args: argparse.Namespace) -> int:
    if args.out is not None:
        _check_new(args.out)
    if args.serial is None:
        return _show(args, _ask(args, {"do": args.do, "device": args.id}), "")
    # The port is opened first: a wrong one must not cost a key.
    with closing(SerialEnrolment(args.serial, SystemClock())) as line:
        key = _ask(args, {"do": args.do, "device": args.id})
        problem = ""
        try:
            line.write(key["text"])
        except SerialEnrolmentError as error:
            problem = str(error)
    return _show(args, key, problem)


def _show(args: argparse.Namespace, key: dict[str, Any], problem: str) -> int:
    """The text goes where it was asked for; onto the screen only when it is nowhere else yet."""
    kept = args.serial is not None and not problem
    if args.out is not None:
        try:
            _write_new(args.out, key["text"])
            kept = True
        except OSError as error:
            problem = f"{problem} {args.out} cannot be written: {error.strerror or error}.".strip()
    document = {"device": key["device"], "kid": key["kid"]}
    if args.json:
        print_json({**document, "text": None if kept else key["text"], "problem": problem or None})
    else:
        print(f"Device {key['device']} has the key {key['kid']}.")
        if not kept:
            print(f"{_ONCE}\n\n{key['text']}\n")
        if args.qr:
            print(qr_terminal(key["text"]))
    if problem:
        again = "" if kept else f" {_BY_HAND}"
        raise SerialEnrolmentError(f"The key was made, but: {problem}{again}")
    return Exit.OK


def _revoke(args: argparse.Namespace) -> int:
    _ask(args, {"do": "revoke", "device": args.id})
    if args.json:
        print_json({"device": args.id, "revoked": True})
    else:
        print(f"All keys of device {args.id} are void. Its data is refused until it is enrolled.")
    return Exit.OK


def _import(args: argparse.Namespace) -> int:
    devices = _ask(args, {"do": "import", "texts": list(key_texts(args.file))})["devices"]
    if args.json:
        print_json({"devices": devices})
    else:
        print(f"{len(devices)} devices are enrolled: {', '.join(devices)}.")
    return Exit.OK


def _keys(args: argparse.Namespace) -> int:
    path, utc = data_folder(args) / EVIDENCE_FILE, SystemClock().now().utc
    rows = [_row(key, utc) for key in load_keys(path)]
    if args.json:
        print_json({"keys": rows})
    else:
        columns = ("device", "kid", "state", "created_utc", "expires_utc", "revoked_utc")
        headings = [name.removesuffix("_utc") for name in columns]
        print_table(headings, [[_cell(row[name]) for name in columns] for row in rows])
    return Exit.OK


def _certificate(args: argparse.Namespace) -> int:
    section = load(layers(args)).settings.sensors.tls
    if section.mode == "provided":
        path = Path(section.certificate)
    else:
        path = data_folder(args) / "certs" / tls.CERTIFICATE
        if not path.exists():
            raise ConfigError(
                f"there is no {path} yet: set sensors.tls.mode to self-signed and start EmberEye,"
                " which makes it"
            )
    digits = tls.fingerprint(path)
    if args.json:
        print_json({"mode": section.mode, "certificate": str(path), "sha256": digits})
    else:
        print(f"{path}\nSHA-256 {digits}")
    return Exit.OK


def _row(key: StoredKey, utc: float) -> dict[str, Any]:
    state: KeyState = key.state(utc)
    return {
        "device": key.device,
        "kid": key.kid,
        "state": state.value,
        "created_utc": key.created_utc,
        "expires_utc": key.expires_utc,
        "revoked_utc": key.revoked_utc,
    }


def _cell(value: object) -> object:
    if isinstance(value, float):
        return utc_text(value)
    return value


def _ask(args: argparse.Namespace, asked: dict[str, Any]) -> dict[str, Any]:
    folder = data_folder(args)
    named = {**asked, "actor": getpass.getuser()}
    return enrolment_access.ask(folder, open_secrets(folder), SystemClock(), named)


def _check_new(path: Path) -> None:
    if path.exists():
        raise EnrolmentRefused(f"{path} exists already: name a new file.")
    if not path.absolute().parent.is_dir():
        raise EnrolmentRefused(f"There is no folder {path.absolute().parent} for {path.name}.")


def _write_new(path: Path, text: str) -> None:
    """Only this account may read it; a text file, or a QR code by the suffix."""
    kind = path.suffix.lower().removeprefix(".")
    body = qr_file(text, kind) if kind in ("png", "svg") else f"{text}\n".encode()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
