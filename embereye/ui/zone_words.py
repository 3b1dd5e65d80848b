"""What areas and lines say to an operator."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication

from embereye.config.schema import Camera, Settings
from embereye.config.zone_options import Schedule
from embereye.model.detection import FIRE, SMOKE
from embereye.services.model_list import ListedModel, ModelState
from embereye.services.model_use import BUILT_IN, models_of
from embereye.ui.zone_draft import EXCLUDE, LINE, Drawn

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
USUAL_LABELS = (FIRE, SMOKE, "person", "vehicle")
_RUN = 3  # days from which on "Mon–Wed" is shorter than their names


def day_word(day: str) -> str:
    """The short name of a day."""
    return {
        "mon": _tr("Mon"),
        "tue": _tr("Tue"),
        "wed": _tr("Wed"),
        "thu": _tr("Thu"),
        "fri": _tr("Fri"),
        "sat": _tr("Sat"),
        "sun": _tr("Sun"),
    }[day]


def schedule_words(schedule: Schedule) -> str:
    """When it counts, such as "every day 20:00–06:00 (next day)"."""
    days = _days(schedule.days)
    if schedule.start == schedule.end:
        if not 0 < len(set(schedule.days)) < len(DAYS) and schedule.start == "00:00":
            return _tr("always")
        begins = "" if schedule.start == "00:00" else _tr(" from {0}").format(schedule.start)
        return _tr("{0}, all day{1}").format(days, begins)
    text = f"{days} {schedule.start}–{schedule.end}"
    over = schedule.end < schedule.start and schedule.end != "00:00"
    return _tr("{0} (next day)").format(text) if over else text


def summary(drawn: Drawn) -> str:
    """What it does, in short sentences."""
    if drawn.kind == EXCLUDE:
        return _tr("Ignored inside: {0}.").format(_named(drawn.labels))
    if drawn.kind == LINE:
        way = {"to the right": _tr(" to the right"), "to the left": _tr(" to the left")}
        text = _tr("Intrusion alarm when crossed{0} by: {1}.")
        others = _tr("everything but flame and smoke")
        return text.format(way.get(drawn.direction, ""), ", ".join(drawn.labels) or others)
    counts = _tr("Counts only inside: {0}.").format(_named(drawn.labels))
    guarded = [label for label in drawn.labels if label not in (FIRE, SMOKE)]
    if not drawn.alarm or (drawn.labels and not guarded):
        return counts if not drawn.alarm else counts + _tr(" Flame and smoke alarm by themselves.")
    after = _tr(" after {0:g} s").format(drawn.dwell) if drawn.dwell else ""
    who = ", ".join(guarded) or _tr("everything but flame and smoke")
    return counts + _tr(" Intrusion alarm{0} for: {1}.").format(after, who)


def _named(labels: tuple[str, ...]) -> str:
    return ", ".join(labels) or _tr("everything")


def labels_of(text: str) -> tuple[str, ...]:
    """Labels that somebody typed, separated by commas; each once."""
    typed = (part.strip().lower() for part in text.replace(";", ",").split(","))
    return tuple(dict.fromkeys(part for part in typed if part))


def known_labels(
    settings: Settings, camera: Camera | None, rows: Sequence[ListedModel]
) -> frozenset[str] | None:
    """What the detectors of a camera can name; None: nobody knows, such as of a remote one."""
    labels = {FIRE, SMOKE}  # of the heuristic, which always looks along
    listed = {row.name: row for row in rows if row.state is not ModelState.KEPT}
    for name in () if camera is None else models_of(settings, camera):
        row = listed.get(name)
        if name != BUILT_IN and (row is None or not row.labels):
            return None
        labels |= set(() if row is None else row.labels)
    return frozenset(labels)


def label_remark(labels: Iterable[str], known: frozenset[str] | None) -> str:
    """Why some labels will never be seen, and what to do; empty: all may be."""
    missing = [] if known is None else [label for label in labels if label not in known]
    if not missing:
        return ""
    if known == frozenset({FIRE, SMOKE}):
        text = _tr(
            "△ The built-in model knows fire and smoke only; import a model for {0} on the Models"
            " page."
        )
    else:
        text = _tr(
            "△ No model of this camera knows {0}; import one on the Models page and choose it for"
            " the camera."
        )
    return text.format(_several(missing))


def _several(labels: list[str]) -> str:
    """Several of each: "persons and vehicles"."""
    plural = {"person": _tr("persons"), "vehicle": _tr("vehicles")}
    words = [plural.get(label, f"“{label}”") for label in labels]
    if len(words) == 1:
        return words[0]
    return _tr("{0} and {1}").format(", ".join(words[:-1]), words[-1])


def _days(chosen: Iterable[str]) -> str:
    numbers = sorted({DAYS.index(day) for day in chosen})
    if len(numbers) in (0, len(DAYS)):
        return _tr("every day")
    names = [day_word(DAYS[number]) for number in numbers]
    if len(numbers) >= _RUN and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{names[0]}–{names[-1]}"
    return ", ".join(names)


def _tr(text: str) -> str:
    return QCoreApplication.translate("zone_words", text)
