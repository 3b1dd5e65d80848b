"""What counts of a thermal picture; a message inside the engine, made by the risk."""

from dataclasses import dataclass

from embereye.model.reading import ThermalFrame
from embereye.model.thermal import RegionReading


@dataclass(frozen=True, slots=True, eq=False)
class ThermalSeen:
    """One thermal picture with temperatures, as it counts for limits and rules.

    Attributes:
        frame: Masked cells are NaN, failed ones repaired.
        regions: What the regions of the device show in it.
        period: Seconds between pictures of the device, 0 until known.
    """

    frame: ThermalFrame
    regions: tuple[RegionReading, ...]
    period: float
