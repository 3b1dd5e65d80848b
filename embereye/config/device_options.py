"""The options of one sensor device: identity, link, limits, thermal regions and rules."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from embereye.config.options import Id, Name, Section, checked_id, checked_reference, option

_COLUMNS, _ROWS = 32, 24  # cells of a thermal picture (model.reading)
_LEAST_POINTS = {"frame": 0, "point": 1, "line": 2, "polygon": 3}
# Corners and points count cells from the upper left corner of the picture; halves are cell centres.
Point = tuple[Annotated[float, Field(ge=0, le=_COLUMNS)], Annotated[float, Field(ge=0, le=_ROWS)]]
# Fractions of the camera picture; a thermal picture may reach beyond it.
Corner = tuple[Annotated[float, Field(ge=-2, le=3)], Annotated[float, Field(ge=-2, le=3)]]


class ThermalRule(Section):
    """What is watched in one region."""

    measure: Literal["max", "min", "mean", "spread", "difference", "ambient", "rise", "unusual"] = (
        option(
            "max",
            "max, min, mean: °C; spread: hottest less coldest cell, K; difference: this mean less"
            " that of `other`, K; ambient: maximum less the sensor's ambient temperature, K;"
            " rise: of the maximum, °C/min; unusual: above the learned background, K",
        )
    )
    other: str = option("", "Region that `difference` compares with", max_length=64)
    below: bool = option(False, "Counts when it falls below the levels instead of reaching them")
    pre_alarm: float | None = option(
        None, "Level of the pre-alarm; none: no pre-alarm", ge=-100, le=1000
    )
    alarm: float | None = option(None, "Level of the fire alarm; none: no alarm", ge=-100, le=1000)
    dead_band: float = option(2.0, "Return beyond the level that ends it", ge=0, le=100)
    on_delay: float = option(2.0, "How long it must last", unit="s", ge=0, le=600)
    off_delay: float = option(5.0, "How long it must be over", unit="s", ge=0, le=600)

    @model_validator(mode="after")
    def _usable(self) -> "ThermalRule":
        if self.pre_alarm is None and self.alarm is None:
            raise ValueError("give pre_alarm, alarm or both")
        if self.pre_alarm is not None and self.alarm is not None:
            ordered = self.pre_alarm > self.alarm if self.below else self.pre_alarm < self.alarm
            if not ordered:
                raise ValueError("the pre-alarm must be reached before the alarm")
        if (self.measure == "difference") != bool(self.other):
            raise ValueError("`other` names the second region of a difference, and only of that")
        return self


class ThermalRegion(Section):
    """A part of the thermal picture with rules of its own."""

    id: Id = option(..., "Stable short name")
    name: Name = option(..., "Name on the screen")
    shape: Literal["point", "line", "polygon", "frame"] = option("polygon", "Its shape")
    points: tuple[Point, ...] = option(
        (), "Columns 0–32 and rows 0–24, from the upper left corner", max_length=64
    )
    emissivity: float | None = option(
        None, "Emissivity of what is there; none: the device's", ge=0.1, le=1.0
    )
    reflected: float | None = option(
        None,
        "Temperature of what is mirrored there; none: the device's",
        unit="°C",
        ge=-50,
        le=1000,
    )
    rules: tuple[ThermalRule, ...] = option((), "What is watched there", max_length=16)

    _id = field_validator("id")(checked_id)

    @model_validator(mode="after")
    def _complete(self) -> "ThermalRegion":
        if len(self.points) < _LEAST_POINTS[self.shape]:
            raise ValueError(f"a {self.shape} needs {_LEAST_POINTS[self.shape]} points")
        return self


class ThermalArea(Section):
    """A part of the thermal picture that counts for nothing (a chimney, the sun on a window)."""

    name: Name = option("masked", "Name on the screen")
    points: tuple[Point, ...] = option(
        ..., "Corners: columns 0–32 and rows 0–24", min_length=3, max_length=64
    )


class DeviceLimits(Section):
    """When one device's values count as heat, flame, smoke or gas."""

    thermal_fire: float = option(
        85.0, "Maximum temperature that is a fire", unit="°C", ge=30, le=500
    )
    thermal_high: float = option(
        60.0, "Maximum temperature that is a pre-alarm", unit="°C", ge=25, le=400
    )
    thermal_delay: float = option(2.0, "How long the temperature must last", unit="s", ge=0, le=60)
    dead_band: float = option(3.0, "How far it must fall to count as over", unit="K", ge=0.5, le=30)
    rise_rate: float = option(8.0, "Rate of rise that is a pre-alarm", unit="°C/min", ge=1, le=100)
    rise_span: float = option(5.0, "Rise needed before the rate counts", unit="K", ge=1, le=50)
    flame_margin: float = option(
        25.0, "Flame channel above its idle level", unit="points", ge=2, le=90
    )
    smoke_margin: float = option(
        15.0, "Smoke channel above its idle level", unit="points", ge=2, le=90
    )
    gas_channel: Literal["", "ADC1", "ADC2", "ADC3"] = option(
        "", "Channel of a gas sensor; empty: none"
    )
    gas: Literal["CO", "CO2", "NH3", "alcohol", "acetone", "toluene"] = option("CO", "Which gas")
    gas_limit: float = option(50.0, "Concentration that is an alarm", unit="ppm", ge=1, le=100_000)
    gas_reference: float = option(
        5.0, "Voltage of the converter's full scale (Vref)", unit="V", ge=0.5, le=24
    )
    gas_supply: float = option(5.0, "Supply of the gas sensor (Vcc)", unit="V", ge=0.5, le=24)
    gas_load: float = option(10.0, "Its load resistor (RL)", unit="kΩ", ge=0.01, le=1000)
    gas_r0: float = option(76.63, "Its resistance in clean air (R0)", unit="kΩ", ge=0.01, le=10_000)
    gas_a: float | None = option(
        None, "a of ppm = a·(Rs/R0)^b; none: that of the gas", gt=0, le=1_000_000
    )
    gas_b: float | None = option(
        None, "b of ppm = a·(Rs/R0)^b; none: that of the gas", ge=-20, lt=0
    )

    @model_validator(mode="after")
    def _ordered(self) -> "DeviceLimits":
        if self.thermal_high >= self.thermal_fire:
            raise ValueError("thermal_high must be below thermal_fire")
        return self


