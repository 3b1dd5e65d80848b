"""`embereye bench p0` … `p5`: the whole program with many cameras, devices and a real wall."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from embereye.bench import scale_viewers
from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.bench.scale_costs import Memory
from embereye.bench.scale_look import Between, look
from embereye.bench.scale_plan import PLANS, VIEWERS, Group, Part, Plan
from embereye.bench.scale_site import Scene, staged
from embereye.bench.scale_trend import Sample, Sampler, slope
from embereye.model.camera import CameraState
from embereye.model.errors import EmberEyeError
from embereye.runtime.clock import SystemClock
from embereye.runtime.histogram import Histogram
from embereye.ui.scale_bench import Seen, WatchedWindow, with_window

_VIEWERS = "viewers"
_CONNECT = 60.0  # s until every camera is live
_SETTLE = 5.0  # s left out after a change: first pictures, learned rates, even load
_LONG = 600.0  # s of a part from which slopes mean something and have targets
_AGE, _STALL, _SENSOR = 250.0, 30.0, 10.0  # ms, p95, p99, p95 (targets)
_GROWTH = 5.0  # % of memory over a long part (targets, soak)
_NEVER = 1e6  # ms where nothing came at all: a miss
_DELAY = 50.0  # ms an hour; less than one picture interval


def run(profile: str, seconds: float, only: str = "") -> Report:
    """Measure each part of the profile for `seconds`. Main thread only.

    `only`: Name of the one part to measure ("tiles100", "viewers"); empty: all of them.
    """
    metrics: dict[str, Metric] = {}
    notes = [_NOTE]
    for plan in _chosen(profile, only):
        result = measure(plan, seconds)
        metrics.update(result.metrics)
        notes += result.notes
    if profile == "p5" and only in ("", _VIEWERS):
        metrics.update(measure_viewers(VIEWERS, seconds).metrics)
        notes.append(scale_viewers.NOTE)
    return Report(profile, metrics, notes)


def _chosen(profile: str, only: str) -> list[Plan]:
    """The programs of a profile with the wanted parts; EmberEyeError for a part it has not."""
    names = [part.name for plan in PLANS[profile] for part in plan.parts]
    if only not in ("", *names, *((_VIEWERS,) if profile == "p5" else ())):
        raise EmberEyeError(f"{profile} has no part {only}. Choose one of: {', '.join(names)}")
    kept = [
        replace(plan, parts=tuple(part for part in plan.parts if only in ("", part.name)))
        for plan in PLANS[profile]
    ]
    return [plan for plan in kept if plan.parts]


@dataclass
class Result:
    """Metrics of one program, and what else was seen."""

    metrics: dict[str, Metric]
    notes: list[str] = field(default_factory=list)


def measure(plan: Plan, seconds: float) -> Result:
    """Each part of a plan for `seconds`, in one program. Main thread only."""
    return _in_program(plan, lambda window, scene: _parts(window, scene, seconds))


def measure_viewers(plan: Plan, seconds: float) -> Result:
    """What is decoded while many, few or no cameras are looked at. Main thread only."""
    play = scale_viewers.play
    return _in_program(plan, lambda window, scene: Result(play(window, scene, seconds)))


_NOTE = (
    "The real program with its window of 1920x1080, offscreen where there is no display; cameras"
    " over RTSP and devices over TCP come from other processes on the same machine, which share its"
    " cores. Kept: pictures of the worst camera on the wall, of those due at min(source rate, 15"
    " fps; p0 and p1: 25 fps), after the first picture. Age: from the end of decoding to painting;"
    " lag: how much later than the quickest one pictures arrive, by their own times. Listener"
    " limits are raised, since all devices come from one address."
)


def _in_program(plan: Plan, script: Callable[[WatchedWindow, Scene], Result]) -> Result:
    clock = SystemClock()
    results: list[Result] = []
    with (
        tempfile.TemporaryDirectory(prefix="embereye-bench-") as name,
        staged(plan, Path(name), clock) as stage,
    ):

        def play(window: WatchedWindow) -> None:
            assert stage.scene is not None
            _connected(window, stage.scene)
            results.append(script(window, stage.scene))

        with_window(stage.start, play, clock)
    return results[0]


def _connected(window: WatchedWindow, scene: Scene) -> None:
    """Until every camera is live; those that are not after a minute are in the figures."""
    waited = 0.0
    while waited < _CONNECT and _not_live(scene):
        window.wait(0.5)
        waited += 0.5


def _not_live(scene: Scene) -> int:
    cameras = scene.program.desk.cameras().cameras
    live = sum(camera.state is CameraState.LIVE for camera in cameras)
    return scene.plan.cameras - live


def _parts(window: WatchedWindow, scene: Scene, seconds: float) -> Result:
    result = Result({})
    for part in scene.plan.parts:
        window.arrange(part.layout, part.group)
        window.wait(min(_SETTLE, seconds))
        first, sampler = look(scene, window.wait), Sampler(scene, seconds)
        scene.arrivals.ages = Histogram()
        seen = window.watch(seconds)
        samples, between = sampler.stop(), Between(first, look(scene, window.wait))
        measured = {
            **_pictures(scene.plan, part, seen, between),
            **_delays(seen, samples, scene.arrivals.ages),
            **_costs(scene.plan, seen, samples, between),
            **_slopes(seen, samples, seconds),
        }
        result.metrics |= {f"{part.name}_{name}": metric for name, metric in measured.items()}
        result.notes.append(_found(part, scene, between))
    return result


def _found(part: Part, scene: Scene, between: Between) -> str:
    groups = ", ".join(_words(group) for group in scene.plan.groups)
    alarms = len(scene.program.desk.alarms().alarms)
    return (
        f"{part.name}: {groups} {scene.plan.groups[0].recipe.codec.upper()} and"
        f" {scene.plan.devices} devices; {between.sent} pictures sent, {between.dropped} left out"
        f" by the server since the program did not take them, {between.late} sent late by its own"
        f" fault; {int(between.sum('congested'))} given up by congestion,"
        f" {int(between.sum('skipped'))} skipped by rate, {int(between.sum('undecoded'))} not"
        f" decoded on purpose, {int(between.sum('reconnects'))} reconnects; {_not_live(scene)}"
        f" cameras not live; {alarms} alarms open."
    )


def _words(group: Group) -> str:
    recipe, sub = group.recipe, group.sub
    words = f"{group.count} x {recipe.width}x{recipe.height}@{recipe.rate}"
    return words if sub is None else f"{words} (sub {sub.width}x{sub.height}@{sub.rate})"


def _pictures(plan: Plan, part: Part, seen: Seen, between: Between) -> dict[str, Metric]:
    kept = {camera: between.kept(camera, plan.due) for camera in seen.painted}
    painted = [min(1.0, n / (seen.seconds * plan.due)) for n in seen.painted.values()]
    rate = between.sum("delivered") / between.seconds
    due = between.sum("due")
    return {
        "worst_kept": at_least(100 * min(kept.values(), default=0.0), part.least, "% of due"),
        "worst_painted": at_least(100 * min(painted, default=0.0), part.least, "% of due"),
        "all_kept": at_least(
            100 * between.sum("delivered") / due if due else 0.0, part.least, "% of due"
        ),
        "delivered": Metric(round(rate, 1), "1/s")
        if plan.aggregate is None
        else at_least(rate, plan.aggregate, "1/s"),
        "decoded": Metric(round(between.sum("decoded") / between.seconds, 1), "1/s"),
        "live": at_least(seen.live, _tiles(part, plan), "tiles"),
    }


def _tiles(part: Part, plan: Plan) -> int:
    cameras = sum(group.count for group in plan.groups if part.group in ("", group.name))
    return min(cameras, part.layout**2) if part.layout else cameras


def _delays(seen: Seen, samples: Sequence[Sample], sensors: Histogram) -> dict[str, Metric]:
    age, stall = seen.ages.percentile(95), seen.late.percentile(99)
    lag = max((sample.worst_lag for sample in samples), default=0.0)
    found = {
        "age_p95": at_most(_ms(age), _AGE, "ms"),
        "worst_lag": Metric(round(1000 * lag, 1), "ms"),
        "stall_p99": at_most(_ms(stall), _STALL, "ms"),
        "stall_max": Metric(round(_ms(seen.late.percentile(100)), 1), "ms"),
    }
    if sensors.count:
        found["sensor_p95"] = at_most(_ms(sensors.percentile(95)), _SENSOR, "ms")
    return found


def _costs(
    plan: Plan, seen: Seen, samples: Sequence[Sample], between: Between
) -> dict[str, Metric]:
    cores = between.cores
    most = max((sample.memory for sample in samples), key=lambda m: m.best, default=Memory(0, 0))
    found = {
        f"cores_{part.replace(' ', '_')}": Metric(round(used, 3), "cores")
        for part, used in sorted(cores.items())
    }
    return {
        **found,
        "cores_gui_thread": Metric(round(seen.gui_cpu / seen.seconds, 3), "cores"),
        "sensor_packets": Metric(round(between.packets, 1), "1/s"),
        "memory": Metric(round(most.best, 3), "GB")
        if plan.memory is None
        else at_most(most.best, plan.memory, "GB"),
        "memory_resident": Metric(round(most.resident, 3), "GB"),
        **{
            f"memory_{part.replace(' ', '_')}": Metric(round(used, 3), "GB")
            for part, used in sorted(most.parts.items())
        },
    }


def _slopes(seen: Seen, samples: Sequence[Sample], seconds: float) -> dict[str, Metric]:
    """Growth of memory over the part, and of delays per hour."""
    if len(samples) < 3:
        return {}
    mean = sum(sample.memory.best for sample in samples) / len(samples)
    memory = slope([(sample.at, sample.memory.best) for sample in samples])
    growth = {
        "memory_growth": (100 * memory * seconds / 3600 / mean, _GROWTH, "% over the part"),
        "age_slope": (1000 * slope(seen.trend), _DELAY, "ms/h"),
        "lag_slope": (
            1000 * slope([(sample.at, sample.lag) for sample in samples]),
            _DELAY,
            "ms/h",
        ),
    }
    return {
        name: at_most(value, most, unit) if seconds >= _LONG else Metric(round(value, 2), unit)
        for name, (value, most, unit) in growth.items()
    }


def _ms(seconds: float | None) -> float:
    return _NEVER if seconds is None else 1000 * seconds
