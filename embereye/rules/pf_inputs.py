"""The flame and smoke channels of one device against their limits."""

from collections import deque
from math import ceil, inf

from embereye.model.reading import SensorReading
from embereye.rules.gas import ADC_FULL, pf_percent
from embereye.rules.idle import Idle, IdleLevel
from embereye.rules.risk_limits import SENSOR_AGE, SENSOR_AGE_PERIODS, RiskLimits, sensor_age
from embereye.rules.watch import Evidence, Grade, Watch

_LONG_GAP = SENSOR_AGE / SENSOR_AGE_PERIODS  # s; shorter periods do not change the age limit
_NEVER = -1  # no converter value lies below it: every packet is looked at closely


class PfInputs:
    """Smoke (ADC1), flame (ADC2) and digital flame. Times are monotonic seconds.

    Attributes:
        watches: The limits, in the order in which reasons are told.
        first: When the first packet came, None before it.
        learned: Set when an idle level has just become known; the owner stores it, clears it.
    """

    __slots__ = (
        "_at",
        "_calm",
        "_digital",
        "_flame",
        "_flame_idle",
        "_flame_low",
        "_gaps",
        "_gas_channel",
        "_limits",
        "_smoke",
        "_smoke_idle",
        "_smoke_low",
        "first",
        "learned",
        "watches",
    )

    def __init__(self, limits: RiskLimits, idle: Idle, gas_channel: str = "") -> None:
        self._limits = limits
        self._gas_channel = gas_channel
        self._digital = Watch(limits.digital(), Evidence.FLAME, Grade.HIGH, _digital)
        rule = limits.pf(limits.learning_limit)
        self._flame = Watch(rule, Evidence.FLAME, Grade.HIGH, self._flame_words)
        self._smoke = Watch(rule, Evidence.SMOKE, Grade.HIGH, self._smoke_words)
        self.watches = (self._digital, self._flame, self._smoke)
        self._gaps: deque[float] = deque(maxlen=SENSOR_AGE_PERIODS)
        self._at = -inf
        self.first: float | None = None
        self.learned = False
        self._start_learning(idle)

    @property
    def idle(self) -> Idle:
        """What has been learned so far."""
        return Idle(self._smoke_idle.level, self._flame_idle.level)

    @property
    def patience(self) -> float:
        """Seconds after which what did not come beside these packets is not sent at all."""
        return sensor_age(max(self._gaps, default=0.0))

    @property
    def learning(self) -> bool:
        """Whether the fixed limit still holds for a channel that the device sends."""
        return any(
            watch.at > -inf and not idle.learned
            for watch, idle in ((self._smoke, self._smoke_idle), (self._flame, self._flame_idle))
        )

    def relearn(self) -> None:
        """Forget the idle levels and learn them from the next packets."""
        self._start_learning(Idle())

    def take(self, reading: SensorReading) -> bool:
        """Take one packet; True when the verdict on the place may change.

        A packet of a calm device whose idle levels are learned returns here at once (0.1 µs):
        100 devices may send 50,000 packets a second into one thread.
        """
        now = reading.at.mono
        gap = now - self._at
        self._at = now
        if (
            self._calm
            and gap < _LONG_GAP
            and not reading.flame
            and (reading.adc1 is None or reading.adc1 < self._smoke_low)
            and (reading.adc2 is None or reading.adc2 < self._flame_low)
        ):
            return False
        self._note_gap(gap)
        return self._evaluate(now, reading)

    def tick(self, now: float) -> bool:
        """Let old values become unknown; True when that changed something."""
        age = self._age()
        if self._calm:
            if now - self._at <= age:
                return False
            self._leave_calm(self._at)
        aged = [watch.age(now, age) for watch in self.watches]
        return any(aged)

    def clear(self) -> bool:
        """Whether each channel that the device sends is known and below its limit."""
        return self._calm or all(
            watch.limit.confirmed_clear or watch.at == -inf for watch in self.watches
        )

    def _start_learning(self, idle: Idle) -> None:
        limit = self._limits.learning_limit
        self._smoke_idle = IdleLevel(idle.smoke, limit)
        self._flame_idle = IdleLevel(idle.flame, limit)
        self._set_rules()
        self._calm = False

    def _set_rules(self) -> None:
        limits = self._limits
        self._flame.limit.rule = limits.pf(self._flame_idle.limit(limits.flame_margin))
        self._smoke.limit.rule = limits.pf(self._smoke_idle.limit(limits.smoke_margin))
        self._flame_low = _lowest(self._flame, self._flame_idle)
        self._smoke_low = _lowest(self._smoke, self._smoke_idle)

    def _evaluate(self, now: float, reading: SensorReading) -> bool:
        if self.first is None:
            self.first = now
        before = self._any_held()
        if self._calm:
            self._leave_calm(now)
        if reading.flame is not None:
            self._digital.feed(now, float(reading.flame))
        if reading.adc1 is not None and self._gas_channel != "adc1":
            self._feed(now, reading.adc1, self._smoke, self._smoke_idle)
        if reading.adc2 is not None and self._gas_channel != "adc2":
            self._feed(now, reading.adc2, self._flame, self._flame_idle)
        self._calm = all(watch.limit.settled or watch.at == -inf for watch in self.watches)
        return before or self._any_held()

    def _feed(self, now: float, adc: int, watch: Watch, idle: IdleLevel) -> None:
        percent = pf_percent(adc)
        if not idle.learned and idle.take(percent):
            self.learned = True
            self._set_rules()
        watch.feed(now, percent)

    def _any_held(self) -> bool:
        return self._digital.limit.held or self._flame.limit.held or self._smoke.limit.held

    def _leave_calm(self, at: float) -> None:
        """Give the channels the time that the short way of calm packets left out."""
        self._calm = False
        for watch in self.watches:
            if not watch.limit.aged:
                watch.at = at

    def _note_gap(self, gap: float) -> None:
        if gap < _LONG_GAP:
            self._gaps.clear()
        elif gap != inf:
            self._gaps.append(gap)

    def _age(self) -> float:
        """A slow device's last gaps were all long; a single long gap may be an outage."""
        return sensor_age(min(self._gaps) if len(self._gaps) > 1 else 0.0)

    def _flame_words(self, watch: Watch) -> str:
        return _percent("flame", watch, self._flame_idle)

    def _smoke_words(self, watch: Watch) -> str:
        return _percent("smoke", watch, self._smoke_idle)


def _lowest(watch: Watch, idle: IdleLevel) -> int:
    """The lowest converter value that must be looked at."""
    return ceil(watch.limit.rule.level * ADC_FULL / 100) if idle.learned else _NEVER


def _digital(watch: Watch) -> str:
    return "flame digital"


def _percent(name: str, watch: Watch, idle: IdleLevel) -> str:
    known = "learning" if idle.level is None else f"idle {idle.level:.0f} %"
    return f"{name} {watch.value:.0f} % ≥ {watch.limit.rule.level:.0f} % ({known})"
