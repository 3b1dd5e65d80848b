"""Parses the command line and calls one command."""

import argparse
import contextlib
import errno
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embereye import __version__
from embereye.cli.output import Exit
from embereye.model.errors import (
    AlarmActionError,
    AlreadyRunning,
    ConfigError,
    DetectorError,
    EmberEyeError,
    EnrolmentRefused,
    FirmwareError,
    ModelRefused,
    SchemaTooNew,
    SourceError,
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
    "devices",
    "cameras",
    "models",
    "vision",
    "backtest",
    "bench",
    "db",
    "alarms",
)

_EXITS: tuple[tuple[type[EmberEyeError], Exit], ...] = (
    (ConfigError, Exit.CONFIG),
    (SourceError, Exit.USAGE),  # a file or address named on the command line
    (DetectorError, Exit.USAGE),  # a model named there; running cameras go on without it
    (EnrolmentRefused, Exit.USAGE),
    (AlarmActionError, Exit.USAGE),
    (FirmwareError, Exit.USAGE),
    (ModelRefused, Exit.USAGE),
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
    try:
        try:
            args = _parser().parse_args(arguments)
            return int(args.run(args))
        finally:
            # What is still in the buffer fails here, and not unseen at the end of the process.
            if sys.stdout is not None:
                sys.stdout.flush()
    except EmberEyeError as error:
        print(f"embereye: {error}", file=sys.stderr)
        for problem in getattr(error, "problems", ()):
            print(f"  {problem}", file=sys.stderr)
        return _exit_of(error)
    except KeyboardInterrupt:
        return Exit.OK
    except OSError as error:
        return _output_failed(error)
    except Exception:  # noqa: BLE001 - outermost: a crash gets a code and a traceback
        _log.exception("bug")
        return Exit.CRASH


def _output_failed(error: OSError) -> Exit:
    """The exit code for a reader that went away, a full disk, or a bug of ours."""
    if isinstance(error, BrokenPipeError):
        _drop_output()  # `| head` has what it wants; nothing is wrong with us
        return Exit.OK
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        print("embereye: The disk is full. Make space on it and start again.", file=sys.stderr)
        _drop_output()
        return Exit.INTERNAL
    _log.error("bug", exc_info=error)
    return Exit.CRASH


def _drop_output() -> None:
    """What still waits for standard output is lost; the interpreter must not try it again."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class _Command(argparse.ArgumentParser):
    """A command; folder and settings are accepted after its name too, where people write them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        _add_places(self, default=argparse.SUPPRESS)


def _add_places(parser: argparse.ArgumentParser, default: Any = None) -> None:
    folder, file = (
        "folder of databases, settings and logs",
        "settings file (default: in the folder)",
    )
    parser.add_argument("--data-dir", type=Path, default=default, help=folder)
    parser.add_argument("--config", type=Path, default=default, help=file)


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
    _add_places(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Command)
    for name in _GROUPS:
        module = importlib.import_module(f"embereye.cli.{name}")
        module.register(parser if name == "console" else commands)
    return parser
