"""How small thermal frames become on the disk, and what that takes; a part of `bench storage`."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from embereye.bench.report import Metric, at_least
from embereye.ingest.simulate_thermal import SimulatedImager, room_with_spot
from embereye.model.ids import DeviceId
from embereye.runtime.clock import Clock
from embereye.storage.database import TELEMETRY_FILE, open_writer, transaction
from embereye.storage.migrations import migrate
from embereye.storage.thermal_chunks import FrameRun, insert_run
from embereye.storage.thermal_codec import decode, encode

_RECORDED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "mlx90640"
_PERIOD = 4.085  # s between frames in the field (sensor protocol, "Timing of a real device")
_MINUTE = 15  # frames of a chunk at that period: chunks close after 60 s
_DEVICES, _MINUTES = 20, 10  # simulated, for the figures of the codec
_CHUNKS = 2_000  # written to a database: 10 MB, so that its fixed pages count for nothing
_FRAMES_30_DAYS = 100 * 30 * 86_400 / _PERIOD  # of 100 devices: the sizing of the requirements
_GIB = 2**30
_LEAST_RATIO = 4.0  # required of the recorded session

Part = list[bytes]


@dataclass(frozen=True, slots=True)
class _Size:
    """Raw to coded bytes, µs a frame for both directions, bytes a frame in a database file."""

    ratio: float
    encode: float
    decode: float
    on_disk: float


def measure(clock: Clock) -> tuple[dict[str, Metric], list[str]]:
    """Metrics and notes; takes about two seconds."""
    simulated = _measured(_simulated(), clock)
    recorded_parts = _recorded()
    chosen = simulated if recorded_parts is None else _measured(recorded_parts, clock)
    metrics = {
        "thermal_ratio_simulated": at_least(simulated.ratio, _LEAST_RATIO, "times"),
        "thermal_encode": Metric(round(chosen.encode, 1), "µs/frame"),
        "thermal_decode": Metric(round(chosen.decode, 1), "µs/frame"),
        "thermal_on_disk": Metric(round(chosen.on_disk), "bytes/frame"),
        "thermal_30_days_100_devices": Metric(
            round(chosen.on_disk * _FRAMES_30_DAYS / _GIB, 1), "GiB"
        ),
    }
    if recorded_parts is None:
        return metrics, ["No recorded sensor beside the repository: sizes are of simulated ones."]
    metrics["thermal_ratio_recorded"] = at_least(chosen.ratio, _LEAST_RATIO, "times")
    note = (
        f"Thermal sizes are of the recorded session in chunks of {_MINUTE} frames; simulated "
        f"devices take {simulated.on_disk:.0f} bytes a frame on the disk."
    )
    return metrics, [note]


def _simulated() -> list[Part]:
    """Minutes of rooms with a warm spot, each device with noise and calibration of its own."""
    parts = []
    for seed in range(_DEVICES):
        imager = SimulatedImager(seed)
        scene = room_with_spot(24.0, 30.0 + seed, 12, 16, 3.0)
        for _ in range(_MINUTES):
            frames = (imager.frame(scene) for _ in range(_MINUTE))
            parts.append([frame.astype(">u2").tobytes() for frame in frames])
    return parts


def _recorded() -> list[Part] | None:
    path = _RECORDED / "frames.hex"
    if not path.exists():
        return None
    frames = [bytes.fromhex(line) for line in path.read_text("ascii").split()]
    return [frames[n : n + _MINUTE] for n in range(0, len(frames) - _MINUTE + 1, _MINUTE)]


def _measured(parts: list[Part], clock: Clock) -> _Size:
    start = clock.now().utc
    utc = [start + _PERIOD * number for number in range(_MINUTE)]
    count = len(parts) * _MINUTE
    times: list[tuple[float, float]] = []
    blobs: list[bytes] = []
    for _ in range(5):
        begun = perf_counter()
        blobs = [encode(utc, part) for part in parts]
        encoded = perf_counter()
        for blob in blobs:
            decode(start, blob)
        times.append((encoded - begun, perf_counter() - encoded))
    write, read = np.median(np.array(times), axis=0) * 1e6 / count
    raw = sum(len(frame) for part in parts for frame in part)
    return _Size(raw / sum(map(len, blobs)), float(write), float(read), _stored(parts, clock))


def _stored(parts: list[Part], clock: Clock) -> float:
    """Bytes a frame that a database file grows by, with its indexes."""
    with tempfile.TemporaryDirectory(prefix="embereye-bench-") as folder:
        path = Path(folder) / TELEMETRY_FILE
        migrate(path, clock.now())
        empty = path.stat().st_size
        start = clock.now().utc
        connection = open_writer(path, durable=False)
        with transaction(connection):
            for number in range(_CHUNKS):
                begin = start + 60.0 * (number // 100)
                utc = tuple(begin + _PERIOD * n for n in range(_MINUTE))
                device = DeviceId(f"device-{number % 100}")
                part = tuple(parts[number % len(parts)])
                insert_run(connection, FrameRun(device, utc, part, 30.0))
        connection.close()
        return (path.stat().st_size - empty) / (_CHUNKS * _MINUTE)
