"""`embereye run --headless`: the console's engine without a window."""

import argparse
import logging
from pathlib import Path

from embereye.app import Program, Site
from embereye.cli.output import Exit
from embereye.cli.paths import data_folder, layers
from embereye.cli.signals import stop_on_signals
from embereye.config.schema import Settings
from embereye.config.secrets import open_secrets
from embereye.config.store import SettingsStore
from embereye.runtime.clock import SystemClock
from embereye.runtime.instance import Ownership
from embereye.runtime.logs import Logs
from embereye.runtime.worker import PlainThreads

_log = logging.getLogger(__name__)


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("run", help="watch without a window until stopped")
    parser.add_argument("--headless", action="store_true", required=True)
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    folder = data_folder(args)
    store = SettingsStore(layers(args))
    owner = Ownership(folder, lambda: _log.info("asked to show a window; there is none"))
    logging_section = store.current.logging
    logs = Logs(
        folder / "logs", logging_section.level, logging_section.megabytes, logging_section.files
    )
    try:
        with stop_on_signals() as stop:
            program = Program(
                Site(folder, store, open_secrets(folder), PlainThreads(), SystemClock())
            )
            owner.on_request = program.devices.answer
            try:
                program.start()
                program.supervise("owner", owner)
                _log.info("watching %d cameras", len(store.current.cameras))
                print(_greeting(folder, store.current), flush=True)
                while not stop.wait(1.0):
                    pass
            finally:
                program.stop()
    finally:
        logs.stop()
        owner.release()
    return Exit.OK


def _greeting(folder: Path, settings: Settings) -> str:
    """What somebody at a terminal wants to know at once."""
    sensors = settings.sensors
    port = f"sensor devices at {sensors.host}:{sensors.port}" if sensors.enabled else "no sensors"
    return (
        f"EmberEye watches {len(settings.cameras)} cameras, {port}, data in {folder}."
        " Ctrl+C stops it."
    )
