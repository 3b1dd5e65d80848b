"""What is known about how a thermal picture was made, and what its regions show."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Optics:
    """With what a picture's temperatures were computed; enough to compute them anew.

    Attributes:
        emissivity: Assumed of all objects, 0.1–1.
        reflected: Temperature of the surroundings, °C.
        ta: Temperature of the sensor, °C.
        course: How the sensitivity changes with the object's temperature: slope above 0 °C, and
            what it differs by below 0 °C, above the first and above the second corner (1/K each);
            the two corners (K). None: it does not change.
    """

    emissivity: float
    reflected: float
    ta: float
    course: tuple[float, float, float, float, float, float] | None = None


class RegionState(StrEnum):
    """What the rules of a region say. UNKNOWN: nothing usable is seen there, or not lately."""

    OK = "ok"
    PRE_ALARM = "pre-alarm"
    ALARM = "alarm"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RegionReading:
    """The live values of one region, with its own emissivity; °C, None while unknown.

    Attributes:
        hottest: (row, column) of its hottest cell.
        expected: Mean of the learned background at this hour, by the device's emissivity; None
            while learning.
    """

    id: str
    name: str
    max: float | None
    min: float | None
    mean: float | None
    hottest: tuple[int, int] | None
    state: RegionState
    expected: float | None = None
