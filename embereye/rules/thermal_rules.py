"""The rules of a device's thermal regions: their values against pre-alarm and alarm levels."""

from collections.abc import Callable
from math import isnan, nan

import numpy as np

from embereye.model.reading import COLUMNS, ThermalFrame
from embereye.model.thermal import RegionReading, RegionState
from embereye.rules.limits import LimitRule
from embereye.rules.rise import RiseMeter
from embereye.rules.risk_limits import RiskLimits, sensor_age
from embereye.rules.thermal_background import Usual
from embereye.rules.thermal_facts import AGREEING_SHARE
from embereye.rules.thermal_inputs import AGREEING
from embereye.rules.thermal_measure import RegionMeter, RegionValues
from embereye.rules.thermal_region import (
    Analysis,
    Measure,
    Region,
    RegionRule,
    cells_of,
    masked_cells,
)
from embereye.rules.thermal_words import words_of
from embereye.rules.watch import Evidence, Grade, Watch

# A learned background and a trend are no matter of one frame, so these wait for a second one.
_NEVER_SURE = (Measure.RISE, Measure.UNUSUAL)


class RegionInputs:
    """The regions of one device. Times are monotonic seconds.

    A region without any usable cell is unknown, and so is a measure that lacks something (the
    other region, the ambient temperature, the background): what it raised before stays.

    Attributes:
        watches: Two a rule at most; region by region.
        readings: What the regions show, replaced as a whole; read from any thread.
    """

    def __init__(self, analysis: Analysis, limits: RiskLimits) -> None:
        self._regions = analysis.regions
        self._meter = RegionMeter(analysis.regions)
        index = {region.id: i for i, region in enumerate(analysis.regions)}
        names = {region.id: region.name for region in analysis.regions}
        hidden = _hidden(analysis)
        self._rules = [
            _Rule(
                rule,
                region,
                where := (i, index.get(rule.other, i)),
                names.get(rule.other, ""),
                limits,
                rule.measure is Measure.UNUSUAL or not hidden.isdisjoint(where),
            )
            for i, region in enumerate(analysis.regions)
            for rule in region.rules
        ]
        self.watches = tuple(watch for rule in self._rules for watch in rule.watches)
        self._at = -np.inf
        self._seen: _Seen | None = None
        self.readings = self._read()

    @property
    def any(self) -> bool:
        """Whether there are regions at all."""
        return bool(self._regions)

    def take(self, frame: ThermalFrame, period: float, usual: Usual | None) -> bool:
        """Take one picture with temperatures; True when the verdict on the place may change.

        Args:
            period: Seconds between the device's frames.
        """
        now = self._at = frame.at.mono
        seen = self._seen = _Seen(self._meter.measure(frame, usual), frame, period)
        changed = [rule.take(now, seen) for rule in self._rules]
        self.readings = self._read()
        return any(changed)

    def tick(self, now: float, period: float) -> bool:
        """Let old values become unknown; True when that changed something."""
        if self._seen is None or now - self._at <= sensor_age(period):
            return False
        self._seen = None
        changed = [rule.lose() for rule in self._rules]
        self.readings = self._read()
        return any(changed)

    def clear(self) -> bool:
        """Whether every measure that can have a value is known and clear."""
        return all(rule.clear() for rule in self._rules)

    def _read(self) -> tuple[RegionReading, ...]:
        grades = {rule.region: RegionState.OK for rule in self._rules if rule.known}
        for rule in self._rules:
            state = rule.state
            if state is RegionState.ALARM or (
                state is RegionState.PRE_ALARM and grades.get(rule.region) is RegionState.OK
            ):
                grades[rule.region] = state
        return tuple(
            _reading(region, i, self._seen, grades.get(i)) for i, region in enumerate(self._regions)
        )


