"""Plays recorded inputs through the rules: one or two sides at once, each with its settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embereye.config.schema import Settings
from embereye.model.ids import DeviceId
from embereye.rules.occurrences import Ledger
from embereye.services import input_codec as codec
from embereye.services.input_codec import Announcement, Beginning
from embereye.services.replay_stack import AlarmMemory, Outputs, ReplayClock, ReplayStack
from embereye.services.replay_tape import Entry, Tape
from embereye.storage.database import EVIDENCE_FILE, TELEMETRY_FILE
from embereye.storage.thermal_background import SavedBackground, load_backgrounds
from embereye.storage.verdicts import RecordedInput, newest_of, read_inputs

_TURN = 0.5  # s, the period of the rules' timers
# s: a run that began at most so long before the first moment asked for is played from its start,
# where nothing is guessed. Six hours of 16 cameras take some ten seconds.
_WHOLE = 21_600.0
_WARM = 1_800.0  # s at least that are played before that moment where a longer run is entered

_REST = 1.0  # s after the last input; a program that was killed did nothing any more

Progress = Callable[[float], bool]  # gets s UTC; False ends the replay


@dataclass(slots=True)
class Lane:
    """One side of a replay.

    Attributes:
        settings: In force now.
        follows: Whether the recorded settings and requests of people are followed; else the
            settings stay as they are and nobody handles the alarms.
        ledger: What the rules reported.
        announced: What was announced, with `follows`.
        unheard: Requests about alarms that this side does not have.
    """

    settings: Settings
    follows: bool
    ledger: Ledger
    announced: list[Announcement] = field(default_factory=list)
    unheard: int = 0
    bugs: list[str] = field(default_factory=list)
    memory: AlarmMemory = field(default_factory=AlarmMemory)
    stack: ReplayStack | None = None
    begun: bool = False

    def end(self) -> None:
        """The run is over; the next one has its own stack."""
        if self.stack is not None:
            self.bugs += self.stack.bugs
        self.stack = None


@dataclass(frozen=True, slots=True)
class Extent:
    """What a replay plays, s UTC: from `begin`, where the state is known, to `until`.

    Attributes:
        recorded: Whether there is a record of the state at `begin`.
        phase: When the run of `begin` started; its timers count from there.
        amid: It begins in the middle of a run: what was open is known, but not since when.
    """

    begin: float
    until: float
    recorded: bool
    phase: float
    amid: bool = False


def extent_of(folder: Path, since: float, until: float) -> Extent:
    """Where a replay of [since, until] must begin; StorageError when that cannot be read."""
    path = folder / TELEMETRY_FILE
    start = newest_of(path, codec.START, since)
    if start is not None and since - start <= _WHOLE:
        return Extent(start, until, recorded=True, phase=start)
    state = newest_of(path, codec.STATE, since - _WARM)
    if state is None or (start is not None and start > state):
        state = start
    if state is None:
        return Extent(since - _WARM, until, recorded=False, phase=since)
    return Extent(state, until, recorded=True, phase=start or state, amid=state != start)


class Replay:
    """One pass over the record. One thread of its own; it only reads.

    Attributes:
        inputs: How many were played.
        guessed: Whether inputs were played from before the first record of how things stood.
    """

    def __init__(
        self, folder: Path, extent: Extent, lanes: Sequence[Lane], calm: float | None
    ) -> None:
        """`calm` as of `Tape`; StorageError when the databases cannot be read."""
        self.inputs = 0
        self.guessed = False
        self._known = extent.recorded
        self._path = folder / TELEMETRY_FILE
        self._extent = extent
        self._lanes = lanes
        self._tape = Tape(folder, calm)
        self._backgrounds: Mapping[DeviceId, SavedBackground] = load_backgrounds(
            folder / EVIDENCE_FILE
        )

    def play(self, progress: Progress) -> bool:
        """Play all; False when `progress` ended it. StorageError when the record is damaged."""
        begin, until = self._extent.begin, self._extent.until
        if self._extent.recorded:
            self._begin_with_record(begin)
        else:
            self._begin(begin, Beginning(begin, self._lanes[0].settings))
        last = begin
        for entries in self._tape.entries(begin, until, self._lanes):
            for entry in entries:
                for number, lane in enumerate(self._lanes):
                    self._give(number, lane, entry)
            self.inputs += len(entries)
            last = entries[-1].utc if entries else last
            if not progress(last):
                return False
        for lane in self._lanes:
            if lane.stack is not None:
                lane.stack.run_until(min(until, last + _REST))
                lane.end()
        return progress(until)

    def _begin_with_record(self, begin: float) -> None:
        rows = read_inputs(self._path, begin, begin + 1e-3)
        row = next(one for one in rows if one.kind in (codec.START, codec.STATE))
        if row.kind == codec.STATE:
            self._begin(begin, codec.beginning_of(row.text))

    def _begin(self, at: float, beginning: Beginning) -> None:
        turns = max(0.0, (at - self._extent.phase) // _TURN)
        clock_at = min(at, self._extent.phase + turns * _TURN)
        for lane in self._lanes:
            if lane.follows:
                lane.memory.begin_with(beginning)
            self._start(lane, clock_at, beginning)
            for message in _facts(beginning, at):
                assert lane.stack is not None
                lane.stack.ask(at, message)

    def _start(self, lane: Lane, at: float, beginning: Beginning) -> None:
        if lane.follows and self._known:
            lane.settings = beginning.settings
        lane.end()
        lane.begun = True
        outputs = Outputs(lane.ledger.take, lane.announced.append)
        lane.stack = ReplayStack(
            ReplayClock(at), lane.settings, beginning, lane.memory, outputs, self._backgrounds
        )

    def _give(self, number: int, lane: Lane, entry: Entry) -> None:
        item = entry.item
        if isinstance(item, RecordedInput):
            self._give_input(lane, item)
        elif lane.stack is not None:
            self.guessed = self.guessed or not self._known
            lane.stack.take(entry.utc, item[number] if isinstance(item, tuple) else item)

    def _give_input(self, lane: Lane, row: RecordedInput) -> None:
        if row.kind == codec.START:
            self._known = True
            beginning = codec.beginning_of(row.text)
            if not lane.begun and lane.follows:
                lane.memory.begin_with(beginning)
            self._start(lane, row.at_utc, beginning)
        elif lane.stack is None or row.kind in _MARKS:
            return
        elif row.kind == codec.ALIVE:
            lane.stack.run_until(row.at_utc)
        elif row.kind == codec.STOP:
            lane.stack.run_until(row.at_utc)
            lane.end()
        elif row.kind == codec.SETTINGS:
            if lane.follows:
                lane.stack.run_until(row.at_utc)
                lane.settings = codec.settings_of(row.text)
                lane.stack.apply(lane.settings)
        elif row.kind == codec.BLIND:
            lane.stack.go_blind(*codec.blind_of(row.text))
        elif row.kind == codec.DOUBTED:
            lane.stack.doubt(row.at_utc, codec.doubted_of(row.text))
        else:
            self._ask(lane, row)

    def _ask(self, lane: Lane, row: RecordedInput) -> None:
        asked = codec.message_of(row.kind, row.text)
        if asked is None or lane.stack is None:
            return
        if not lane.follows and isinstance(asked.message, codec.REQUESTS):
            return
        lane.unheard += not lane.stack.ask(row.at_utc, asked)


_MARKS = (codec.STATE, codec.ANNOUNCED)


def _facts(beginning: Beginning, at: float) -> list[codec.Asked]:
    """The devices that were connected, as messages."""
    return [codec.seen_asked(device, profile, at) for device, profile in beginning.seen.items()]
