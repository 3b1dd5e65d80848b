"""How incidents are said to an operator."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from embereye.model.ids import CameraId
from embereye.model.incident import (
    Incident,
    IncidentState,
    Level,
    LlmCondition,
    LlmState,
    Summary,
    SummaryState,
    Tally,
)
from embereye.ui import words
from embereye.ui.theme import Look, Shape, Tokens


def level_look(colours: Tokens, level: Level) -> Look:
    """How a level is shown: colour, shape and word together."""
    return {
        Level.CRITICAL: Look(colours.fire, Shape.SQUARE, True, _tr("Critical")),
        Level.HIGH: Look(colours.high, Shape.TRIANGLE, True, _tr("High")),
        Level.MEDIUM: Look(colours.medium, Shape.DIAMOND, True, _tr("Medium")),
        Level.LOW: Look(colours.low, Shape.CIRCLE, True, _tr("Low")),
    }[level]


def incident_look(colours: Tokens, incident: Incident) -> Look:
    """How an incident is shown: one that is closed is an outline without colour."""
    look = level_look(colours, incident.level)
    if incident.state is not IncidentState.CLOSED:
        return look
    return Look(colours.muted, look.shape, False, look.word)


def state_word(state: IncidentState) -> str:
    """How far people are."""
    return {
        IncidentState.OPEN: _tr("Open"),
        IncidentState.IN_PROGRESS: _tr("In progress"),
        IncidentState.NEEDS_REVIEW: _tr("Needs review"),
        IncidentState.CLOSED: _tr("Closed"),
    }[state]


def kinds(incident: Incident) -> str:
    """Its kinds of alarms with their number: "2 fire · gas"."""
    counts: dict[str, int] = {}
    for member in incident.members:
        counts[member.kind.value] = counts.get(member.kind.value, 0) + 1
    if not counts:
        return _tr("no alarm")
    return " · ".join(f"{n} {kind}" if n > 1 else kind for kind, n in counts.items())


def seen(incident: Incident) -> str:
    """What cameras saw, each label once with its highest confidence."""
    best: dict[str, float] = {}
    for tally in incident.detections:
        best[tally.label] = max(tally.best, best.get(tally.label, 0.0))
    surest = sorted(best.items(), key=lambda item: -item[1])
    return " · ".join(f"{label} {confidence:.2f}" for label, confidence in surest)


def tally_line(tally: Tally, names: Mapping[CameraId, str]) -> str:
    """What one camera saw of one label, and when."""
    return _tr("{0}: {1} {2:.2f}, {3} pictures, {4}–{5}").format(
        names.get(tally.camera, tally.camera),
        tally.label,
        tally.best,
        f"{tally.pictures:,}",
        words.clock_time(tally.first_utc),
        words.clock_time(tally.last_utc),
    )


def when(incident: Incident) -> str:
    """From when to when, and how long."""
    lasted = words.span(incident.last_utc - incident.first_utc)
    begun, ended = words.date_time(incident.first_utc), words.clock_time(incident.last_utc)
    if incident.gathering and incident.alarming:
        return _tr("since {0}, for {1} so far").format(begun, lasted)
    return _tr("{0} to {1}, {2}").format(begun, ended, lasted)


def standing(incident: Incident) -> str:
    """Its state, who has it, who closed it."""
    parts = [state_word(incident.state)]
    if incident.closed_by:
        nobody = incident.closed_by == "system"
        parts = [
            _tr("Closed by itself, all was over")
            if nobody
            else _tr("Closed by {0}").format(incident.closed_by)
        ]
    if incident.assigned_to:
        parts.append(_tr("assigned to {0}").format(incident.assigned_to))
    return " · ".join(parts)


def risk_cell(summary: Summary) -> str:
    """The language model's risk in a list: a number, or why there is none."""
    if summary.state is SummaryState.READY and summary.risk is not None:
        return str(summary.risk)
    return {
        SummaryState.WAITING: _tr("asked …"),
        SummaryState.NEEDS_REVIEW: _tr("needs review"),
    }.get(summary.state, "")


def risk_line(summary: Summary) -> str:
    """The same in the details, labelled as what it is."""
    if summary.state is SummaryState.READY and summary.level is not None:
        return _tr("Risk {0} of 100, {1}, by the language model at {2}").format(
            summary.risk, summary.level.value, words.clock_time(summary.at_utc)
        )
    if summary.state is SummaryState.WAITING:
        return _tr("The language model is being asked.")
    if summary.state is SummaryState.NEEDS_REVIEW:
        return _tr("Needs review: there is no summary and no score. Read the facts yourself.")
    return ""


def model_line(state: LlmState) -> str:
    """How the language model stands, where there is no summary; what to do about it."""
    if state.condition is LlmCondition.OFF:
        return _tr("No language model is set up. Alarms and incidents work without one.")
    if state.condition is LlmCondition.UNUSABLE:
        return state.text
    return _tr("It is asked when an incident begins with something grave, or has become quiet.")


def health_line(state: LlmState) -> str:
    """How the language model stands, in complete sentences; what is wrong comes first."""
    stands = _tr("{0} is {1}.").format(state.place, state.condition.value) if state.place else ""
    waiting = _tr("{0} incidents wait.").format(state.waiting) if state.waiting else ""
    return " ".join(part for part in (state.text, stands, waiting, state.warning) if part)


def _tr(text: str) -> str:
    return QCoreApplication.translate("incident_words", text)
