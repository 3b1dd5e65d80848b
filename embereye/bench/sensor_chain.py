"""A listener, an engine and the services behind it, for the benches of sensors."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import psutil

from embereye.bench.sensor_load import age
from embereye.config.schema import Device, ListenerLimits, Settings
from embereye.config.schema import Sensors as SensorSection
from embereye.ingest.inbox import Inbox
from embereye.ingest.sensor_tcp import SensorServer
from embereye.model.credential import KeyRing
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.runtime.bus import Bus
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.metrics import Samples
from embereye.runtime.worker import PlainThreads
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.services.sensors import Sensors

LIMITS = ListenerLimits(
    first_packet=60, idle=3600, packets_per_second=1_000_000, connections_per_address=10_000
)

_DEVICES = 100
_QUIET = 5.0  # s without progress mean that what is missing is lost
_STEP = 0.05  # s between two looks at the counters


@dataclass
class Chain:
    """A listener, an engine and the services behind it, running."""

    engine: Engine
    server: SensorServer
    sensors: Sensors
    bus: Bus
    clock: SystemClock
    reports: list[object] = field(default_factory=list)
    readings: int = 0
    frames: int = 0
    latencies: Samples = field(default_factory=lambda: Samples(100_000))
    timing_from: float = float("inf")

    @property
    def port(self) -> int:
        """Where the listener listens."""
        port = self.server.port
        if port is None:
            raise RuntimeError("the listener did not open its port")
        return port

    def drain(self, sent: int) -> None:
        """Wait until so many packets came, or nothing moves any more."""
        seen, since = -1, self.clock.mono()
        while self.readings + self.frames < sent:
            if self.readings + self.frames != seen:
                seen, since = self.readings + self.frames, self.clock.mono()
            if self.clock.mono() - since > _QUIET:
                return
            wait()

    def take_reading(self, reading: SensorReading) -> None:
        self.readings += 1
        now = self.clock.mono()
        if now >= self.timing_from and reading.adc3 is not None:
            self.latencies.add(age(reading.adc3, now))

    def take_frame(self, frame: ThermalFrame) -> None:
        self.frames += 1


@contextmanager
def running(keys: KeyRing | None = None, inbox: Inbox | None = None) -> Iterator[Chain]:
    """A chain that listens on any port of the loopback."""
    clock = SystemClock()
    engine = Engine(clock)
    devices = tuple(Device(id=ident, name=ident) for ident in idents())
    section = SensorSection(port=0, limits=LIMITS)
    settings = Settings(devices=devices, sensors=section)
    server = SensorServer(engine, clock, section, devices, inbox=inbox, keys=keys)
    reports: list[object] = []
    bus = Bus()
    sensors = Sensors(engine, bus.publish, reports.append, settings)
    Risk(engine, risk_site(settings), reports.append, {}, _drop)
    chain = Chain(engine, server, sensors, bus, clock, reports)
    engine.on(SensorReading, chain.take_reading)
    engine.on(ThermalFrame, chain.take_frame)
    stop, stop_engine = Event(), Event()
    hosted = PlainThreads().start("engine", lambda: engine.run(stop_engine))
    listener = PlainThreads().start("listener", lambda: server.run(stop))
    try:
        server.listening.wait(_QUIET)
        yield chain
    finally:
        stop.set()
        listener.join(_QUIET)
        stop_engine.set()
        hosted.join(_QUIET)


def idents() -> list[str]:
    """The ids of the devices."""
    return [f"bench{number:03d}" for number in range(_DEVICES)]


def processor_seconds() -> float:
    """Processor time of this process so far."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


def wait() -> None:
    """Until the next look at the counters."""
    Event().wait(_STEP)


def _drop(*_: object) -> None:
    """Where published messages and learned facts end."""
