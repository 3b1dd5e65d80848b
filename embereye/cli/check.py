"""`embereye check`: can this machine run the console?"""

import argparse

from embereye.cli.output import Exit, print_json, print_table
from embereye.cli.paths import data_folder, layers
from embereye.config.load import load
from embereye.model.errors import EmberEyeError
from embereye.runtime.clock import SystemClock
from embereye.runtime.process import Child, ChildGone
from embereye.services.chip_check import chip_check
from embereye.services.llm_check import llm_checks
from embereye.services.self_test import (
    Check,
    Outcome,
    daily_test_check,
    database_check,
    detector_check,
    machine_checks,
    perform,
)

_QT_WAIT = 20.0  # s; a cold start of Qt from a slow disk


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("check", help="self-test of this machine and its settings")
    parser.add_argument(
        "--strict", action="store_true", help="missing sound or display is a failure too"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    settings = load(layers(args)).settings
    folder, clock = data_folder(args), SystemClock()
    qt = _Qt()
    items = perform(
        [
            *machine_checks(folder, settings.sensors.host, settings.sensors.port, clock),
            database_check(folder, clock),
            detector_check(folder, settings, clock),
            chip_check(),
            daily_test_check(folder, clock),
            *llm_checks(folder, settings, clock),
            Check("display", qt.display, optional=True),
            Check("sound", qt.sound, optional=True),
        ],
        strict=args.strict,
    )
    failed = any(item.outcome is Outcome.FAILURE for item in items)
    if args.json:
        rows = [{"name": i.name, "outcome": i.outcome.value, "text": i.text} for i in items]
        print_json({"ok": not failed, "items": rows})
    else:
        print_table(("check", "", ""), [(i.name, i.outcome.value, i.text) for i in items])
    return Exit.SELF_TEST if failed else Exit.OK


class _Qt:
    """What a child process finds out about display and sound; it is asked once."""

    def __init__(self) -> None:
        self._found: tuple[str, str] | None = None

    def display(self) -> str:
        if display := self._ask()[0]:
            return display
        raise EmberEyeError("no display: a window cannot open, only --headless commands work")

    def sound(self) -> str:
        display, sound = self._ask()
        if sound:
            return sound
        why = "no sound device: connect one" if display else "not known without a display"
        raise EmberEyeError(f"{why}; alarms would not be heard")

    def _ask(self) -> tuple[str, str]:
        if self._found is None:
            self._found = self._probe()
        return self._found

    def _probe(self) -> tuple[str, str]:
        # Raises ImportError where Qt's own libraries are missing; that is an answer too.
        from embereye.ui.self_test import probe

        child = Child("display check", probe)
        try:
            found = child.receive(_QT_WAIT)
        except ChildGone:
            found = None
        finally:
            child.close()
        return found if isinstance(found, tuple) else ("", "")
