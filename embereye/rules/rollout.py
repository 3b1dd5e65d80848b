"""A staged roll-out: one device, then a tenth, then all; the first failure halts it.

Source: sensor protocol, section 4 (staged 1 → 10 → 100 % with automatic halt).
"""

from collections.abc import Sequence
from math import ceil

from embereye.model.firmware import DeviceUpdate, UpdateState
from embereye.model.ids import DeviceId

_SHARES = (0.0, 0.10, 1.0)  # of all devices of the roll-out, by stage; at least one device
_TOGETHER = 4  # devices at a time: an update takes some seconds of their quiet time
_OPEN = (UpdateState.RUNNING, UpdateState.WATCHED)


def stage_of(updates: Sequence[DeviceUpdate], total: int) -> int:
    """The stage that the roll-out is in: the first one that is not finished.

    Args:
        updates: What was begun.
        total: All devices of the roll-out, begun or not.
    """
    done = sum(update.state is UpdateState.DONE for update in updates)
    for stage in range(len(_SHARES) - 1):
        if done < size_of(stage, total):
            return stage
    return len(_SHARES) - 1


def size_of(stage: int, total: int) -> int:
    """Devices that may have been begun in a stage."""
    return min(total, max(1, ceil(_SHARES[stage] * total)))


def failure(updates: Sequence[DeviceUpdate]) -> str:
    """Why the roll-out must halt, in words; "" while nothing failed."""
    for update in updates:
        if update.state is UpdateState.FAILED:
            return f"device {update.device}: {update.detail}"
    return ""


def next_devices(
    updates: Sequence[DeviceUpdate], candidates: Sequence[DeviceId], total: int
) -> tuple[DeviceId, ...]:
    """The devices to begin now.

    Args:
        updates: What was begun.
        candidates: Devices that could take the update now, in the order wanted.
        total: All devices of the roll-out, begun or not.
    """
    if failure(updates):
        return ()
    begun = {update.device for update in updates}
    running = sum(update.state in _OPEN for update in updates)
    room = min(_TOGETHER - running, size_of(stage_of(updates, total), total) - len(begun))
    waiting = [device for device in candidates if device not in begun]
    return tuple(waiting[: max(0, room)])
