"""Alarms as a table that spreadsheets read."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from embereye.model.alarm import Alarm, AlarmState
from embereye.services.csv_table import write_table

COLUMNS = (
    "id",
    "priority",
    "kind",
    "place",
    "place id",
    "source",
    "what",
    "state",
    "raised (local)",
    "raised (UTC)",
    "last change (local)",
    "last change (UTC)",
    "closed",
    "acknowledged by",
    "assigned to",
    "escalated",
    "reports",
    "kept quiet by",
    "quiet reason",
    "quiet until (local)",
    "quiet until (UTC)",
)


class Stopped(Exception):
    """Whoever asked for the table wants it no longer."""


def alarms_csv(
    alarms: Iterable[Alarm], going: Callable[[int], bool] = lambda _count: True
) -> bytes:
    """One line an alarm, UTF-8 with byte order mark; texts that a spreadsheet would run as a
    formula begin with an apostrophe.

    Args:
        going: Told how many are written; False stops.

    Raises:
        Stopped: `going` said so.
    """
    return write_table(COLUMNS, _rows(alarms, going))


def _rows(alarms: Iterable[Alarm], going: Callable[[int], bool]) -> Iterator[tuple[object, ...]]:
    for count, alarm in enumerate(alarms):
        if not going(count):
            raise Stopped
        overlay = alarm.overlay
        until = None if overlay is None else overlay.until_utc
        yield (
            int(alarm.id),
            alarm.priority.name.lower(),
            alarm.key.kind.value,
            alarm.place_name,
            str(alarm.key.place),
            alarm.key.source,
            "; ".join(alarm.reasons),
            "closed" if alarm.state is AlarmState.NORMAL else alarm.state.value,
            _local(alarm.raised_utc),
            _utc(alarm.raised_utc),
            _local(alarm.changed_utc),
            _utc(alarm.changed_utc),
            "yes" if alarm.state is AlarmState.NORMAL else "no",
            alarm.acknowledged_by,
            alarm.assigned_to,
            alarm.escalation,
            alarm.reports,
            "" if overlay is None else f"{overlay.kind.value}, {overlay.by}",
            "" if overlay is None else overlay.reason,
            "" if until is None else _local(until),
            "" if until is None else _utc(until),
        )


def _local(utc: float) -> str:
    return datetime.fromtimestamp(utc).astimezone().isoformat(" ", "seconds")


def _utc(utc: float) -> str:
    return datetime.fromtimestamp(utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
