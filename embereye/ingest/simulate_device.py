"""What a simulated sensor device says: its packets over time, without any network."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from math import cos, sin
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embereye.ingest.auth_client import ClientKey, Memory
from embereye.ingest.packet import EepromPacket, FramePacket, SensorPacket, parse
from embereye.ingest.secure_packet import read_message
from embereye.ingest.simulate_thermal import SimulatedImager, centi27_words, room_with_spot
from embereye.ingest.thermal_words import words_to_hex
from embereye.model.errors import ConfigError, SourceError

CYCLE = 4.085  # s, of a real device (sensor protocol, section 1)

_END = b"!\r\n"  # real devices send CR and LF after each packet
_ROOM = 24.0  # °C
_WARM = 30.0  # °C of somebody or something that moves about in an idle scene
_IGNITION = 8.0  # s of idle before a fire begins
_GROWTH = 4.0  # K/s; a waste-paper basket goes from room temperature to flames in half a minute
_HOTTEST = 350.0  # °C, averaged over a cell of the sensor
_FLAMES = 120.0  # °C; from here on the flame sensors see it
_IDLE_ADC = (270, 1310, 17)  # smoke, flame, spare of a real device (sensor protocol, section 3)
_LARGEST_FILE = 256 * 2**20  # bytes; a day of a real device is 75 MB


class Speaker(Protocol):
    """An authenticated simulated device, for those who teach it more commands. Event loop."""

    def say(self, body: bytes) -> None:
        """Say a body of its own; it is kept until the server has stored it."""

    def restart(self, firmware: str) -> None:
        """Start again with other firmware, as soon as everything said is stored."""


@dataclass(frozen=True, slots=True)
class SimulatedDevice:
    """One device to play.

    Attributes:
        ident: Its constant id, on every packet.
        profile: "mlx90640" or "centi27".
        scenario: "idle", "fire" or "replay:FILE".
        rate: Cycles a second; each is one frame and one sensor packet.
        location: Sent as `#locid` after connecting, unless empty.
        waits: Whether it is silent until PERIOD_ON or REQUEST1.
        half_duplex: As strict as a real device: a command during a frame spoils the frame and
            gets no answer, neither do commands with a terminator or glued together.
        key: Makes it a device of the authenticated protocol.
        boot: How often it was started, this time included; authenticated devices only.
        firmware: What it says in its hello.
        clock_error: By how many s its clock is ahead before it is told the time; None: it has
            no clock and takes the time from the server.
        on_command: Given commands that a simulated device knows nothing about ("FW:…").
        on_memory: Given keys and boot whenever they change, to be kept for the next start.
    """

    ident: str
    profile: str = "mlx90640"
    scenario: str = "idle"
    rate: float = 1 / CYCLE
    seed: int = 1
    location: str = ""
    waits: bool = False
    half_duplex: bool = False
    key: ClientKey | None = None
    boot: int = 1
    firmware: str = "1.0.0"
    clock_error: float | None = 0.0
    on_command: Callable[[bytes, "Speaker"], None] | None = field(default=None, compare=False)
    on_memory: Callable[[Memory], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a device says in one cycle: a frame packet and a sensor packet, ready to send."""

    frame: bytes
    sensor: bytes


class Voice(Protocol):
    """The content of a simulated device."""

    @property
    def greeting(self) -> bytes:
        """Sent after connecting, may be empty."""

    @property
    def eeprom(self) -> bytes:
        """The answer to EEPROM1, may be empty."""

    def speak(self, seconds: float) -> Utterance:
        """The packets of the cycle that begins `seconds` after the start."""


def voice_of(device: SimulatedDevice) -> Voice:
    """What a device says; ConfigError or SourceError when it cannot be played."""
    if device.rate <= 0:
        raise ConfigError("The rate of a simulated device must be above 0.")
    if device.scenario.startswith("replay:"):
        return ReplayVoice(Path(device.scenario.removeprefix("replay:")))
    if device.scenario not in ("idle", "fire"):
        raise ConfigError(f"The scenario {device.scenario} is none of idle, fire, replay:FILE.")
    if device.profile not in ("mlx90640", "centi27"):
        raise ConfigError(f"The profile {device.profile} is neither mlx90640 nor centi27.")
    return ScenarioVoice(device.ident, device.profile, device.scenario, device.seed)


