"""Whether what one device sends can be true: supply, chip temperature, values that never move.

A doubt never changes, delays or hides a value: an implausible fire is still an alarm. Pure; times
in monotonic seconds.

Source: Melexis MLX90640 datasheet, section 6 (supply 3.0–3.6 V, ambient -40–85 °C). How noisy a
real device is was measured on the recorded session of 60 cycles: ADC1, ADC2 and ADC3 together
repeat in 4 of 59 steps, twice in a row at most; ADC1 alone in 21 of 59; two frames have 34 % of
their pixels in common at most; Vdd deviates by 0.24 mV, Ta moves by 0.11 K a step.
"""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.rules.supply_trend import SupplyTrend

SUPPLY = (3.0, 3.6)  # V
AMBIENT = (-40.0, 85.0)  # °C
_SUPPLY_BAND = 0.02  # V back inside the range until the doubt ends; 80 times the noise
_AMBIENT_BAND = 2.0  # K, as above; 18 times the largest step

_JUMP = 15.0  # K between two frames, plus
_JUMP_RATE = 1.0  # K/s: a chip in its metal can follows no fire faster; the real step is 0.03 K/s
_JUMP_SHOWN = 300.0  # s after the last jump for which it is doubted; several are one doubt

# 0.36 ** 60 is 2e-27 for the quietest channel of a real device; 60 of its cycles are 245 s. The
# time counts too, for devices that send faster than they measure.
_STUCK_PACKETS, _STUCK_SECONDS = 60, 240.0
# The slowest MLX90640 measures each 2 s: ten times that; six cycles of a real device are 24.5 s.
_FROZEN_FRAMES, _FROZEN_SECONDS = 6, 20.0
_REFUSED_FRAMES = 5  # in a row; garbage on the line hits one or two
_PICTURE_BYTES = 1536  # 768 words; what follows is random in simulators (sensor protocol, 2 B)
_NOTHING = (None, None, None)
_LASTS = 60.0  # s until a doubt is a fault: a short dip needs nobody's visit


