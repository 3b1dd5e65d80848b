"""`embereye` without a command: the console."""

import argparse
from threading import Event

from embereye.app import Program, Site
from embereye.cli.paths import data_folder, layers
from embereye.config.secrets import open_secrets
from embereye.config.store import SettingsStore
from embereye.runtime.clock import SystemClock
from embereye.runtime.instance import Ownership
from embereye.runtime.logs import Logs


def register(parser: argparse.ArgumentParser) -> None:
    """Add the console's own options to the program's parser."""
    parser.add_argument("--fullscreen", action="store_true", help="open in full screen")
    parser.add_argument("--screen", type=int, default=0, help="number of the screen, from 0")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    # Only commands with a window load Qt.
    from embereye.ui.shell import Look, Shell

    folder = data_folder(args)
    store = SettingsStore(layers(args))
    raised = Event()
    owner = Ownership(folder, raised.set)
    section = store.current.logging
    logs = Logs(folder / "logs", section.level, section.megabytes, section.files)
    try:
        shell = Shell(store.current.wall.theme)
        site = Site(folder, store, open_secrets(folder), shell.threads, SystemClock())
        program = Program(site)
        try:
            program.start()
            program.supervise("owner", owner)
            return shell.run(program, raised, Look(args.fullscreen, args.screen))
        finally:
            program.stop()
    finally:
        logs.stop()
        owner.release()
