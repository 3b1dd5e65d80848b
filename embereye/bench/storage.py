"""Storage: readings a second, how long an alarm waits for its commit, size of thermal history."""

import os
import tempfile
from pathlib import Path
from threading import Event
from time import perf_counter, sleep

from embereye.bench import thermal_history
from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.model.alarm import (
    Alarm,
    AlarmAction,
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    Priority,
)
from embereye.model.ids import DeviceId, PlaceId
from embereye.model.messages import StorageChanged, WorkerFailed
from embereye.model.reading import SensorReading
from embereye.runtime.clock import Clock, SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.metrics import Samples
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads
from embereye.services.history import History
from embereye.storage.opening import Storage, open_storage
from embereye.storage.queries import stored_samples

_DEVICES = 100
_BATCH = 1000  # readings between two looks at the backlog
_BACKLOG = 1000  # bulk writes; a quarter of what the writer accepts
_PACE = 20_000.0  # readings/s while alarms are measured: the target
_ALARM_PERIOD = 0.05  # s
_DRAIN = 30.0  # s; longest wait for the end


def run(seconds: float) -> Report:
    """Measure for `seconds`: the first half flat out, the second at 20,000 readings/s."""
    with tempfile.TemporaryDirectory(prefix="embereye-bench-") as folder:
        faults: list[object] = []
        clock = SystemClock()
        storage = open_storage(Path(folder), clock, faults.append, reserve=0)
        supervisor = Supervisor(PlainThreads(), clock, faults.append)
        for name, worker in storage.workers():
            supervisor.start(name, worker)
        bench = _Bench(storage, clock)
        try:
            rate = bench.flat_out(seconds / 2)
            bench.with_alarms(seconds / 2)
            bench.drain()
            disk = _flushes(Path(folder) / "flush.bin", seconds / 10)
        finally:
            supervisor.stop_all()
        kept = stored_samples(Path(folder), "smoke")
    report = _report(bench, rate, bench.sent - kept, disk, faults)
    metrics, notes = thermal_history.measure(clock)
    return Report(report.profile, {**report.metrics, **metrics}, [*report.notes, *notes])


class _Bench:
    """Feeds readings as the engine would. One thread."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self.storage = storage
        self.clock = clock
        self.history = History(Engine(clock), storage.readings, storage.detections, 30)
        self.sent = 0
        self.alarms = Samples()
        storage.alarms.load_open()

    def flat_out(self, seconds: float) -> float:
        """Readings a second from the first to the last commit."""
        started = perf_counter()
        while perf_counter() - started < seconds:
            self._feed(_BATCH)
            self._hold(_BACKLOG)
        self.history.flush()
        self._hold(0)
        return self.sent / (perf_counter() - started)

    def with_alarms(self, seconds: float) -> None:
        """20,000 readings/s with an alarm each 50 ms, waited for one by one."""
        started, base = perf_counter(), self.sent
        next_alarm = 0.0
        while (passed := perf_counter() - started) < seconds:
            due = int(passed * _PACE) - (self.sent - base)
            self._feed(max(0, due))
            if passed >= next_alarm:
                self._alarm()
                next_alarm = passed + _ALARM_PERIOD
            sleep(0.001)

    def drain(self) -> None:
        """Wait until everything is committed."""
        self.history.flush()
        self._hold(0)

    def _feed(self, count: int) -> None:
        now, take = self.clock.now(), self.history.take_reading
        for number in range(self.sent, self.sent + count):
            device = DeviceId(f"device{number % _DEVICES}")
            take(SensorReading(device, now, 270 + number % 7, 1310 + number % 5, 3, False))
        self.sent += count

    def _hold(self, most: int) -> None:
        end = perf_counter() + _DRAIN
        while self.storage.telemetry.bulk_waiting > most and perf_counter() < end:
            sleep(0.002)

    def _alarm(self) -> None:
        number, now = self.storage.alarms.next_id(), self.clock.now()
        state = AlarmState.UNACKNOWLEDGED
        alarm = Alarm(
            number,
            AlarmKey(PlaceId("boiler"), AlarmKind.FIRE),
            "Boiler room",
            Priority.EMERGENCY,
            state,
            Cause.ACTIVE,
            ("thermal max 91.2 °C ≥ 85 °C",),
            now.utc,
            now.utc,
        )
        action = AlarmAction(number, "cause", "system", now, AlarmState.NORMAL, state)
        committed = Event()
        started = perf_counter()
        self.storage.alarms.save(alarm, action, lambda _: committed.set())
        if committed.wait(_DRAIN):
            self.alarms.add(perf_counter() - started)


def _flushes(path: Path, seconds: float) -> Samples:
    """What the disk itself needs to keep 8 KiB: the limit of any commit."""
    samples = Samples()
    with path.open("wb", buffering=0) as file:
        started = perf_counter()
        while perf_counter() - started < seconds:
            file.seek(0)
            file.write(bytes(8192))
            before = perf_counter()
            os.fsync(file.fileno())
            samples.add(perf_counter() - before)
            sleep(_ALARM_PERIOD / 5)
    return samples


def _report(bench: _Bench, rate: float, lost: int, disk: Samples, faults: list[object]) -> Report:
    p95 = bench.alarms.percentile(95) or float("inf")
    median = bench.alarms.percentile(50) or float("inf")
    bad = [f.text for f in faults if isinstance(f, StorageChanged | WorkerFailed)]
    return Report(
        "storage",
        {
            "readings_per_second": at_least(rate, 20_000, "1/s"),
            "readings_lost": at_most(lost, 0, "readings"),
            "alarm_commit_p95": at_most(p95 * 1e3, 10, "ms"),
            "alarm_commit_p50": Metric(round(median * 1e3, 3), "ms"),
            "disk_flush_p95": Metric(round((disk.percentile(95) or 0.0) * 1e3, 3), "ms"),
            "alarms": Metric(bench.alarms.count, "alarms"),
        },
        [
            "A reading is one packet with four values, from the engine to the commit.",
            f"Alarms were committed one by one while {_PACE:.0f} readings/s were stored.",
            "disk_flush_p95 is what the disk alone needs to keep 8 KiB: the limit of a commit.",
            f"The databases were in {tempfile.gettempdir()}.",
            *bad,
        ],
    )
