"""`embereye bench rules`: what alarm rules cost the engine thread."""

from collections.abc import Iterator
from statistics import quantiles

import numpy as np

from embereye.bench.report import Metric, Report, at_most
from embereye.config.load import check
from embereye.config.schema import Settings
from embereye.model.alarm import Report as Verdict
from embereye.model.detection import DetectionResult
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import COLUMNS, ROWS, Profile, SensorReading, ThermalFrame
from embereye.model.sighting import Followed, Sighting
from embereye.model.stamp import Stamp
from embereye.model.thermal_seen import ThermalSeen
from embereye.runtime.clock import thread_seconds
from embereye.runtime.engine import Engine
from embereye.services.replay_stack import ReplayClock
from embereye.services.rule_site import rule_site
from embereye.services.rule_watch import RuleWatch

_DEVICES, _CAMERAS, _RULES = 100, 16, 50  # one full console (project's targets)
_RATE = 10  # 1/s of each device and camera
_BUSY_RULE = 7  # each seventh rule alarms again and again
_CELLS = np.zeros((ROWS, COLUMNS), np.float32)
_START = 1_768_500_000.0  # s UTC; any moment


def run(seconds: float) -> Report:
    """Play `seconds` of values as fast as possible."""
    settings = check(_tree())
    begun = thread_seconds()
    site = rule_site(settings)
    clock = ReplayClock(_START)
    engine, told = Engine(clock), list[Verdict]()
    watch = RuleWatch(engine, site, told.append)
    watch.assign(site)
    changing = thread_seconds() - begun
    steps = list(_play(engine, clock, settings, max(2, round(seconds * _RATE))))
    each = _DEVICES * 2 + _CAMERAS
    busy = sum(steps) / len(steps) * _RATE
    return Report(
        "rules",
        {
            "engine_busy": at_most(100 * busy, 5.0, "% of a core"),
            "message": Metric(round(1e6 * sum(steps) / len(steps) / each, 2), "µs"),
            "step_p99": at_most(1000 * quantiles(steps, n=100)[98], 50.0, "ms"),
            "settings_changed": Metric(round(1000 * changing, 1), "ms"),
            "rules_at_places": Metric(len(site.rules), ""),
            "verdicts": Metric(len(told), ""),
        },
        [
            f"{_DEVICES} devices × {_RATE} Hz (smoke, flame and a thermal picture each), "
            f"{_CAMERAS} cameras × {_RATE} Hz, {_RULES} rules with limits of their own, each at "
            "each place.",
            "Processor seconds of the engine thread for rules alone, in steps of 0.1 s.",
        ],
    )


def _tree() -> dict[str, object]:
    return {
        "devices": [{"id": f"d{i}", "name": f"Device {i}"} for i in range(_DEVICES)],
        "cameras": [
            {"id": f"c{i}", "name": f"Camera {i}", "source": f"rtsp://192.0.2.1/{i}"}
            for i in range(_CAMERAS)
        ],
        "rules": [_rule(i) for i in range(_RULES)],
    }


def _rule(number: int) -> dict[str, object]:
    conditions = (
        {"input": "sensor", "channel": "smoke", "limit": 25 + number / 2},
        {"input": "sensor", "channel": "flame", "limit": 50 + number / 2, "on_delay": 2},
        {"input": "thermal", "limit": 80 + number, "hits": 3, "of": 5},
        {"input": "thermal", "measure": "rise", "limit": 8 + number},
        {"label": "person", "limit": 0.4 + number / 100},
    )
    chosen = dict(conditions[number % len(conditions)])
    if number % _BUSY_RULE == 0 and chosen.get("channel") == "smoke":
        chosen["limit"] = 7.5  # the noise of the simulated smoke channel is 6.5–8.5 %
    groups = [{"conditions": [chosen]}]
    return {"id": f"r{number}", "name": f"Rule {number}", "groups": groups}


def _play(engine: Engine, clock: ReplayClock, settings: Settings, steps: int) -> Iterator[float]:
    """Processor seconds of each step of 0.1 s."""
    noise = np.random.default_rng(1)
    for number in range(steps):
        clock.move(_START + (number + 1) / _RATE)
        now = clock.now()
        for device in settings.devices:
            engine.post_many(_values(DeviceId(device.id), now, noise))
        engine.post_many(_seen(CameraId(camera.id), now) for camera in settings.cameras)
        begun = thread_seconds()
        engine.step()
        yield thread_seconds() - begun


def _values(device: DeviceId, now: Stamp, noise: np.random.Generator) -> list[object]:
    hottest = 25.0 + float(noise.random())
    frame = ThermalFrame(device, now, Profile.CENTI27, _CELLS, _CELLS, hottest, 18.0, 22.0)
    smoke = int(noise.integers(266, 348))
    return [
        SensorReading(device, now, smoke, 1310, 0, flame=False),
        ThermalSeen(frame, (), 1 / _RATE),
    ]


def _seen(camera: CameraId, now: Stamp) -> Sighting:
    result = DetectionResult(camera, 1, now, now, (), 0.0, 0.0, True, "bench", 0.0)
    person = Followed(1, "person", 0.3, now.mono, True, ())
    return Sighting(result, result, (person,))