class _Seen:
    """What all rules of one picture share, as plain numbers."""

    def __init__(self, values: RegionValues, frame: ThermalFrame, period: float) -> None:
        self.highest: list[float] = values.highest.tolist()
        self.lowest: list[float] = values.lowest.tolist()
        self.mean: list[float] = values.mean.tolist()
        self.unusual: list[float] = values.unusual.tolist()
        self.usable: list[int] = values.usable.tolist()
        self.hottest: list[int] = values.hottest.tolist()
        self.expected: list[float] = values.expected.tolist()
        self.period = period
        self.ambient = np.nan if frame.ta_celsius is None else frame.ta_celsius
        self._frame = frame
        self._middle: float | None = None  # of the whole picture, worked out when it is needed

    def agreeing(self, region: int) -> bool:
        """Whether enough neighbours of a region's hottest cell are nearly as hot.

        Neighbours count wherever they lie, and by the device's emissivity; see
        `ThermalFrame.agreeing`.
        """
        cells = self._frame.celsius
        if cells is None or self.hottest[region] < 0:
            return False
        row, column = divmod(self.hottest[region], COLUMNS)
        if self._middle is None:
            self._middle = float(np.nanmedian(cells))
        here = float(cells[row, column])
        around = cells[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        near = here - AGREEING_SHARE * (here - self._middle)
        return bool(np.count_nonzero(around >= near) - 1 >= AGREEING)


class _Rule:
    """One rule of one region."""

    __slots__ = (
        "_ambient",
        "_meter",
        "_never",
        "_rule",
        "_signed_value",
        "_waits",
        "known",
        "region",
        "state",
        "watches",
    )

    def __init__(
        self,
        rule: RegionRule,
        region: Region,
        where: tuple[int, int],
        other_name: str,
        limits: RiskLimits,
        never: bool,
    ) -> None:
        """`never`: it will have no value for long, with nothing being wrong."""
        self._rule = rule
        self._never = never
        self._ambient = rule.measure is Measure.AMBIENT
        self._waits = True  # a value must come before what it raised in an earlier run can end
        self.region = where[0]
        self.known = False
        self.state = RegionState.OK  # by its own watches
        self._signed_value = _reader(rule, *where)
        self._meter = (
            RiseMeter(limits.rise_window, limits.rise_span)
            if rule.measure is Measure.RISE
            else None
        )
        evidence = Evidence.RISE if rule.measure is Measure.RISE else Evidence.THERMAL
        self.watches = tuple(
            Watch(
                _limit(rule, level),
                evidence,
                grade,
                words_of(rule, region.name, other_name),
                part=f"{region.id} {rule.measure}",
                joins=_joins(rule, level, limits),
            )
            for level, grade in ((rule.alarm, Grade.FIRE), (rule.pre_alarm, Grade.HIGH))
            if level is not None
        )

    def take(self, now: float, seen: _Seen) -> bool:
        value = self._value(now, seen)
        self._waits = not (self._never or (self._ambient and isnan(seen.ambient)))
        if isnan(value):
            return self._miss()
        self.known = True
        changed, state = False, RegionState.OK
        for watch in reversed(self.watches):  # the alarm last: it decides the state
            limit = watch.limit
            reached = value >= limit.rule.level
            if not reached and limit.settled:
                continue
            held = limit.held
            watch.feed(now, value, reached and self._sure(seen))
            changed = changed or held or limit.held
            if watch.tripped:
                alarm = watch.grade is Grade.FIRE
                state = RegionState.ALARM if alarm else RegionState.PRE_ALARM
        self.state = state
        return changed

    def lose(self) -> bool:
        """There is no picture any more; True when something was held."""
        if self._meter is not None:
            self._meter.forget()
        return self._miss()

    def _miss(self) -> bool:
        """There is no value now; True when something was held."""
        self.known, self.state = False, RegionState.OK
        for watch in self.watches:
            if not watch.limit.aged:
                watch.limit.age()
        return any(watch.limit.held for watch in self.watches)

    def clear(self) -> bool:
        return all(
            watch.limit.confirmed_clear
            or (watch.limit.aged and not watch.limit.held and not self._waits)
            for watch in self.watches
        )

    def _value(self, now: float, seen: _Seen) -> float:
        """The measure, with its sign turned round for `below`; NaN when it lacks something."""
        if self._meter is None:
            return self._signed_value(seen)
        highest = seen.highest[self.region]
        if isnan(highest):
            self._meter.forget()
            return highest
        rate = self._meter.feed(now, highest, seen.period).rate
        return -rate if self._rule.below else rate

    def _sure(self, seen: _Seen) -> bool:
        """Whether a slow device's first such frame counts; as for the whole picture."""
        rule = self._rule
        if seen.period <= rule.on_delay or rule.below or rule.measure in _NEVER_SURE:
            return False
        if rule.measure is Measure.MIN:  # then each of its cells is hot
            return seen.usable[self.region] > AGREEING
        return seen.agreeing(self.region)


def _hidden(analysis: Analysis) -> set[int]:
    """The regions that lie under masks altogether."""
    masked = masked_cells(analysis.masks)
    if masked is None:
        return set()
    shapes = [cells_of(region.shape, region.points) for region in analysis.regions]
    return {i for i, cells in enumerate(shapes) if not np.any(cells & ~masked)}


def _reader(rule: RegionRule, region: int, other: int) -> Callable[[_Seen], float]:
    """What takes the measure of a rule from the numbers of a picture, signed for `below`."""
    sign = -1.0 if rule.below else 1.0
    readers: dict[Measure, Callable[[_Seen], float]] = {
        Measure.MAX: lambda seen: sign * seen.highest[region],
        Measure.MIN: lambda seen: sign * seen.lowest[region],
        Measure.MEAN: lambda seen: sign * seen.mean[region],
        Measure.SPREAD: lambda seen: sign * (seen.highest[region] - seen.lowest[region]),
        Measure.DIFFERENCE: lambda seen: sign * (seen.mean[region] - seen.mean[other]),
        Measure.AMBIENT: lambda seen: sign * (seen.highest[region] - seen.ambient),
        Measure.UNUSUAL: lambda seen: sign * seen.unusual[region],
    }
    # A rise has a history of its own, see `_Rule._value`.
    return readers.get(rule.measure, lambda _: nan)


def _reading(
    region: Region, index: int, seen: "_Seen | None", state: RegionState | None
) -> RegionReading:
    if seen is None or seen.hottest[index] < 0:
        return RegionReading(region.id, region.name, None, None, None, None, RegionState.UNKNOWN)
    expected = seen.expected[index]
    return RegionReading(
        region.id,
        region.name,
        seen.highest[index],
        seen.lowest[index],
        seen.mean[index],
        divmod(seen.hottest[index], COLUMNS),
        state if state is not None else _without_rules(region),
        None if isnan(expected) else expected,
    )


def _without_rules(region: Region) -> RegionState:
    """A region whose rules all lack something is unknown; one without rules is fine."""
    return RegionState.UNKNOWN if region.rules else RegionState.OK


def _limit(rule: RegionRule, level: float) -> LimitRule:
    """`below` counts the values with the sign turned round."""
    signed = -level if rule.below else level
    return LimitRule(signed, rule.dead_band, rule.on_delay, rule.off_delay)


def _joins(rule: RegionRule, level: float, limits: RiskLimits) -> bool:
    """Whether it is evidence as strong as the device's own limits on the whole picture.

    A region may have a pre-alarm at 30 °C; with a rise of 5 K beside it, it is no fire.
    """
    if rule.below:
        return False
    if rule.measure is Measure.RISE:
        return level >= limits.rise_rate
    absolute = rule.measure in (Measure.MAX, Measure.MIN, Measure.MEAN)
    return absolute and level >= limits.thermal_high
