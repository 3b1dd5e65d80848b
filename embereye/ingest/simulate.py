"""Simulated sensor devices as TCP clients: for tests, training, load and the demonstration."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from embereye.ingest.simulate_device import CYCLE, ReplayVoice, ScenarioVoice, Utterance, Voice
from embereye.model.errors import ConfigError
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

_RETRY = 1.0  # s before a refused connection is tried again
_LOOK = 0.1  # s between two looks at the stop event
_PIECES = 8  # in which the 0.17 s burst of a half-duplex frame is sent
# A real device: s from the start of the frame to its end and to #Sensor, and from #Sensor to an
# asked #EEPROM (sensor protocol, section 1). Faster devices are the same picture, scaled down.
_BURST, _SENSOR_AT, _EEPROM_AFTER = 0.17, 0.48, 0.63


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
    """

    ident: str
    profile: str = "mlx90640"
    scenario: str = "idle"
    rate: float = 1 / CYCLE
    seed: int = 1
    location: str = ""
    waits: bool = False
    half_duplex: bool = False


class DeviceSimulator:
    """Plays devices until stopped. `run` belongs to a worker thread of its own.

    Attributes:
        sent: Packets sent so far.
        commands: Commands received so far, as they came.
    """

    def __init__(
        self, host: str, port: int, devices: Sequence[SimulatedDevice], clock: Clock
    ) -> None:
        """ConfigError or SourceError when a device cannot be played."""
        self.sent = 0
        self.commands: list[bytes] = []
        self._target = (host, port)
        self._clock = clock
        self._players = [_Player(device, voice_of(device), self) for device in devices]

    def run(self, stop: Event) -> None:
        """Play until `stop` is set; return within 1 s of that."""
        with asyncio.Runner() as runner:
            runner.run(self._play(stop))

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection to the listener."""
        return await asyncio.open_connection(*self._target)

    def seconds(self) -> float:
        """Monotonic seconds."""
        return self._clock.mono()

    async def _play(self, stop: Event) -> None:
        tasks = [asyncio.ensure_future(player.run()) for player in self._players]
        try:
            while not stop.is_set():
                await asyncio.sleep(_LOOK)
                for task in tasks:
                    if task.done():
                        task.result()  # a player never ends by itself: raise its error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


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


class _Player:
    """One device: connects, streams, answers, connects again."""

    def __init__(self, device: SimulatedDevice, voice: Voice, owner: DeviceSimulator) -> None:
        self._device = device
        self._voice = voice
        self._owner = owner
        self._period = 1 / device.rate
        self._scale = min(1.0, self._period / CYCLE)
        self._in_frame = self._spoilt = False
        self._streaming = asyncio.Event()
        self._asked_once = False
        self._asked_eeprom = False
        self._refused = False
        # One simulator that circulates, with centi27 frames, starts with this command too.
        self._start = b"PERIODIC_ON" if device.profile == "centi27" else b"PERIOD_ON"

    async def run(self) -> None:
        began = self._owner.seconds()
        while True:
            try:
                reader, writer = await self._owner.connect()
            except OSError as error:
                self._note_refusal(error)
                await asyncio.sleep(_RETRY)
                continue
            self._refused = False
            listening = asyncio.ensure_future(self._listen(reader))
            try:
                await self._talk(writer, began, listening)
            except OSError as error:
                _log.debug("device %s lost its connection: %s", self._device.ident, error)
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
            await asyncio.sleep(_RETRY)

    def _note_refusal(self, error: OSError) -> None:
        if not self._refused:
            self._refused = True
            _log.warning("device %s cannot connect: %s", self._device.ident, error)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Take commands until the other side closes."""
        while True:
            segment = await reader.read(256)
            if not segment:
                return
            self._owner.commands.append(segment)
            self._obey(segment)

    def _obey(self, segment: bytes) -> None:
        strict = self._device.half_duplex
        if strict and self._in_frame:
            self._spoilt = True
            return
        for command in [segment] if strict else segment.split():
            if command in (self._start, b"PERIOD_ON"):
                self._streaming.set()
            elif command == b"REQUEST1":
                self._asked_once = True
                self._streaming.set()
            elif command == b"EEPROM1":
                self._asked_eeprom = True

    async def _talk(
        self, writer: asyncio.StreamWriter, began: float, listening: asyncio.Future[None]
    ) -> None:
        if not self._device.waits:
            self._streaming.set()
        self._asked_once = self._asked_eeprom = False
        location = f"#locid:{self._device.location}!\r\n" if self._device.location else ""
        writer.write(self._voice.greeting + location.encode())
        due = self._owner.seconds()
        while not listening.done():
            if not self._streaming.is_set():
                await self._wait_for_command()
                due = self._owner.seconds()
                continue
            once = self._asked_once and self._device.waits
            await self._cycle(writer, self._voice.speak(self._owner.seconds() - began))
            if once:
                self._asked_once = False
                self._streaming.clear()
            due = max(due + self._period, self._owner.seconds() - self._period)
            await asyncio.sleep(max(0.0, due - self._owner.seconds()))
        listening.result()

    async def _wait_for_command(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._streaming.wait(), _LOOK)

    async def _cycle(self, writer: asyncio.StreamWriter, said: Utterance) -> None:
        answer = self._asked_eeprom  # asked before this #Sensor: due after it
        if self._device.half_duplex:
            await self._slowly(writer, said.frame)
            await asyncio.sleep((_SENSOR_AT - _BURST) * self._scale)
            writer.write(said.sensor)
        else:
            writer.write(said.frame + said.sensor)
        if answer and self._voice.eeprom:
            if self._device.half_duplex:
                await asyncio.sleep(_EEPROM_AFTER * self._scale)
            writer.write(self._voice.eeprom)
            self._owner.sent += 1
            self._asked_eeprom = False
        await writer.drain()
        self._owner.sent += bool(said.frame) + bool(said.sensor)

    async def _slowly(self, writer: asyncio.StreamWriter, frame: bytes) -> None:
        """Send a frame as a burst that a command spoils."""
        self._in_frame, self._spoilt = True, False
        size = -(-len(frame) // _PIECES)
        for start in range(0, len(frame), size):
            piece = frame[start : start + size]
            writer.write(b"\xff" * len(piece) if self._spoilt else piece)
            await asyncio.sleep(_BURST * self._scale / _PIECES)
        self._in_frame = False
