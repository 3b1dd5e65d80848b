"""What the sensor thread knows of each device; belongs to the device, never to a connection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from embereye.config.schema import Device
from embereye.ingest.command_queue import CommandQueue
from embereye.ingest.commands import CommandMode
from embereye.ingest.identity import Binding, Register
from embereye.ingest.quiet import KnownStreams
from embereye.ingest.thermal_decode import ThermalDecoder
from embereye.model.errors import CalibrationError
from embereye.model.ids import DeviceId
from embereye.model.messages import CalibrationTaken, DeviceSeen, SecurityEvent
from embereye.model.reading import Profile
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp
from embereye.rules.mlx90640_eeprom import Calibration

_MOST_UNASSIGNED = 200  # twice the largest installation; a hostile peer invents names for ever
_ASIDE = 10.0  # s between two that are kept aside; a device that sends one after the other is sick
_OTHER_CALIBRATION = "sent another calibration memory, which is not used; check the device"
_PROFILES = {"auto": Profile.UNKNOWN} | {p.value: p for p in Profile if p is not Profile.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Aside:
    """What an earlier run kept aside of a device; empty: nothing.

    Attributes:
        calibration: 832 big-endian 16-bit words.
    """

    calibration: bytes = b""
    location: str = ""


class DeviceState:
    """Decoding state of one device. Sensor thread.

    Attributes:
        links: Connections that carry this device now.
        location: The first `#locid` it was seen with.
        location_aside: A different one, until an operator decides; "" without one.
        note: What an operator should know.
        commands: What people asked of it; waits for a connection and its quiet window.
    """

    def __init__(self, decoder: ThermalDecoder) -> None:
        self.decoder = decoder
        self.links = 0
        self.location = self.location_aside = ""
        self.address = ""
        self.note = ""
        self._aside = b""
        self._aside_since = float("-inf")
        self.mode = CommandMode()
        self.commands = CommandQueue()
        self._told: tuple[object, ...] = ()

    def seen(self, at: Stamp) -> DeviceSeen | None:
        """The device's facts, when they changed since they were told last."""
        decoder = self.decoder
        waiting = decoder.waiting_calibration
        facts = (self.address, decoder.profile, waiting, self.note, self.location)
        if facts == self._told:
            return None
        self._told = facts
        return DeviceSeen(
            decoder.device,
            at,
            self.address,
            decoder.profile,
            waiting,
            self.note,
            self.location,
        )

    def forget_told(self) -> None:
        """Tell the facts again with the next packet (the device was gone)."""
        self._told = ()

    def keep_aside(self, aside: Aside) -> None:
        """Remember what an earlier run kept aside."""
        self._aside, self.location_aside = aside.calibration, aside.location
        if aside.calibration:
            self.note = _OTHER_CALIBRATION
        elif aside.location:
            self.note = f"said another location ({aside.location}) than at first"

    def take_calibration(self, words: bytes, at: Stamp, address: str = "") -> list[object]:
        """Use the first plausible calibration; keep a different one aside and say so.

        CalibrationError when it belongs to no working sensor.
        """
        decoder = self.decoder
        if decoder.calibration == words:
            return []
        if decoder.calibration is not None:
            if words == self._aside:
                return []
            Calibration.from_bytes(words)
            self.note = _OTHER_CALIBRATION
            text = f"Device {decoder.device} sent a calibration memory that differs from its first."
            subject = f"device:{decoder.device}"
            event = SecurityEvent(subject, text, at, SecurityKind.CALIBRATION, address)
            if at.mono - self._aside_since < _ASIDE:
                return [event]
            self._aside, self._aside_since = words, at.mono
            return [event, CalibrationTaken(decoder.device, words, at, aside=True)]
        decoder.calibrate(words)
        return [CalibrationTaken(decoder.device, words, at)]

    def accept_aside(self, at: Stamp) -> list[object]:
        """Use what was kept aside: a person decided so. Nothing when nothing was."""
        out: list[object] = []
        if self._aside:
            self.decoder.calibrate(self._aside)
            out.append(CalibrationTaken(self.decoder.device, self._aside, at))
            self._aside = b""
        if self.location_aside:
            self.location, self.location_aside = self.location_aside, ""
        self.note = ""
        seen = self.seen(at)
        return out if seen is None else [*out, seen]


