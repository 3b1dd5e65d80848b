"""Simulated sensor devices as TCP clients: for tests, training, load and the demonstration."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from embereye.ingest import tls
from embereye.ingest.simulate_auth import AuthPlayer
from embereye.ingest.simulate_device import (
    CYCLE,
    SimulatedDevice,
    Utterance,
    Voice,
    voice_of,
)
from embereye.ingest.simulate_wire import BURST, EEPROM_AFTER, SENSOR_AT, Wire
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

_RETRY = 1.0  # s before a refused connection is tried again
_LOOK = 0.1  # s between two looks at the stop event
_SHUTDOWN = 0.5  # s for the farewell of TLS; a simulator ends within 1 s


@dataclass(frozen=True, slots=True)
class Encryption:
    """How the devices encrypt; `fingerprint` pins the listener's certificate unless empty."""

    context: ssl.SSLContext
    fingerprint: str = ""


class DeviceSimulator:
    """Plays devices until stopped. `run` belongs to a worker thread of its own.

    Attributes:
        connections: Attempts to connect so far.
        sent: Packets sent so far.
        commands: Commands received so far, as they came; of authenticated devices the genuine
            ones, without their codes.
    """

    def __init__(
        self,
        host: str,
        port: int,
        devices: Sequence[SimulatedDevice],
        clock: Clock,
        encryption: Encryption | None = None,
    ) -> None:
        """ConfigError or SourceError when a device cannot be played."""
        self.connections = self.sent = 0
        self.commands: list[bytes] = []
        self._target = (host, port)
        self._clock = clock
        self._encryption = encryption
        self._players = [
            (_Player if device.key is None else AuthPlayer)(device, voice_of(device), self)
            for device in devices
        ]

    @property
    def waiting(self) -> int:
        """Packets of authenticated devices that the server has not stored yet."""
        players = (player for player in self._players if isinstance(player, AuthPlayer))
        return sum(player.waiting for player in players)

    @property
    def spoilt(self) -> int:
        """Frames of half-duplex devices that something sent to them spoilt."""
        return sum(player.wire.spoilt for player in self._players)

    def run(self, stop: Event) -> None:
        """Play until `stop` is set; return within 1 s of that."""
        with asyncio.Runner() as runner:
            runner.run(self._play(stop))

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection to the listener; OSError, also when it shows another certificate."""
        self.connections += 1
        if self._encryption is None:
            return await asyncio.open_connection(*self._target)
        reader, writer = await asyncio.open_connection(
            *self._target, ssl=self._encryption.context, ssl_shutdown_timeout=_SHUTDOWN
        )
        pin = self._encryption.fingerprint
        if pin and not tls.matches(writer.get_extra_info("ssl_object"), pin):
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            raise ConnectionError("the listener shows another certificate than the pinned one")
        return reader, writer

    def seconds(self) -> float:
        """Monotonic seconds."""
        return self._clock.mono()

    def now(self) -> Stamp:
        """The present moment."""
        return self._clock.now()

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


class _Player:
    """One device: connects, streams, answers, connects again."""

    def __init__(self, device: SimulatedDevice, voice: Voice, owner: DeviceSimulator) -> None:
        self._device = device
        self._voice = voice
        self._owner = owner
        self._period = 1 / device.rate
        self.wire = Wire(min(1.0, self._period / CYCLE), half_duplex=device.half_duplex)
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
        if not self.wire.hears():
            return
        for command in [segment] if self.wire.half_duplex else segment.split():
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
        # Not wait_for: before Python 3.12 it forgets a cancellation that meets the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                await self._streaming.wait()

    async def _cycle(self, writer: asyncio.StreamWriter, said: Utterance) -> None:
        answer = self._asked_eeprom  # asked before this #Sensor: due after it
        await self.wire.send_frame(writer, said.frame)
        await self.wire.rest(SENSOR_AT - BURST)
        writer.write(said.sensor)
        if answer and self._voice.eeprom:
            await self.wire.rest(EEPROM_AFTER)
            writer.write(self._voice.eeprom)
            self._owner.sent += 1
            self._asked_eeprom = False
        await writer.drain()
        self._owner.sent += bool(said.frame) + bool(said.sensor)
