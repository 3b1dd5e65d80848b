"""Key figures of alarms, as pure functions of a log.

Source of the limits: the project's alarm design, section "Presentation", after ISA-18.2 and
EEMUA 191: 6 alarms an hour are acceptable, 12 manageable; less than 1 % of the time in flood.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from math import ceil

from embereye.model.alarm import FAULTS, AlarmKey, Priority
from embereye.model.ids import AlarmId
from embereye.model.kpi import (
    AlarmLog,
    BadActor,
    Figures,
    FloodPeriod,
    Grade,
    LogEvent,
    LogLine,
    Standing,
)
from embereye.rules.flood import FLOOD_COUNT, FLOOD_SPAN

ACCEPTABLE, MANAGEABLE = 6.0, 12.0  # alarms per hour
FLOOD_GOAL = 0.01  # share of the time
CHATTER_COUNT, CHATTER_SPAN = 3, 60.0  # announcements within s
STALE = 86_400.0  # s
SPLIT_GOAL = {Priority.LOW: 0.80, Priority.MEDIUM: 0.15, Priority.HIGH: 0.05}
LEAD = 86_400.0  # s of log before the span, for acknowledgements of what came before it
_WORST = 10
_HOUR = 3600.0  # s


def figures(log: AlarmLog) -> Figures:
    """The figures of a log."""
    known = [line for line in log.lines if line.event is LogEvent.ANNOUNCED]
    lines = [line for line in known if log.since <= line.at_utc < log.until]
    moments = [line.at_utc for line in lines]
    span = max(log.until - log.since, 1.0)
    actors = _actors(lines, known)
    floods = flood_periods([line.at_utc for line in known], log.since, log.until)
    waits = sorted(_waits(log))
    per_hour = len(lines) / span * _HOUR
    return Figures(
        since=log.since,
        until=log.until,
        announced=len(lines),
        per_hour=per_hour,
        grade=grade(per_hour),
        busiest_hour=busiest(moments, _HOUR),
        floods=floods,
        flood_share=sum(period.end_utc - period.begin_utc for period in floods) / span,
        chattering=tuple(actor for actor in actors if actor.chattering),
        stale=_stale(log),
        worst=tuple(actors[:_WORST]),
        split=_split(lines),
        acknowledged=len(waits),
        acknowledge_median=nearest_rank(waits, 50),
        acknowledge_p95=nearest_rank(waits, 95),
        complete=log.complete,
    )


def grade(per_hour: float) -> Grade:
    """How many alarms an hour compare with what one operator can handle."""
    if per_hour <= ACCEPTABLE:
        return Grade.GOOD
    return Grade.HIGH if per_hour <= MANAGEABLE else Grade.TOO_HIGH


def busiest(moments: Sequence[float], span: float) -> int:
    """Most of the moments, in order, within any `span` seconds."""
    window: deque[float] = deque()
    most = 0
    for moment in moments:
        window.append(moment)
        while window[0] <= moment - span:
            window.popleft()
        most = max(most, len(window))
    return most


def flood_periods(moments: Sequence[float], since: float, until: float) -> tuple[FloodPeriod, ...]:
    """When at least ten of the moments lay in the ten minutes before; cut to the span.

    A flood begins with the announcement that makes it ten, and ends ten minutes after the last
    one that kept it at ten.

    Args:
        moments: In order, from ten minutes before `since` on.
    """
    stretches: list[tuple[float, float]] = []
    for last in range(FLOOD_COUNT - 1, len(moments)):
        begin = moments[last]
        # With this one there are ten until the tenth before it falls out of the window.
        end = moments[last - FLOOD_COUNT + 1] + FLOOD_SPAN
        if end <= begin:
            continue
        if stretches and begin <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        else:
            stretches.append((begin, end))
    cut = [(max(begin, since), min(end, until)) for begin, end in stretches]
    return tuple(
        FloodPeriod(begin, end, bisect_right(moments, end) - bisect_left(moments, begin))
        for begin, end in cut
        if begin < end
    )


def nearest_rank(values: Sequence[float], percent: float) -> float | None:
    """A percentile by nearest rank of values in order; None without values."""
    if not values:
        return None
    return values[max(0, ceil(percent / 100 * len(values)) - 1)]


def _actors(lines: Iterable[LogLine], known: Iterable[LogLine]) -> list[BadActor]:
    """All sources of announcements in the span, most first.

    Chatter that began before the span counts where an announcement of it lies in the span.
    """
    counts: Counter[AlarmKey] = Counter()
    newest: dict[AlarmKey, LogLine] = {}
    for line in lines:
        counts[line.key] += 1
        newest[line.key] = line
    moments: dict[AlarmKey, list[float]] = {key: [] for key in counts}
    for line in known:
        if line.key in moments:
            moments[line.key].append(line.at_utc)
    total = sum(counts.values())
    found = [
        BadActor(
            key,
            newest[key].place_name,
            newest[key].priority,
            count,
            count / total,
            busiest(moments[key][-(count + CHATTER_COUNT - 1) :], CHATTER_SPAN) >= CHATTER_COUNT,
        )
        for key, count in counts.items()
    ]
    return sorted(found, key=lambda a: (-a.count, a.place_name, a.key.kind, a.key.source))


def _split(lines: Iterable[LogLine]) -> dict[Priority, float]:
    counts = Counter(line.priority for line in lines if line.key.kind not in FAULTS)
    total = sum(counts.values())
    if not total:
        return {}
    ranks = (Priority.LOW, Priority.MEDIUM, Priority.HIGH, Priority.EMERGENCY)
    return {priority: counts[priority] / total for priority in ranks}


def _stale(log: AlarmLog) -> tuple[Standing, ...]:
    old = [one for one in log.open if log.until - one.raised_utc > STALE]
    return tuple(sorted(old, key=lambda one: (one.raised_utc, one.alarm)))


def _waits(log: AlarmLog) -> Iterable[float]:
    """Seconds from the first announcement to its acknowledgement, of those in the span."""
    waiting: dict[AlarmId, float] = {}
    for line in log.lines:
        if line.event is LogEvent.ANNOUNCED:
            waiting.setdefault(line.alarm, line.at_utc)
            continue
        announced = waiting.pop(line.alarm, None)
        if announced is not None and log.since <= line.at_utc < log.until:
            yield max(0.0, line.at_utc - announced)
