"""The hand-over report: what the next shift must know, as sections of a document."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from embereye.config.schema import Settings
from embereye.model.alarm import FAULTS, Alarm, AlarmTable, Overlay
from embereye.model.kpi import Figures as KeyFigures
from embereye.model.shift import ShiftEvent, ShiftLine
from embereye.ui import words
from embereye.ui.kpi_words import actor_words, figure_words, flood_words, stale_words
from embereye.ui.report_pdf import (
    Figures,
    KeyFigure,
    Marked,
    Report,
    Section,
    Table,
    TableColumn,
    Words,
)
from embereye.ui.shelved_view import overlay_word
from embereye.ui.theme import Tokens, alarm_look

_MOST = 500  # rows of one table; the alarm page exports all


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a report is made of, as it stood at one moment.

    Attributes:
        figures: Of the shift; None where they could not be read.
        lines: Of the shift log, oldest first.
        problem: Why a part is missing, for the reader.
        now_utc: s.
    """

    settings: Settings
    alarms: AlarmTable
    figures: KeyFigures | None
    lines: Sequence[ShiftLine]
    now_utc: float
    problem: str = ""


def hand_over_report(colours: Tokens, told: HandOver) -> Report:
    """Open alarms, faults, shelved and disabled, comments and figures."""
    open_alarms = [a for a in told.alarms.alarms if a.overlay is None and a.key.kind not in FAULTS]
    faults = [a for a in told.alarms.alarms if a.overlay is None and a.key.kind in FAULTS]
    lines = [
        _tr("Written {0} by {1}").format(words.full_time(told.now_utc), told.settings.operator)
    ]
    if told.figures is not None:
        since, until = (words.date_time(at) for at in (told.figures.since, told.figures.until))
        lines.insert(0, _tr("Shift from {0} to {1}").format(since, until))
    if told.problem:
        lines.append(_tr("Not complete: {0}").format(told.problem))
    sections = [
        Section(_tr("Open alarms"), (_alarms(colours, open_alarms, _tr("No alarm is open.")),)),
        Section(_tr("Open faults"), (_alarms(colours, faults, _tr("No fault is open.")),)),
        Section(_tr("Shelved, suppressed, out of service"), (_overlays(told),)),
        Section(_tr("Switched off"), (_disabled(told.settings),)),
        Section(_tr("Notes and comments"), (_lines(told.lines),)),
        *_key_figures(colours, told),
    ]
    return Report(_tr("Hand-over"), sections, lines)


def _alarms(colours: Tokens, alarms: Sequence[Alarm], empty: str) -> Table:
    columns = (
        TableColumn(_tr("Priority"), 1.2),
        TableColumn(_tr("Raised"), 1.7),
        TableColumn(_tr("Place"), 2.0),
        TableColumn(_tr("What"), 4.0),
        TableColumn(_tr("State"), 1.8),
    )
    rows: list[tuple[str | Marked, ...]] = []
    for alarm in alarms[:_MOST]:
        look = alarm_look(colours, alarm)
        state = words.state_word(alarm.state)
        who = alarm.assigned_to or alarm.acknowledged_by
        rows.append(
            (
                Marked(words.priority_word(look.word), look),
                words.date_time(alarm.raised_utc),
                alarm.place_name,
                "\n".join(alarm.reasons),
                f"{state}\n{who}" if who else state,
            )
        )
    if len(alarms) > _MOST:
        rest = _tr("and {0} more; export them from the alarm page").format(len(alarms) - _MOST)
        rows.append(("", "", "", rest, ""))
    return Table(columns, rows, empty)


