"""`embereye bench sensors`: packets a second, latency to the engine, thermal frames a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import psutil

from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.bench.sensor_load import Load, LoadProcess, age, flood, paced
from embereye.config.schema import Device, ListenerLimits, Settings
from embereye.config.schema import Sensors as SensorSection
from embereye.ingest.packet import EepromPacket, FramePacket, Splitter
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.simulate_device import ScenarioVoice
from embereye.ingest.thermal_decode import ThermalDecoder, ThermalPacket, decode_batch
from embereye.model.ids import DeviceId
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.runtime.bus import Bus
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.metrics import Samples, percentile
from embereye.runtime.worker import PlainThreads
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.services.sensors import Sensors
from embereye.ui.slot_bench import slot_latencies

_DEVICES = 100
_RATE = 10.0  # packets a second and device, of the latency part
_PAYLOAD = 100  # packets in one write of the flood
_BATCH = 64  # frames, as the listener decodes them at most
_QUIET = 5.0  # s without progress mean that what is missing is lost
_WARM_UP = 1.0  # s left out of latencies
_STEP = 0.05  # s between two looks at the counters
_LIMITS = ListenerLimits(
    first_packet=60, idle=3600, packets_per_second=1_000_000, connections_per_address=10_000
)


def run(seconds: float) -> Report:
    """Measure on this machine; `seconds` is the length of each part."""
    metrics: dict[str, Metric] = {}
    metrics.update(_throughput(seconds))
    metrics.update(_latency(seconds))
    metrics.update(_slot_latency(seconds))
    metrics.update(_frames_over_tcp(seconds))
    metrics["frames_decoded_per_s"] = _decoding(seconds)
    notes = [
        f"Listener limits were raised for this bench: {_LIMITS.packets_per_second} packets/s and"
        f" {_LIMITS.connections_per_address} connections an address.",
        "The load comes from another process on the same machine; register, supervision and risk"
        " rules are attached, alarms are counted instead of stored.",
        "Packets a second and core are lossless packets divided by the processor time of this"
        " process; latency counts from the sender's write to the end of the engine's handlers.",
    ]
    return Report("sensors", metrics, notes)


@dataclass
class _Chain:
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

    def take_reading(self, reading: SensorReading) -> None:
        self.readings += 1
        now = self.clock.mono()
        if now >= self.timing_from and reading.adc3 is not None:
            self.latencies.add(age(reading.adc3, now))

    def take_frame(self, frame: ThermalFrame) -> None:
        self.frames += 1


@contextmanager
def _chain() -> Iterator[_Chain]:
    clock = SystemClock()
    engine = Engine(clock)
    devices = tuple(Device(id=ident, name=ident) for ident in _idents())
    section = SensorSection(port=0, limits=_LIMITS)
    settings = Settings(devices=devices, sensors=section)
    server = SensorServer(engine, clock, section, devices)
    reports: list[object] = []
    bus = Bus()
    sensors = Sensors(engine, bus.publish, reports.append, settings)
    Risk(engine, risk_site(settings), reports.append, {}, _drop)
    chain = _Chain(engine, server, sensors, bus, clock, reports)
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


def _throughput(seconds: float) -> dict[str, Metric]:
    payloads = tuple(
        f"#Sensor{ident}:ADC1=270,ADC2=1310,ADC3:=3,DIO=0!\r\n".encode() * _PAYLOAD
        for ident in _idents()
    )
    with _chain() as chain:
        sent, wall, cpu = _flood(chain, Load(_port(chain), payloads, _PAYLOAD, seconds))
        received = chain.readings
    return {
        "packets_per_s": at_least(received / wall, 50_000, "1/s"),
        "packets_per_s_and_core": at_least(received / cpu, 50_000, "1/s"),
        "packets_lost": at_most(sent - received, 0, "packets"),
    }


def _frames_over_tcp(seconds: float) -> dict[str, Metric]:
    voices = [ScenarioVoice(ident, "mlx90640", "idle", n) for n, ident in enumerate(_idents())]
    payloads = tuple(voice.eeprom + voice.speak(0.0).frame * 9 for voice in voices)
    with _chain() as chain:
        sent, wall, cpu = _flood(chain, Load(_port(chain), payloads, 9, seconds))
        received = chain.frames
    return {
        "frames_received_per_s": Metric(round(received / wall, 1), "1/s"),
        "frames_received_per_s_and_core": Metric(round(received / cpu, 1), "1/s"),
        "frames_lost": at_most(sent - received, 0, "frames"),
    }


def _flood(chain: _Chain, load: Load) -> tuple[int, float, float]:
    """Packets sent, and the seconds of wall and processor time until all were handled."""
    generator = LoadProcess(flood, load)
    while chain.engine.handled == 0:
        _wait()
    began, cpu = chain.clock.mono(), _processor_seconds()
    sent = generator.sent()
    _drain(chain, sent)
    return sent, chain.clock.mono() - began, _processor_seconds() - cpu


def _drain(chain: _Chain, sent: int) -> None:
    seen, since = -1, chain.clock.mono()
    while chain.readings + chain.frames < sent:
        if chain.readings + chain.frames != seen:
            seen, since = chain.readings + chain.frames, chain.clock.mono()
        if chain.clock.mono() - since > _QUIET:
            return
        _wait()


def _latency(seconds: float) -> dict[str, Metric]:
    with _chain() as chain:
        chain.timing_from = chain.clock.mono() + _WARM_UP
        length = seconds + _WARM_UP
        sent = LoadProcess(paced, _port(chain), _idents(), _RATE, length).sent()
        _drain(chain, sent)
        values = chain.latencies
        p95, p99 = values.percentile(95), values.percentile(99)
        received = chain.readings
    if p95 is None or p99 is None:
        return {"latency_packets_lost": at_most(sent - received, 0, "packets")}
    return {
        "engine_latency_p95": at_most(p95 * 1000, 10, "ms"),
        "engine_latency_p99": Metric(round(p99 * 1000, 3), "ms"),
        "latency_packets_lost": at_most(sent - received, 0, "packets"),
    }


def _slot_latency(seconds: float) -> dict[str, Metric]:
    """From the socket through engine, snapshot and bridge to a slot of the GUI thread."""
    with _chain() as chain:
        began = chain.clock.mono()

        def age_of(reading: SensorReading) -> float:
            now = chain.clock.mono()
            warm = now - began > _WARM_UP and reading.adc3 is not None
            return age(reading.adc3 or 0, now) if warm else float("nan")

        def load() -> None:
            LoadProcess(paced, _port(chain), _idents(), _RATE, seconds + _WARM_UP).sent()

        ages = slot_latencies(chain.bus, lambda: chain.sensors.current, age_of, load)
    known = [1000 * value for value in ages if value == value]
    p95, p99 = percentile(known, 95), percentile(known, 99)
    if p95 is None or p99 is None:
        return {"slot_readings": at_least(0, 1, "readings")}
    return {
        "slot_latency_p95": at_most(p95, 25, "ms"),
        "slot_latency_p99": Metric(round(p99, 3), "ms"),
    }


def _decoding(seconds: float) -> Metric:
    """Frames of many devices, each with its own calibration, decoded as the listener does it."""
    clock = SystemClock()
    packets = [_thermal(number, clock) for number in range(_BATCH)]
    decode_batch(packets)
    count, began = 0, clock.mono()
    while clock.mono() - began < min(seconds, 3.0):
        count += len(decode_batch(packets))
    return at_least(count / (clock.mono() - began), 5_000, "1/s")


def _thermal(number: int, clock: SystemClock) -> ThermalPacket:
    voice = ScenarioVoice(f"b{number}", "mlx90640", "idle", number)
    decoder = ThermalDecoder(DeviceId(f"b{number}"))
    digits = b""
    for packet in Splitter().feed(voice.eeprom + voice.speak(0.0).frame):
        if isinstance(packet, EepromPacket):
            decoder.calibrate(packet.words)
        elif isinstance(packet, FramePacket):
            digits = packet.digits
    return ThermalPacket(decoder, digits, clock.now())


def _idents() -> list[str]:
    return [f"bench{number:03d}" for number in range(_DEVICES)]


def _port(chain: _Chain) -> int:
    port = chain.server.port
    if port is None:
        raise RuntimeError("the listener did not open its port")
    return port


def _processor_seconds() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


def _drop(*_: object) -> None:
    """Where published messages and learned facts end."""


def _wait() -> None:
    Event().wait(_STEP)
