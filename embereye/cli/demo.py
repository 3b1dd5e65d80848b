"""`embereye demo`: the whole chain on clips and simulated devices."""

import argparse
from pathlib import Path
from typing import Any

from embereye.cli.output import Exit, print_json, print_table
from embereye.cli.signals import stop_on_signals
from embereye.demo.headless import Audience
from embereye.demo.run import Wish, staged
from embereye.runtime.clock import SystemClock
from embereye.runtime.logs import Logs
from embereye.runtime.worker import PlainThreads

_SECONDS = 60.0  # of a headless run without --seconds


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("demo", help="the console on clips and simulated devices")
    parser.add_argument("--seconds", type=_seconds, help="end after this long (headless: 60)")
    parser.add_argument("--headless", action="store_true", help="no window; prints a summary")
    parser.add_argument("--json", action="store_true", help="the summary as JSON")
    parser.add_argument("--media", type=Path, help="folder of video files instead of the clips")
    parser.add_argument("--device-session", type=Path, help="recorded device stream to add")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    wish = Wish(args.data_dir, args.media, args.device_session)
    if args.headless:
        return _headless(wish, args.seconds or _SECONDS, as_json=args.json)
    # Only the windowed demonstration loads Qt.
    from embereye.ui.shell import Calls, Look, Shell

    clock = SystemClock()
    logs = Logs(wish.folder / "logs" if wish.folder else None, "INFO")
    try:
        shell = Shell()
        with stop_on_signals() as stop, staged(wish, shell.threads, clock) as stage:
            look = Look(seconds=args.seconds)
            return shell.run(stage.program, Calls(stage.raised, stop), look)
    finally:
        logs.stop()


def _headless(wish: Wish, seconds: float, *, as_json: bool) -> int:
    clock = SystemClock()
    logs = Logs(wish.folder / "logs" if wish.folder else None, "INFO")
    try:
        with stop_on_signals() as stop, staged(wish, PlainThreads(), clock) as stage:
            audience = Audience(stage, clock)
            audience.watch(seconds, stop)
            summary = audience.summary()
    finally:
        logs.stop()
    if as_json:
        print_json(summary)
    else:
        _print(summary)
    return Exit.OK


def _print(summary: dict[str, Any]) -> None:
    print(f"{summary['seconds']} s")
    cameras = ("id", "state", "due", "delivered")
    _print_part("camera", cameras, summary["cameras"])
    devices = ("id", "profile", "packets", "corrupt", "max_celsius")
    _print_part("device", devices, summary["devices"])
    rows = [
        (a["at_s"], a["priority"], a["place"], "; ".join(a["reasons"])) for a in summary["alarms"]
    ]
    print_table(("at s", "priority", "place", "reasons"), rows)
    latency = summary["latency_ms"]
    print(f"\nalarm latency p50 {latency['p50']} ms, p95 {latency['p95']} ms")


def _print_part(title: str, fields: tuple[str, ...], items: list[dict[str, Any]]) -> None:
    rows = [(*(item[field] for field in fields), len(item["alarms"])) for item in items]
    print_table((title, *fields[1:], "alarms"), rows)
    print()


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1.0 <= value <= 30 * 86_400.0:
        raise argparse.ArgumentTypeError("use 1 second to 30 days")
    return value
