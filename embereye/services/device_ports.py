"""What the register of devices is wired to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from embereye.model.ids import DeviceId
from embereye.model.messages import AssignDeviceAsked
from embereye.model.reading import Profile
from embereye.model.stamp import Stamp
from embereye.services.access import Refusal, everybody_may


class DeviceMemory(Protocol):
    """What keeps learned facts; `storage.devices.DeviceStore`. Returns at once."""

    def seen(self, device: DeviceId, at: Stamp, profile: Profile, address: str) -> None:
        """Note that a device lives."""

    def save_calibration(self, device: DeviceId, words: bytes, at: Stamp) -> None:
        """Keep its calibration memory."""

    def set_calibration_aside(self, device: DeviceId, words: bytes) -> None:
        """Keep a different one until an operator decides."""

    def save_location(self, device: DeviceId, location: str) -> None:
        """Keep the `#locid` it reports."""

    def save_period(self, device: DeviceId, period: float | None) -> None:
        """Keep its learned period (s); None forgets it."""

    def save_firmware(self, device: DeviceId, firmware: str) -> None:
        """Keep the version that an authenticated hello told."""

    def accept_aside(self, device: DeviceId) -> None:
        """Use what was kept aside from now on."""


def _pass_over(*_: object) -> None:
    """Nobody is interested."""


def _nothing_odd(_: DeviceId) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class DeviceHooks:
    """Whom else requests concern; all are called in the engine's thread and return at once.

    Attributes:
        assign: Changes the settings; None when another part handles the request.
        relearn: Learns other things of the device anew (`Risk.relearn`).
        quarantine: Told which devices' values may raise alarms but end none, each time that
            changes (`Risk.quarantine`).
        leave_out: Told of which of them nothing is kept (`History.leave_out`), likewise.
        accept_aside: Takes over what was kept aside (`SensorServer.accept_aside`).
        doubts: What else is odd about a device, in words (failed cells; `Risk.current`).
        refusal: Why somebody may not change what is watched (`Access.refusal`).
        record: Writes an audit row: kind, subject, actor, text, when (`AuditStore.record`).
    """

    assign: Callable[[AssignDeviceAsked], None] | None = None
    relearn: Callable[[DeviceId], None] = _pass_over
    quarantine: Callable[[frozenset[DeviceId]], None] = _pass_over
    leave_out: Callable[[frozenset[DeviceId]], None] = _pass_over
    accept_aside: Callable[[DeviceId], object] = _pass_over
    doubts: Callable[[DeviceId], tuple[str, ...]] = _nothing_odd
    refusal: Refusal = everybody_may
    record: Callable[[str, str, str, str, Stamp], None] = _pass_over
