"""`embereye bench link`: do our commands spoil what half-duplex devices say, and are they answered?

Simulated devices as strict as real ones (sensor protocol, section 1): what reaches them during a
frame spoils that frame and is lost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from threading import Event

from embereye.bench.relay import Relay
from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.config.schema import Device, ListenerLimits
from embereye.config.schema import Sensors as SensorSection
from embereye.ingest.quiet import CYCLE
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.simulate import DeviceSimulator
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.model.device_messages import DeviceLogged, Direction
from embereye.model.ids import DeviceId
from embereye.model.reading import ThermalFrame
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.metrics import percentile
from embereye.runtime.worker import PlainThreads, Worker

_ASK_EVERY = 2.5  # cycles between two commands that a person asks of one device, on average
_BREAK_EVERY = 10.0  # cycles between two breaks of one connection, on average
_DELAY = 0.010  # s one way; a plant network, and far more than the loop-back device
_PATIENCE = 15.0  # cycles for the last answers: a lost one is asked again after 10 s
_LOOK = 0.05  # s between two looks; a command is asked at any moment of a cycle
_OPEN = 10.0  # s for the listener and the relay to open their ports
_DEADLINE = 5.0  # s for threads to end


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played.

    Attributes:
        cycles: How long: so many times the devices' cycle.
        pace: Of the cycle of a real device (4.085 s); 0.1 is ten times as fast.
        breaks: Whether connections break.
    """

    devices: int = 1
    cycles: int = 10
    pace: float = 1.0
    breaks: bool = True
    seed: int = 1


def run(plan: Plan) -> Report:
    """Play `plan` on this machine, in real time."""
    period = CYCLE * plan.pace
    tally = Tally()
    with _site(plan, tally) as (server, simulator, relay):
        _play(plan, server, tally, period)
        clock = SystemClock()
        end = clock.mono() + max(_PATIENCE * period, 3 * 10.0)
        while tally.open and clock.mono() < end:
            Event().wait(_LOOK)
    return _report(plan, tally, simulator, relay)


class Tally:
    """What was asked, sent, answered. `take` and `frame` engine thread; `ask` the bench's.

    Attributes:
        open: What people asked and no answer came for yet, by device and command.
        delays: From sending a command to its answer, s.
    """

    def __init__(self) -> None:
        self.asked = self.sent = self.answered = self.overdue = self.given_up = 0
        self.frames: dict[DeviceId, int] = {}
        self.open: dict[tuple[DeviceId, str], float] = {}
        self.delays: list[float] = []
        self._sent: dict[tuple[DeviceId, str], float] = {}

    def ask(self, device: DeviceId, command: str, now: float) -> None:
        """A person asks; the same question twice is one."""
        if (device, command) not in self.open:
            self.asked += 1
            self.open[device, command] = now

    def take(self, line: DeviceLogged) -> None:
        """A line of a device's log."""
        words = line.text.split()
        if line.direction is Direction.SENT:
            self.sent += 1
            self._sent[line.device, words[0]] = line.at.mono
        elif line.direction is Direction.RECEIVED:
            key = (line.device, words[2])  # "answer to EEPROM1 after …"
            sent = self._sent.pop(key, None)
            self.answered += 1
            self.open.pop(key, None)  # also a question that was asked while it was on its way
            if sent is not None:
                self.delays.append(line.at.mono - sent)
        elif "given up" in line.text:
            self.given_up += 1
        elif line.text.startswith("no answer to"):
            self.overdue += 1

    def frame(self, frame: ThermalFrame) -> None:
        """A picture arrived whole."""
        self.frames[frame.device] = self.frames.get(frame.device, 0) + 1


def _play(plan: Plan, server: SensorServer, tally: Tally, period: float) -> None:
    """Ask at random moments until the cycles are over."""
    clock, pause = SystemClock(), Event()
    rng = Random(plan.seed)  # noqa: S311 - moments, not secrets
    names = [DeviceId(device.ident) for device in _devices(plan)]
    end = clock.mono() + plan.cycles * period
    chance = _LOOK / (_ASK_EVERY * period)
    while clock.mono() < end:
        # Devices that never connected cannot be asked.
        for name in [n for n in names if n in tally.frames and rng.random() < chance]:
            command = rng.choice(("REQUEST1", "EEPROM1"))
            tally.ask(name, command, clock.mono())
            server.ask(name, command)
        pause.wait(_LOOK)


def _devices(plan: Plan) -> list[SimulatedDevice]:
    rate = 1 / (CYCLE * plan.pace)
    return [
        SimulatedDevice(str(2001 + n), rate=rate, seed=n, half_duplex=True)
        for n in range(plan.devices)
    ]


@contextmanager
def _site(plan: Plan, tally: Tally) -> Iterator[tuple[SensorServer, DeviceSimulator, Relay]]:
    """A listener with its engine, a network, devices; all run until the block ends."""
    clock = SystemClock()
    engine = Engine(clock)
    engine.on(DeviceLogged, tally.take)
    engine.on(ThermalFrame, tally.frame)
    limits = ListenerLimits(connections_per_address=min(10_000, 4 * plan.devices + 10))
    rows = [Device(id=device.ident, name=device.ident) for device in _devices(plan)]
    server = SensorServer(engine, clock, SensorSection(port=0, limits=limits), rows)
    with _running(server, engine):
        server.listening.wait(_OPEN)
        mean = _BREAK_EVERY * CYCLE * plan.pace / plan.devices if plan.breaks else 0.0
        relay = Relay(server.port or 0, _DELAY * min(1.0, plan.pace), mean, plan.seed)
        with _running(relay):
            relay.listening.wait(_OPEN)
            simulator = DeviceSimulator("127.0.0.1", relay.port or 0, _devices(plan), clock)
            with _running(simulator):
                yield server, simulator, relay


@contextmanager
def _running(*workers: Worker) -> Iterator[None]:
    stop, threads = Event(), PlainThreads()
    hosted = [
        threads.start("bench", lambda worker=worker: worker.run(stop))  # type: ignore[misc]
        for worker in workers
    ]
    try:
        yield
    finally:
        stop.set()
        for thread in hosted:
            thread.join(_DEADLINE)


def _report(plan: Plan, tally: Tally, simulator: DeviceSimulator, relay: Relay) -> Report:
    fewest = min(tally.frames.values()) if len(tally.frames) == plan.devices else 0
    metrics = {
        "corrupted_by_us": at_most(simulator.spoilt, 0, "frames"),
        "commands": Metric(tally.sent, "commands"),
        "answered": Metric(tally.answered, "commands"),
        "asked_by_people": Metric(tally.asked, "commands"),
        "never_answered": at_most(len(tally.open) + tally.given_up, 0, "commands"),
        "asked_again": Metric(tally.overdue, "commands"),
        "answer_delay_p95": Metric(round(percentile(tally.delays, 95) or 0.0, 2), "s"),
        "fewest_frames": at_least(fewest, 1, "frames of a device"),
        "connections_broken": Metric(relay.breaks, "connections"),
    }
    notes = [
        f"{plan.devices} half-duplex devices × {plan.cycles} cycles of {CYCLE * plan.pace:.3f} s,"
        f" network delay {1000 * _DELAY * min(1.0, plan.pace):.1f} ms one way.",
        "Commands are REQUEST1 and EEPROM1 at random moments, besides those that the listener"
        " sends by itself; a broken connection may take a frame or an answer with it.",
        "The listener's limit of connections of one address was raised.",
    ]
    return Report("link", metrics, notes)
