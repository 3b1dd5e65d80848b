"""`embereye bench sensors`: packets a second, latency to the engine, thermal frames a second."""

from embereye.bench import sensors_auth
from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.bench.sensor_chain import LIMITS, Chain, idents, processor_seconds, running, wait
from embereye.bench.sensor_load import Load, LoadProcess, age, flood, paced
from embereye.ingest.packet import EepromPacket, FramePacket, Splitter
from embereye.ingest.simulate_device import ScenarioVoice
from embereye.ingest.thermal_decode import ThermalDecoder, ThermalPacket, decode_batch
from embereye.model.ids import DeviceId
from embereye.model.reading import SensorReading
from embereye.runtime.clock import SystemClock
from embereye.runtime.metrics import percentile
from embereye.ui.slot_bench import slot_latencies

_RATE = 10.0  # packets a second and device, of the latency part
_PAYLOAD = 100  # packets in one write of the flood
_BATCH = 64  # frames, as the listener decodes them at most
_WARM_UP = 1.0  # s left out of latencies


def run(seconds: float) -> Report:
    """Measure on this machine; `seconds` is the length of each part."""
    metrics: dict[str, Metric] = {}
    metrics.update(_throughput(seconds))
    metrics.update(_latency(seconds))
    metrics.update(_slot_latency(seconds))
    metrics.update(_frames_over_tcp(seconds))
    authenticated, stored = sensors_auth.measure(seconds)
    metrics.update(authenticated)
    metrics["frames_decoded_per_s"] = _decoding(seconds)
    notes = [
        f"Listener limits were raised for this bench: {LIMITS.packets_per_second} packets/s and"
        f" {LIMITS.connections_per_address} connections an address.",
        "The load comes from another process on the same machine; register, supervision and risk"
        " rules are attached, alarms are counted instead of stored.",
        "Packets a second and core are lossless packets divided by the processor time of this"
        " process; latency counts from the sender's write to the end of the engine's handlers.",
        stored,
    ]
    return Report("sensors", metrics, notes)


def _throughput(seconds: float) -> dict[str, Metric]:
    payloads = tuple(
        f"#Sensor{ident}:ADC1=270,ADC2=1310,ADC3:=3,DIO=0!\r\n".encode() * _PAYLOAD
        for ident in idents()
    )
    with running() as chain:
        sent, wall, cpu = _flood(chain, Load(chain.port, payloads, _PAYLOAD, seconds))
        received = chain.readings
    return {
        "packets_per_s": at_least(received / wall, 50_000, "1/s"),
        "packets_per_s_and_core": at_least(received / cpu, 50_000, "1/s"),
        "packets_lost": at_most(sent - received, 0, "packets"),
    }


def _frames_over_tcp(seconds: float) -> dict[str, Metric]:
    voices = [ScenarioVoice(ident, "mlx90640", "idle", n) for n, ident in enumerate(idents())]
    payloads = tuple(voice.eeprom + voice.speak(0.0).frame * 9 for voice in voices)
    with running() as chain:
        sent, wall, cpu = _flood(chain, Load(chain.port, payloads, 9, seconds))
        received = chain.frames
    return {
        "frames_received_per_s": Metric(round(received / wall, 1), "1/s"),
        "frames_received_per_s_and_core": Metric(round(received / cpu, 1), "1/s"),
        "frames_lost": at_most(sent - received, 0, "frames"),
    }


def _flood(chain: Chain, load: Load) -> tuple[int, float, float]:
    """Packets sent, and the seconds of wall and processor time until all were handled."""
    generator = LoadProcess(flood, load)
    while chain.engine.handled == 0:
        wait()
    began, cpu = chain.clock.mono(), processor_seconds()
    sent = generator.sent()
    chain.drain(sent)
    return sent, chain.clock.mono() - began, processor_seconds() - cpu


def _latency(seconds: float) -> dict[str, Metric]:
    with running() as chain:
        chain.timing_from = chain.clock.mono() + _WARM_UP
        length = seconds + _WARM_UP
        sent = LoadProcess(paced, chain.port, idents(), _RATE, length).sent()
        chain.drain(sent)
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
    with running() as chain:
        began = chain.clock.mono()

        def age_of(reading: SensorReading) -> float:
            now = chain.clock.mono()
            warm = now - began > _WARM_UP and reading.adc3 is not None
            return age(reading.adc3 or 0, now) if warm else float("nan")

        def load() -> None:
            LoadProcess(paced, chain.port, idents(), _RATE, seconds + _WARM_UP).sent()

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
