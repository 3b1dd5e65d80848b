"""How cameras are spread over capture processes: by what they cost."""

from collections.abc import Mapping
from typing import TypeVar

P = TypeVar("P")
C = TypeVar("C")

_FEW = 12  # cameras that threads of the console read; more push sensor latency up (targets.md)
_EACH = 10  # cameras a process (requirement 1.24)
_UNEVEN = 0.15  # cores; a smaller difference is left alone
_SHARE = 0.25  # of the busiest one's load; a smaller difference is left alone


def processes_for(wanted: int, cameras: int, cores: int) -> int:
    """Capture processes for so many cameras; 0: threads of the console.

    `wanted`: The setting; −1 leaves it to this rule: about ten cameras each, never more than
    cores, since a camera needs no more (targets.md).
    """
    if wanted >= 0:
        return wanted
    if cameras <= _FEW:
        return 0
    return min(max(2, cores), -(-cameras // _EACH))


def move(
    loads: Mapping[P, Mapping[C, float]], fixed: Mapping[P, float] | None = None
) -> tuple[C, P, P] | None:
    """The camera to move, from where and to where; None while the load is even enough.

    `loads`: For each process what each of its cameras costs, in cores. `fixed`: what those cost
    that cannot be moved. A camera is moved only where that brings both processes nearer together.
    """
    still = fixed or {}
    totals = {place: sum(costs.values()) + still.get(place, 0.0) for place, costs in loads.items()}
    if len(totals) < 2:
        return None
    busy = max(totals, key=lambda place: totals[place])
    idle = min(totals, key=lambda place: totals[place])
    gap = totals[busy] - totals[idle]
    if gap < max(_UNEVEN, _SHARE * totals[busy]):
        return None
    most = gap - _UNEVEN / 2  # one more than that would come back
    fitting = {camera: cost for camera, cost in loads[busy].items() if 0 < cost <= most}
    if not fitting:
        return None
    best = min(fitting, key=lambda camera: abs(fitting[camera] - gap / 2))
    return best, busy, idle