class ScenarioVoice:
    """An invented device: scenario "idle" or "fire", profile "mlx90640" or "centi27"."""

    def __init__(self, ident: str, profile: str, scenario: str, seed: int) -> None:
        self._ident = ident
        self._burning = scenario == "fire"
        self._seed = seed
        self._rng = np.random.default_rng(seed)
        self._imager = SimulatedImager(seed) if profile == "mlx90640" else None

    @property
    def greeting(self) -> bytes:
        return f"#serialno:SIM{self._seed:06d}".encode() + _END

    @property
    def eeprom(self) -> bytes:
        if self._imager is None:
            return b""
        return f"#EEPROM{self._ident}:{words_to_hex(self._imager.eeprom)}".encode() + _END

    def speak(self, seconds: float) -> Utterance:
        frame = self._words(scene(seconds, self._seed, burning=self._burning))
        head = f"#frame{self._ident}:".encode()
        return Utterance(head + words_to_hex(frame).encode() + _END, self._sensor(seconds))

    def _words(self, temperatures: NDArray[np.float64]) -> NDArray[np.uint16]:
        if self._imager is None:
            return centi27_words(temperatures, self._rng)
        return self._imager.frame(temperatures)

    def _sensor(self, seconds: float) -> bytes:
        smoke, flame, spare = _IDLE_ADC
        heat = peak(seconds) if self._burning else _WARM
        smoke += int(self._rng.integers(-4, 5)) + int(max(0.0, heat - _WARM) * 8)
        flame += int(self._rng.integers(-6, 7)) + int(max(0.0, heat - _FLAMES) * 10)
        values = (min(smoke, 4000), min(flame, 4000), int(self._rng.integers(0, spare + 1)))
        digital = int(heat > _FLAMES)
        # The stray colon is what real devices write.
        text = "#Sensor{}:ADC1={},ADC2={},ADC3:={},DIO={}".format(self._ident, *values, digital)
        return text.encode() + _END


class ReplayVoice:
    """A recorded byte stream of one device, over and over; its calibration answers EEPROM1."""

    def __init__(self, path: Path) -> None:
        """Read the file; SourceError when it cannot be read or holds no frames."""
        cycles, self._eeprom = read_session(path)
        if not cycles:
            raise SourceError(f"{path} holds no thermal frame or sensor packet to replay.")
        self._cycles: Iterator[Utterance] = cycle(cycles)

    @property
    def greeting(self) -> bytes:
        return b""

    @property
    def eeprom(self) -> bytes:
        return self._eeprom

    def speak(self, seconds: float) -> Utterance:
        return next(self._cycles)


def read_bytes(path: Path) -> bytes:
    """The content of a recorded stream; SourceError in words when it cannot be had."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise SourceError(f"{path} is larger than {_LARGEST_FILE // 2**20} MiB.")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error


def read_session(path: Path) -> tuple[list[Utterance], bytes]:
    """The cycles of a recorded stream, and its calibration packet (empty when there is none)."""
    cycles: list[Utterance] = []
    eeprom = frame = b""
    for stretch in read_bytes(path).split(b"!")[:-1]:
        body = stretch[stretch.rfind(b"#") + 1 :]
        sealed = read_message(body)  # of an authenticated device; replayed without its code
        body = body if sealed is None else sealed.body
        packet, raw = parse(body), b"#" + body + _END
        if isinstance(packet, EepromPacket):
            eeprom = raw
        elif isinstance(packet, FramePacket):
            if frame:
                cycles.append(Utterance(frame, b""))
            frame = raw
        elif isinstance(packet, SensorPacket):
            cycles.append(Utterance(frame, raw))
            frame = b""
    if frame:
        cycles.append(Utterance(frame, b""))
    return cycles, eeprom


def peak(seconds: float) -> float:
    """°C of the hottest cell of a fire that begins 8 s after the start."""
    return min(_HOTTEST, _WARM + _GROWTH * max(0.0, seconds - _IGNITION))


def scene(seconds: float, seed: int, *, burning: bool) -> NDArray[np.float64]:
    """(24, 32) °C of a room, with something warm that moves about, or a spot that burns."""
    if burning and seconds > _IGNITION:
        heat = peak(seconds)
        radius = 1.5 + (heat - _WARM) / 80  # cells; grows to 5.5
        return room_with_spot(_ROOM, heat, 8 + seed % 8, 10 + seed % 12, radius)
    row, column = 12 + 6 * sin(seconds / 7 + seed), 16 + 10 * cos(seconds / 11 + seed)
    return room_with_spot(_ROOM, _WARM, row, column, 2.5)
