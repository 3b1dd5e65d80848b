"""The temperatures of one device against their limits."""

from collections import deque
from math import inf, isfinite
from statistics import median_low

from embereye.model.reading import Profile, ThermalFrame
from embereye.rules.rise import RiseMeter
from embereye.rules.risk_limits import RiskLimits, sensor_age
from embereye.rules.watch import Evidence, Grade, Watch

AGREEING = 2  # neighbouring cells that make a slow device's first hot frame count
_GAPS = 5  # frames between which the period is the median; one outage cannot move it


class ThermalInputs:
    """Maximum and rate of rise. Times are monotonic seconds.

    Attributes:
        watches: The limits, in the order in which reasons are told.
        first: When the first usable frame came, None before it.
        raw: The device's temperatures have no defined scale; they never raise anything.
    """

    __slots__ = (
        "_at",
        "_before",
        "_delay",
        "_gaps",
        "_high",
        "_hot",
        "_meter",
        "_rise",
        "_span",
        "first",
        "raw",
        "watches",
    )

    def __init__(self, limits: RiskLimits) -> None:
        self._hot = Watch(limits.thermal(limits.thermal_fire), Evidence.THERMAL, Grade.FIRE, _max)
        self._high = Watch(limits.thermal(limits.thermal_high), Evidence.THERMAL, Grade.HIGH, _max)
        self._rise = Watch(limits.rise(), Evidence.RISE, Grade.HIGH, self._rise_words)
        self.watches = (self._hot, self._high, self._rise)
        self._meter = RiseMeter(limits.rise_window, limits.rise_span)
        self._span = 0.0
        self._delay = limits.thermal_delay
        self._gaps: deque[float] = deque(maxlen=_GAPS)
        self._at = 0.0
        self._before = -inf  # hottest of the frame before, as long as that says anything
        self.first: float | None = None
        self.raw = False

    @property
    def period(self) -> float:
        """Seconds between frames, 0 until known."""
        return median_low(self._gaps) if self._gaps else 0.0

    def follow(self, before: "ThermalInputs") -> None:
        """Take over the rhythm of the same device, measured with other limits."""
        self._gaps.extend(before._gaps)

    def take(self, frame: ThermalFrame) -> bool:
        """Take one picture; True when the verdict on the place may change."""
        self.raw = frame.profile is Profile.RAW
        hottest = frame.max_celsius
        if self.raw or hottest is None or not isfinite(hottest):
            return False  # no scale or no calibration: never a reason, never an all-clear
        now = frame.at.mono
        self._note_period(now)
        before = self._any_held()
        slow = self.period > self._delay
        sure = slow and frame.agreeing >= AGREEING
        again = self._before if slow else -inf  # a second frame of a slow device is sure
        self._hot.feed(now, hottest, sure or again >= self._hot.limit.rule.level)
        self._high.feed(now, hottest, sure or again >= self._high.limit.rule.level)
        self._before = hottest
        self._feed_rise(now, hottest)
        return before or self._any_held()

    def tick(self, now: float) -> bool:
        """Let old values become unknown; True when that changed something."""
        age = sensor_age(self.period)
        # Nobody knows yet how slow a device is that sent one frame, so that one is kept.
        if self._gaps and now - self._at > age:
            self._before = -inf
        aged = [watch.age(now, age) for watch in self.watches]
        if any(aged):
            self._meter.forget()
        return any(aged)

    def clear(self) -> bool:
        """Whether the temperatures are known and below their limits."""
        return all(watch.limit.confirmed_clear for watch in self.watches)

    def _any_held(self) -> bool:
        return self._high.limit.held or self._rise.limit.held or self._hot.limit.held

    def _feed_rise(self, now: float, hottest: float) -> None:
        trend = self._meter.feed(now, hottest, self.period)
        self._rise.feed(now, trend.rate)
        if trend.rate > 0:
            self._span = trend.span

    def _note_period(self, now: float) -> None:
        if self.first is None:
            self.first = now
        else:
            self._gaps.append(now - self._at)
        self._at = now

    def _rise_words(self, watch: Watch) -> str:
        limit = watch.limit.rule.level
        return f"thermal rise {watch.value:.1f} °C/min ≥ {limit:g} °C/min over {self._span:.0f} K"


def _max(watch: Watch) -> str:
    return f"thermal max {watch.value:.1f} °C ≥ {watch.limit.rule.level:g} °C"
