"""What a test against history found, as rows: occurrences, and gaps of the record between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from embereye.model.alarm import AlarmKind
from embereye.model.backtest import BacktestResult, Compared, Gap, Occurrence, Outcome, Tally
from embereye.model.ids import DeviceId
from embereye.ui.rows import Field
from embereye.ui.theme import Look, Shape, Tokens, kind_look
from embereye.ui.words import date_time, priority_word, span

_LEAST_SHIFT = 1.0  # s; shorter ones are the period of the timers (model.backtest)
MOST_ROWS = 2000  # a table of more is no list to read; the counts tell of all


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An occurrence as both sides have it, or a gap."""

    number: int
    at_utc: float
    found: Compared | None = None
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class MomentAsked:
    """What a device saw at a moment, s UTC."""

    device: DeviceId
    at_utc: float


def kept(result: BacktestResult, rule: str, others: bool) -> list[Compared]:
    """Occurrences of the rule; with `others` those of all alarms."""
    return [row for row in result.rows if others or _of_rule(row, rule)]


def history_rows(found: Sequence[Compared], gaps: Sequence[Gap]) -> list[HistoryRow]:
    """Both in order of time, at most `MOST_ROWS`."""
    told: list[tuple[float, Compared | None, Gap | None]] = []
    told += [(row.one.start_utc, row, None) for row in found]
    told += [(gap.since_utc, None, gap) for gap in gaps]
    told.sort(key=lambda item: item[0])
    return [HistoryRow(n, at, row, gap) for n, (at, row, gap) in enumerate(told[:MOST_ROWS])]


def days_of(found: Sequence[Compared]) -> list[Tally]:
    """Counts of each day with an occurrence, of both sides."""
    counts: dict[str, list[int]] = {}
    for row in found:
        day = counts.setdefault(date_time(row.one.start_utc)[:10], [0, 0])
        day[0] += row.present is not None
        day[1] += row.tried is not None
    return [Tally(day, *both) for day, both in sorted(counts.items())]


def history_fields(colours: Tokens) -> Sequence[Field[HistoryRow]]:
    """The columns."""
    return [
        Field(_tr("Began"), lambda r: date_time(r.at_utc), 168),
        Field(_tr("Compared"), outcome, 190, look=lambda r: _mark(colours, r),
              colour=lambda r: _colour(colours, r)),
        Field(_tr("Lasted"), _lasted, 72, right=True, key=_length),
        Field(_tr("Priority"), _priority, 130, look=lambda r: _look(colours, r)),
        Field(_tr("Place"), lambda r: _one(r).place_name if r.found else "", 140),
        Field(_tr("Reasons"), _reasons, 0),
    ]  # fmt: skip


def day_fields() -> Sequence[Field[Tally]]:
    """The columns of the counts."""
    return [
        Field(_tr("Day"), lambda t: t.heading, 0),
        Field(_tr("Present"), lambda t: str(t.present), 72, right=True, key=lambda t: t.present),
        Field(_tr("Edited"), lambda t: str(t.tried), 72, right=True, key=lambda t: t.tried),
    ]


def outcome(row: HistoryRow) -> str:
    """How both sides compare, in short words."""
    if row.found is None:
        return _tr("no record")
    if row.found.outcome is Outcome.ONLY_PRESENT:
        return _tr("only with the present")
    if row.found.outcome is Outcome.ONLY_TRIED:
        return _tr("only with the edited")
    parts = []
    if abs(row.found.shift) > _LEAST_SHIFT:
        late = _tr("{0:.0f} s later") if row.found.shift > 0 else _tr("{0:.0f} s earlier")
        parts.append(late.format(abs(row.found.shift)))
    if row.found.other_priority:
        parts.append(_tr("other priority"))
    if row.found.other_times:
        parts.append(_tr("calls more or less often"))
    return ", ".join(parts) or _tr("same")


def moment_of(row: HistoryRow) -> MomentAsked | None:
    """The device that took part, and when; None: no device did."""
    if row.found is None:
        return None
    sides = [side for side in (row.found.tried, row.found.present) if side is not None]
    for source in (source for side in sides for source in side.sources):
        if source.startswith("device "):
            return MomentAsked(DeviceId(source.removeprefix("device ")), row.at_utc)
    return None


def _of_rule(row: Compared, rule: str) -> bool:
    return row.one.key.kind is AlarmKind.RULE and row.one.key.source == rule


def _one(row: HistoryRow) -> Occurrence:
    assert row.found is not None, "asked of occurrences only"
    return row.found.one


def _length(row: HistoryRow) -> float | None:
    if row.gap is not None:
        return row.gap.until_utc - row.gap.since_utc
    end = _one(row).end_utc
    return None if end is None else end - _one(row).start_utc


def _lasted(row: HistoryRow) -> str:
    length = _length(row)
    return "–" if length is None else span(length)


def _priority(row: HistoryRow) -> str:
    if row.found is None:
        return ""
    one = row.found.one
    word = _word(one)
    if row.found.other_priority and row.found.present is not None:
        return f"{_word(row.found.present)} → {word}"
    return word


def _word(one: Occurrence) -> str:
    return priority_word(kind_look(Tokens(), one.key.kind, one.priority).word)


def _reasons(row: HistoryRow) -> str:
    return row.gap.text if row.gap is not None else "; ".join(_one(row).reasons)


def _look(colours: Tokens, row: HistoryRow) -> Look | None:
    if row.found is None:
        return None
    return kind_look(colours, row.found.one.key.kind, row.found.one.priority)


def _mark(colours: Tokens, row: HistoryRow) -> Look | None:
    """Shapes of the outcome: both, one of them, or nothing known."""
    if row.found is None:
        return Look(colours.fault, Shape.TRIANGLE, False, "")
    if row.found.outcome is Outcome.SAME:
        return Look(colours.muted, Shape.CIRCLE, True, "")
    tried = row.found.outcome is Outcome.ONLY_TRIED
    return Look(colours.action if tried else colours.muted, Shape.DIAMOND, tried, "")


def _colour(colours: Tokens, row: HistoryRow) -> str:
    if row.found is None:
        return colours.fault
    return colours.muted if outcome(row) == _tr("same") else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("rule_history", text)
