"""A numbered packet as a device sent it, and how far its packets are on the disk."""

from dataclasses import dataclass

from embereye.model.ids import DeviceId


@dataclass(frozen=True, slots=True)
class RawPacket:
    """One authenticated packet as it came.

    Attributes:
        boot, seq: With the device, its identity for ever.
        at_utc: Arrival, seconds UTC.
        device_ms: Milliseconds since 1970 by the device's clock, as it says.
        body: The legacy body, without "#" and "!".
        made_utc: When it was measured as the history has it, seconds UTC; None: at its arrival.
    """

    device: DeviceId
    boot: int
    seq: int
    at_utc: float
    device_ms: int
    body: bytes
    made_utc: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a device's packets are on the disk: every one of `boot` up to `seq` is.

    Except those that the device no longer had: see `ingest.inbox.Inbox.put`.

    Attributes:
        beyond: Higher numbers, ascending, that an earlier run stored although one before them is
            missing. They will come again, were judged and kept, and are not news to anybody.
    """

    boot: int = 0
    seq: int = 0
    beyond: tuple[int, ...] = ()
