"""A half-duplex line in virtual time: a device, a network that delays, and a command schedule."""

import heapq
import itertools
from dataclasses import dataclass
from random import Random

from embereye.ingest.commands import CommandMode, CommandSchedule, Heard

TICK = 0.1  # s, of the listener
PIECES = 4  # in which a burst arrives


@dataclass(frozen=True)
class Pace:
    """Times of a device in seconds after the start of a frame, and of the network."""

    cycle: float = 4.085
    burst: float = 0.17
    sensor: float = 0.48
    eeprom: float = 0.63  # after #Sensor
    latency: float = 0.02
    jitter: float = 0.02

    def faster(self, factor):
        scaled = (self.cycle, self.burst, self.sensor, self.eeprom, self.latency, self.jitter)
        return Pace(*(value / factor for value in scaled))


class HalfDuplexLine:
    """One device on one connection. Commands that arrive while it talks spoil what it says.

    Attributes:
        spoilt: Frames and memories that a command hit.
        deaf: Commands that were lost that way.
        answers: What it was asked and did.
    """

    def __init__(self, schedule, pace=None, *, streams=True, seed=1, lose=0.0):
        self.schedule = schedule
        self.pace = pace or Pace()
        self.spoilt = self.deaf = 0
        self.sent = []
        self.answers = []
        self.log = []
        self.lose = lose  # share of #Sensor packets that arrive corrupt
        self._rng = Random(seed)
        self._events = []
        self._order = itertools.count()
        self._streams = streams
        self._talking = self._spoilt = self._asked_eeprom = self._once = False
        self._arrived = 0.0
        self.now = 0.0

    def run(self, seconds, asks=()):
        """Play; `asks` are (moment, command) of an operator."""
        self._plan(0.0, self._tick)
        if self._streams:
            self._plan(self._rng.uniform(0, self.pace.cycle), self._frame)
        for moment, command in asks:
            self._plan(moment, lambda c=command: self.schedule.ask(c, self.now))
        while self._events and self._events[0][0] <= seconds:
            self.now, _, do = heapq.heappop(self._events)
            do()
        return self

    def _plan(self, moment, do):
        heapq.heappush(self._events, (moment, next(self._order), do))

    def _tick(self):
        self._send()
        self._plan(self.now + TICK, self._tick)

    def _send(self):
        command = self.schedule.due(self.now)
        self.log += self.schedule.take_events()
        if command is not None:
            self.sent.append((self.now, command))
            self._plan(self.now + self._delay(), lambda: self._obey(command))

    def _delay(self):
        return self.pace.latency + self._rng.uniform(0, self.pace.jitter)

    def _obey(self, command):
        if self._talking:
            self._spoilt = True
            self.deaf += 1
        elif command == b"EEPROM1":
            self._asked_eeprom = True
        elif command == b"REQUEST1" and not self._streams:
            self._plan(self.now + 0.01, self._frame_once)
        elif command == b"REQUEST1":
            self.answers.append("REQUEST1")
        elif command == b"PERIOD_ON" and not self._streams:
            self._streams = True
            self._plan(self.now + 0.01, self._frame)

    def _frame(self):
        if self._streams:
            self._burst()
            self._plan(self.now + self.pace.cycle, self._frame)

    def _frame_once(self):
        self.answers.append("REQUEST1")
        self._burst()

    def _burst(self):
        self._talk(self.pace.burst, Heard.FRAME)
        self._plan(self.now + self.pace.sensor, self._sensor)

    def _sensor(self):
        lost = self._rng.random() < self.lose
        self._arrive(self.now, None if lost else Heard.SENSOR)
        if self._asked_eeprom:
            self._asked_eeprom = False
            self._plan(self.now + self.pace.eeprom, self._memory)

    def _memory(self):
        self.answers.append("EEPROM1")
        self._talk(self.pace.burst, Heard.CALIBRATION)

    def _talk(self, seconds, what):
        self._talking, self._spoilt = True, False
        for piece in range(PIECES):
            self._arrive(self.now + piece * seconds / PIECES, None, unfinished=True)
        self._plan(self.now + seconds, lambda: self._ended(what))

    def _ended(self, what):
        self._talking = False
        self.spoilt += self._spoilt
        self._arrive(self.now, None if self._spoilt else what)

    def _arrive(self, moment, what, *, unfinished=False):
        self._arrived = max(self._arrived + 1e-6, moment + self._delay())
        self._plan(self._arrived, lambda: self._receive(what, unfinished))

    def _receive(self, what, unfinished):
        if what is not None:
            self.schedule.heard(what, self.now)
            if what is Heard.CALIBRATION:
                self.schedule.calibrated()
        self.schedule.heard_bytes(self.now, unfinished=unfinished)
        self._send()


class EagerSchedule(CommandSchedule):
    """What must not be: sends as soon as there is something to send."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._line = _AlwaysQuiet(self._line)


class _AlwaysQuiet:
    def __init__(self, line):
        self._line = line

    def __getattr__(self, name):
        return getattr(self._line, name)

    def quiet(self, now):
        return True


def busy_line(schedule, pace=None, **kwargs):
    """A schedule that needs the calibration and an operator who asks 40 times, at random."""
    rng = Random(kwargs.get("seed", 1))
    line = HalfDuplexLine(schedule, pace, **kwargs)
    schedule.needs_calibration = True
    cycle = line.pace.cycle
    commands = ("REQUEST1", "EEPROM1")
    asks = [(rng.uniform(0, 300 * cycle), commands[n % 2]) for n in range(40)]
    return line.run(400 * cycle, asks)


def on_demand(poll):
    """A schedule of a device that is asked every `poll` s."""
    return CommandSchedule(0.0, CommandMode(on_demand=True, poll=poll))
