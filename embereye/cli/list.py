"""`embereye list`: what is in the data folder; read-only, also while the console runs."""

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embereye.cli.output import Exit, print_json, print_table, utc_text
from embereye.cli.paths import data_folder, layers
from embereye.config.load import DEMO_SETTINGS, Layers, load
from embereye.config.schema import Settings
from embereye.ingest.source import redact
from embereye.model.alarm import Priority
from embereye.model.ids import DeviceId
from embereye.runtime.clock import SystemClock
from embereye.services.camera_access import NAMES, running_figures
from embereye.storage import queries
from embereye.storage.database import EVIDENCE_FILE, TELEMETRY_FILE
from embereye.storage.detections import Wanted, detections
from embereye.storage.device_log import device_log
from embereye.storage.zone_events import zone_events

Row = dict[str, Any]

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}  # s
_AGO = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhdw])\Z")
_LIMIT = 100
_MOST = 1_000_000  # rows; one document must fit into memory

_COLUMNS: dict[str, tuple[str, ...]] = {
    "cameras": (
        "id", "name", "place", "enabled", "source", "state", "fps", "kbps", "delay_s",
        "reconnects", "core_percent", "detections", "last_utc",
    ),
    "devices": (
        "id", "name", "assigned", "profile", "last_seen_utc", "address", "idle_smoke",
        "idle_flame", "calibrated",
    ),
    "alarms": (
        "id", "raised_utc", "priority", "kind", "place_name", "state", "overlay", "assigned_to",
        "reasons",
    ),
    "incidents": (
        "id", "start_utc", "end_utc", "place_name", "priority", "kinds", "alarms", "open", "state",
        "score", "level", "assigned_to",
    ),
    "readings": ("start_utc", "device", "channel", "count", "min", "max", "unit"),
    "audit": ("at_utc", "kind", "subject", "actor", "text"),
    "log": ("at_utc", "device", "direction", "text"),
    "detections": ("frame_utc", "camera", "fire", "smoke", "detector", "boxes"),
    "zone-events": (
        "at_utc", "camera", "kind", "name", "label", "track", "confidence", "seconds",
    ),
}  # fmt: skip

# What nobody learned of a device yet: each row of a document has the same names.
_UNSEEN: Row = {
    **dict.fromkeys(("profile", "first_seen_utc", "last_seen_utc", "idle_smoke", "idle_flame")),
    "address": "",
    "location": "",
}


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("list", help="what is in the data folder (read-only)")
    parser.add_argument("what", choices=tuple(_COLUMNS))
    parser.add_argument(
        "--since", type=since, default=0.0, help="90s, 30m, 12h, 7d ago, or a date and time (UTC)"
    )
    parser.add_argument("--limit", type=_limit, default=_LIMIT, help="most rows, newest first")
    parser.add_argument("--device", help="of this device only (log)")
    parser.add_argument("--camera", default="", help="of this camera only (detections, events)")
    parser.add_argument("--label", default="", help="of this only: person (detections, events)")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_run)


def since(text: str) -> float:
    """Seconds UTC of "2h" (ago) or of an ISO 8601 moment; raises argparse's error for others."""
    ago = _AGO.match(text.strip())
    if ago:
        return SystemClock().now().utc - float(ago[1]) * _UNITS[ago[2]]
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write 30m, 12h, 7d or 2026-01-31T18:00"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _limit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"write a whole number from 1 to {_MOST}")
    return int(text)


def _run(args: argparse.Namespace) -> int:
    folder, part = data_folder(args), queries.Slice(args.since, args.limit)
    if args.what in ("cameras", "devices"):
        # These two are known from the settings too, before the console ever ran.
        known = (folder / EVIDENCE_FILE).exists()
        list_these = _cameras if args.what == "cameras" else _devices
        rows = list_these(
            load(folder_layers(args, folder)).settings, folder if known else None, part
        )
        if args.what == "cameras":
            rows = _with_figures(rows, folder)
    elif args.what == "log":
        rows = _log(folder, args.device, part)
    elif args.what in _SEEN:
        wanted = Wanted(args.since, camera=args.camera, label=args.label, limit=args.limit)
        rows = _SEEN[args.what](folder, wanted)
    else:
        rows = _QUERIES[args.what](folder, part)
    if args.json:
        print_json({args.what: rows})
    else:
        columns = _COLUMNS[args.what]
        headings = [name.removesuffix("_utc").replace("_", " ") for name in columns]
        print_table(headings, [[_cell(name, row.get(name)) for name in columns] for row in rows])
    return Exit.OK


def _cameras(settings: Settings, folder: Path | None, part: queries.Slice) -> list[Row]:
    seen = queries.camera_activity(folder, part) if folder else {}
    rows = []
    for camera in settings.cameras:
        found = seen.pop(camera.id, {})
        rows.append(
            {
                "id": camera.id,
                "name": camera.name,
                "place": camera.place or camera.id,
                "enabled": camera.enabled,
                "source": redact(camera.source),
                "detections": found.get("detections", 0),
                "last_utc": found.get("last_utc"),
                "fire": found.get("fire"),
                "smoke": found.get("smoke"),
            }
        )
    return rows[: part.limit]


def _with_figures(rows: list[Row], folder: Path) -> list[Row]:
    """With what a running program knows of them; null where none runs."""
    running = running_figures(folder)
    nothing = dict.fromkeys(NAMES)
    return [{**row, **nothing, **running.get(str(row["id"]), {})} for row in rows]


def _devices(settings: Settings, folder: Path | None, part: queries.Slice) -> list[Row]:
    seen = {row["id"]: row for row in queries.devices(folder, part)} if folder else {}
    rows: list[Row] = []
    for device in settings.devices:
        learned = seen.pop(device.id, {})
        rows.append({**_UNSEEN, **learned, "id": device.id, "name": device.name, "assigned": True})
    rows += [{**row, "name": "", "assigned": False} for row in seen.values()]
    return [_with_booleans(row) for row in rows[: part.limit]]


def _log(folder: Path, device: str | None, part: queries.Slice) -> list[Row]:
    of = None if device is None else DeviceId(device)
    lines = device_log(folder / TELEMETRY_FILE, of, part.since, part.limit)
    return [
        {
            "at_utc": line.at.utc,
            "device": line.device,
            "direction": line.direction,
            "text": line.text,
        }
        for line in lines
    ]


def _with_booleans(row: Row) -> Row:
    names = ("calibrated", "calibration_verified", "location_verified")
    return {**row, **{name: bool(row.get(name)) for name in names}}


def _cell(name: str, value: object) -> object:
    if value is None:
        return None
    if name.endswith("_utc") and isinstance(value, int | float):
        return utc_text(value)
    if name == "priority":
        return Priority(int(str(value))).name.lower()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(str(part) for part in value)
    return value


_QUERIES: dict[str, Callable[[Path, queries.Slice], list[Row]]] = {
    "alarms": queries.alarms,
    "incidents": queries.incidents,
    "readings": queries.readings,
    "audit": queries.audit,
}


_SEEN: dict[str, Callable[[Path, Wanted], list[Row]]] = {
    "detections": detections,
    "zone-events": zone_events,
}


def folder_layers(args: argparse.Namespace, folder: Path) -> Layers:
    """Those of the console; in the folder of a demonstration its own settings."""
    found = layers(args)
    if args.config or found.user.exists() or not (folder / DEMO_SETTINGS).exists():
        return found
    return replace(found, user=folder / DEMO_SETTINGS)
