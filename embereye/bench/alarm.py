"""`embereye bench alarm`: from a packet or a verdict to what an operator sees and hears."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from embereye.app import Program
from embereye.bench.alarm_load import PERIOD, burning_packets, burning_verdicts
from embereye.bench.alarm_site import (
    CAMERAS,
    DEVICES,
    RULES,
    alarm_program,
    device_names,
    look_out,
)
from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.bench.sensor_load import LoadProcess, paced
from embereye.model.errors import EmberEyeError
from embereye.runtime.clock import SystemClock
from embereye.runtime.metrics import percentile
from embereye.ui.alarm_bench import Seen, seen_latencies

_DEVICE_RATE = 10.0  # packets/s of each device
WARM_UP = 8.0  # s until pictures are on the wall, detectors look, and the sound process plays
_DRAIN = 1.5  # s after the load for what is still on its way
_LISTEN = 10.0  # s until the listener is open
# Packets, and verdicts, of a run; the listener offers 200 devices that nobody registered.
_LEAST, _MOST = 2, 150
_SHARE = 0.99  # of the alarms that must be painted; the last may come with the end

_TARGETS = {50: None, 95: 100.0, 99: 200.0}  # ms by percentile (project's targets)
_NO_SOUND = "no sound device: the sound counts from the order, which nothing confirmed"
_SOUND = (
    "to_sound counts to the sound process's own moment: file loaded, device open, Qt playing it"
)


@dataclass(frozen=True, slots=True)
class _Run:
    """One measured run.

    Attributes:
        caused: Alarms that packets, and verdicts, must have raised; as many each.
        commit: p95 of the bare commit of an alarm, s.
        judged: p95 from a decoded picture to its verdict, s; None without cameras.
    """

    seen: Seen
    caused: int
    commit: float
    judged: float | None
    handled: float


def run(seconds: float, warm_up: float = WARM_UP) -> Report:
    """Raise alarms for a third of `seconds` on an idle program, and for `seconds` on a busy one.

    Args:
        warm_up: s before each of them.
    """
    idle = _measured(seconds / 3, warm_up, loaded=False)
    loaded = _measured(seconds, warm_up, loaded=True)
    metrics = {**_metrics("idle", idle), **_metrics("loaded", loaded)}
    metrics |= _ratios(idle, loaded)
    return Report("alarm", metrics, _notes(loaded))


def _measured(seconds: float, warm_up: float, *, loaded: bool) -> _Run:
    count = min(_MOST, max(_LEAST, round(seconds / PERIOD)))
    with tempfile.TemporaryDirectory(prefix="embereye-bench-") as folder:
        clock = SystemClock()
        program = alarm_program(Path(folder), clock, loaded=loaded)
        program.start()
        try:
            look_out(program, count)
            load = _Load(program, clock, count, warm_up, loaded=loaded)
            seen = seen_latencies(program, load.run, clock)
            pool = program.cameras.feeder.current.pool
            judged = pool.latency.total_p95 if pool is not None else None
            commit = program.storage.evidence.commit_seconds.percentile(95) or 0.0
        finally:
            program.stop()
    return _Run(seen, count, commit, judged, load.handled)


class _Load:
    """What burns, and all that goes on beside it. `run` in a thread of its own.

    Attributes:
        handled: Messages that the engine handled a second meanwhile.
    """

    def __init__(
        self, program: Program, clock: SystemClock, count: int, warm_up: float, *, loaded: bool
    ) -> None:
        self._program, self._clock, self._count, self._loaded = program, clock, count, loaded
        self._warm_up = warm_up
        self._pause = Event()
        self.handled = 0.0

    def run(self, begin: Callable[[], None]) -> None:
        """Load for as long as it takes; `begin` is called when the warm-up is over."""
        server = self._program.devices.server
        if not server.listening.wait(_LISTEN) or server.port is None:
            raise EmberEyeError("The sensor port did not open.")
        seconds = self._warm_up + self._count * PERIOD + _DRAIN
        calm = None
        if self._loaded:
            calm = LoadProcess(paced, server.port, device_names(), _DEVICE_RATE, seconds)
        self._pause.wait(self._warm_up)
        begin()
        before, began = self._program.engine.handled, self._clock.mono()
        burning = LoadProcess(burning_packets, server.port, self._count)
        self._verdicts()
        burning.sent()
        self._pause.wait(_DRAIN)
        self.handled = (self._program.engine.handled - before) / (self._clock.mono() - began)
        if calm is not None:
            calm.sent()

    def _verdicts(self) -> None:
        began = self._clock.mono() + PERIOD / 2
        for number in range(self._count):
            self._pause.wait(max(0.0, began + number * PERIOD - self._clock.mono()))
            self._program.engine.post_many(burning_verdicts(self._clock, number))


def _metrics(name: str, run: _Run) -> dict[str, Metric]:
    seen = run.seen
    found: dict[str, Metric] = {}
    for what, values in (
        ("packet_to_committed", seen.packets.committed),
        ("packet_to_painted", seen.packets.painted),
        ("packet_to_sound", seen.packets.sounded),
        ("verdict_to_committed", seen.verdicts.committed),
        ("verdict_to_painted", seen.verdicts.painted),
        ("verdict_to_sound", seen.verdicts.sounded),
    ):
        found |= _percentiles(f"{name}_{what}", values)
    caused = 2 * run.caused
    found[f"{name}_committed"] = at_least(seen.count("committed"), caused, "alarms")
    found[f"{name}_painted"] = at_least(seen.count("painted"), _SHARE * caused, "alarms")
    found[f"{name}_sounded"] = Metric(seen.count("sounded"), "alarms")
    found[f"{name}_shown_before_recorded"] = Metric(seen.early, "alarms")
    found[f"{name}_commit_p95_ms"] = at_most(1e3 * run.commit, 10, "ms")
    found[f"{name}_messages_per_s"] = Metric(round(run.handled, 1), "1/s")
    if run.judged is not None:
        found[f"{name}_picture_to_verdict_p95_ms"] = Metric(round(1e3 * run.judged, 1), "ms")
    return found


def _percentiles(name: str, values: list[float]) -> dict[str, Metric]:
    found = {}
    for percent, target in _TARGETS.items():
        value = percentile(values, percent)
        milliseconds = float("inf") if value is None else 1e3 * value
        key = f"{name}_p{percent}_ms"
        plain = Metric(round(milliseconds, 1), "ms")
        found[key] = plain if target is None else at_most(milliseconds, target, "ms")
    return found


def _ratios(idle: _Run, loaded: _Run) -> dict[str, Metric]:
    """How much the load costs, and what the whole chain costs beside one bare commit."""
    before = percentile(idle.seen.packets.painted, 95) or 0.0
    after = percentile(loaded.seen.packets.painted, 95) or 0.0
    return {
        "painted_p95_loaded_over_idle": Metric(round(after / max(before, 1e-6), 2), "x"),
        "painted_p95_over_commit_p95": Metric(round(after / max(loaded.commit, 1e-6), 2), "x"),
    }


def _notes(loaded: _Run) -> list[str]:
    return [
        f"Loaded: {CAMERAS} live cameras of 640×360 at 15 fps that a detector process looks at,"
        f" with a zone each; {DEVICES} devices with {_DEVICE_RATE:g} packets/s through the own"
        f" socket from another process; {RULES} rules; incidents, notices (no target), recording"
        " for backtests and history as in any program. Idle: the same program and window without"
        " cameras and devices.",
        "Packets that burn come through the socket from another process; latency counts from"
        " their arrival stamp. Verdicts that burn are posted to the engine; what a picture takes"
        " until its verdict is picture_to_verdict, of the live cameras in the same run.",
        "committed: AlarmChanged was published with the alarm on the disk; painted: the popup of"
        " this alarm has been painted (offscreen where there is no display).",
        _SOUND if loaded.seen.confirmed else _NO_SOUND,
        "Each alarm is acknowledged when it was seen and heard; percentiles of few samples are"
        f" near their maximum ({loaded.caused} packets, as many verdicts).",
    ]
