"""`embereye backtest`: which alarms other rules would have raised over what is recorded."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from embereye.cli.list import folder_layers
from embereye.cli.list import since as moment
from embereye.cli.output import Exit, print_json, print_table, utc_text
from embereye.cli.paths import data_folder
from embereye.config.load import Loaded, load
from embereye.config.schema import Settings
from embereye.model.backtest import BacktestResult, Compared, Occurrence, Outcome
from embereye.model.errors import ConfigError, StorageError
from embereye.runtime.clock import SystemClock
from embereye.services.backtest import Backtest, BacktestAsked

_WORDS = 70  # characters of the reasons in a table; --json has all of them
_TURN = 2.0  # s between words about the progress

Row = dict[str, Any]


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "backtest",
        help="which alarms other rules would have raised over what is recorded",
        description="Plays recorded readings, thermal frames, verdicts of cameras and faults "
        "through the rules. Without --rules: those that were in force then, compared with what "
        "was announced. With --rules: those of FILE beside the present ones. Reads only; the "
        "console may run.",
    )
    parser.add_argument(
        "--since", type=moment, required=True, help="12h, 7d ago, or a date and time (UTC)"
    )
    parser.add_argument("--until", type=moment, help="likewise; default: now")
    parser.add_argument(
        "--rules", type=Path, metavar="FILE",
        help="settings file (TOML): the rules, suppressions, calendar, alarms, detection, zones, "
        "limits and regions of devices that it names take the place of the present ones",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=partial(_run, parser))


def _run(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    clock = SystemClock()
    until = clock.now().utc if args.until is None else args.until
    if not args.since < until:
        parser.error("the beginning must lie before the end: correct --since or --until")
    folder = data_folder(args)
    found = folder_layers(args, folder)
    present, tried = load(found).settings, None
    if args.rules is not None:
        file = args.rules.expanduser().resolve()
        if not file.is_file():
            raise ConfigError(f"There is no file {file}: correct the name after --rules.")
        tried = tried_settings(present, load(replace(found, user=file)))
    asked = BacktestAsked(args.since, until, present, tried)
    result = Backtest(folder, clock).run(asked, _Progress(asked, clock).tell)
    if result.problem:
        raise StorageError(result.problem)
    if args.json:
        print_json(document(result))
    else:
        _print(result)
    return Exit.OK


def tried_settings(present: Settings, file: Loaded) -> Settings:
    """The present settings with what a file says of rules and limits.

    What it does not name stays as it is.

    Raises:
        ConfigError: It names a device or a camera that is not there.
    """
    named = {name: getattr(file.settings, name) for name in _SECTIONS if name in file.user}
    for title, fields in (("devices", _DEVICE), ("cameras", _CAMERA)):
        rows = {row.id: row for row in getattr(file.settings, title)}
        trees = {str(tree.get("id")): tree for tree in file.user.get(title, ())}
        known = [row.id for row in getattr(present, title)]
        strange = sorted(trees.keys() - set(known))
        if strange:
            raise ConfigError(
                f"{title}: nothing is recorded of {', '.join(strange)}: name those of the settings"
            )
        named[title] = tuple(
            row.model_copy(update=_named(fields, rows[row.id], trees[row.id]))
            if row.id in trees
            else row
            for row in getattr(present, title)
        )
    return present.model_copy(update=named)


def _named(fields: Sequence[str], row: Any, tree: Row) -> Row:
    return {name: getattr(row, name) for name in fields if name in tree}


_SECTIONS = ("rules", "suppressions", "calendar", "alarms", "detection")
_DEVICE = ("limits", "regions", "masks", "emissivity", "reflected")
_CAMERA = ("zones", "lines")


def document(result: BacktestResult) -> Row:
    """The document of --json."""
    return {
        "since_utc": result.since_utc,
        "until_utc": result.until_utc,
        "against": "history" if result.against_history else "present rules",
        "equal": result.equal,
        "counts": {outcome.value: result.count(outcome) for outcome in Outcome},
        "rows": [_row(row) for row in result.rows],
        "places": [{"place": t.heading, "present": t.present, "tried": t.tried}
                   for t in result.places],
        "days": [{"day": t.heading, "present": t.present, "tried": t.tried} for t in result.days],
        "gaps": [{"since_utc": g.since_utc, "until_utc": g.until_utc, "text": g.text}
                 for g in result.gaps],
        "notes": list(result.notes),
        "inputs": result.inputs,
        "seconds": round(result.seconds, 3),
        "hours_per_second": round(_rate(result), 3),
        "cancelled": result.cancelled,
    }  # fmt: skip


def _row(row: Compared) -> Row:
    return {
        "outcome": row.outcome.value,
        "shift_s": round(row.shift, 3),
        "present": None if row.present is None else _occurrence(row.present),
        "tried": None if row.tried is None else _occurrence(row.tried),
    }


def _occurrence(one: Occurrence) -> Row:
    return {
        "place": one.key.place,
        "place_name": one.place_name,
        "kind": one.key.kind.value,
        "source": one.key.source,
        "start_utc": one.start_utc,
        "end_utc": one.end_utc,
        "priority": one.priority.name.lower(),
        "reasons": list(one.reasons),
        "sources": list(one.sources),
        "times": one.times,
    }


def _print(result: BacktestResult) -> None:
    sides = ("then", "again") if result.against_history else ("present", "tried")
    if result.rows:
        headings = ("start", "end", "place", "alarm", *sides, "shift s", "reasons")
        print_table(headings, [_cells(row) for row in result.rows])
        print()
        print_table(("place", *sides), [(t.heading, t.present, t.tried) for t in result.places])
        print()
        print_table(("day", *sides), [(t.heading, t.present, t.tried) for t in result.days])
    else:
        print("No alarm on either side.")
    for gap in result.gaps:
        span = f"{utc_text(gap.since_utc)} to {utc_text(gap.until_utc)}"
        print(f"No record from {span}: {gap.text} An alarm there cannot be judged.")
    for note in result.notes:
        print(note)
    same, other = result.count(Outcome.SAME), len(result.rows) - result.count(Outcome.SAME)
    print(
        f"{same} on both sides, {other} on one only; {result.inputs} inputs in "
        f"{result.seconds:.1f} s, {_rate(result):.1f} h of record a second."
    )


def _cells(row: Compared) -> tuple[object, ...]:
    one = row.one
    end = None if one.end_utc in (None, one.start_utc) else utc_text(float(one.end_utc or 0.0))
    sides = [_side(side) for side in (row.present, row.tried)]
    shift = round(row.shift, 1) + 0.0 if row.outcome is Outcome.SAME else None  # no "-0"
    words = "; ".join(one.reasons)
    short = words if len(words) <= _WORDS else f"{words[: _WORDS - 1]}…"
    return (
        utc_text(one.start_utc),
        end,
        one.place_name or one.key.place,
        _what(one),
        *sides,
        shift,
        short,
    )


def _what(one: Occurrence) -> str:
    """The kind of alarm, with the rule, camera, device or part that it is of."""
    source = one.key.source
    return f"{one.key.kind.value} {source}" if source else one.key.kind.value


def _side(one: Occurrence | None) -> str | None:
    """Its priority, and how often it called: "high ×3"."""
    if one is None:
        return None
    name = one.priority.name.lower()
    return f"{name} ×{one.times}" if one.times > 1 else name


def _rate(result: BacktestResult) -> float:
    """Hours of the record that were played in a second."""
    return (result.until_utc - result.since_utc) / 3600.0 / max(result.seconds, 1e-9)


class _Progress:
    """Says on standard error how far it is, where that is a terminal."""

    def __init__(self, asked: BacktestAsked, clock: SystemClock) -> None:
        self._asked = asked
        self._clock = clock
        self._due = clock.mono() + _TURN

    def tell(self, utc: float) -> bool:
        now = self._clock.mono()
        if now >= self._due and sys.stderr.isatty():
            self._due = now + _TURN
            length = self._asked.until - self._asked.since
            share = min(1.0, max(0.0, (utc - self._asked.since) / length))
            print(f"{utc_text(utc)}: {share:.0%}", file=sys.stderr)
        return True
