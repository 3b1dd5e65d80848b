"""One incident while it is worked on."""

from dataclasses import dataclass, field, replace

from embereye.model.alarm import Alarm, AlarmState
from embereye.model.ids import AlarmId
from embereye.model.incident import (
    Incident,
    IncidentState,
    Level,
    Member,
    NoteVersion,
    Summary,
    SummaryState,
)
from embereye.rules.grouping import Group
from embereye.rules.incident_score import LevelLimits, level, score
from embereye.services.incident_evidence import Evidence


@dataclass(slots=True, eq=False)
class Case:
    """What is known of one incident. Engine thread.

    Attributes:
        unsaved: Members that are new or more urgent than the disk knows.
        frozen: The newest snapshot; None before the first.
    """

    group: Group
    place_name: str
    first_utc: float
    last_utc: float
    state: IncidentState = IncidentState.OPEN
    assigned_to: str = ""
    closed_by: str = ""
    members: dict[AlarmId, Member] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    summary: Summary = field(default_factory=Summary)
    notes: list[NoteVersion] = field(default_factory=list)
    revision: int = 0
    unsaved: dict[AlarmId, Member] = field(default_factory=dict)
    frozen: Incident | None = None

    @property
    def alarming(self) -> bool:
        """Whether one of its alarms is still open."""
        return bool(self.group.open)

    @property
    def touched(self) -> bool:
        """Whether somebody works on it, or the language model is asked about it."""
        waiting = self.summary.state is SummaryState.WAITING
        worked_on = bool(self.assigned_to or self.notes) or self.state is not IncidentState.OPEN
        return worked_on or waiting

    def take(self, alarm: Alarm) -> bool:
        """One of its alarms was raised, changed or ended; whether more than its words is new."""
        before = self.members.get(alarm.id)
        member = Member(
            alarm=alarm.id,
            kind=alarm.key.kind,
            source=alarm.key.source,
            priority=alarm.priority if before is None else max(before.priority, alarm.priority),
            raised_utc=alarm.raised_utc,
            reasons=alarm.reasons,
            open=alarm.state is not AlarmState.NORMAL,
        )
        self.members[alarm.id] = member
        if before is None or member.priority > before.priority:
            self.unsaved[alarm.id] = member
        return alarm.id in self.unsaved or before is None or member.open != before.open

    def freeze(self, limits: LevelLimits) -> Incident:
        """A new snapshot; the levels are derived by these limits."""
        members, detections = tuple(self.members.values()), self.evidence.tallies()
        points = score(members, detections)
        self.revision += 1
        self.frozen = Incident(
            id=self.group.number,
            place=self.group.place,
            place_name=self.place_name,
            state=self.state,
            gathering=not self.group.ended,
            first_utc=self.first_utc,
            last_utc=self.last_utc,
            assigned_to=self.assigned_to,
            closed_by=self.closed_by,
            priority=max((member.priority for member in members), default=None),
            score=points,
            level=level(points, limits),
            members=members,
            detections=detections,
            spells=self.evidence.spells(),
            summary=_levelled(self.summary, limits),
            notes=tuple(self.notes),
            revision=self.revision,
        )
        return self.frozen


def restored(incident: Incident, last: float) -> Case:
    """The case of an incident of an earlier run, whose last event was at `last`, monotonic s."""
    alarms = {member.alarm for member in incident.members}
    still = {member.alarm for member in incident.members if member.open}
    length = max(0.0, incident.last_utc - incident.first_utc)
    group = Group(
        incident.id, incident.place, last - length, last, shown=True, alarms=alarms, open=still
    )
    return Case(
        group=group,
        place_name=incident.place_name,
        first_utc=incident.first_utc,
        last_utc=incident.last_utc,
        state=incident.state,
        assigned_to=incident.assigned_to,
        closed_by=incident.closed_by,
        members={member.alarm: member for member in incident.members},
        evidence=Evidence(incident.detections, incident.spells),
        summary=_unanswered(incident.summary),
        notes=list(incident.notes),
        revision=incident.revision,
    )


def _unanswered(summary: Summary) -> Summary:
    """What nobody waits for any more is asked again when the incident changes."""
    return Summary() if summary.state is SummaryState.WAITING else summary


def _levelled(summary: Summary, limits: LevelLimits) -> Summary:
    """With the level of its risk by the present limits."""
    found: Level | None = None if summary.risk is None else level(summary.risk, limits)
    return summary if found is summary.level else replace(summary, level=found)