class DoubtKind(StrEnum):
    """What is implausible."""

    SUPPLY = "supply"
    SUPPLY_FALLS = "supply falls"
    AMBIENT = "ambient"
    AMBIENT_JUMPS = "ambient jumps"
    STUCK = "stuck values"
    FROZEN = "frozen picture"
    FRAMES = "unusable frames"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that makes the values of a device implausible.

    Attributes:
        text: What is seen, for a badge ("supply 2.95 V").
        advice: What it means and what to do, after "device NAME".
        since: When it began.
        fault_after: Seconds that it must last to be a fault, None: never one.
    """

    kind: DoubtKind
    text: str
    advice: str
    since: float
    fault_after: float | None

    def is_fault(self, now: float) -> bool:
        """Whether somebody must look after the device."""
        return self.fault_after is not None and now - self.since >= self.fault_after


class Plausibility:
    """Watches the values of one device."""

    __slots__ = ("_chip", "_doubts", "_frames", "_jumped", "_refused", "_trend", "_values")

    def __init__(self) -> None:
        self._doubts: dict[DoubtKind, Doubt] = {}
        self._values = _Repeats()
        self._frames = _Repeats()
        self._chip: tuple[float, float] | None = None  # when, °C
        self._jumped = 0.0
        self._trend = SupplyTrend()
        self._refused = 0

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """All present doubts, in the order of their beginning."""
        return tuple(self._doubts.values())

    def take_reading(self, reading: SensorReading, profile: Profile) -> None:
        """Look at one `#Sensor` packet. Only of real devices a stuck value is a fault."""
        values = (reading.adc1, reading.adc2, reading.adc3)
        now = reading.at.mono
        alike, lasting = self._values.note(values, now)
        stuck = alike >= _STUCK_PACKETS and lasting >= _STUCK_SECONDS
        if self._begins(DoubtKind.STUCK, stuck and values != _NOTHING):
            advice = "sends flame and smoke values without any noise; restart or replace it"
            after = 0.0 if profile is Profile.MLX90640 else None
            self._add(DoubtKind.STUCK, "stuck values", advice, now, after)

    def take_frame(self, frame: ThermalFrame) -> None:
        """Look at one thermal picture."""
        now = frame.at.mono
        self._refused = 0
        self._doubts.pop(DoubtKind.FRAMES, None)
        self._look_at_picture(frame, now)
        if frame.vdd_volt is not None:
            self._look_at_supply(frame.vdd_volt, now)
        if frame.ta_celsius is not None:
            self._look_at_ambient(frame.ta_celsius, now)

    def refuse_frames(self, count: int, reason: str, now: float) -> None:
        """So many frames could not be used, since what they say is impossible."""
        self._refused += count
        if self._begins(DoubtKind.FRAMES, self._refused >= _REFUSED_FRAMES):
            why = reason.rstrip(".")
            advice = f"sends frames that cannot be used ({why}); check its supply, then replace it"
            self._add(DoubtKind.FRAMES, "unusable thermal frames", advice, now, 0.0)

    def interrupt(self) -> None:
        """The device was silent: what comes next is not compared with what was before."""
        self._values, self._frames, self._chip = _Repeats(), _Repeats(), None

    def pass_time(self, now: float) -> bool:
        """End what is doubted for a while only; whether something ended."""
        over = DoubtKind.AMBIENT_JUMPS in self._doubts and now - self._jumped > _JUMP_SHOWN
        if over:
            del self._doubts[DoubtKind.AMBIENT_JUMPS]
        return over

    def _look_at_picture(self, frame: ThermalFrame, now: float) -> None:
        real = frame.profile is Profile.MLX90640
        seen = frame.words if real else frame.words[:_PICTURE_BYTES]
        alike, lasting = self._frames.note(seen or frame.relative.tobytes(), now)
        frozen = alike >= _FROZEN_FRAMES and lasting >= _FROZEN_SECONDS
        if self._begins(DoubtKind.FROZEN, frozen):
            advice = "sends one thermal picture for ever: nobody watches the heat; restart it"
            self._add(DoubtKind.FROZEN, "frozen picture", advice, now, 0.0 if real else None)

    def _look_at_supply(self, volt: float, now: float) -> None:
        low, high = SUPPLY
        wrong = _outside(volt, SUPPLY, _SUPPLY_BAND if DoubtKind.SUPPLY in self._doubts else 0.0)
        if self._begins(DoubtKind.SUPPLY, wrong):
            advice = f"has a supply of {volt:.2f} V, not {low}-{high} V; check its battery or mains"
            self._add(DoubtKind.SUPPLY, f"supply {volt:.2f} V", advice, now)
        left = self._trend.note(volt, now, low)
        if self._begins(DoubtKind.SUPPLY_FALLS, left is not None and not wrong):
            hours = (left or 0.0) / 3600
            text = f"supply falls: {volt:.2f} V, {low} V in {hours:.0f} h"
            advice = f"loses its supply ({text}); charge or change its battery"
            self._add(DoubtKind.SUPPLY_FALLS, text, advice, now)

    def _look_at_ambient(self, celsius: float, now: float) -> None:
        low, high = AMBIENT
        wrong = _outside(
            celsius, AMBIENT, _AMBIENT_BAND if DoubtKind.AMBIENT in self._doubts else 0
        )
        if self._begins(DoubtKind.AMBIENT, wrong):
            advice = (
                f"is at {celsius:.0f} °C itself, beyond its {low:.0f} to {high:.0f} °C: its"
                " temperatures are uncertain; look what heats or cools it"
            )
            self._add(DoubtKind.AMBIENT, f"sensor at {celsius:.0f} °C", advice, now)
        before, self._chip = self._chip, (now, celsius)
        if before is None:
            return
        step = celsius - before[1]
        if abs(step) <= _JUMP + _JUMP_RATE * (now - before[0]):
            return
        self._jumped = now
        if self._begins(DoubtKind.AMBIENT_JUMPS, True):
            text = f"sensor temperature jumps by {step:+.0f} K"
            advice = f"says that it changed by {step:+.0f} K at once; check its wiring and supply"
            self._add(DoubtKind.AMBIENT_JUMPS, text, advice, now)

    def _begins(self, kind: DoubtKind, present: bool) -> bool:
        """Whether this doubt begins now; one that is not present any more ends."""
        if not present:
            self._doubts.pop(kind, None)
            return False
        return kind not in self._doubts

    def _add(
        self, kind: DoubtKind, text: str, advice: str, now: float, after: float | None = _LASTS
    ) -> None:
        self._doubts[kind] = Doubt(kind, text, advice, now, after)


class _Repeats:
    """Counts how often the same thing came in a row."""

    __slots__ = ("_count", "_since", "_thing")

    def __init__(self) -> None:
        self._thing: object = None
        self._count = 0
        self._since = 0.0

    def note(self, thing: object, now: float) -> tuple[int, float]:
        """How often in a row this came, and for how many seconds."""
        if thing != self._thing:
            self._thing, self._count, self._since = thing, 0, now
        self._count += 1
        return self._count, now - self._since


def _outside(value: float, limits: tuple[float, float], band: float) -> bool:
    """Whether it is beyond the limits narrowed by `band`; a value that is no number is, too."""
    low, high = limits
    return not low + band <= value <= high - band
