"""The TCP listener for sensor devices: one asyncio loop in a worker of its own."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from embereye.config.schema import Device, ListenerLimits, Sensors
from embereye.config.sensor_options import Tls
from embereye.ingest.admission import Admission
from embereye.ingest.command_queue import public_text
from embereye.ingest.conversation import Conversation
from embereye.ingest.device_state import Aside, DeviceStates
from embereye.ingest.inbox import Inbox
from embereye.ingest.listening_port import ListeningPort
from embereye.ingest.sensor_link import SensorLink
from embereye.ingest.thermal_decode import RefusedFrame, ThermalPacket, decode_batch
from embereye.ingest.tls import server_context
from embereye.model.credential import KeyRing
from embereye.model.device_messages import DeviceLogged, Direction
from embereye.model.ids import DeviceId
from embereye.model.messages import PacketsRefused
from embereye.runtime.clock import Clock
from embereye.runtime.engine import Engine
from embereye.runtime.slot import LatestSlot

NAME = "sensor listener"

TLS_NAME = "encrypted sensor port"

_TICK = 0.1  # s; limits and commands count in seconds; also the longest wait until a stop is seen
_FLUSH = 1.0  # s between two looks at counted security events
_BATCH = 64  # frames decoded in one call: 1.6 ms at 25 µs a frame
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
        listening: Set while the port is open. Any thread.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        section: Sensors,
        devices: Iterable[Device] = (),
        calibrations: Mapping[DeviceId, bytes] | None = None,
        locations: Mapping[DeviceId, str] | None = None,
        inbox: Inbox | None = None,
        keys: KeyRing | None = None,
        folder: Path | None = None,
        asides: Mapping[DeviceId, Aside] | None = None,
    ) -> None:
        """Prepare; `run` listens.

        Args:
            calibrations: What earlier runs learned: memories of 832 big-endian words.
            locations: `#locid`s of earlier runs.
            inbox: Where packets of authenticated devices are stored; None: never acknowledged.
            keys: Of enrolled devices; others: `apply_keys`.
            folder: The data directory, for certificates; None: no encrypted port.
            asides: What earlier runs kept aside as different, until `accept_aside`.
        """
        self.listening = Event()
        self.clock = clock
        self.states = DeviceStates(calibrations, locations, asides)
        self.admission = Admission(section, keys, inbox, self.call_soon)
        self.holding = False
        self._engine = engine
        self._section = section
        self._news: LatestSlot[Listening] = LatestSlot()
        self._news.put(Listening(section, tuple(devices)))
        self._keys: LatestSlot[KeyRing] = LatestSlot()
        self._conversations: set[Conversation] = set()
        self._per_address: Counter[str] = Counter()
        self._frames: list[tuple[Conversation, ThermalPacket]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._folder = folder
        self._plain = ListeningPort(NAME, "sensors", clock, engine.post, self._link, self)
        self._secure = ListeningPort(TLS_NAME, "sensors.tls", clock, engine.post, self._link, self)
        self._secure_as: tuple[str, Tls] | None = None
        self._flushed = 0.0

    @property
    def port(self) -> int | None:
        """The bound TCP port, None while not listening. Any thread."""
        return self._plain.port

    @property
    def tls_port(self) -> int | None:
        """The bound port for TLS, None while not listening. Any thread."""
        return self._secure.port

    @property
    def fault(self) -> str:
        """Why it cannot listen, in words, "" while it can. Any thread."""
        return self._plain.fault or self._secure.fault

    @property
    def limits(self) -> ListenerLimits:
        """What one peer may do."""
        return self._section.limits

    def apply(self, section: Sensors, devices: Iterable[Device]) -> None:
        """Use other settings within 0.1 s; host and port only when the port is opened again."""
        self._news.put(Listening(section, tuple(devices)))

    def apply_keys(self, keys: KeyRing) -> None:
        """Use other keys: connections with a key that ended are closed. Any thread.

        In force before anything is read that arrives after this call.
        """
        self._keys.put(keys)
        self.call_soon(self._take_news)

    def accept_aside(self, device: DeviceId) -> bool:
        """Use the calibration memory and location that were kept aside of a device. Any thread.

        False while the listener does not run: then what the database keeps is used at its start.
        """
        return self.call_soon(
            lambda: self.deliver(self.states.accept_aside(device, self.clock.now()))
        )

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
        refusal = self._crowded(peer.address)
        if refusal is None:
            self._conversations.add(peer)
            self._per_address[peer.address] += 1
        return refusal

    def lost(self, peer: Conversation) -> None:
        """A peer is gone."""
        if peer in self._conversations:
            self._conversations.discard(peer)
            self._forget(peer.address)

    def knock(self, address: str) -> bool:
        """Count a peer that begins a TLS handshake; False when it has too many connections."""
        refusal = self._crowded(address)
        if refusal is not None:
            self.deliver([PacketsRefused(None, address, 0, refusal, self.clock.now())])
            return False
        self._per_address[address] += 1
        return True

    def knocked(self, address: str) -> None:
        """Its handshake is over: it is admitted, or gone."""
        self._forget(address)

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
        self.admission.begin()
        try:
            while not stop.is_set():
                self._take_news()
                await self._keep_listening()
                now = self.clock.mono()
                for peer in list(self._conversations):
                    peer.tick(now)
                self._tell_counted(now)
                await asyncio.sleep(_TICK)
        finally:
            await self._close_all()
            counted: list[object] = []
            self.admission.security.close(counted)
            self.deliver(counted)
            self._loop = None

    def _crowded(self, address: str) -> str | None:
        if self._per_address.total() >= _MOST_CONNECTIONS:
            return f"connection refused: {_MOST_CONNECTIONS} are open"
        if self._per_address[address] >= self.limits.connections_per_address:
            most = self.limits.connections_per_address
            return f"connection refused: this address has {most} already"
        return None

    def _forget(self, address: str) -> None:
        self._per_address[address] -= 1
        if self._per_address[address] == 0:
            del self._per_address[address]

    async def _keep_listening(self) -> None:
        section = self._section
        if not section.enabled:
            if self.listening.is_set() or self.tls_port is not None:
                await self._close_all()
            return
        await self._plain.keep_open(section.host, section.port)
        if self.port is not None:
            self.listening.set()
        if section.tls.mode == "off" or self._folder is None:
            self._secure.forgive()
            return
        wanted = (section.host, section.tls)
        if wanted != self._secure_as:
            self._secure.close()
            self._secure_as = wanted
        await self._secure.keep_open(section.host, section.tls.port, self._context)

    def _context(self) -> ssl.SSLContext | None:
        if self._folder is None:
            return None
        return server_context(self._section.tls, self._folder, self.clock.now().utc)

    def _link(self) -> SensorLink:
        return SensorLink(self)

    async def _close_all(self) -> None:
        self.listening.clear()
        self._plain.close()
        self._secure.close()
        for peer in list(self._conversations):
            peer.line.close("the listener stopped")
        for _ in range(_TURNS):
            if not self._conversations:
                break
            await asyncio.sleep(0)

    def _take_news(self) -> None:
        keys = self._keys.take()
        if keys is not None:
            self.admission.apply_keys(keys)
        news = self._news.take()
        if news is None:
            return
        self._section = news.section
        self.states.apply(news.devices)
        self.admission.apply(news.section)
        for peer in self._conversations:
            peer.take_limits(news.section.limits)

    def _ask(self, device: DeviceId, command: str) -> None:
        now = self.clock.now()
        if not self.states.ask(device, command, now.mono):
            text = f"{public_text(command)} was not taken: it never connected, or too much waits"
            self.deliver([DeviceLogged(device, now, Direction.EVENT, text)])

    def _tell_counted(self, now: float) -> None:
        """Tell the security events that were only counted."""
        if now - self._flushed < _FLUSH:
            return
        self._flushed = now
        events: list[object] = []
        self.admission.security.flush(now, events)
        self.deliver(events)

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
