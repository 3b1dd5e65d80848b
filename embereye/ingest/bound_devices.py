"""The devices that one peer carries now, and what is taken from them. Sensor thread."""

from embereye.ingest.command_queue import CommandQueue
from embereye.ingest.device_state import DeviceState, DeviceStates
from embereye.ingest.identity import Binding, Register
from embereye.ingest.security_counts import SecurityCounts
from embereye.model.device_messages import DeviceLogged, Direction
from embereye.model.errors import CalibrationError
from embereye.model.ids import DeviceId
from embereye.model.messages import DeviceGone, SecurityEvent
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp

_MOST_DEVICES = 16  # on one connection; a gateway carries few


class BoundDevices:
    """Devices of one peer, from their first packet until it is gone."""

    def __init__(self, states: DeviceStates, address: str, security: SecurityCounts) -> None:
        self._states = states
        self._security = security
        self._address = address
        self._bound: dict[DeviceId, DeviceState] = {}
        self._doubted: set[str] = set()

    @property
    def devices(self) -> list[DeviceId]:
        """Those that are bound now."""
        return list(self._bound)

    @property
    def commands(self) -> list[CommandQueue]:
        """What people asked of them."""
        return [state.commands for state in self._bound.values()]

    def bind(self, binding: Binding, at: Stamp, out: list[object]) -> DeviceState | None:
        """The state of a device on this connection; None when there are too many."""
        state = self._bound.get(binding.device)
        if state is not None or len(self._bound) >= _MOST_DEVICES:
            return state
        state = self._states.state(binding)
        if state is not None:
            state.links += 1
            state.address = self._address
            self._bound[binding.device] = state
            text = f"connected from {self._address}"
            out.append(DeviceLogged(binding.device, at, Direction.EVENT, text))
        return state

    def let_go(self, device: DeviceId, at: Stamp, reason: str, out: list[object]) -> None:
        """This connection carries the device no more; without another one it is gone."""
        state = self._bound.pop(device)
        state.links -= 1
        out.append(DeviceLogged(device, at, Direction.EVENT, f"disconnected: {reason}"))
        if state.links == 0:
            state.forget_told()
            out.append(DeviceGone(device, at, reason))

    def let_go_ghosts(
        self, present: DeviceId, register: Register, at: Stamp, out: list[object]
    ) -> None:
        """Numbers that were taken for ids before they turned out to count frames."""
        for device in self.devices:
            if device.isdecimal() and device != present and device not in register.devices:
                self.let_go(device, at, "its number was a frame counter", out)

    def after_decoding(self, at: Stamp, out: list[object]) -> bool:
        """Tell what the newest frames showed; whether a calibration memory is missing."""
        waiting = False
        for state in self._bound.values():
            waiting = waiting or state.decoder.waiting_calibration
            seen = state.seen(at)
            if seen is not None:
                out.append(seen)
        return waiting

    def take_calibration(
        self, state: DeviceState, words: bytes, at: Stamp, out: list[object]
    ) -> bool:
        """Use a calibration memory or keep it aside; False when no working sensor has it."""
        try:
            said = state.take_calibration(words, at, self._address)
        except CalibrationError:
            return False
        for message in said:
            if isinstance(message, SecurityEvent):
                self._security.note(message, out)
            else:
                out.append(message)
        return True

    def check_location(
        self, state: DeviceState, location: str, at: Stamp, out: list[object]
    ) -> None:
        """Keep aside a location that differs from the first one of this device."""
        if not location or state.location in ("", location):
            state.location = state.location or location
            return
        if location == state.location_aside and state.note:
            return
        state.location_aside = location
        state.note = f"said another location ({location}) than at first ({state.location})"
        text = f"carries device {state.decoder.device}, which {state.note}"
        self.doubt(location, SecurityKind.LOCATION, text, at, out)

    def doubt(self, what: str, kind: SecurityKind, text: str, at: Stamp, out: list[object]) -> None:
        """A security event about this connection, once for each `what`."""
        if what not in self._doubted and len(self._doubted) < _MOST_DEVICES:
            self._doubted.add(what)
            text = f"A sensor connection {text}."
            subject = f"address:{self._address}"
            event = SecurityEvent(subject, text, at, kind, self._address)
            self._security.note(event, out)
