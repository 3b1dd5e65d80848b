"""Key figures of alarms as people read them: value, goal and judgement, on screen and paper."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from embereye.model.alarm import AlarmKey, Priority
from embereye.model.kpi import BadActor, Figures, FloodPeriod, Grade, Standing
from embereye.rules.kpi import ACCEPTABLE, FLOOD_GOAL, MANAGEABLE, SPLIT_GOAL, grade
from embereye.ui import words
from embereye.ui.theme import Look, Shape, Tokens


@dataclass(frozen=True, slots=True)
class FigureWords:
    """One figure.

    Attributes:
        goal: What it should be.
        look: Its judgement; None: as it should be, or without a limit.
    """

    caption: str
    value: str
    goal: str
    look: Look | None = None


def figure_words(colours: Tokens, found: Figures) -> Sequence[FigureWords]:
    """All figures of a span, in the order in which they are read."""
    busiest = grade(float(found.busiest_hour))
    waited = [found.acknowledge_median, found.acknowledge_p95]
    median, slow = ("–" if value is None else words.span(value) for value in waited)
    return (
        FigureWords(
            _tr("Alarms per hour"),
            f"{found.per_hour:.1f}",
            _tr("at most {0:g}; more than {1:g} is too many").format(ACCEPTABLE, MANAGEABLE),
            _judged(colours, found.grade),
        ),
        FigureWords(
            _tr("Busiest hour"),
            f"{found.busiest_hour}",
            _tr("{0} alarms in all").format(f"{found.announced:,}")
            if found.announced != 1
            else _tr("1 alarm in all"),
            _judged(colours, busiest),
        ),
        FigureWords(
            _tr("Time in flood"),
            f"{found.flood_share:.1%}",
            _tr("less than {0:.0%}").format(FLOOD_GOAL),
            _above(colours, found.flood_share >= FLOOD_GOAL),
        ),
        FigureWords(
            _tr("Chattering"),
            f"{len(found.chattering)}",
            _tr("none comes 3 times in 60 s"),
            _above(colours, bool(found.chattering)),
        ),
        FigureWords(
            _tr("Stale"),
            f"{len(found.stale)}",
            _tr("none stands for over 24 h"),
            _above(colours, bool(found.stale)),
        ),
        FigureWords(
            _tr("Time to acknowledge"),
            median,
            _tr("median of {0}; 95% within {1}").format(found.acknowledged, slow)
            if found.acknowledged
            else _tr("nothing was acknowledged"),
        ),
        FigureWords(
            _tr("Low · medium · high"),
            _split(found),
            _split_goal(found),
        ),
    )


def actor_words(actor: BadActor) -> str:
    """Which alarm it is, beside its place."""
    return key_words(actor.key)


def key_words(key: AlarmKey) -> str:
    """Kind and source of an alarm."""
    return f"{_tr(key.kind.value)} {key.source}".strip()


def flood_words(period: FloodPeriod) -> tuple[str, str, str]:
    """When it began, how long it lasted, how many came."""
    lasted = words.stopwatch(period.end_utc - period.begin_utc)
    return words.date_time(period.begin_utc), lasted, str(period.count)


def stale_words(one: Standing, now_utc: float) -> tuple[str, str, str]:
    """Place, kind and age of an alarm that stands for long."""
    return one.place_name, key_words(one.key), words.span(now_utc - one.raised_utc)


def _split(found: Figures) -> str:
    if not found.split:
        return "–"
    ranks = (Priority.LOW, Priority.MEDIUM, Priority.HIGH)
    return " · ".join(f"{found.split[rank]:.0%}" for rank in ranks)


def _split_goal(found: Figures) -> str:
    text = _tr("about {0}").format(" · ".join(f"{share:.0%}" for share in SPLIT_GOAL.values()))
    # Without this, an hour of nothing but fires would read as one without alarms.
    fires = found.split.get(Priority.EMERGENCY, 0.0)
    return text + _tr("; fire {0}").format(f"{fires:.0%}") if fires else text


def _judged(colours: Tokens, how: Grade) -> Look | None:
    if how is Grade.GOOD:
        return None
    if how is Grade.HIGH:
        return Look(colours.medium, Shape.DIAMOND, True, _tr("high"))
    return Look(colours.high, Shape.TRIANGLE, True, _tr("too high"))


def _above(colours: Tokens, above: bool) -> Look | None:
    return Look(colours.high, Shape.TRIANGLE, True, _tr("too high")) if above else None


def _tr(text: str) -> str:
    return QCoreApplication.translate("kpi_words", text)
