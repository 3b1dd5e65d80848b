"""Which alarms other rules would have raised over the record, beside those of the present rules."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from embereye.config.rule_options import ConditionGroup
from embereye.config.schema import Settings
from embereye.model.alarm import FAULTS, AlarmKind
from embereye.model.backtest import BacktestResult, Compared, Gap, Occurrence
from embereye.model.daily_test import is_test_place
from embereye.model.errors import StorageError
from embereye.rules.occurrences import Ledger, compare, tallies
from embereye.rules.risk_limits import RiskLimits
from embereye.runtime.clock import Clock
from embereye.services import backtest_gaps
from embereye.services import input_codec as codec
from embereye.services.input_codec import Announcement
from embereye.services.replay import Extent, Lane, Progress, Replay, extent_of
from embereye.services.rule_check import problems
from embereye.storage.database import TELEMETRY_FILE
from embereye.storage.verdicts import newest_of, read_inputs

# s within which an announcement of the replay is that of the record: ages and hours are looked at
# each 0.5 s, restarts take a moment, and a commit at most 1 s
_SAME = 5.0
_UNWRITTEN = 65.0  # s that wait for the disk: a minute of thermal frames, and the way there
_NEWEST = "The newest minute of the running program is not on the disk yet."
_LOWEST_LABEL = 0.2  # confidence; rules that ask for less see each look (services.replay_tape)
_CALM = RiskLimits().vision_off_delay + 20.0  # s; an object is followed for 15 s without a look


@dataclass(frozen=True, slots=True)
class BacktestAsked:
    """What to try.

    Attributes:
        since, until: s UTC.
        tried: Other settings, whose rules and limits are tried; None: what was in force is played
            again and compared with what the program did.
        present: The settings that they are compared with.
    """

    since: float
    until: float
    present: Settings
    tried: Settings | None = None


class Backtest:
    """Plays the record and compares; it only reads. One thread, which it keeps busy for minutes."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def run(self, asked: BacktestAsked, progress: Progress, number: int = 0) -> BacktestResult:
        """Play the record; takes minutes for a week. Never raises for what is on the disk."""
        began = self._clock.mono()
        empty = BacktestResult(number, asked.since, asked.until, asked.tried is None)
        try:
            result = self._played(asked, progress, empty)
        except StorageError as error:
            return replace(empty, problem=str(error))
        return replace(result, seconds=self._clock.mono() - began)

    def _played(
        self, asked: BacktestAsked, progress: Progress, empty: BacktestResult
    ) -> BacktestResult:
        whole, asked = asked, replace(asked, until=self._written(asked.until))
        extent = extent_of(self._folder, asked.since, asked.until)
        lanes = _lanes(asked)
        replay = Replay(self._folder, extent, lanes, _calm(asked))
        finished = replay.play(progress)
        if asked.tried is None:
            rows = self._against_history(asked, lanes[0])
        else:
            rows = _side_by_side(asked, lanes)
        gaps = backtest_gaps.gaps(self._folder / TELEMETRY_FILE, asked.since, asked.until)
        if asked.until < whole.until:
            gaps = (*gaps, Gap(asked.until, whole.until, _NEWEST))
        return replace(
            empty,
            rows=rows,
            places=tallies(rows, _heading),
            days=tallies(rows, _day),
            gaps=gaps,
            notes=_notes(extent, replay.guessed, lanes, asked.tried),
            inputs=replay.inputs,
            cancelled=not finished,
        )

    def _written(self, until: float) -> float:
        """Until when everything is on the disk: a program that runs still has the newest."""
        path = self._folder / TELEMETRY_FILE
        start, stop = (newest_of(path, kind, until) for kind in (codec.START, codec.STOP))
        if start is None or (stop is not None and stop >= start):
            return until
        return min(until, self._clock.now().utc - _UNWRITTEN)

    def _against_history(self, asked: BacktestAsked, lane: Lane) -> tuple[Compared, ...]:
        recorded = [
            codec.announcement_of(row.text)
            for row in read_inputs(self._folder / TELEMETRY_FILE, asked.since, asked.until)
            if row.kind == codec.ANNOUNCED
        ]
        then = [_announced(one) for one in recorded]
        now = [
            _announced(one)
            for one in lane.announced
            if asked.since <= one.shown_utc < asked.until and not is_test_place(one.key.place)
        ]
        return compare(then, now, _SAME)


def _lanes(asked: BacktestAsked) -> list[Lane]:
    if asked.tried is None:
        return [Lane(asked.present, True, Ledger(asked.present.alarms.merge_window))]
    sides = (asked.present, asked.tried)
    return [Lane(side, False, Ledger(side.alarms.merge_window)) for side in sides]


def _side_by_side(asked: BacktestAsked, lanes: list[Lane]) -> tuple[Compared, ...]:
    sides = [
        [
            one
            for one in lane.ledger.occurrences
            if one.key.kind not in FAULTS
            and not is_test_place(one.key.place)
            and one.start_utc < asked.until
            and (one.end_utc is None or one.end_utc >= asked.since)
        ]
        for lane in lanes
    ]
    return compare(sides[0], sides[1], max(lane.ledger.window for lane in lanes))


def _announced(one: Announcement) -> Occurrence:
    """An announcement is compared by its moment; it has no length."""
    return Occurrence(
        one.key, one.place_name, one.at_utc, one.at_utc, one.priority, one.reasons, one.sources
    )


def _notes(
    extent: Extent, guessed: bool, lanes: list[Lane], tried: Settings | None
) -> tuple[str, ...]:
    notes = []
    if extent.amid and any(lane.follows for lane in lanes):
        notes.append(
            "The replay enters a long run of the program half an hour before the beginning: alarms "
            "that were open for longer may call at other moments."
        )
    if guessed:
        notes.append(
            "Nothing recorded says how things stood at the beginning: limits and delays begin "
            "anew there, and verdicts of cameras may be missing."
        )
    if any(lane.ledger.lost for lane in lanes):
        notes.append("There are more occurrences than can be shown. Try a shorter time.")
    if any(lane.unheard for lane in lanes):
        notes.append("Some requests of people were about alarms that did not come up again.")
    if tried is not None:
        notes += [one.sentence for one in problems(tried)]
    bugs = {bug for lane in lanes for bug in lane.bugs}
    notes += [f"A fault of the program itself while {bug}; see the log." for bug in sorted(bugs)]
    return tuple(notes)


def _calm(asked: BacktestAsked) -> float | None:
    """Seconds after which looks at nothing change nothing; None: a rule asks for how little."""
    conditions = [
        condition
        for settings in (asked.present, asked.tried)
        if settings is not None
        for groups in _groups(settings)
        for group in groups
        for condition in group.conditions
        if condition.input == "label"
    ]
    if any(c.comparison != "at least" or c.limit < _LOWEST_LABEL for c in conditions):
        return None
    # Delays run out, and windows of N of M are full of nothing: they have 1 look a second at least.
    waits = [max(c.on_delay, c.off_delay) + c.of for c in conditions]
    return _CALM + max(waits, default=0.0)


def _groups(settings: Settings) -> list[tuple[ConditionGroup, ...]]:
    rules = [rule.groups for rule in settings.rules]
    return rules + [quiet.groups for quiet in settings.suppressions]


def _heading(one: Occurrence) -> str:
    what = f"rule {one.key.source}" if one.key.kind is AlarmKind.RULE else one.key.kind.value
    return f"{one.place_name or one.key.place}: {what}"


def _day(one: Occurrence) -> str:
    return datetime.fromtimestamp(one.start_utc).astimezone().strftime("%Y-%m-%d")
