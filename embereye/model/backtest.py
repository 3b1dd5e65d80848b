"""What other rules would have done: occurrences, compared with those of the present rules."""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.alarm import AlarmKey, Priority


class Outcome(StrEnum):
    """How an occurrence of one side compares with the other side."""

    SAME = "same"
    ONLY_PRESENT = "only present"
    ONLY_TRIED = "only tried"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A cause of one alarm from its beginning to its end.

    Attributes:
        start_utc: Arrival of the packet or frame that made it true, s.
        end_utc: s; None: it had not ended, or nobody knows.
        priority: The highest it reached; `reasons` and `sources` are those of that moment.
        times: How often it called: it began, came back within the merge window, or became graver.
    """

    key: AlarmKey
    place_name: str
    start_utc: float
    end_utc: float | None
    priority: Priority
    reasons: tuple[str, ...]
    sources: tuple[str, ...] = ()
    times: int = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """One occurrence as both sides have it; at least one of them does."""

    outcome: Outcome
    present: Occurrence | None
    tried: Occurrence | None

    @property
    def one(self) -> Occurrence:
        """The tried side's, else the present side's."""
        found = self.tried or self.present
        assert found is not None, "one side has it"
        return found

    @property
    def shift(self) -> float:
        """Seconds by which the tried side is later; negative: earlier; 0 where one has none."""
        if self.present is None or self.tried is None:
            return 0.0
        return self.tried.start_utc - self.present.start_utc

    @property
    def other_priority(self) -> bool:
        """Whether both have it, with different priorities."""
        if self.present is None or self.tried is None:
            return False
        return self.present.priority is not self.tried.priority

    @property
    def other_times(self) -> bool:
        """Whether both have it, and it called more or less often."""
        if self.present is None or self.tried is None:
            return False
        return self.present.times != self.tried.times

    @property
    def other_words(self) -> bool:
        """Whether both have it, for different reasons."""
        if self.present is None or self.tried is None:
            return False
        return self.present.reasons != self.tried.reasons


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which an alarm cannot be judged, s UTC, and why."""

    since_utc: float
    until_utc: float
    text: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many occurrences there are under one heading: a place and kind or rule, or a day."""

    heading: str
    present: int
    tried: int


@dataclass(frozen=True, slots=True)
class BacktestProgress:
    """How far a backtest is; share 0–1."""

    number: int
    share: float
    at_utc: float


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """What came out.

    Attributes:
        number: Of the question that this answers.
        against_history: Whether the present side is what the program did then, announcement by
            announcement; else both sides are replays, occurrence by occurrence.
        rows: In order of time.
        places, days: Counts by place and kind (or rule), and by day of local time.
        notes: What a reader must know, in sentences.
        inputs: Recorded inputs that were played.
        seconds: Time of the machine.
        problem: Why there is no result, in a sentence; "" when there is one.
        cancelled: It was ended early; the rest is not judged.
    """

    number: int
    since_utc: float
    until_utc: float
    against_history: bool = False
    rows: tuple[Compared, ...] = ()
    places: tuple[Tally, ...] = ()
    days: tuple[Tally, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    inputs: int = 0
    seconds: float = 0.0
    problem: str = ""
    cancelled: bool = False

    def count(self, outcome: Outcome) -> int:
        """How many rows have this outcome."""
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def equal(self) -> bool:
        """Whether both sides agree: what, when (within 1 s), how urgent and why."""
        return all(
            row.outcome is Outcome.SAME
            and abs(row.shift) <= 1.0
            and not row.other_priority
            and not row.other_words
            and not row.other_times
            for row in self.rows
        )
