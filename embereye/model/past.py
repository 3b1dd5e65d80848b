"""What screens ask about the past, and the answers; both frozen, from thread to thread."""

from dataclasses import dataclass

from embereye.model.alarm import AlarmKind, Priority
from embereye.model.alarm_past import AlarmPastAsked, AlarmPastRead
from embereye.model.ids import AlarmId, DeviceId
from embereye.model.reading import ThermalFrame
from embereye.model.trend import Trend


@dataclass(frozen=True, slots=True)
class TrendAsked:
    """One channel of a device over the last `seconds`, up to 30 days."""

    device: DeviceId
    channel: str
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class TrendRead:
    """The answer: at most 2,000 points that keep every peak; `problem` says why there is none."""

    asked: TrendAsked
    trend: Trend
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SpanAsked:
    """What the thermal history of a device holds between two moments, s UTC."""

    device: DeviceId
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class AlarmMark:
    """An alarm that a device took part in."""

    alarm: AlarmId
    utc: float
    kind: AlarmKind
    priority: Priority
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class SpanRead:
    """The answer.

    Attributes:
        extent: First and last stored frame of the device at all, s UTC; None without any.
        curve: Maximum temperature, °C; empty without calibration.
        marks: Alarms raised in the span, oldest first.
        problem: Why the rest is empty, for an operator.
    """

    asked: SpanAsked
    extent: tuple[float, float] | None
    curve: Trend
    marks: tuple[AlarmMark, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReelAsked:
    """The frames of a device in the minute that begins at `start`, s UTC."""

    device: DeviceId
    start: float


@dataclass(frozen=True, slots=True, eq=False)
class ReelRead:
    """The answer.

    Attributes:
        frames: In order; their `at.utc` is when they arrived, `at.mono` means nothing.
        earlier: The newest stored frame before that minute, s UTC; None at the beginning.
        later: The first stored frame after it; None at the end.
        problem: Why there are no frames, for an operator.
    """

    asked: ReelAsked
    frames: tuple[ThermalFrame, ...]
    earlier: float | None = None
    later: float | None = None
    problem: str = ""


REEL_SECONDS = 60.0  # of one reel: 15 frames of a field device, 120 at the fastest stored rate

PastAsked = TrendAsked | SpanAsked | ReelAsked | AlarmPastAsked
PastRead = TrendRead | SpanRead | ReelRead | AlarmPastRead
