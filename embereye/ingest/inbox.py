"""Where packets of authenticated devices wait until they are on the disk: the port.

`storage.inbox` fills it. A device is told that a packet arrived (`#a2`) only after the COMMIT.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from embereye.model.ids import DeviceId


@dataclass(frozen=True, slots=True)
class RawPacket:
    """One authenticated packet as it came.

    Attributes:
        boot, seq: With the device, its identity for ever.
        at_utc: Arrival, seconds UTC.
        device_ms: Milliseconds since 1970 by the device's clock, as it says.
        body: The legacy body, without "#" and "!".
    """

    device: DeviceId
    boot: int
    seq: int
    at_utc: float
    device_ms: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """The last packet of a device whose predecessors in that boot are all on the disk."""

    boot: int = 0
    seq: int = 0


class Inbox(Protocol):
    """Stores packets once. Any thread; returns at once."""

    def progress(self, device: DeviceId) -> Progress:
        """What is stored of a device already, from memory; (0, 0) of an unknown one."""

    def put(self, packets: Sequence[RawPacket], done: Callable[[bool], None]) -> None:
        """Store packets of one device; one that is stored already is not stored again.

        `done(True)` is called in the writer's thread after the COMMIT, `done(False)` when they
        will not be stored by this process (the device keeps and sends them again).
        """
