"""One peer: from its bytes to messages, legacy or authenticated, and the commands back to it."""

from collections.abc import Callable

from embereye.ingest.admission import HAS_A_KEY, LEGACY_KINDS, UNSEALED, Admission
from embereye.ingest.auth_session import AuthSession
from embereye.ingest.bound_devices import BoundDevices
from embereye.ingest.commands import CommandSchedule, Heard
from embereye.ingest.device_state import DeviceState, DeviceStates
from embereye.ingest.identity import Binding, ConnectionIdentity
from embereye.ingest.packet import (
    Corrupt,
    EepromPacket,
    FramePacket,
    LocationPacket,
    Packet,
    SecurePacket,
    SensorPacket,
    SerialPacket,
    Splitter,
)
from embereye.ingest.thermal_decode import ThermalPacket
from embereye.ingest.verified_device import VerifiedDevice
from embereye.model.device_messages import DeviceLogged
from embereye.model.ids import DeviceId
from embereye.model.messages import PacketsRefused, SecurityEvent
from embereye.model.reading import SensorReading
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp

_TOO_MANY = "more unassigned devices than can be offered"
_NO_CALIBRATION = "a calibration memory that belongs to no working sensor"
_STRANGER = Binding(DeviceId(""), assigned=False)
_HEARD: dict[type, Heard] = {
    SensorPacket: Heard.SENSOR,
    FramePacket: Heard.FRAME,
    EepromPacket: Heard.CALIBRATION,
}


