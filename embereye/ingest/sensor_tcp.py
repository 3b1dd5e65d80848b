"""The TCP listener for sensor devices: one asyncio loop in a worker of its own."""

import asyncio
import errno
import logging
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Event

from embereye.config.schema import Device, ListenerLimits, Sensors
from embereye.ingest.command_queue import public_text
from embereye.ingest.conversation import Conversation
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.sensor_link import SensorLink
from embereye.ingest.thermal_decode import RefusedFrame, ThermalPacket, decode_batch
from embereye.model.device_messages import DeviceLogged, Direction
from embereye.model.errors import PortInUse
from embereye.model.ids import DeviceId
from embereye.model.messages import PacketsRefused, WorkerFailed
from embereye.runtime.clock import Clock
from embereye.runtime.engine import Engine
from embereye.runtime.slot import LatestSlot

_log = logging.getLogger(__name__)

NAME = "sensor listener"

_TICK = 0.1  # s; limits and commands count in seconds; also the longest wait until a stop is seen
_BACKOFF = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # s before the port is tried again; the last repeats
_BATCH = 64  # frames decoded in one call: 1.6 ms at 25 µs a frame
# Bytes that wait in the kernel for one connection: 1,400 small packets, 7 s of a peer that is
# slowed to 200/s. Left alone, Linux lets 6 MB pile up, and what is read then is 11 minutes old.
_WAITING = 65_536
_TURNS = 100  # of the loop; each runs callbacks of closed connections, two are enough
_MOST_CONNECTIONS = 1000  # file descriptors of one process; five times the largest installation


@dataclass(frozen=True, slots=True)
class Listening:
    """What the listener is told: its section of the settings and the registered devices."""

    section: Sensors
    devices: tuple[Device, ...]


