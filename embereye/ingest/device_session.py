"""One connection of a sensor device: from its bytes to messages, and the commands back to it."""

from embereye.ingest.commands import CommandSchedule, Heard
from embereye.ingest.device_state import DeviceState, DeviceStates
from embereye.ingest.identity import ConnectionIdentity
from embereye.ingest.packet import (
    Corrupt,
    EepromPacket,
    FramePacket,
    LocationPacket,
    Packet,
    SensorPacket,
    SerialPacket,
    Splitter,
)
from embereye.ingest.thermal_decode import ThermalPacket
from embereye.model.device_messages import DeviceLogged
from embereye.model.errors import CalibrationError
from embereye.model.ids import DeviceId
from embereye.model.messages import DeviceGone, PacketsRefused, SecurityEvent
from embereye.model.reading import SensorReading
from embereye.model.stamp import Stamp

_MOST_DEVICES = 16  # on one connection; a gateway carries few
_TOO_MANY = "more unassigned devices than can be offered"
_HEARD: dict[type, Heard] = {FramePacket: Heard.FRAME, EepromPacket: Heard.CALIBRATION}


class Session:
    """The legacy protocol on one connection. Pure: bytes and moments in, messages out. One thread.

    Attributes:
        schedule: When to send commands.
        good, bad: Packets so far.
    """

    def __init__(self, devices: DeviceStates, address: str, opened: Stamp) -> None:
        self.schedule = CommandSchedule(opened.mono)
        self.address = address
        self.good = 0
        self.bad = 0
        self._devices = devices
        self._alias = devices.take_alias(address)
        self._register = devices.register
        self._identity = ConnectionIdentity(devices.register, address, self._alias)
        self._splitter = Splitter()
        self._bound: dict[DeviceId, DeviceState] = {}
        self._doubted: set[str] = set()
        self._fields: tuple[str, str] | None = None
        self._device: DeviceId | None = None
        self._state: DeviceState | None = None

    def receive(
        self, chunk: bytes, at: Stamp, out: list[object], frames: list[ThermalPacket]
    ) -> None:
        """Turn bytes into messages (appended to `out`) and frames that wait for decoding."""
        if self._register is not self._devices.register:
            self._take_register(at, out)
        refused: dict[str, int] = {}
        bad = self.bad
        for packet in self._splitter.feed(chunk):
            if type(packet) is SensorPacket:
                fields = (packet[0], packet[1])
                if fields != self._fields:
                    self._bind(fields, at, out)
                if self._device is None:
                    refused[_TOO_MANY] = refused.get(_TOO_MANY, 0) + 1
                    continue
                self.good += 1
                out.append(
                    SensorReading(self._device, at, packet[2], packet[3], packet[4], packet[5])
                )
                self.schedule.heard(Heard.SENSOR, at.mono)
            else:
                self._rarer(packet, at, out, frames, refused)
        for reason, count in refused.items():
            out.append(PacketsRefused(self._device, self.address, count, reason, at))
        self.bad = bad + sum(refused.values())
        self.schedule.heard_bytes(at.mono, unfinished=self._splitter.waiting > 0)

    def after_decoding(self, at: Stamp, out: list[object]) -> None:
        """Tell what the newest frames showed of their devices, and ask for what is missing."""
        waiting = False
        for state in self._bound.values():
            waiting = waiting or state.decoder.waiting_calibration
            seen = state.seen(at)
            if seen is not None:
                out.append(seen)
        if waiting:
            self.schedule.needs_calibration = True
        else:
            self.schedule.calibrated()

    def logged(self, at: Stamp) -> list[object]:
        """What was sent and answered since the last call, for the log of each device here."""
        if not self._bound:
            return []  # who it is will show; the schedule keeps the newest events
        return [
            DeviceLogged(device, at, direction, text)
            for direction, text in self.schedule.take_events()
            for device in self._bound
        ]

    def close(self, at: Stamp, reason: str) -> list[object]:
        """Let go of the devices; those without another connection are gone."""
        out: list[object] = []
        for device in list(self._bound):
            self._let_go(device, at, reason, out)
        self._devices.free_alias(self._alias)
        return out

    def _rarer(
        self,
        packet: Packet,
        at: Stamp,
        out: list[object],
        frames: list[ThermalPacket],
        refused: dict[str, int],
    ) -> None:
        if isinstance(packet, Corrupt):
            refused[packet.reason] = refused.get(packet.reason, 0) + 1
            return
        if isinstance(packet, LocationPacket):
            self._take_location(packet.location, at, out)
        elif isinstance(packet, SerialPacket):
            self._identity.serial = self._identity.serial or packet.serial
            self._fields = None
        elif isinstance(packet, FramePacket | EepromPacket):
            self._bind((packet.ident, packet.location), at, out)
            state = self._state
            if state is None:
                refused[_TOO_MANY] = refused.get(_TOO_MANY, 0) + 1
                return
            if isinstance(packet, FramePacket):
                frames.append(ThermalPacket(state.decoder, packet.digits, at))
            elif not self._take_calibration(state, packet.words, at, out):
                reason = "a calibration memory that belongs to no working sensor"
                refused[reason] = refused.get(reason, 0) + 1
                return
        self.good += 1
        self.schedule.heard(_HEARD.get(type(packet), Heard.OTHER), at.mono)

    def _bind(self, fields: tuple[str, str], at: Stamp, out: list[object]) -> None:
        """Find the device of a packet with these (id, location) fields."""
        counted = self._identity.counting
        binding = self._identity.resolve(*fields)
        if self._identity.counting and not counted:
            self._drop_ghosts(binding.device, at, out)
        state = self._bound.get(binding.device)
        if state is None and len(self._bound) < _MOST_DEVICES:
            state = self._devices.state(binding)
            if state is not None:
                state.links += 1
                state.address = self.address
                self._bound[binding.device] = state
                self.schedule.serve(bound.commands for bound in self._bound.values())
        self._fields = fields
        self._state = state
        self._device = None if state is None else binding.device
        if state is not None:
            self._check_location(state, at, out)
            self.schedule.mode = state.mode
            seen = state.seen(at)
            if seen is not None:
                out.append(seen)

    def _drop_ghosts(self, present: DeviceId, at: Stamp, out: list[object]) -> None:
        """Numbers that were taken for ids before they turned out to count frames."""
        for device in list(self._bound):
            if device.isdecimal() and device != present and device not in self._register.devices:
                self._let_go(device, at, "its number was a frame counter", out)

    def _let_go(self, device: DeviceId, at: Stamp, reason: str, out: list[object]) -> None:
        state = self._bound.pop(device)
        self.schedule.serve(bound.commands for bound in self._bound.values())
        state.links -= 1
        if state.links == 0:
            state.forget_told()
            out.append(DeviceGone(device, at, reason))

    def _take_register(self, at: Stamp, out: list[object]) -> None:
        """The settings changed: find devices again; strangers may have got another name."""
        self._register = self._identity.register = self._devices.register
        self._fields = None
        for device in [d for d in self._bound if d not in self._register.devices]:
            self._let_go(device, at, "the settings changed", out)

    def _take_location(self, location: str, at: Stamp, out: list[object]) -> None:
        if self._identity.location in ("", location):
            self._identity.location = location
            self._fields = None
            return
        text = f"is bound to location {self._identity.location}; its new one is not used"
        self._doubt(location, text, at, out)

    def _check_location(self, state: DeviceState, at: Stamp, out: list[object]) -> None:
        """Keep aside a location that differs from the first one of this device."""
        location = self._identity.location
        if not location or state.location in ("", location):
            state.location = state.location or location
            return
        state.note = f"said another location ({location}) than at first ({state.location})"
        self._doubt(location, f"carries device {state.decoder.device}, which {state.note}", at, out)

    def _doubt(self, what: str, text: str, at: Stamp, out: list[object]) -> None:
        if what not in self._doubted and len(self._doubted) < _MOST_DEVICES:
            self._doubted.add(what)
            out.append(SecurityEvent(f"address:{self.address}", f"A sensor connection {text}.", at))

    def _take_calibration(
        self, state: DeviceState, words: bytes, at: Stamp, out: list[object]
    ) -> bool:
        try:
            out.extend(state.take_calibration(words, at))
        except CalibrationError:
            return False
        self.after_decoding(at, out)
        return True
