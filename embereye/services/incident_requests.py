"""What people ask about incidents: how far they are, who takes care, what is noted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from embereye.model.ids import IncidentId
from embereye.model.incident import IncidentState, NoteVersion
from embereye.model.incident_messages import (
    AssignIncidentAsked,
    EditNoteAsked,
    IncidentStateAsked,
    SummaryAsked,
)
from embereye.model.messages import RequestRefused
from embereye.model.role import Operation
from embereye.model.stamp import Stamp
from embereye.rules.note_merge import Authors, merge
from embereye.rules.plain_text import clean_line, clean_text
from embereye.runtime.engine import Engine
from embereye.services.incident_board import IncidentBoard
from embereye.services.incident_case import Case

LONGEST_NOTE = 20_000  # characters: twice the longest comment on an alarm
_LONGEST_NAME = 120  # characters, as the name of an operator in the settings
_MOST_VERSIONS = 500  # of one note, all in memory: 10 MB at the worst
_GONE = "There is no such incident any more. Look it up with 'embereye list incidents'."

Asked = IncidentStateAsked | AssignIncidentAsked | EditNoteAsked | SummaryAsked


class Audit(Protocol):
    """`storage.audit.AuditStore.record`."""

    def __call__(self, kind: str, subject: str, actor: str, text: str, at: Stamp) -> None:
        """Keep that somebody did something."""


@dataclass(frozen=True, slots=True)
class Office:
    """Whom requests need.

    Attributes:
        refusal: `Access.refusal`.
        publish: For the answer to whoever asked.
        summarise: Asks the language model now; why it cannot, in words, or "".
    """

    refusal: Callable[[str, Operation], str]
    publish: Callable[[object], None]
    audit: Audit
    summarise: Callable[[Case], str]


class IncidentRequests:
    """Does what is asked, or refuses it with a reason. Engine thread.

    Handles IncidentStateAsked, AssignIncidentAsked, EditNoteAsked and SummaryAsked.
    """

    def __init__(self, engine: Engine, board: IncidentBoard, office: Office) -> None:
        self._engine, self._board, self._office = engine, board, office
        engine.on(IncidentStateAsked, self._state)
        engine.on(AssignIncidentAsked, self._assign)
        engine.on(EditNoteAsked, self._note)
        engine.on(SummaryAsked, self._summary)

    def _state(self, asked: IncidentStateAsked) -> None:
        case = self._permitted(asked)
        if case is None:
            return
        if asked.state is case.state:
            self._refuse(asked, f"This incident is {asked.state.value} already.")
        elif asked.state is IncidentState.CLOSED and case.alarming:
            self._refuse(asked, _still_open(case))
        else:
            closes = asked.state is IncidentState.CLOSED
            self._done(asked, case, f"{case.state.value} → {asked.state.value}")
            case.state, case.closed_by = asked.state, asked.actor if closes else ""

    def _assign(self, asked: AssignIncidentAsked) -> None:
        case, to = self._permitted(asked), clean_line(asked.to)
        if case is None:
            return
        if len(to) > _LONGEST_NAME:
            self._refuse(asked, f"A name has at most {_LONGEST_NAME} characters. Shorten it.")
        elif to != case.assigned_to:
            case.assigned_to = to
            self._done(asked, case, f"assigned to {to}" if to else "assigned to nobody")

    def _note(self, asked: EditNoteAsked) -> None:
        case, text = self._permitted(asked), clean_text(asked.text)
        if case is None:
            return
        if len(text) > LONGEST_NOTE:
            self._refuse(asked, f"A note has at most {LONGEST_NOTE:,} characters. Shorten it.")
        elif len(case.notes) >= _MOST_VERSIONS:
            self._refuse(asked, f"This note has {_MOST_VERSIONS} versions. Write no more into it.")
        else:
            version = _next_version(case.notes, asked, text, self._engine.clock.now().utc)
            if version is not None:
                case.notes.append(version)
                both = ", two versions of some lines" if version.conflict else ""
                self._done(asked, case, f"note, version {version.number}{both}")

    def _summary(self, asked: SummaryAsked) -> None:
        case = self._permitted(asked)
        if case is None:
            return
        problem = self._office.summarise(case)
        if problem:
            self._refuse(asked, problem)
        else:
            self._done(asked, case, "asked for a summary")

    def _permitted(self, asked: Asked) -> Case | None:
        refusal = self._office.refusal(asked.actor, Operation.EDIT_INCIDENTS)
        case = self._board.case(asked.incident)
        if refusal or case is None:
            self._refuse(asked, refusal or _GONE)
            return None
        return case

    def _refuse(self, asked: Asked, text: str) -> None:
        subject = f"incident:{asked.incident}"
        self._office.publish(RequestRefused(text, asked.actor, subject))

    def _done(self, asked: Asked, case: Case, text: str) -> None:
        subject, now = _subject(case.group.number), self._engine.clock.now()
        self._office.audit("incident", subject, asked.actor, text, now)
        self._board.change(case)


def _next_version(
    versions: list[NoteVersion], asked: EditNoteAsked, text: str, at_utc: float
) -> NoteVersion | None:
    """What becomes of a note that was edited; None when it stays as it is.

    Versions are numbered from 1 on, so version n is the n-th in the list.
    """
    present = versions[-1] if versions else None
    before = present.text if present else ""
    base = versions[asked.base - 1].text if 0 < asked.base <= len(versions) else ""
    theirs = present.author if present else ""
    joined = merge(base, before, text, Authors(theirs, asked.actor))
    if joined.text == before:
        return None
    number = len(versions) + 1
    return NoteVersion(number, joined.text, asked.actor, at_utc, asked.base, joined.conflict)


def _still_open(case: Case) -> str:
    alarms = sorted(case.group.open)
    named = ", ".join(str(number) for number in alarms[:3])
    more = f" and {len(alarms) - 3} more" if len(alarms) > 3 else ""
    return (
        f"This incident cannot be closed while its alarms are open: {named}{more}. Acknowledge "
        "and reset them first."
    )


def _subject(number: IncidentId) -> str:
    return str(int(number))