class Session:
    """Both protocols on one line. Pure: bytes and moments in, messages out. One thread.

    Attributes:
        schedule: When to send commands.
        auth: The authenticated protocol on this line.
        good, bad: Packets so far.
    """

    def __init__(
        self,
        devices: DeviceStates,
        address: str,
        opened: Stamp,
        admission: Admission | None = None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`wake` is called when `auth` has something to send or wants to end."""
        self.schedule = CommandSchedule(opened.mono, expected=devices.streams.cycle(address))
        self.address = address
        self.good = 0
        self.bad = 0
        self._devices = devices
        self._admission = admission or Admission()
        self._revision = self._admission.revision
        self._alias = devices.take_alias(address)
        self._register = devices.register
        self._identity = ConnectionIdentity(devices.register, address, self._alias)
        self._splitter = Splitter()
        self._bound = BoundDevices(devices, address, self._admission.security)
        self.auth = AuthSession(self._admission, address, wake)
        self._verified: VerifiedDevice | None = None
        self._fields: tuple[str, str] | None = None
        self._device: DeviceId | None = None
        self._state: DeviceState | None = None
        self._refusal = _TOO_MANY  # of packets while `_device` is None
        self._refused = DeviceId("")

    def receive(
        self, chunk: bytes, at: Stamp, out: list[object], frames: list[ThermalPacket]
    ) -> None:
        """Turn bytes into messages (appended to `out`) and frames that wait for decoding."""
        self._take_changes(at, out)
        refused: dict[str, int] = {}
        bad = self.bad
        told = False  # whether the newest packet was #Sensor: more of one chunk tell no time
        for packet in self._splitter.feed(chunk):
            if type(packet) is SensorPacket:
                fields = (packet[0], packet[1])
                if fields != self._fields:
                    self._bind(fields, at, out)
                if self._device is None:
                    refused[self._refusal] = refused.get(self._refusal, 0) + 1
                    continue
                self.good += 1
                out.append(
                    SensorReading(self._device, at, packet[2], packet[3], packet[4], packet[5])
                )
                if not told:
                    self.schedule.heard(Heard.SENSOR, at.mono)
                    told = True
                continue
            told = False
            if type(packet) is SecurePacket:
                reason = self._secure(packet.body, at, out, frames)
            else:
                reason = self._legacy(packet, at, out, frames)
            if reason:
                refused[reason] = refused.get(reason, 0) + 1
        self.auth.store()
        self._report(refused, at, out)
        self.bad = bad + sum(refused.values())
        self.schedule.heard_bytes(at.mono, unfinished=self._splitter.waiting > 0)

    def command(self, at: Stamp) -> bytes | None:
        """The command to send now as one segment, sealed for a device that has a key, or None."""
        if not self.auth.begun:
            return self.schedule.due(at.mono)
        text = self.schedule.due_text(at.mono)
        return None if text is None else self.auth.command(text, at)

    def tick(self, at: Stamp, out: list[object]) -> None:
        """Notice changed keys and settings, wrong clocks, new keys; about ten times a second."""
        self._take_changes(at, out)
        self.auth.tick(at, out)
        if self._verified is not None:
            self._verified.tick(at, out)

    def after_decoding(self, at: Stamp, out: list[object]) -> None:
        """Tell what the newest frames showed of their devices, and ask for what is missing."""
        if self._bound.after_decoding(at, out):
            self.schedule.needs_calibration = True
        else:
            self.schedule.calibrated()

    def logged(self, at: Stamp) -> list[object]:
        """What was sent and answered since the last call, for the log of each device here."""
        devices = self._bound.devices
        if not devices:
            return []  # who it is will show; the schedule keeps the newest events
        return [
            DeviceLogged(device, at, direction, text)
            for direction, text in self.schedule.take_events()
            for device in devices
        ]

    def close(self, at: Stamp, reason: str) -> list[object]:
        """Let go of the devices; those without another connection are gone."""
        out: list[object] = []
        for device in self._bound.devices:
            self._bound.let_go(device, at, reason, out)
        self._devices.free_alias(self._alias)
        self._devices.streams.note(self.address, self.schedule.stream_cycle(at.mono))
        self.auth.close()
        return out

    # --- legacy packets ---

    def _legacy(
        self, packet: Packet, at: Stamp, out: list[object], frames: list[ThermalPacket]
    ) -> str:
        if isinstance(packet, Corrupt):
            self.auth.damage()
            return packet.reason
        if isinstance(packet, LocationPacket | SerialPacket):
            reason = UNSEALED if self.auth.begun else self._admission.legacy_refusal(None)
            if reason:
                return reason
            self._name(packet, at, out)
            if not self._bound.devices and self._admission.legacy_refusal(_STRANGER):
                return ""  # whose name it is will show; until then it keeps no connection open
        elif isinstance(packet, FramePacket | EepromPacket):
            self._bind((packet.ident, packet.location), at, out)
            if self._state is None:
                return self._refusal
            if isinstance(packet, FramePacket):
                frames.append(ThermalPacket(self._state.decoder, packet.digits, at))
            elif not self._bound.take_calibration(self._state, packet.words, at, out):
                return _NO_CALIBRATION
            else:
                self.after_decoding(at, out)
        self._heard(packet, at)
        return ""

    def _name(self, packet: LocationPacket | SerialPacket, at: Stamp, out: list[object]) -> None:
        identity = self._identity
        if isinstance(packet, SerialPacket):
            identity.serial = identity.serial or packet.serial
            self._fields = None
        elif identity.location in ("", packet.location):
            identity.location = packet.location
            self._fields = None
        else:
            text = f"is bound to location {identity.location}; its new one is not used"
            self._bound.doubt(packet.location, SecurityKind.LOCATION, text, at, out)

    def _bind(self, fields: tuple[str, str], at: Stamp, out: list[object]) -> None:
        """Find the device of a legacy packet with these (id, location) fields."""
        self._fields, self._state, self._device = fields, None, None
        if self.auth.begun:
            self._refusal = UNSEALED
            self._refused = self.auth.device or self._refused
            return
        counted = self._identity.counting
        binding = self._identity.resolve(*fields)
        if self._identity.counting and not counted:
            self._bound.let_go_ghosts(binding.device, self._register, at, out)
        self._refusal = self._admission.legacy_refusal(binding) or _TOO_MANY
        self._refused = binding.device
        if self._refusal is not _TOO_MANY:
            return
        state = self._state = self._bound.bind(binding, at, out)
        if state is not None:
            self._device = binding.device
            self._bound.check_location(state, self._identity.location, at, out)
            self._attend(state, at, out)

    def _attend(self, state: DeviceState, at: Stamp, out: list[object]) -> None:
        self.schedule.serve(self._bound.commands)
        self.schedule.mode = state.mode
        seen = state.seen(at)
        if seen is not None:
            out.append(seen)

    # --- authenticated packets ---

    def _secure(
        self, body: bytes, at: Stamp, out: list[object], frames: list[ThermalPacket]
    ) -> str:
        self._fields = None  # look at the next bare packet anew
        if body.startswith(b"hi2:"):
            reason = self.auth.hello(body, at, out)
            if self.auth.claimed is not None and not reason:
                self.schedule.mode = self._devices.mode(self.auth.claimed)
            return reason
        accepted = self.auth.message(body, at, out)
        if isinstance(accepted, str):
            return accepted
        verified = self._verified
        if verified is None or verified.boot is not self.auth.boot:
            verified = self._verify(at, out)
            if verified is None:
                return _TOO_MANY
        if accepted is None:
            self.good += self.auth.unstored
            return ""
        packet = accepted.packet
        reason = verified.take(packet, accepted.made, at, out, frames)
        if isinstance(packet, EepromPacket) and not reason:
            self.after_decoding(at, out)
        if not reason:
            self._heard(packet, at)
        return reason

    def _verify(self, at: Stamp, out: list[object]) -> VerifiedDevice | None:
        """The connection is one device's from now on."""
        boot = self.auth.boot
        if boot is None:
            return None
        for other in self._bound.devices:
            if other != boot.device:
                self._bound.let_go(other, at, "another device proved itself here", out)
        # Strangers that invent names must not keep out a device that has a key.
        state = self._bound.bind(Binding(boot.device, assigned=True), at, out)
        if state is None:
            return None
        self.schedule.authenticated = True
        state.forget_told()
        self._attend(state, at, out)
        self._verified = VerifiedDevice(
            self._admission, self._devices, self._bound, self.auth, self.schedule, state
        )
        return self._verified

    def _heard(self, packet: Packet, at: Stamp) -> None:
        self.good += 1
        self.schedule.heard(_HEARD.get(type(packet), Heard.OTHER), at.mono)

    # --- changes and refusals ---

    def _take_changes(self, at: Stamp, out: list[object]) -> None:
        if self._register is not self._devices.register:
            self._take_register(at, out)
        if self._revision != self._admission.revision:
            self._take_keys(at, out)

    def _take_register(self, at: Stamp, out: list[object]) -> None:
        """The settings changed: find devices again; strangers may have got another name."""
        self._register = self._identity.register = self._devices.register
        self._fields = None
        for device in self._bound.devices:
            if device not in self._register.devices and device != self.auth.device:
                self._bound.let_go(device, at, "the settings changed", out)
        self.schedule.serve(self._bound.commands)

    def _take_keys(self, at: Stamp, out: list[object]) -> None:
        """Keys or policy changed: who spoke without a key may have to prove itself now."""
        self._revision = self._admission.revision
        self._fields = None
        for device in self._bound.devices:
            binding = Binding(device, device in self._register.devices)
            if device != self.auth.device and self._admission.legacy_refusal(binding):
                self._bound.let_go(device, at, "it must prove its identity now", out)
        self.schedule.serve(self._bound.commands)

    def _report(self, refused: dict[str, int], at: Stamp, out: list[object]) -> None:
        device = self.auth.device or self._device
        for reason, count in refused.items():
            out.append(PacketsRefused(device, self.address, count, reason, at))
            kind = LEGACY_KINDS.get(reason)
            if kind is None:
                continue
            known = reason == HAS_A_KEY and self._refused
            subject = f"device:{self._refused}" if known else f"address:{self.address}"
            text = f"A connection from {self.address} sent {reason}."
            event = SecurityEvent(subject, text, at, kind, self.address, count=count)
            self._admission.security.note(event, out)
