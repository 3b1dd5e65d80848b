"""`embereye bench ui`: 3,000 open alarms that change 500 times a second, in the real window."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from embereye.app import Program, Site
from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.config.load import Layers
from embereye.config.schema import Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority
from embereye.model.alarm import Report as Verdict
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import AcknowledgeAsked
from embereye.runtime.clock import Clock, SystemClock
from embereye.runtime.worker import PlainThreads, ThreadHost
from embereye.ui.list_bench import ListSeen, watch_list
from embereye.ui.scale_bench import WatchedWindow, with_window

ALARMS, RATE = 3_000, 500  # open alarms, updates per second (alarm design)
_TICK = 0.02  # s between two bursts of updates
_PLACES = 300  # ten alarms each
_STEADY = 25  # each such alarm keeps its place in the order: some are on every screen
_STRIDE = 7919  # prime: successive updates hit alarms all over the list
_RAISED = 60.0  # s until all alarms are open
_JOIN = 10.0  # s for the loading thread to end
_ACKNOWLEDGED, _ENDED = 7, 8  # which of ten updates
_PRIORITIES = (Priority.LOW, Priority.MEDIUM, Priority.HIGH)


@dataclass(frozen=True, slots=True)
class _Burst:
    """So many updates, of which the first has this number."""

    first: int
    count: int


def run(seconds: float) -> Report:
    """Watch the list for `seconds`: half of it plain, half of it grouped by place."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="embereye-bench-") as folder:
        stage = _Stage(Path(folder), clock, seconds)
        try:
            with_window(stage.start, stage.play, clock)
        finally:
            stage.stop()
    metrics = {
        **_metrics("list", stage.plain),
        **_metrics("grouped", stage.grouped),
        "updates_per_s": at_least(stage.changes / stage.lasted, 0.9 * RATE, "1/s"),
    }
    notes = [
        f"The whole program with its window of 1920×1080 on the page of alarms: {ALARMS} open"
        f" alarms at {_PLACES} places, {RATE} updates a second by reports, acknowledgements, ends"
        " and new causes, each committed to the database before it is shown.",
        "Stall: by how much beats of 5 ms of the GUI thread come late; own work is its processor"
        " time between two beats, without what other threads and programs took.",
        "Selection and height are looked at each 20 ms; what is selected lies in the midst of the"
        " list.",
    ]
    return Report("ui", metrics, notes)


class _Stage:
    """The program under load. `play` runs in the GUI thread, `_turn` in the engine's."""

    def __init__(self, folder: Path, clock: Clock, seconds: float) -> None:
        self._folder, self._clock, self._seconds = folder, clock, seconds
        self._program: Program | None = None
        self._over = Event()
        self._ids: dict[AlarmKey, AlarmId] = {}
        self.plain, self.grouped = ListSeen(), ListSeen()
        self.changes, self.lasted = 0, 1.0

    def start(self, threads: ThreadHost) -> Program:
        """Start the program and open all alarms."""
        store = SettingsStore(Layers(self._folder / "settings.toml", environment={}))
        store.save({"sensors": Sensors(enabled=False)}, 0)
        site = Site(self._folder, store, FileSecrets(self._folder), threads, self._clock)
        program = self._program = Program(site)
        program.engine.on(_Burst, self._turn)
        program.start()
        for first in range(0, ALARMS, RATE):
            program.engine.post(_Burst(first, RATE))
        pause, deadline = Event(), self._clock.mono() + _RAISED
        while len(program.alarms.current.alarms) < ALARMS and self._clock.mono() < deadline:
            pause.wait(_TICK)
        return program

    def play(self, window: WatchedWindow) -> None:
        """Watch the list, plain and then by place, while it changes."""
        if self._program is None:
            return
        page = window.alarms_page()
        steady = [a.id for a in self._program.alarms.current.alarms if _steady(_number(a.key))]
        begin = self._clock.mono()
        loading = PlainThreads().start("load", self._load)
        try:
            half = self._seconds / 2
            self.plain = watch_list(page, False, steady, half, self._clock)
            self.grouped = watch_list(page, True, steady, half, self._clock)
        finally:
            self.lasted = self._clock.mono() - begin
            self._over.set()
            loading.join(_JOIN)

    def stop(self) -> None:
        """Stop the program."""
        if self._program is not None:
            self._program.stop()

    def _load(self) -> None:
        program, count = self._program, round(RATE * _TICK)
        if program is None:
            return
        first, start = ALARMS, self._clock.mono()
        while not self._over.is_set():
            program.engine.post(_Burst(first, count))
            first += count
            due = start + (first - ALARMS) / RATE
            self._over.wait(max(0.0, due - self._clock.mono()))

    def _turn(self, burst: _Burst) -> None:
        if self._program is None:
            return
        if burst.first // RATE != (burst.first - burst.count) // RATE:  # ids are new ones seldom
            self._ids = {a.key: a.id for a in self._program.alarms.current.alarms}
        for update in range(burst.first, burst.first + burst.count):
            self._update(self._program, update)
        self.changes += burst.count if burst.first >= ALARMS else 0

    def _update(self, program: Program, update: int) -> None:
        """Seven of ten updates are reports, the others an acknowledgement, an end, a new cause."""
        number, way = update * _STRIDE % ALARMS, update * _STRIDE // ALARMS % 10
        key, cause = _key(number), Cause.ACTIVE
        if update >= ALARMS and not _steady(number):
            alarm = self._ids.get(key)
            if way == _ACKNOWLEDGED and alarm is not None:
                program.engine.hand_on(AcknowledgeAsked(alarm, "bench"))
                return
            cause = Cause.CLEAR if way == _ENDED else Cause.ACTIVE
        reasons = (f"person in zone {number}, seen {update} times",)
        priority = _PRIORITIES[number % len(_PRIORITIES)]
        now = self._clock.now()
        name = f"Hall {number % _PLACES}"
        program.alarms.report(Verdict(key, cause, priority, reasons, now, name))


def _key(number: int) -> AlarmKey:
    return AlarmKey(PlaceId(f"hall{number % _PLACES}"), AlarmKind.INTRUSION, str(number))


def _number(key: AlarmKey) -> int:
    return int(key.source)


def _steady(number: int) -> bool:
    """Whether an alarm keeps its place in the order; its reasons change all the same."""
    return number % _STEADY == 0


def _metrics(name: str, seen: ListSeen) -> dict[str, Metric]:
    p50, p99, most = ((seen.late.percentile(p) or 0.0) * 1e3 for p in (50, 99, 100))
    busy = (seen.busy.percentile(99) or 0.0) * 1e3
    return {
        f"{name}_stall_p50_ms": Metric(round(p50, 1), "ms"),
        f"{name}_stall_p99_ms": at_most(p99, 50, "ms"),
        f"{name}_stall_most_ms": Metric(round(most, 1), "ms"),
        f"{name}_own_work_p99_ms": Metric(round(busy, 1), "ms"),
        f"{name}_selection_lost": at_most(seen.selection_lost, 0, "times"),
        f"{name}_scroll_moved": at_most(seen.moved, 0, "times"),
        f"{name}_looks": at_least(seen.looks, 1, "times"),
        f"{name}_rows": at_least(seen.rows, 0.9 * ALARMS, "alarms"),
    }
