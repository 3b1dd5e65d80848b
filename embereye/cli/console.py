"""`embereye` without a command: the console."""

import argparse
from dataclasses import replace
from threading import Event

from embereye.app import Program, Site
from embereye.cli.paths import data_folder, layers
from embereye.cli.signals import stop_on_signals
from embereye.config.secrets import open_secrets
from embereye.config.store import SettingsStore
from embereye.runtime.clock import SystemClock
from embereye.runtime.instance import Ownership
from embereye.runtime.logs import Logs


def register(parser: argparse.ArgumentParser) -> None:
    """Add the console's own options to the program's parser."""
    parser.add_argument("--fullscreen", action="store_true", help="open in full screen")
    parser.add_argument("--screen", type=int, default=0, help="number of the screen, from 0")
    parser.add_argument("--layout", type=_layout, help="tiles per row and column, 1 to 10")
    parser.add_argument("--kiosk", action="store_true", help="full screen that cannot be left")
    parser.add_argument(
        "--safe-mode", action="store_true", help="alarms and sensors only: no cameras, no detection"
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    # Only commands with a window load Qt.
    from embereye.ui.shell import Calls, Look, Shell

    folder = data_folder(args)
    chosen = {} if args.layout is None else {"wall.layout": args.layout}
    store = SettingsStore(replace(layers(args), command_line=chosen))
    raised = Event()
    owner = Ownership(folder, raised.set)
    section = store.current.logging
    logs = Logs(folder / "logs", section.level, section.megabytes, section.files)
    try:
        shell = Shell(store.current.wall.theme)
        site = Site(
            folder,
            store,
            open_secrets(folder),
            shell.threads,
            SystemClock(),
            safe_mode=args.safe_mode,
        )
        program = Program(site)
        owner.on_request = program.devices.answer
        try:
            program.start()
            program.supervise("owner", owner)
            with stop_on_signals() as stop:
                look = Look(args.fullscreen, args.kiosk, args.screen)
                return shell.run(program, Calls(raised, stop), look)
        finally:
            program.stop()
    finally:
        logs.stop()
        owner.release()


def _layout(text: str) -> int:
    first = text.lower().partition("x")[0]
    side = int(first) if first.isdecimal() else 0
    if not 1 <= side <= 10:
        raise argparse.ArgumentTypeError("use 1 to 10, or 1x1 to 10x10")
    return side
