"""When nothing was recorded: an alarm there cannot be judged."""

from collections.abc import Iterable
from pathlib import Path

from embereye.model.alarm import Cause, Report
from embereye.model.backtest import Gap
from embereye.services import input_codec as codec
from embereye.storage.verdicts import RecordedInput, read_inputs

_LEAST = 5.0  # s; shorter ones are restarts in which nothing could be seen anyway
_LOOK_BACK = 1000.0  # s: a running program writes a full state each 900 s
_HISTORY = "worker history storage"  # the fault of who writes the record (services.system_faults)


def gaps(path: Path, since: float, until: float) -> tuple[Gap, ...]:
    """The gaps of the record in [since, until], s UTC, in order.

    Raises:
        StorageError: The database cannot be read.
    """
    rows = read_inputs(path, since - _LOOK_BACK, until)
    found = [*_not_running(rows, since, until), *_not_written(rows, until)]
    inside = [
        Gap(max(gap.since_utc, since), min(gap.until_utc, until), gap.text)
        for gap in found
        if gap.until_utc > since and gap.since_utc < until
    ]
    kept = [gap for gap in inside if gap.until_utc - gap.since_utc >= _LEAST]
    return tuple(sorted(kept, key=lambda gap: gap.since_utc))


def _not_running(rows: Iterable[RecordedInput], since: float, until: float) -> Iterable[Gap]:
    last, runs, text = since - _LOOK_BACK, False, _STOPPED
    for row in rows:
        if row.kind == codec.START or not runs:
            yield Gap(last, row.at_utc, text)
        last, runs = row.at_utc, row.kind != codec.STOP
        text = _KILLED if runs else _STOPPED
    if not runs or until - last > _SILENT:
        yield Gap(last, until, text)


def _not_written(rows: Iterable[RecordedInput], until: float) -> Iterable[Gap]:
    broken: float | None = None
    for row in rows:
        if row.kind != Report.__name__:
            continue
        asked = codec.message_of(row.kind, row.text)
        if asked is None or asked.message.key.source != _HISTORY:
            continue
        if asked.message.cause is Cause.ACTIVE:
            broken = row.at_utc if broken is None else broken
        elif broken is not None:
            yield Gap(broken, row.at_utc, _UNWRITTEN)
            broken = None
    if broken is not None:
        yield Gap(broken, until, _UNWRITTEN)


_SILENT = 70.0  # s; a running program gives a sign of life each 60 s
_STOPPED = "The program did not run, or its record was removed."
_KILLED = "The program ended without a stop; the last minute before it may be missing, too."
_UNWRITTEN = "The disk did not take the record."
