"""`embereye cameras`: what a source offers, and which cameras there are."""

import argparse
import getpass
import ipaddress
import sys
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import get_args

from embereye.cli import camera_snapshot
from embereye.cli.output import Exit, print_json, print_table
from embereye.config.schema import Camera
from embereye.ingest.onvif_discovery import SEARCH_SECONDS, FoundCamera, discover
from embereye.ingest.opener import opener_of
from embereye.ingest.source import Login, parse
from embereye.ingest.trial import TRIAL_SECONDS, Offer, watch_source
from embereye.runtime.clock import SystemClock

_HARDWARE = get_args(Camera.model_fields["hardware"].annotation)


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command group."""
    group = commands.add_parser("cameras", help="cameras: probe, discover, snapshot")
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    one = actions.add_parser("probe", help="streams, codec, size, rate, time to the first picture")
    one.add_argument("url", help="address, video file or USB camera number")
    one.add_argument("--transport", choices=("tcp", "udp"), default="tcp", help="of RTSP video")
    one.add_argument(
        "--hardware", choices=_HARDWARE, default="off", help="decoder chip; auto: what is offered"
    )
    one.add_argument("--user", default="", help="user name; the password is asked for")
    one.add_argument(
        "--seconds", type=float, default=TRIAL_SECONDS, help="how long to watch, 0.5–60 s"
    )
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=_probe)
    two = actions.add_parser("discover", help="ONVIF cameras in the networks of this computer")
    two.add_argument(
        "--seconds", type=float, default=SEARCH_SECONDS, help="how long to listen, 0.5–60 s"
    )
    two.add_argument(
        "--interface",
        type=_own_address,
        action="append",
        default=[],
        metavar="ADDR",
        help="own IPv4 address of the network to search in; may be given again (default: all)",
    )
    two.add_argument("--json", action="store_true")
    two.set_defaults(run=_discover)
    camera_snapshot.register(actions)


def _probe(args: argparse.Namespace) -> int:
    login = _login(args)
    path = Path(args.url).expanduser()
    # Who types a command may read the file anyway; folders are for what comes over a screen.
    folders = (path.resolve().parent,) if path.is_file() else ()
    text = str(path.resolve()) if folders else args.url
    camera = Camera(
        id="probe",
        name="probe",
        source=parse(text, folders)[0].written,
        transport=args.transport,
        hardware=args.hardware,
        user=login.user if login else "",
    )
    clock = SystemClock()
    password = login.password if login else None
    source, opener = opener_of(camera, folders, lambda _: password, clock)
    offer = watch_source(source.written, opener(Event().wait), clock, _span(args))
    _show(offer, args.json)
    return Exit.OK


def _discover(args: argparse.Namespace) -> int:
    found = discover(SystemClock(), _span(args), args.interface)
    if args.json:
        print_json({"cameras": [asdict(camera) for camera in found]})
    elif found:
        print_table(("address", "name", "hardware", "location", "remark"), list(map(_row, found)))
    else:
        print(
            "No ONVIF camera answered. Switch ONVIF and discovery on in the cameras; those behind "
            "a router are not found, enter their address."
        )
    return Exit.OK


def _row(camera: FoundCamera) -> tuple[str, ...]:
    remark = f"names another host: {camera.elsewhere}" if camera.elsewhere else ""
    return camera.address, camera.name, camera.hardware, camera.location, remark


def _own_address(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise argparse.ArgumentTypeError("give an IPv4 address of this computer") from None


def _login(args: argparse.Namespace) -> Login | None:
    if args.user:
        asked = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline()
        return Login(args.user, asked.rstrip("\r\n"))
    return parse(args.url)[1] if "://" in args.url else None


def _span(args: argparse.Namespace) -> float:
    return float(min(60.0, max(0.5, args.seconds)))


def _show(offer: Offer, as_json: bool) -> None:
    if as_json:
        print_json(asdict(offer))
    else:
        print_table(("what", "value"), [(k, _cell(v)) for k, v in asdict(offer).items()])


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else value
