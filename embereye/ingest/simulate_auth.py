"""A simulated device of the authenticated protocol: the reference client with a network."""

import asyncio
import contextlib
import logging
from random import Random
from secrets import token_hex
from typing import Protocol

from embereye.ingest.auth_client import AuthClient, ClientKey, Memory, Phase, Splitter
from embereye.ingest.secure_packet import NONCE_BYTES, WINDOW
from embereye.ingest.simulate_device import CYCLE, SimulatedDevice, Voice
from embereye.ingest.simulate_wire import EEPROM_AFTER, SENSOR_AT, Wire
from embereye.model.stamp import Stamp

_log = logging.getLogger(__name__)

_PROMPT = 0.1  # s before the next connection when the client asks for one at once
# s before the next connection; the last repeats. A little is added by chance, so that hundreds of
# devices do not come back at the same moment after the server was away.
_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
_SPREAD = 0.2
_LOOK = 1.0  # s between two looks at the client's time limits
_FULL = 0.1  # s until an alarm is offered again to a full queue
_UNANSWERED = (
    "the listener closed the connection without an answer: check that the device is enrolled there"
    " with this key, and that the port and --tls belong together"
)
_FRAME = 1000  # bytes; longer packets are frames and calibrations, sent as a burst


class Owner(Protocol):
    """What a player needs of the simulator; same event loop."""

    sent: int
    commands: list[bytes]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection to the listener; OSError."""

    def seconds(self) -> float:
        """Monotonic seconds."""

    def now(self) -> Stamp:
        """The present moment."""


class AuthPlayer:
    """One device: measures whether connected or not, and says everything until it is stored.

    Attributes:
        wire: Its line.
    """

    def __init__(self, device: SimulatedDevice, voice: Voice, owner: Owner) -> None:
        assert device.key is not None
        self._device = device
        self._voice = voice
        self._owner = owner
        self._period = 1 / device.rate
        self.wire = Wire(min(1.0, self._period / CYCLE), half_duplex=device.half_duplex)
        self._began = owner.seconds()
        self._chance = Random(device.seed)  # noqa: S311 - no secret
        self._offset = self._clock_offset()
        self._memory = Memory(device.boot, (device.key,))
        self._client = self._started(self._memory, device.firmware)
        self._news = asyncio.Event()
        self._streaming = asyncio.Event()
        self._asked_once = self._asked_eeprom = False
        self._next_firmware: str | None = None
        self._failures = 0
        self._told = ""

    @property
    def waiting(self) -> int:
        """Packets that the server has not stored yet."""
        return len(self._client.queue)

    @property
    def keys(self) -> tuple[ClientKey, ...]:
        """The keys it has now."""
        return self._client.memory.keys

    async def run(self) -> None:
        """Play until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._measure())
            group.create_task(self._stay_connected())

    def say(self, body: bytes) -> None:
        self._client.offer(body, self._uptime())
        self._news.set()

    def restart(self, firmware: str) -> None:
        self._next_firmware = firmware
        self._news.set()

    # --- the network ---

    async def _stay_connected(self) -> None:
        while True:
            try:
                reader, writer = await self._owner.connect()
            except OSError as error:
                self._note(f"cannot connect: {error}", logging.WARNING)
            else:
                await self._converse(reader, writer)
            await asyncio.sleep(self._pause())

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = self._client
        writer.write(client.connected(token_hex(NONCE_BYTES), self._uptime()))
        tasks = [
            asyncio.ensure_future(self._listen(client, reader)),
            asyncio.ensure_future(self._send(client, writer)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            writer.close()  # first: whoever stops us while we wait below leaves nothing open
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            greeting = client.phase is Phase.GREETING
            if client.phase is Phase.OPEN:
                self._failures, self._told = 0, ""
            client.disconnected()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, OSError):
                raise result
        serious = client.trouble and not client.prompt
        level = logging.WARNING if serious else logging.INFO
        if greeting and not client.trouble:
            self._note(_UNANSWERED, logging.WARNING)
        else:
            self._note(client.trouble or "lost its connection", level)

    async def _listen(self, client: AuthClient, reader: asyncio.StreamReader) -> None:
        while chunk := await reader.read(8192):
            if not self.wire.hears():
                continue
            client.receive(chunk, self._uptime())
            if client.memory != self._memory:
                self._memory = client.memory
                if self._device.on_memory is not None:
                    self._device.on_memory(self._memory)
            self._news.set()

    async def _send(self, client: AuthClient, writer: asyncio.StreamWriter) -> None:
        while not client.trouble:
            self._news.clear()
            for packet in client.outgoing(self._uptime()):
                if len(packet) > _FRAME:
                    await self.wire.send_frame(writer, packet)
                else:
                    writer.write(packet)
                self._owner.sent += 1
                await writer.drain()
            client.watch(self._uptime())
            if self._next_firmware is not None and not client.queue:
                self._offset = client.offset_ms
                self._client = self._started(client.memory.started(), self._next_firmware)
                self._next_firmware = None
                return
            # Not wait_for: before Python 3.12 it forgets a cancellation that meets the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._news.wait()

    def _pause(self) -> float:
        if self._client.prompt and self._failures == 0:
            self._failures = 1  # a second one in a row waits longer, whatever the server says
            return _PROMPT
        pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
        self._failures += 1
        return pause * (1 + self._chance.random() * _SPREAD)

    def _note(self, text: str, level: int) -> None:
        """Log the first failure, not each repetition of it."""
        if text != self._told:
            self._told = text
            _log.log(level, "device %s: %s", self._device.ident, text)

    # --- the device ---

    def _started(self, memory: Memory, firmware: str) -> AuthClient:
        """The client after a start; a half-duplex line has one packet under way at a time."""
        window = 1 if self._device.half_duplex else WINDOW
        return AuthClient(
            self._device.ident, memory, self._obey, firmware, self._offset, window=window
        )

    def _clock_offset(self) -> int | None:
        error = self._device.clock_error
        return None if error is None else round((self._owner.now().utc + error) * 1000)

    def _uptime(self) -> int:
        return int((self._owner.seconds() - self._began) * 1000)

    def _obey(self, command: bytes) -> None:
        self._owner.commands.append(command)
        if command == b"PERIOD_ON":
            self._streaming.set()
        elif command == b"REQUEST1":
            self._asked_once = True
            self._streaming.set()
        elif command == b"EEPROM1":
            self._asked_eeprom = True
        elif self._device.on_command is not None:
            self._device.on_command(command, self)

    async def _measure(self) -> None:
        if not self._device.waits:
            self._streaming.set()
        location = f"#locid:{self._device.location}!" if self._device.location else ""
        await self._offer(self._voice.greeting + location.encode())
        due = self._owner.seconds()
        while True:
            if not self._streaming.is_set():
                await self._streaming.wait()
                due = self._owner.seconds()
            once = self._asked_once and self._device.waits
            await self._cycle()
            if once:
                self._asked_once = False
                self._streaming.clear()
            due = max(due + self._period, self._owner.seconds() - self._period)
            await asyncio.sleep(max(0.0, due - self._owner.seconds()))

    async def _cycle(self) -> None:
        answer = self._asked_eeprom and bool(self._voice.eeprom)
        said = self._voice.speak(self._owner.seconds() - self._began)
        await self._offer(said.frame)
        await self.wire.rest(SENSOR_AT)
        await self._offer(said.sensor)
        if answer:
            self._asked_eeprom = False
            await self.wire.rest(EEPROM_AFTER)
            await self._offer(self._voice.eeprom)

    async def _offer(self, packets: bytes) -> None:
        """Keep packets for the server; when all room is taken only alarms wait for some."""
        for body in Splitter().feed(packets):
            urgent = body.endswith((b"DIO=1", b"MPY30=1"))
            while not self._client.offer(body, self._uptime(), urgent=urgent) and urgent:
                await asyncio.sleep(_FULL)
        self._news.set()