class Device(Section):
    """One sensor device."""

    id: Id = option(..., "Identity of the device: its constant id, serial number or location")
    name: Name = option(..., "Name on the screen")
    place: str = option("", "Place it protects; empty: the place of its camera, else its own")
    camera: str = option("", "Camera whose picture the thermal overlay belongs to")
    location: str = option("", "Location (#locid) that means this device", max_length=64)
    address: str = option("", "Fixed network address that means this device", max_length=64)
    enabled: bool = option(True, "Off: counted as disabled, raises nothing")
    profile: Literal["auto", "mlx90640", "centi27", "raw"] = option(
        "auto", "How it encodes temperatures"
    )
    emissivity: float = option(0.95, "Emissivity of what it looks at", ge=0.1, le=1.0)
    mode: Literal["continuous", "on demand"] = option("continuous", "Streams by itself or is asked")
    poll: float = option(10.0, "How often it is asked in mode on demand", unit="s", ge=1, le=3600)
    terminator: Literal["", "CR", "LF", "CRLF"] = option("", "What ends a command to it")
    disabled_until: float = option(
        0.0, "When a disabled device is enabled again, seconds since 1970 UTC; 0: never", ge=0
    )
    period: float = option(
        0.0, "Expected time between packets; 0: learned", unit="s", ge=0, le=3600
    )
    reflected: float | None = option(
        None,
        "Temperature that surfaces mirror; none: 8 K below the sensor's own",
        unit="°C",
        ge=-50,
        le=1000,
    )
    alignment: tuple[Corner, ...] = option(
        (),
        "Where the corners of the thermal picture (upper left, upper right, lower right, lower"
        " left) lie in the camera picture, as fractions of it; none: not aligned",
        max_length=4,
    )
    limits: DeviceLimits = option(DeviceLimits(), "Its limits")
    regions: tuple[ThermalRegion, ...] = option((), "Thermal regions", max_length=64)
    masks: tuple[ThermalArea, ...] = option((), "What counts for nothing", max_length=32)

    _id = field_validator("id")(checked_id)
    _references = field_validator("place", "camera")(checked_reference)

    @model_validator(mode="after")
    def _regions_fit(self) -> "Device":
        names = [region.id for region in self.regions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the region {', '.join(twice)} is there twice")
        for region in self.regions:
            for rule in region.rules:
                if rule.other and (rule.other not in names or rule.other == region.id):
                    raise ValueError(f"region {region.id}: there is no other region {rule.other}")
        if len(self.alignment) not in (0, 4):
            raise ValueError("the alignment needs four corners, or none")
        return self
