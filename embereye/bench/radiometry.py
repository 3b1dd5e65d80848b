"""How fast and how right thermal frames become temperatures."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import psutil

from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.ingest.simulate_thermal import SimulatedImager, room_with_spot
from embereye.ingest.thermal_decode import ThermalDecoder, ThermalPacket, decode_batch
from embereye.ingest.thermal_words import frame_bytes, padded_words, words_to_hex
from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp
from embereye.rules.calibration_stack import CalibrationStack
from embereye.rules.mlx90640_eeprom import Calibration
from embereye.rules.radiometry import celsius
from embereye.runtime.clock import Clock, SystemClock

_BATCH = 32
_ROUND = 0.02  # s; long beside the clock's resolution, short beside other load on the machine
_WARM_UP = 3  # calls
_RECORDED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "mlx90640"


@dataclass(frozen=True, slots=True)
class _Timing:
    """Microseconds a call: median and best round by the wall clock, and processor time."""

    typical: float
    best: float
    processor: float


def run(seconds: float = 5.0, clock: Clock | None = None) -> Report:
    """Measure for about `seconds`; simulated devices, each with a calibration of its own."""
    clock = clock or SystemClock()
    imagers = [SimulatedImager(seed) for seed in range(_BATCH)]
    scene = room_with_spot(24.0, 220.0, 12, 16, 3.0)  # one fire, so that hot ranges are computed
    frames = np.array([imager.frame(scene) for imager in imagers])
    stacks = [CalibrationStack.of(Calibration.from_words(imager.eeprom)) for imager in imagers]
    joined = CalibrationStack.join(stacks)
    packets = _packets(imagers, [words_to_hex(frame).encode() for frame in frames])

    share = seconds / 4
    single = _time(lambda: celsius(frames[:1], stacks[0]), share, clock)
    same = _time(lambda: celsius(frames, stacks[0]), share, clock)
    batch = _time(lambda: celsius(frames, joined), share, clock)
    decode = _time(lambda: decode_batch(packets), share, clock)
    metrics = {
        "single_frame": at_most(single.typical, 120, "µs"),
        "single_frame_cpu": Metric(round(single.processor, 1), "µs"),
        "batch_of_32_frame": at_most(batch.typical / _BATCH, 25, "µs"),
        "batch_of_32_frame_cpu": Metric(round(batch.processor / _BATCH, 2), "µs"),
        "batch_of_32_same_device_frame": Metric(round(same.typical / _BATCH, 2), "µs"),
        "decoded_from_text": at_least(1e6 * _BATCH / decode.typical, 5000, "frames/s"),
        "decoded_from_text_cpu": Metric(round(decode.processor / _BATCH, 1), "µs/frame"),
    }
    notes = [
        f"Best rounds: {single.best:.1f} µs single, {batch.best / _BATCH:.2f} µs a frame in a batch"
        f" of 32 different devices, {1e6 * _BATCH / decode.best:.0f} frames/s decoded from text.",
        "The vendor's C library needs 23 µs a frame (measured on a machine of this kind).",
    ]
    _compare(metrics, notes)
    return Report("radiometry", metrics, notes)


def _packets(imagers: list[SimulatedImager], texts: list[bytes]) -> list[ThermalPacket]:
    packets = []
    for index, (imager, text) in enumerate(zip(imagers, texts, strict=True)):
        decoder = ThermalDecoder(DeviceId(f"bench{index}"))
        decoder.calibrate(imager.eeprom.astype(">u2").tobytes())
        packets.append(ThermalPacket(decoder, text, Stamp(0.0, 0.0)))
    return packets


def _time(call: Callable[[], object], seconds: float, clock: Clock) -> _Timing:
    """Repeat `call` in rounds of `_ROUND` for `seconds`; at least three rounds."""
    for _ in range(_WARM_UP):
        call()
    begin = clock.mono()
    call()
    calls = max(1, int(_ROUND / max(clock.mono() - begin, 1e-6)))
    process = psutil.Process()
    rounds: list[float] = []
    begin, used = clock.mono(), _processor(process)
    while len(rounds) < 3 or clock.mono() - begin < seconds:
        start = clock.mono()
        for _ in range(calls):
            call()
        rounds.append((clock.mono() - start) / calls * 1e6)
    used = (_processor(process) - used) / (calls * len(rounds)) * 1e6
    return _Timing(median(rounds), min(rounds), used)


def _processor(process: psutil.Process) -> float:
    """Seconds of processor time that this process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _compare(metrics: dict[str, Metric], notes: list[str]) -> None:
    """The largest error against the vendor's library, where its results lie beside the sources."""
    files = [_RECORDED / name for name in ("eeprom.hex", "frames.hex", "golden_emissivity095.npz")]
    if not all(file.is_file() for file in files):
        notes.append("No recorded sensor beside the repository: accuracy was not measured.")
        return
    eeprom, frames, golden = files
    stack = CalibrationStack.of(Calibration.from_bytes(bytes.fromhex(eeprom.read_text())))
    words = padded_words([frame_bytes(line) for line in frames.read_text().split()])
    expected = np.load(golden)["to_celsius"]
    errors = np.abs(celsius(words, stack).celsius - expected)
    # A flagged cell would be an error as well: NaN must not pass as the smallest one.
    error = float(np.nan_to_num(errors, nan=np.inf).max())
    metrics["largest_error"] = Metric(round(error, 5), "K", "≤ 0.02", error <= 0.02)