class DeviceStates:
    """The register of the settings and the state of every device seen. Sensor thread."""

    def __init__(
        self,
        calibrations: Mapping[DeviceId, bytes] | None = None,
        locations: Mapping[DeviceId, str] | None = None,
        asides: Mapping[DeviceId, Aside] | None = None,
    ) -> None:
        """What earlier runs learned: memories of 832 big-endian words, `#locid`s, doubts."""
        self.register = Register(())
        self._calibrations = dict(calibrations or {})
        self._locations = dict(locations or {})
        self._asides = dict(asides or {})
        self._states: dict[DeviceId, DeviceState] = {}
        self._aliases: set[str] = set()
        self.streams = KnownStreams()

    def apply(self, devices: Iterable[Device]) -> None:
        """Replace the register; what was learned of devices stays."""
        before, self.register = self.register, Register(devices)
        for device, row in self.register.devices.items():
            if row == before.devices.get(device, row):
                continue
            # The operator looked at this device; if it was moved, it is believed once more.
            self._locations.pop(device, None)
            if device in self._states:
                state = self._states[device]
                state.location = state.location_aside = state.note = ""
        for device, state in self._states.items():
            self._configure(device, state)

    def state(self, binding: Binding) -> DeviceState | None:
        """The state of a device, made when it is new; None when too many are unassigned."""
        found = self._states.get(binding.device)
        if found is not None:
            return found
        if not binding.assigned and not self._room():
            return None
        state = DeviceState(ThermalDecoder(binding.device))
        state.location = self._locations.get(binding.device, "")
        self._configure(binding.device, state)
        self._restore_calibration(binding.device, state)
        aside = self._asides.get(binding.device)
        if aside is not None:
            state.keep_aside(aside)
        self._states[binding.device] = state
        return state

    def ask(self, device: DeviceId, command: str, now: float) -> bool:
        """Queue a command; False for a device that was never met, no command, or too many."""
        state = self._states.get(device)
        return state is not None and state.commands.ask(command, now)

    def accept_aside(self, device: DeviceId, at: Stamp) -> list[object]:
        """Use what was kept aside of a device; what to tell the engine."""
        known = device in self._asides or device in self._states
        state = self.state(Binding(device, assigned=True)) if known else None
        if state is None:
            return []
        self._asides.pop(device, None)
        try:
            return state.accept_aside(at)
        except CalibrationError:
            state.note = "the calibration memory that was kept aside is damaged"
            return []

    def mode(self, device: DeviceId) -> CommandMode:
        """How a device is asked, also before it was met."""
        settings = self.register.devices.get(device)
        return CommandMode() if settings is None else _mode(settings)

    def take_alias(self, address: str) -> str:
        """A name for a connection that shows none of its own: its address, numbered if shared."""
        alias, number = address, 1
        while alias in self._aliases:
            number += 1
            alias = f"{address}-{number}"
        self._aliases.add(alias)
        return alias

    def free_alias(self, alias: str) -> None:
        """The connection is gone."""
        self._aliases.discard(alias)

    def _room(self) -> bool:
        strangers = [d for d in self._states if d not in self.register.devices]
        if len(strangers) < _MOST_UNASSIGNED:
            return True
        gone = next((d for d in strangers if self._states[d].links == 0), None)
        if gone is None:
            return False
        del self._states[gone]
        return True

    def _configure(self, device: DeviceId, state: DeviceState) -> None:
        settings = self.register.devices.get(device)
        if settings is None:
            return
        chosen = _PROFILES[settings.profile]
        if chosen is not Profile.UNKNOWN or state.decoder.profile is Profile.UNKNOWN:
            state.decoder.choose(chosen)
        state.decoder.emissivity = settings.emissivity
        state.decoder.reflected = settings.reflected
        state.mode = _mode(settings)

    def _restore_calibration(self, device: DeviceId, state: DeviceState) -> None:
        words = self._calibrations.get(device)
        if words is None:
            return
        try:
            state.decoder.calibrate(words)
        except CalibrationError:
            state.note = "its stored calibration memory is damaged and is asked for again"


def _mode(settings: Device) -> CommandMode:
    return CommandMode(settings.mode == "on demand", settings.poll, settings.terminator)
