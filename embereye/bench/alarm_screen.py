"""The last part of `bench alarm`: the whole program with its window, up to paint and sound."""

import tempfile
import tomllib
from pathlib import Path
from threading import Event

from embereye.app import Program, Site
from embereye.bench.alarm_load import CAMERAS, DEVICES, TICK, Load, camera_id, device_id
from embereye.bench.report import Metric, at_least, at_most
from embereye.config.load import Layers
from embereye.config.schema import Camera, Detection, Device, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.runtime.clock import SystemClock
from embereye.runtime.metrics import percentile
from embereye.runtime.resources import resource
from embereye.runtime.worker import PlainThreads
from embereye.ui.alarm_bench import seen_latencies

_FIRES_PER_SECOND = 4.0  # half of them by packets of devices that are in nobody's settings
_WARM_UP = 3.0  # s until all pictures are on the wall
_DRAIN = 1.0  # s after the load for what is still on its way


def screen_metrics(seconds: float, fires: int) -> dict[str, Metric]:
    """Cause alarms by packets in `seconds`, beside 16 live, looked-at pictures and 100 devices."""
    fires = min(fires, int(seconds * _FIRES_PER_SECOND))
    with tempfile.TemporaryDirectory(prefix="embereye-bench-") as folder:
        clock = SystemClock()
        program = _program(Path(folder), clock)
        program.start()
        try:
            seen = seen_latencies(program, lambda: _load(program, seconds, fires), clock)
        finally:
            program.stop()
    painted = sorted(1000 * value for value in seen.painted)
    sounded = sorted(1000 * value for value in seen.sounded)
    return {
        "to_painted_p50_ms": Metric(round(percentile(painted, 50) or 0.0, 1), "ms"),
        "to_painted_p95_ms": at_most(percentile(painted, 95) or float("inf"), 100, "ms"),
        "to_painted_p99_ms": at_most(percentile(painted, 99) or float("inf"), 200, "ms"),
        "painted": at_least(len(painted), (fires + 1) // 2, "alarms"),
        "to_sound_p95_ms": at_most(percentile(sounded, 95) or float("inf"), 300, "ms"),
    }


def _program(folder: Path, clock: SystemClock) -> Program:
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    clips = resource("demo")
    manifest = tomllib.loads((clips / "manifest.toml").read_text(encoding="utf-8"))["clips"]
    quiet = [str(clips / clip["file"]) for clip in manifest if not clip["fire"]]
    cameras = [
        Camera(id=camera_id(n), name=f"C{n}", source=quiet[n % len(quiet)]) for n in range(CAMERAS)
    ]
    devices = tuple(Device(id=device_id(n), name=f"D{n}") for n in range(DEVICES))
    store.save(
        {
            "cameras": tuple(cameras),
            "devices": devices,
            "sensors": Sensors(enabled=False),
            "detection": Detection(processes=1),
        },
        0,
    )
    return Program(Site(folder, store, FileSecrets(folder), PlainThreads(), clock, (clips,)))


def _load(program: Program, seconds: float, fires: int) -> None:
    pause = Event()
    pause.wait(_WARM_UP)
    ticks = int(seconds / TICK)
    load = Load(program.engine.clock, fires, ticks)
    start = program.engine.clock.mono()
    for tick in range(ticks):
        program.engine.post_many(load.burst(tick))
        pause.wait(max(0.0, start + (tick + 1) * TICK - program.engine.clock.mono()))
    pause.wait(_DRAIN)