class SensorServer:
    """Accepts devices and hands their readings to the engine.

    `run` belongs to the sensor thread; `apply` may be called from any thread. TCP holds the devices
    back while the engine is congested; nothing is thrown away.

    Attributes:
        port: The bound TCP port, None while not listening. Any thread.
        listening: Set while the port is open. Any thread.
        fault: Why it cannot listen, in words, "" while it can. Any thread.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        section: Sensors,
        devices: Iterable[Device] = (),
        calibrations: Mapping[DeviceId, bytes] | None = None,
        locations: Mapping[DeviceId, str] | None = None,
    ) -> None:
        """What earlier runs learned: memories of 832 big-endian words, and `#locid`s."""
        self.port: int | None = None
        self.listening = Event()
        self.fault = ""
        self.clock = clock
        self.states = DeviceStates(calibrations, locations)
        self.holding = False
        self._engine = engine
        self._section = section
        self._news: LatestSlot[Listening] = LatestSlot()
        self._news.put(Listening(section, tuple(devices)))
        self._conversations: set[Conversation] = set()
        self._per_address: Counter[str] = Counter()
        self._frames: list[tuple[Conversation, ThermalPacket]] = []
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tries = 0
        self._next_try = 0.0

    @property
    def limits(self) -> ListenerLimits:
        """What one peer may do."""
        return self._section.limits

    def apply(self, section: Sensors, devices: Iterable[Device]) -> None:
        """Use other settings within 0.1 s; host and port only when the port is opened again."""
        self._news.put(Listening(section, tuple(devices)))

    def call_soon(self, do: Callable[[], None]) -> bool:
        """Run `do` in the sensor thread; False while the listener does not run. Any thread."""
        loop = self._loop
        if loop is None:
            return False
        try:
            loop.call_soon_threadsafe(do)
        except RuntimeError:  # the loop closed meanwhile
            return False
        return True

    def ask(self, device: DeviceId, command: str) -> bool:
        """Send a command in the device's next quiet window; False while the listener does not run.

        Any thread. What becomes of it is told in `DeviceLogged` messages.
        """
        return self.call_soon(lambda: self._ask(device, command))

    def run(self, stop: Event) -> None:
        """Listen until `stop` is set; return within 1 s of that."""
        with asyncio.Runner() as runner:
            runner.run(self._serve(stop))

    # --- for the conversations (same thread) ---

    def admit(self, peer: Conversation) -> str | None:
        """Take a new peer, or say why not."""
        if len(self._conversations) >= _MOST_CONNECTIONS:
            return f"connection refused: {_MOST_CONNECTIONS} are open"
        if self._per_address[peer.address] >= self.limits.connections_per_address:
            most = self.limits.connections_per_address
            return f"connection refused: this address has {most} already"
        self._conversations.add(peer)
        self._per_address[peer.address] += 1
        return None

    def lost(self, peer: Conversation) -> None:
        """A peer is gone."""
        if peer in self._conversations:
            self._conversations.discard(peer)
            self._per_address[peer.address] -= 1
            if self._per_address[peer.address] == 0:
                del self._per_address[peer.address]

    def deliver(self, messages: list[object]) -> None:
        """Hand messages to the engine with one wake-up; stop reading while it is congested."""
        if messages:
            self._engine.post_many(messages)
        if self._engine.congested and not self.holding:
            self._hold()

    def decode_soon(self, peer: Conversation, frames: list[ThermalPacket]) -> None:
        """Decode frames together with those of the other connections ready in this turn."""
        if not self._frames:
            asyncio.get_running_loop().call_soon(self._decode)
        self._frames.extend((peer, frame) for frame in frames)

    # --- the loop ---

    async def _serve(self, stop: Event) -> None:
        self._loop = asyncio.get_running_loop()
        self.holding, self._frames = False, []
        try:
            while not stop.is_set():
                self._take_news()
                await self._keep_listening()
                now = self.clock.mono()
                for peer in list(self._conversations):
                    peer.tick(now)
                await asyncio.sleep(_TICK)
        finally:
            await self._close_all()
            self._loop = None

    async def _keep_listening(self) -> None:
        if not self._section.enabled:
            if self._server is not None:
                await self._close_all()
        elif self._server is None and self.clock.mono() >= self._next_try:
            try:
                await self._open()
            except PortInUse as error:
                self._note_failure(str(error))
            else:
                self._note_success()

    async def _open(self) -> None:
        host, port = self._section.host, self._section.port
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: SensorLink(self), host, port)
        except OSError as error:
            raise PortInUse(_cannot_listen(host, port, error)) from error
        for listening in self._server.sockets:  # accepted connections inherit it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WAITING)
        self.port = self._server.sockets[0].getsockname()[1]
        self.listening.set()

    async def _close_all(self) -> None:
        self.listening.clear()
        self.port = None
        if self._server is not None:
            self._server.close()
            self._server = None
        for peer in list(self._conversations):
            peer.line.close("the listener stopped")
        for _ in range(_TURNS):
            if not self._conversations:
                break
            await asyncio.sleep(0)

    def _note_failure(self, text: str) -> None:
        self._next_try = self.clock.mono() + _BACKOFF[min(self._tries, len(_BACKOFF) - 1)]
        self._tries += 1
        if text != self.fault:
            self.fault = text
            _log.error("%s", text)
            self._engine.post(WorkerFailed(NAME, text, recovered=False, at=self.clock.now()))

    def _note_success(self) -> None:
        self._tries = 0
        _log.info("listening for sensor devices on %s port %s", self._section.host, self.port)
        if self.fault:
            self.fault = ""
            text = f"The sensor listener works again on port {self.port}."
            self._engine.post(WorkerFailed(NAME, text, recovered=True, at=self.clock.now()))

    def _take_news(self) -> None:
        news = self._news.take()
        if news is None:
            return
        self._section = news.section
        self.states.apply(news.devices)
        for peer in self._conversations:
            peer.take_limits(news.section.limits)

    def _ask(self, device: DeviceId, command: str) -> None:
        now = self.clock.now()
        if not self.states.ask(device, command, now.mono):
            text = f"{public_text(command)} was not taken: it never connected, or too much waits"
            self.deliver([DeviceLogged(device, now, Direction.EVENT, text)])

    def _decode(self) -> None:
        waiting, self._frames = self._frames, []
        for first in range(0, len(waiting), _BATCH):
            part = waiting[first : first + _BATCH]
            results = decode_batch([packet for _, packet in part])
            messages: list[object] = [
                _refusal(peer, result) if isinstance(result, RefusedFrame) else result
                for (peer, _), result in zip(part, results, strict=True)
            ]
            for peer in {peer for peer, _ in part}:
                peer.after_decoding(messages)
            self.deliver(messages)

    def _hold(self) -> None:
        """Read nothing until the engine has caught up; the kernel then holds the devices back."""
        self.holding = True
        for peer in self._conversations:
            peer.line.adjust_reading()
        box = self._engine.mailbox
        box.when_below(box.capacity // 4, self._release_soon)

    def _release_soon(self) -> None:
        self.call_soon(self._release)

    def _release(self) -> None:
        self.holding = False
        now = self.clock.mono()
        for peer in self._conversations:
            peer.released(now)


def _refusal(peer: Conversation, frame: RefusedFrame) -> PacketsRefused:
    return PacketsRefused(frame.device, peer.address, 1, frame.reason, frame.at)


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} for sensor devices is in use by another program. Close that program,"
            " or choose another port in the settings (sensors.port)."
        )
    return (
        f"Cannot listen for sensor devices on {host} port {port}: {error.strerror or error}."
        " Check the interface and the port in the settings (sensors.host, sensors.port)."
    )