def _overlays(told: HandOver) -> Table:
    columns = (
        TableColumn(_tr("What"), 1.5),
        TableColumn(_tr("Covers"), 2.5),
        TableColumn(_tr("Reason"), 3.5),
        TableColumn(_tr("By"), 1.2),
        TableColumn(_tr("Until"), 1.7),
    )
    names = {place.id: place.name for place in told.settings.places}
    rows = [
        (
            overlay_word(one.kind),
            _scope(names, one),
            one.reason,
            one.by,
            "–" if one.until_utc is None else words.date_time(one.until_utc),
        )
        for one in told.alarms.overlays[:_MOST]
    ]
    return Table(columns, rows, _tr("Nothing is shelved, suppressed or out of service."))


def _scope(names: dict[str, str], overlay: Overlay) -> str:
    scope = overlay.scope
    parts = (
        names.get(scope.place, scope.place),
        _tr("all kinds") if scope.kind is None else _tr(scope.kind.value),
        scope.source or "",
    )
    return " · ".join(part for part in parts if part)


def _disabled(settings: Settings) -> Table:
    columns = (TableColumn(_tr("Kind"), 1.0), TableColumn(_tr("Name"), 3.0))
    rows = [(_tr("camera"), one.name) for one in settings.cameras if not one.enabled]
    rows += [(_tr("device"), one.name) for one in settings.devices if not one.enabled]
    rows += [(_tr("rule"), one.name) for one in settings.rules if not one.enabled]
    return Table(columns, rows, _tr("Nothing is switched off."))


def _lines(lines: Sequence[ShiftLine]) -> Table:
    columns = (
        TableColumn(_tr("Time"), 1.7),
        TableColumn(_tr("Who"), 1.3),
        TableColumn(_tr("What"), 6.0),
    )
    rows = [(words.date_time(one.at_utc), one.actor, line_words(one)) for one in lines]
    return Table(columns, rows, _tr("Nobody wrote anything in this shift."))


def line_words(line: ShiftLine) -> str:
    """A line of the shift log in words."""
    if line.event is ShiftEvent.HAND_OVER:
        text = _tr("Handed over to {0}.").format(line.about)
        return f"{text} {line.text}".strip()
    if line.event is ShiftEvent.COMMENT:
        return _tr("On an alarm at {0}: {1}").format(line.about, line.text)
    return line.text


def _key_figures(colours: Tokens, told: HandOver) -> list[Section]:
    found = told.figures
    if found is None:
        return [Section(_tr("Key figures"), (Words(_tr("They could not be read.")),))]
    *judged, split = figure_words(colours, found)
    cards = Figures([KeyFigure(figure.caption, figure.value, figure.look) for figure in judged])
    shares = Words(f"{split.caption}: {split.value} ({split.goal})")
    worst = Table(
        (
            TableColumn(_tr("Place"), 2.5),
            TableColumn(_tr("Kind"), 2.0),
            TableColumn(_tr("Alarms"), 1.0, right=True),
            TableColumn(_tr("Share"), 1.0, right=True),
            TableColumn("", 1.5),
        ),
        [
            (
                one.place_name,
                actor_words(one),
                str(one.count),
                f"{one.share:.0%}",
                _tr("chattering") if one.chattering else "",
            )
            for one in found.worst
        ],
        _tr("There was no alarm."),
    )
    floods = Table(
        (
            TableColumn(_tr("Flood began"), 2.0),
            TableColumn(_tr("Lasted"), 1.0, right=True),
            TableColumn(_tr("Alarms"), 1.0, right=True),
        ),
        [flood_words(period) for period in found.floods],
        _tr("There was no flood."),
    )
    stale = Table(
        (
            TableColumn(_tr("Place"), 2.5),
            TableColumn(_tr("Kind"), 2.0),
            TableColumn(_tr("Stands for"), 1.0, right=True),
        ),
        [stale_words(one, told.now_utc) for one in found.stale[:_MOST]],
        _tr("No alarm stands for over 24 h."),
    )
    return [
        Section(_tr("Key figures"), (cards, shares)),
        Section(_tr("Most alarms"), (worst,)),
        Section(_tr("Floods"), (floods,)),
        Section(_tr("Stale alarms"), (stale,)),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("hand_over", text)
