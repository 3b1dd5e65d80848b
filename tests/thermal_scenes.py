"""Thermal scenes that change with time, seen by a simulated sensor, through the real rules."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from embereye.ingest.simulate_thermal import SimulatedImager
from embereye.ingest.thermal_decode import ThermalDecoder
from embereye.ingest.thermal_words import words_to_hex
from embereye.model.alarm import AlarmKind, Cause, Priority
from embereye.model.ids import DeviceId
from embereye.model.reading import Profile, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.device_inputs import DeviceInputs
from embereye.rules.fusion import PlaceFusion
from embereye.rules.idle import Idle
from embereye.rules.risk_limits import RiskLimits
from embereye.rules.thermal_background import Usual
from embereye.rules.thermal_defects import DefectWatch
from embereye.rules.thermal_region import Analysis

PERIOD = 4.085  # s, of the recorded device
FAST = 0.25  # s

# What the lens gives of a spot to its own cell, to each direct and to each diagonal neighbour: a
# bell curve, with 15 % of the middle in a direct neighbour.
_OWN, _BESIDE, _ACROSS = 0.60, 0.085, 0.015


@dataclass(frozen=True)
class Watching:
    """How the device is set up."""

    limits: RiskLimits = field(default_factory=RiskLimits)
    analysis: Analysis = field(default_factory=Analysis)
    usual: Callable[[float], Usual | None] = lambda seconds: None
    defects: Callable[[], DefectWatch] = DefectWatch
    broken: Callable[[float, np.ndarray], np.ndarray] = lambda seconds, cells: cells
    ta: Callable[[float], float] = lambda seconds: 32.0


@dataclass
class Course:
    """What was told, and when: the first of each priority, and how it ended."""

    first: dict[Priority, float]
    cause: Cause
    reasons: dict[Priority, tuple[str, ...]]

    @property
    def worst(self) -> Priority | None:
        return max(self.first, default=None)


def watch(
    scene: Callable[[float], np.ndarray],
    seconds: float,
    watching: Watching | None = None,
    period: float = PERIOD,
    seed: int = 1,
) -> Course:
    """Let a simulated MLX90640 look at `scene` and the rules of a place judge what it sends."""
    chosen = watching or Watching()
    imager = SimulatedImager(seed)
    decoder = ThermalDecoder(DeviceId("d"), Profile.MLX90640)
    decoder.calibrate(imager.eeprom.astype(">u2").tobytes())
    inputs = DeviceInputs(chosen.limits, Idle(7.0, 32.0), None, chosen.analysis, chosen.defects())
    fusion = PlaceFusion({"device d": inputs}, chosen.limits.together)
    course = Course({}, Cause.CLEAR, {})
    for number in range(int(seconds / period)):
        t = number * period
        words = imager.frame(chosen.broken(t, seen_through_the_lens(scene(t))), chosen.ta(t))
        frame = decoder.decode(words_to_hex(words), Stamp(1000.0 + t, 0.0))
        assert isinstance(frame, ThermalFrame), frame
        changed = inputs.take_frame(frame, chosen.usual(t))
        verdicts = fusion.judge(1000.0 + t) if changed else []
        for verdict in [*verdicts, *fusion.tick(1000.0 + t)]:
            assert verdict.kind is AlarmKind.FIRE
            course.cause = verdict.cause
            if verdict.cause is Cause.ACTIVE and verdict.priority not in course.first:
                course.first[verdict.priority] = t
                course.reasons[verdict.priority] = verdict.reasons
    return course


def seen_through_the_lens(scene: np.ndarray) -> np.ndarray:
    """Each cell with its share of its neighbours, in radiance."""
    kelvin4 = np.pad((scene + 273.15) ** 4, 1, mode="edge")
    total = _OWN * kelvin4[1:-1, 1:-1]
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            if down or right:
                share = _ACROSS if down and right else _BESIDE
                total = total + share * kelvin4[1 + down : 25 + down, 1 + right : 33 + right]
    return total**0.25 - 273.15


def hall(celsius: float = 22.0) -> np.ndarray:
    """A hall, a little warmer to the top, with a colder floor and a warm cabinet."""
    scene = np.full((24, 32), celsius) + np.linspace(1.0, -1.0, 24)[:, None]
    scene[18:22, 3:7] += 6.0
    return scene


def block(
    scene: np.ndarray, rows: tuple[float, float], columns: tuple[float, float], celsius: float
) -> np.ndarray:
    """The scene with a rectangle of this temperature; parts of cells are mixed in radiance."""
    share = np.outer(_covered(rows, 24), _covered(columns, 32))
    mixed = share * (celsius + 273.15) ** 4 + (1 - share) * (scene + 273.15) ** 4
    return mixed**0.25 - 273.15


def _covered(span: tuple[float, float], count: int) -> np.ndarray:
    cells = np.arange(count)
    return (np.minimum(cells + 1, span[1]) - np.maximum(cells, span[0])).clip(0.0, 1.0)
