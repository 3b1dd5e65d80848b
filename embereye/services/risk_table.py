"""What a screen may show of the risk rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from embereye.model.ids import DeviceId
from embereye.rules.idle import Idle


@dataclass(frozen=True, slots=True)
class RiskTable:
    """What a screen may show of the rules; a frozen snapshot.

    Attributes:
        idle: Learned idle levels by device, in percent.
        learning: Devices of which a flame or smoke limit is still the fixed one.
        doubts: What is odd about the cells of thermal sensors, in words.
    """

    revision: int = 0
    idle: Mapping[DeviceId, Idle] = field(default_factory=dict)
    learning: frozenset[DeviceId] = frozenset()
    doubts: Mapping[DeviceId, tuple[str, ...]] = field(default_factory=dict)
