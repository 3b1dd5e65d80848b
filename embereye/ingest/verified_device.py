"""What is taken from a device that proved who it is, and what it is told. Sensor thread."""

from embereye.ingest.admission import Admission, Boot
from embereye.ingest.auth_session import AuthSession
from embereye.ingest.bound_devices import BoundDevices
from embereye.ingest.commands import CommandSchedule
from embereye.ingest.device_state import DeviceState, DeviceStates
from embereye.ingest.packet import (
    Corrupt,
    EepromPacket,
    FirmwarePacket,
    FramePacket,
    LocationPacket,
    Packet,
    SensorPacket,
)
from embereye.ingest.thermal_decode import ThermalPacket
from embereye.model.firmware import FirmwareSaid
from embereye.model.messages import SecurityEvent
from embereye.model.reading import SensorReading
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp

_AGAIN = 60.0  # s before the time or a new key is sent once more
_NEVER = float("-inf")
_NO_CALIBRATION = "a calibration memory that belongs to no working sensor"


class VerifiedDevice:
    """One device on its proven connection; whatever a packet says inside, it stays this one.

    Attributes:
        boot: What it said since it was switched on.
    """

    def __init__(
        self,
        admission: Admission,
        devices: DeviceStates,
        bound: BoundDevices,
        auth: AuthSession,
        schedule: CommandSchedule,
        state: DeviceState,
    ) -> None:
        self.boot: Boot | None = auth.boot
        self._admission = admission
        self._devices = devices
        self._bound = bound
        self._auth = auth
        self._schedule = schedule
        self._state = state
        self._device = state.decoder.device
        self._fields: tuple[str, str] = ("", "")
        self._clock_reported = False
        self._time_sent = self._key_sent = _NEVER

    def take(
        self,
        packet: Packet,
        made: Stamp,
        at: Stamp,
        out: list[object],
        frames: list[ThermalPacket],
    ) -> str:
        """Use what was inside a genuine packet; returns why it is useless, or ""."""
        if isinstance(packet, SensorPacket):
            self._check_fields(packet.ident, packet.location, at, out)
            adc1, adc2, adc3, flame = packet[2:]
            out.append(SensorReading(self._device, made, adc1, adc2, adc3, flame))
        elif isinstance(packet, FramePacket):
            self._check_fields(packet.ident, packet.location, at, out)
            frames.append(ThermalPacket(self._state.decoder, packet.digits, made))
        elif isinstance(packet, EepromPacket):
            self._check_fields(packet.ident, packet.location, at, out)
            if not self._bound.take_calibration(self._state, packet.words, at, out):
                return _NO_CALIBRATION
        elif isinstance(packet, LocationPacket):
            self._check_fields("", packet.location, at, out)
            self._bound.check_location(self._state, packet.location, at, out)
        elif isinstance(packet, FirmwarePacket):
            out.append(FirmwareSaid(self._device, packet.text, at))
        elif isinstance(packet, Corrupt):
            return packet.reason
        return ""

    def tick(self, at: Stamp, out: list[object]) -> None:
        """Tell about its clock, and send the time and a newer key when it needs them."""
        boot, window = self.boot, self._admission.window
        if boot is None or self._auth.ending:
            return
        news = boot.clock.news(at, window)
        if news is not None:
            out.append(news)
        if boot.clock.settled(at) and not boot.clock.believed(at, window):
            self._correct(boot.clock.offset(at), at, out)
        key = self._auth.key
        newer = None if key is None else self._admission.successor(key, at.utc)
        if newer is not None and at.mono - self._key_sent >= _AGAIN:
            self._key_sent = at.mono
            self._schedule.ask("KEY:0", at.mono)  # the key is put in when it is sent

    def _correct(self, offset: float, at: Stamp, out: list[object]) -> None:
        if at.mono - self._time_sent >= _AGAIN:
            self._time_sent = at.mono
            self._schedule.ask("TIME:0", at.mono)  # the present time is put in when it is sent
        if not self._clock_reported:
            self._clock_reported = True
            text = (
                f"The clock of device {self._device} is {abs(offset):.0f} s"
                f" {'ahead' if offset > 0 else 'behind'}; times of arrival are used instead."
            )
            subject, address = f"device:{self._device}", self._state.address
            event = SecurityEvent(subject, text, at, SecurityKind.CLOCK, address)
            self._admission.security.note(event, out)

    def _check_fields(self, ident: str, location: str, at: Stamp, out: list[object]) -> None:
        """A name inside that means another device: it is not believed, and told."""
        if (ident, location) == self._fields:
            return
        self._fields = (ident, location)
        register, enrolled = self._devices.register, self._admission.keys.enrolled
        for name in (location, ident):
            other = register.named(name)
            if other is None and name in enrolled:
                other = self._devices.register.called(name).device
            if other not in (None, self._device):
                text = f"of device {self._device} carries packets that name {other}"
                self._bound.doubt(name, SecurityKind.OTHER, text, at, out)
