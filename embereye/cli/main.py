"""Parses the command line and calls one command."""

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from embereye import __version__
from embereye.cli.output import Exit
from embereye.model.errors import (
    AlreadyRunning,
    ConfigError,
    EmberEyeError,
    SchemaTooNew,
    StorageError,
)

_log = logging.getLogger(__name__)

_GROUPS = (
    "console",
    "demo",
    "run",
    "check",
    "config",
    "list",
    "sensors",
    "cameras",
    "vision",
    "bench",
    "db",
)

_EXITS: tuple[tuple[type[EmberEyeError], Exit], ...] = (
    (ConfigError, Exit.CONFIG),
    (AlreadyRunning, Exit.ALREADY_RUNNING),
    (SchemaTooNew, Exit.DATABASE),
    (StorageError, Exit.DATABASE),
)


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command; its exit code (`cli.output.Exit`)."""
    # Not every console speaks UTF-8; a "°" must not end a command.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    args = _parser().parse_args(arguments)
    try:
        return int(args.run(args))
    except EmberEyeError as error:
        print(f"embereye: {error}", file=sys.stderr)
        for problem in getattr(error, "problems", ()):
            print(f"  {problem}", file=sys.stderr)
        return _exit_of(error)
    except KeyboardInterrupt:
        return Exit.OK
    except BrokenPipeError:
        # The reader (`| head`) went away; nothing is wrong with us.
        sys.stderr.close()
        return Exit.OK
    except Exception:  # noqa: BLE001 - outermost: a crash gets a code and a traceback
        _log.exception("bug")
        return Exit.CRASH


def _exit_of(error: EmberEyeError) -> Exit:
    return next((code for kind, code in _EXITS if isinstance(error, kind)), Exit.INTERNAL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="embereye",
        description="Operator console for control rooms that watch for fire.",
        epilog="Without a command the console opens. It supplements, and never replaces, "
        "listed fire-detection systems.",
    )
    parser.add_argument("--version", action="version", version=f"embereye {__version__}")
    parser.add_argument("--data-dir", type=Path, help="folder of databases, settings and logs")
    parser.add_argument("--config", type=Path, help="settings file (default: in the data folder)")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in _GROUPS:
        module = importlib.import_module(f"embereye.cli.{name}")
        module.register(parser if name == "console" else commands)
    return parser
