"""What an authenticated device proved and told about itself: identity, clock, firmware, gaps."""

from collections.abc import Iterable

from embereye.config.sensor_options import Firmware
from embereye.model.credential import KeyRing
from embereye.model.device_messages import DeviceAuthenticated, DeviceClock, PacketsMissed
from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp
from embereye.rules.firmware_policy import firmware_state

CLOCK_WRONG = 300.0  # s until a wrong clock is a fault: the device was told the time meanwhile


class DeviceProof:
    """One device. Engine thread.

    Attributes:
        verified: Whether its present connection proved its identity.
        enrolled: Whether it ever had a key.
        firmware: As it said last in an authenticated hello, None when it never did.
        firmware_state: "" fine or unknown, else "old", "quarantined" or "refused".
        missed: Numbered packets that never came.
        clock_offset: Its clock less ours, s; None when it tells no time.
        clock_believed: Whether its stamps are used.
    """

    __slots__ = (
        "_wrong_since",
        "clock_believed",
        "clock_offset",
        "enrolled",
        "firmware",
        "firmware_state",
        "missed",
        "verified",
    )

    def __init__(self, firmware: str | None = None) -> None:
        """`firmware`: the version of an earlier run."""
        self.verified = False
        self.enrolled = False
        self.firmware = firmware
        self.firmware_state = ""
        self.missed = 0
        self.clock_offset: float | None = None
        self.clock_believed = True
        self._wrong_since: Stamp | None = None

    def authenticated(self, message: DeviceAuthenticated) -> None:
        """A connection of it proved its identity."""
        self.verified = self.enrolled = True
        self.firmware = message.firmware

    def left(self) -> None:
        """No connection carries it any more."""
        self.verified = False

    def know_keys(self, device: DeviceId, ring: KeyRing) -> None:
        """Take the keys of this moment."""
        self.enrolled = device in ring.enrolled
        self.verified = self.verified and self.enrolled

    def take_clock(self, message: DeviceClock) -> None:
        """Its clock was compared with ours."""
        self.clock_offset, self.clock_believed = message.offset, message.believed
        if message.believed:
            self._wrong_since = None
        elif self._wrong_since is None:
            self._wrong_since = message.at

    def take_missed(self, message: PacketsMissed) -> None:
        """Some of its packets never came."""
        self.missed += message.count

    def clock_is_wrong(self, now: Stamp) -> bool:
        """Whether its clock has been wrong for so long that telling it the time does not help."""
        return self._wrong_since is not None and now.mono - self._wrong_since.mono > CLOCK_WRONG

    def apply(self, policy: Firmware) -> None:
        """Judge its firmware; that of devices which prove nothing is not known."""
        if self.firmware is None:
            self.firmware_state = ""
        else:
            self.firmware_state = firmware_state(self.firmware, policy.minimum, policy.below)

    @property
    def quarantined(self) -> bool:
        """Whether its values may raise alarms but end none."""
        return self.firmware_state in ("quarantined", "refused")

    @property
    def refused(self) -> bool:
        """Whether nothing of it is kept, besides."""
        return self.firmware_state == "refused"


def quarantine_of(proofs: Iterable[tuple[DeviceId, DeviceProof]]) -> frozenset[DeviceId]:
    """The devices whose values may raise alarms but end none."""
    return frozenset(device for device, proof in proofs if proof.quarantined)


def refused_of(proofs: Iterable[tuple[DeviceId, DeviceProof]]) -> frozenset[DeviceId]:
    """The devices of whose values nothing is kept."""
    return frozenset(device for device, proof in proofs if proof.refused)
