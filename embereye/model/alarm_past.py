"""Questions about alarms that are over, and their answers; frozen, from thread to thread."""

from dataclasses import dataclass

from embereye.model.alarm import Alarm, AlarmAction, AlarmKind, Priority
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.kpi import Figures
from embereye.model.shift import ShiftLine


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which closed alarms are meant.

    Attributes:
        since, until: First announcement, s UTC; None: no bound. `until` is excluded.
        kinds, priorities, places: Any of them; empty: all.
        text: Words, all of which are in place, reasons, source, names or comments, in any case.
    """

    since: float | None = None
    until: float | None = None
    kinds: tuple[AlarmKind, ...] = ()
    priorities: tuple[Priority, ...] = ()
    places: tuple[PlaceId, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class HistoryAsked:
    """One page of closed alarms, newest first.

    Attributes:
        before: First announcement (s UTC) and id of the last alarm of the page before; None: the
            first page.
        most: Alarms in the page.
    """

    wanted: HistoryFilter
    before: tuple[float, AlarmId] | None = None
    most: int = 200


@dataclass(frozen=True, slots=True, eq=False)
class HistoryRead:
    """The answer.

    Attributes:
        more: Whether older ones follow.
        problem: Why there are none, for an operator.
    """

    asked: HistoryAsked
    alarms: tuple[Alarm, ...]
    more: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StoryAsked:
    """What happened to one alarm.

    Attributes:
        revision: As the screen shows it: what came later needs another question.
    """

    alarm: AlarmId
    revision: int


@dataclass(frozen=True, slots=True, eq=False)
class StoryRead:
    """The answer.

    Attributes:
        actions: The newest `STORY_MOST`, oldest first; `at.mono` means nothing.
        earlier: How many older ones are left out.
        problem: Why there are none, for an operator.
    """

    asked: StoryAsked
    actions: tuple[AlarmAction, ...]
    earlier: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FiguresAsked:
    """Key figures of a span, s UTC.

    Attributes:
        number: Tells a question from the same one asked earlier.
    """

    since: float
    until: float
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class FiguresRead:
    """The answer; None with the reason, for an operator."""

    asked: FiguresAsked
    figures: Figures | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShiftAsked:
    """The shift log of a span, s UTC; `number` as with figures."""

    since: float
    until: float
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class ShiftRead:
    """The answer, oldest first."""

    asked: ShiftAsked
    lines: tuple[ShiftLine, ...]
    problem: str = ""


STORY_MOST = 200  # actions; more nobody reads in a pane, the export of the audit has all
AlarmPastAsked = HistoryAsked | StoryAsked | FiguresAsked | ShiftAsked
AlarmPastRead = HistoryRead | StoryRead | FiguresRead | ShiftRead
