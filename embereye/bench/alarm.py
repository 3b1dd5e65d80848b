"""`embereye bench alarm`: from a packet or a detection to the announced alarm, committed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event

from embereye.bench.alarm_load import (
    CAMERA_RATE,
    CAMERAS,
    DEVICE_RATE,
    DEVICES,
    TICK,
    Load,
    camera_id,
    device_id,
)
from embereye.bench.alarm_screen import screen_metrics
from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.config.schema import Camera, Device, Settings
from embereye.model.messages import AcknowledgeAsked, AlarmChanged
from embereye.rules.idle import Idle
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.metrics import Samples
from embereye.runtime.worker import Hosted, PlainThreads
from embereye.services.alarms import Alarms
from embereye.services.history import History
from embereye.services.intrusions import Intrusions
from embereye.services.places import places_of
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.services.sensors import Sensors
from embereye.services.system_faults import SystemFaults
from embereye.services.zone_site import zone_site
from embereye.services.zone_watch import ZoneWatch
from embereye.storage.opening import Storage, open_storage

_FIRES_PER_SECOND = 10.0  # the design's flood is 500 alarms in 10 s; this leaves 16 cameras calm
_MOST_FIRES = 900  # half of them need a camera each, and settings take 500 cameras
_DRAIN = 2.0  # s after the load for what is still on its way
_DEADLINE = 10.0  # s for each thread to end
_KEPT = 100_000  # latencies kept


def run(seconds: float) -> Report:
    """Cause alarms for `seconds` under the load of 16 cameras and 100 devices.

    Engine, rules and SQLite are the real ones, in a folder of their own.
    """
    fires = max(20, min(_MOST_FIRES, int(seconds * _FIRES_PER_SECOND)))
    with tempfile.TemporaryDirectory(prefix="embereye-bench-") as folder:
        with _chain(Path(folder), fires) as chain:
            caused = _cause(chain, seconds, fires)
        commit = chain.storage.evidence.commit_seconds.percentile(95)
    metrics = {
        **_latency("packet", chain.packets),
        **_latency("detection", chain.detections),
        "commit_p95_ms": at_most((commit or 0.0) * 1e3, 10, "ms"),
        "alarms": at_least(chain.announced, caused, "alarms"),
        "shown_before_recorded": Metric(chain.late, "alarms"),
        "messages_per_s": Metric(round(chain.engine.handled / seconds, 1), "1/s"),
        **screen_metrics(seconds, fires),
    }
    notes = [
        f"Load: {CAMERAS} cameras with {CAMERA_RATE:g} detections/s, {DEVICES} devices with"
        f" {DEVICE_RATE:g} packets/s and their thermal frames, all stored; each alarm is"
        " acknowledged at once.",
        "Latency counts from the arrival stamp of the packet or detection that made the rule true"
        " to the published AlarmChanged, after the commit; to_painted and to_sound go on to the"
        " painted alarm bar and the order to play, in the whole program with its window, 16 live"
        " pictures that are looked at, and 100 devices.",
    ]
    return Report("alarm", metrics, notes)


@dataclass
class _Chain:
    """Engine, rules and storage, running; what is published is measured in the engine thread."""

    engine: Engine
    clock: SystemClock
    storage: Storage
    packets: Samples = field(default_factory=lambda: Samples(_KEPT))
    detections: Samples = field(default_factory=lambda: Samples(_KEPT))
    announced: int = 0
    late: int = 0

    def publish(self, message: object) -> None:
        if not isinstance(message, AlarmChanged) or not message.announced:
            return
        self.announced += 1
        self.late += not message.alarm.recorded
        if message.origin is not None:
            seen = self.detections if message.alarm.cameras else self.packets
            seen.add(self.clock.mono() - message.origin.mono)
        self.engine.post(AcknowledgeAsked(message.alarm.id, "bench"))


@contextmanager
def _chain(folder: Path, fires: int) -> Iterator[_Chain]:
    clock = SystemClock()
    engine = Engine(clock)
    storage = open_storage(folder, clock, engine.post)
    chain = _Chain(engine, clock, storage)
    _services(chain, _settings(fires))
    stop, stop_storage = Event(), Event()
    writers = [
        PlainThreads().start(name, partial(worker.run, stop_storage))
        for name, worker in storage.workers()
    ]
    hosted = PlainThreads().start("engine", partial(engine.run, stop))
    try:
        yield chain
    finally:
        stop.set()
        _join([hosted])
        stop_storage.set()
        _join(writers)


def _services(chain: _Chain, settings: Settings) -> None:
    engine, storage = chain.engine, chain.storage
    alarms = Alarms(engine, chain.publish, storage.alarms)
    SystemFaults(engine, alarms.report)
    alarms.restore()
    Sensors(engine, _pass_over, alarms.report, settings)
    idle = {device_id(number): Idle(6.6, 32.0) for number in range(DEVICES)}
    intrusions = Intrusions(places_of(settings), alarms.report)
    ZoneWatch(engine, zone_site(settings), lambda _camera: (0, 0), intrusions, _pass_over)
    Risk(engine, risk_site(settings), alarms.report, idle, _pass_over)
    History(engine, storage.readings, storage.detections, retention_days=1)


def _pass_over(*facts: object) -> None:
    """What the screens would get; nobody looks."""


def _settings(fires: int) -> Settings:
    cameras = [camera_id(number) for number in range(CAMERAS + (fires + 1) // 2)]
    devices = [device_id(number) for number in range(DEVICES)]
    return Settings(
        cameras=tuple(Camera(id=ident, name=ident, source="0") for ident in cameras),
        devices=tuple(Device(id=ident, name=ident) for ident in devices),
    )


def _cause(chain: _Chain, seconds: float, fires: int) -> int:
    """Post the load at its own pace; the number of alarms that it must have caused."""
    ticks = int(seconds / TICK)
    load = Load(chain.clock, fires, ticks)
    pause = Event()
    start = chain.clock.mono()
    for tick in range(ticks):
        chain.engine.post_many(load.burst(tick))
        pause.wait(max(0.0, start + (tick + 1) * TICK - chain.clock.mono()))
    pause.wait(_DRAIN)
    return load.caused


def _latency(name: str, samples: Samples) -> dict[str, Metric]:
    p50, p95, p99 = ((samples.percentile(p) or 0.0) * 1e3 for p in (50, 95, 99))
    return {
        f"{name}_to_alarm_p50_ms": Metric(round(p50, 3), "ms"),
        f"{name}_to_alarm_p95_ms": at_most(p95, 100, "ms"),
        f"{name}_to_alarm_p99_ms": at_most(p99, 200, "ms"),
    }


def _join(hosted: list[Hosted]) -> None:
    for one in hosted:
        one.join(_DEADLINE)
