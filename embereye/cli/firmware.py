"""`embereye devices firmware`: signed images, and bringing them to the devices."""

import argparse
import getpass
from pathlib import Path
from typing import Any

from embereye.cli.output import Exit, print_json, print_table, utc_text
from embereye.cli.paths import data_folder
from embereye.ingest.firmware import FirmwareLibrary
from embereye.runtime.clock import SystemClock
from embereye.services import firmware_access
from embereye.storage.database import EVIDENCE_FILE
from embereye.storage.firmware_updates import StoredUpdate, load_updates


def register(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the group to `devices`."""
    group = actions.add_parser("firmware", help="signed firmware: trust, import, roll out")
    commands = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    trust = commands.add_parser("trust", help="believe the maker whose root.json this is")
    trust.add_argument("path", metavar="FILE", type=Path)
    trust.set_defaults(run=_trust)
    take = commands.add_parser("import", help="take the images of a repository")
    take.add_argument("path", metavar="DIR", type=Path)
    take.set_defaults(run=_import)
    listing = commands.add_parser("list", help="show the images that may be rolled out")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    roll = commands.add_parser(
        "roll-out", help="bring a version to the devices in stages; also goes on after a halt"
    )
    roll.add_argument("version", metavar="VERSION")
    roll.set_defaults(run=_roll_out)
    commands.add_parser("halt", help="begin no further device").set_defaults(run=_halt)
    status = commands.add_parser("status", help="show how far the newest roll-out is")
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=_status)


def _trust(args: argparse.Namespace) -> int:
    _ask(args, {"do": "trust", "path": str(args.path.absolute())})
    print("The maker is believed from now on. Import a repository next.")
    return Exit.OK


def _import(args: argparse.Namespace) -> int:
    answer = _ask(args, {"do": "import", "path": str(args.path.absolute())})
    versions = ", ".join(answer["versions"]) or "none"
    print(f"The repository is genuine. Firmware that may be rolled out: {versions}.")
    return Exit.OK


def _list(args: argparse.Namespace) -> int:
    library = FirmwareLibrary(data_folder(args) / "firmware", SystemClock())
    rows = [
        {"version": image.version, "size": image.size, "sha256": image.sha256}
        for image in library.images()
    ]
    if args.json:
        print_json({"images": rows})
    elif rows:
        print_table(("version", "bytes", "sha256"), [tuple(row.values()) for row in rows])
    else:
        print("There is no firmware. Trust its maker and import a repository first.")
    return Exit.OK


def _roll_out(args: argparse.Namespace) -> int:
    _ask(args, {"do": "roll-out", "version": args.version})
    print(f"The roll-out of {args.version} begins with one device. Watch it with: status.")
    return Exit.OK


def _halt(args: argparse.Namespace) -> int:
    _ask(args, {"do": "halt"})
    print("No further device is begun. Devices that are being updated are finished.")
    return Exit.OK


def _status(args: argparse.Namespace) -> int:
    document = _document(load_updates(data_folder(args) / EVIDENCE_FILE))
    if args.json:
        print_json(document)
        return Exit.OK
    if document["version"] is None:
        print("No firmware was ever rolled out.")
        return Exit.OK
    print(f"Firmware {document['version']}: {_words(document)}")
    rows = [
        (row["device"], row["state"], utc_text(row["changed_utc"]), row["detail"])
        for row in document["devices"]
    ]
    if rows:
        print_table(("device", "state", "since", ""), rows)
    return Exit.OK


def _document(stored: tuple[StoredUpdate, ...]) -> dict[str, Any]:
    """The newest roll-out; "halted" is null while it goes on."""
    asked = [row for row in stored if not row.device]
    if not asked:
        return {"version": None, "finished": False, "halted": None, "devices": []}
    newest = asked[-1]
    devices = [
        {
            "device": row.device,
            "state": row.state,
            "changed_utc": row.changed_utc,
            "detail": row.detail,
        }
        for row in stored
        if row.device and row.version == newest.version
    ]
    halted = newest.detail if newest.state == "halted" else None
    return {
        "version": newest.version,
        "finished": newest.state == "finished",
        "halted": halted,
        "devices": devices,
    }


def _words(document: dict[str, Any]) -> str:
    if document["halted"] is not None:
        return f"HALTED, {document['halted']}."
    return "finished." if document["finished"] else "it goes on while EmberEye runs."


def _ask(args: argparse.Namespace, asked: dict[str, Any]) -> dict[str, Any]:
    named = {**asked, "actor": getpass.getuser()}
    return firmware_access.ask(data_folder(args), SystemClock(), named)
