"""`embereye alarms`: handle alarms from a terminal, as the console does."""

import argparse
import getpass
from pathlib import Path
from typing import Any

from embereye.cli.arguments import duration, positive_number
from embereye.cli.output import Exit, print_json, print_table, utc_text
from embereye.cli.paths import data_folder, layers
from embereye.config.load import load
from embereye.model.alarm import AlarmKind
from embereye.model.errors import AlarmActionError
from embereye.runtime.clock import SystemClock
from embereye.services import alarm_access
from embereye.storage import queries
from embereye.storage.database import EVIDENCE_FILE

_DONE = {
    "ack": "Alarm {alarm} is acknowledged.",
    "reset": "Alarm {alarm} is reset.",
    "shelve": "Alarm {alarm} is shelved; it calls again by itself.",
    "unshelve": "Alarm {alarm} is not shelved any more.",
    "comment": "The comment is kept with alarm {alarm}.",
    "assign": "Alarm {alarm} is assigned.",
    "escalate": "Alarm {alarm} is announced again.",
    "out-of-service": "It is out of service; it comes back by itself.",
    "return": "It is in service again.",
}
_COLUMNS = ("kind", "place", "alarm_kind", "source", "until_utc", "actor", "reason")


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command group."""
    group = commands.add_parser("alarms", help="acknowledge, shelve, reset, comment alarms")
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    for name, words in (("ack", "somebody has seen it"), ("reset", "close a latched alarm")):
        _one(actions, name, words).add_argument("--reason", default="", help="kept as a comment")
    shelve = _one(actions, "shelve", "keep it quiet for a while")
    _reason_and_time(shelve)
    _one(actions, "unshelve", "end its shelving early")
    comment = _one(actions, "comment", "put words beside it")
    comment.add_argument("--reason", "--text", required=True, help="the words")
    assign = _one(actions, "assign", "name who takes care of it")
    assign.add_argument("to", metavar="NAME", help='"" for nobody')
    _one(actions, "escalate", "announce it again, to more people")
    out = _scope(actions, "out-of-service", "take alarms of a place out of service for a while")
    _reason_and_time(out)
    _scope(actions, "return", "end an out of service early")
    listing = actions.add_parser("list-shelved", help="what is shelved, suppressed, out of service")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)


def _one(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, words: str
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=words)
    action.add_argument("id", metavar="ID", type=positive_number, help="number of the alarm")
    action.add_argument("--json", action="store_true")
    action.set_defaults(run=_handle, do=name)
    return action


def _scope(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, words: str
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=words)
    action.add_argument("place", metavar="PLACE", help="id of the place")
    kinds = [kind.value for kind in AlarmKind]
    action.add_argument("--kind", choices=kinds, help="alarms of this kind only")
    action.add_argument("--source", help="of this camera, device or rule only; with --kind")
    action.add_argument("--json", action="store_true")
    action.set_defaults(run=_handle, do=name)
    return action


def _reason_and_time(action: argparse.ArgumentParser) -> None:
    action.add_argument("--reason", required=True, help="why it may be quiet")
    action.add_argument(
        "--for", dest="seconds", type=duration, help="30m, 12h; where not given, as in the settings"
    )


def _handle(args: argparse.Namespace) -> int:
    folder = data_folder(args)
    asked: dict[str, Any] = {"do": args.do, "actor": getpass.getuser()}
    for name in ("reason", "seconds", "to"):
        if hasattr(args, name):
            asked[name] = getattr(args, name)
    if args.do in ("out-of-service", "return"):
        asked["scope"] = {"place": args.place, "kind": args.kind, "source": args.source}
    elif args.do == "unshelve":
        asked["scope"] = _key(folder, args.id)
    else:
        asked["alarm"] = args.id
    if asked.get("seconds", 0.0) is None:
        asked["seconds"] = load(layers(args)).settings.alarms.shelve
    try:
        answer = alarm_access.ask(folder, SystemClock(), lambda: load(layers(args)).settings, asked)
    except AlarmActionError:
        if "alarm" in asked:
            _key(folder, asked["alarm"])  # "closed already" would be untrue where there was none
        raise
    alarm = getattr(args, "id", None)
    if args.json:
        print_json({"do": args.do, "alarm": alarm, "recorded": answer["recorded"]})
    else:
        print(_DONE[args.do].format(alarm=alarm))
        if not answer["recorded"]:
            print("It is not recorded yet: the disk does not take it.")
    return Exit.OK


def _key(folder: Path, alarm: int) -> dict[str, Any]:
    """What an alarm is of, also of one that is closed: its shelving lives on."""
    key = queries.alarm_key(folder, alarm)
    if key is None:
        raise AlarmActionError(f"There is no alarm {alarm}. See them with: embereye list alarms")
    return key


def _list(args: argparse.Namespace) -> int:
    folder = data_folder(args)
    rows = queries.overlays(folder) if (folder / EVIDENCE_FILE).exists() else []
    if args.json:
        print_json({"overlays": rows})
        return Exit.OK
    headings = [name.removesuffix("_utc").replace("_", " ") for name in _COLUMNS]
    print_table(headings, [[_cell(name, row[name]) for name in _COLUMNS] for row in rows])
    return Exit.OK


def _cell(name: str, value: object) -> object:
    if name == "until_utc" and isinstance(value, float):
        return utc_text(value)
    return "all" if value is None and name in ("alarm_kind", "source") else value
