"""What threads tell each other about devices: authentication, links, logs, requests of people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp


class Direction(StrEnum):
    """Of a line in a device's log."""

    SENT = "sent"
    RECEIVED = "received"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class DeviceLogged:
    """A command, an answer or an event of one device, for its log; never keys, never values.

    Attributes:
        text: "EEPROM1", "#EEPROM answer after 0.6 s", "connected from 10.1.2.3" …
    """

    device: DeviceId
    at: Stamp
    direction: Direction
    text: str


@dataclass(frozen=True, slots=True)
class DeviceAuthenticated:
    """A device proved its identity on a new connection.

    Attributes:
        firmware: As it says in its hello; "" when it says nothing.
        kid: Of the key it used.
    """

    device: DeviceId
    at: Stamp
    address: str
    kid: str
    firmware: str


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """How far a device's clock is from ours.

    Attributes:
        offset: Device time less ours, s; above 0 it is ahead.
        believed: Whether its stamps lie inside the window; else arrival times are used.
    """

    device: DeviceId
    at: Stamp
    offset: float
    believed: bool


@dataclass(frozen=True, slots=True)
class PacketsMissed:
    """Numbered packets of an authenticated device that never came."""

    device: DeviceId
    count: int
    at: Stamp


class StepOutcome(StrEnum):
    """Of one step of a device's self-test."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class TestStep:
    """One step of a device's self-test.

    Attributes:
        text: What was found; when it failed, what to do.
    """

    __test__ = False  # no test case of pytest
    name: str
    outcome: StepOutcome
    text: str


@dataclass(frozen=True, slots=True)
class DeviceTested:
    """The result of `TestDeviceAsked`, in the order of the chain."""

    device: DeviceId
    steps: tuple[TestStep, ...]
    at: Stamp
    actor: str

    @property
    def passed(self) -> bool:
        """Whether no step failed."""
        return all(step.outcome is not StepOutcome.FAILED for step in self.steps)


# --- requests --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnrolDeviceAsked:
    """Mint the first key of a device (also after all its keys were revoked)."""

    device: DeviceId
    actor: str


@dataclass(frozen=True, slots=True)
class RotateKeyAsked:
    """Mint a second key; the old one stays valid for at most 7 days."""

    device: DeviceId
    actor: str


@dataclass(frozen=True, slots=True)
class RevokeDeviceAsked:
    """End all keys of a device at once; its connections are closed within 1 s."""

    device: DeviceId
    actor: str


@dataclass(frozen=True, slots=True)
class ImportKeysAsked:
    """Take keys that were put into devices elsewhere: all of them or none.

    Attributes:
        texts: Enrolment texts, as `ingest.enrolment_text` reads them; contain keys; not in `repr`.
    """

    texts: tuple[str, ...] = field(repr=False)
    actor: str


@dataclass(frozen=True, slots=True)
class KeysImported:
    """The answer to ImportKeys."""

    devices: tuple[DeviceId, ...]
    actor: str


@dataclass(frozen=True, slots=True)
class DeviceRevoked:
    """The answer to Revoke: no key of the device is good any more, and that is stored."""

    device: DeviceId
    actor: str


@dataclass(frozen=True, slots=True)
class DeviceEnrolled:
    """The answer to Enrol and Rotate: what is shown exactly once.

    Attributes:
        text: What a technician types or scans; contains the key; not in `repr`.
    """

    device: DeviceId
    kid: str
    text: str = field(repr=False)
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CommandAsked:
    """Send one command ("REQUEST1", "EEPROM1", "PERIOD_ON") in the next quiet window."""

    device: DeviceId
    command: str
    actor: str


@dataclass(frozen=True, slots=True)
class RelearnAsked:
    """Learn idle levels, expected period and thermal background of a device anew."""

    device: DeviceId
    actor: str


@dataclass(frozen=True, slots=True)
class AcceptAsideAsked:
    """Use the calibration memory or location that was kept aside as different."""

    device: DeviceId
    actor: str


@dataclass(frozen=True, slots=True)
class TestDeviceAsked:
    """Run the end-to-end self-test of one device."""

    __test__ = False  # no test case of pytest
    device: DeviceId
    actor: str


@dataclass(frozen=True, slots=True)
class EnableDeviceAsked:
    """Switch a device on, or off.

    Attributes:
        until_utc: When a disabled one is enabled again by itself, seconds UTC; None: never.
    """

    device: DeviceId
    enabled: bool
    actor: str
    until_utc: float | None = None


@dataclass(frozen=True, slots=True)
class AddDeviceAsked:
    """Register a device.

    Attributes:
        values: Options of `[[devices]]` by name, "id" and "name" among them; plain values.
    """

    values: Mapping[str, object]
    actor: str


@dataclass(frozen=True, slots=True)
class ImportDevicesAsked:
    """Register or change many devices in one step, or none when one row is wrong.

    Attributes:
        rows: Of each device "id" and the options that change, as in EditDeviceAsked.
    """

    rows: tuple[Mapping[str, object], ...]
    actor: str


@dataclass(frozen=True, slots=True)
class EditDeviceAsked:
    """Change options of a registered device.

    Attributes:
        values: The options that change, by name; plain values. None: back to the default.
    """

    device: DeviceId
    values: Mapping[str, object]
    actor: str


@dataclass(frozen=True, slots=True)
class RemoveDeviceAsked:
    """Take a device out of the settings; what it sent stays stored."""

    device: DeviceId
    actor: str
