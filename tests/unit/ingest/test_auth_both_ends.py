"""Reference client and listener's session together, over wires that lose, damage and cut."""

import random

import pytest
from auth_parts import SECRET, MemoryInbox, ring
from hypothesis import example, given, settings
from hypothesis import strategies as st

from embereye.config.schema import Sensors
from embereye.ingest import admission
from embereye.ingest.admission import Admission
from embereye.ingest.auth_client import AuthClient, ClientKey, Memory, Phase
from embereye.ingest.auth_queue import PacketQueue
from embereye.ingest.device_session import Session
from embereye.ingest.device_state import DeviceStates
from embereye.model.device_messages import PacketsMissed
from embereye.model.messages import SecurityEvent
from embereye.model.reading import SensorReading
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp

COUNT = 60  # packets; the window is 64


class World:
    """One device and one listener; time passes a second a step."""

    def __init__(self, seed, badness, window=64):
        self.chance = random.Random(seed)
        self.badness = badness
        self.at = Stamp(1000.0, 1_700_000_000.0)
        self.inbox = MemoryInbox(by_hand=True)
        self.outage = range(0)  # steps in which the disk hangs
        self.steps = 0
        self.out = []
        self.connections = 0
        self.start_listener()
        self.client = AuthClient(
            "boiler",
            Memory(1, (ClientKey("k1", SECRET),)),
            lambda command: None,
            queue=PacketQueue(1000),
            window=window,
        )
        for number in range(1, COUNT + 1):
            self.client.offer(b"Sensor:ADC1=%d" % number, 0)

    @property
    def uptime(self):
        return int(self.at.mono * 1000)

    def start_listener(self):
        """Also after a crash: what was not committed is gone."""
        self.inbox.waiting = []
        self.admission = Admission(Sensors(), ring(), self.inbox)
        self.states = DeviceStates()
        self.session = None

    def bad(self, factor=1.0):
        return self.chance.random() < self.badness * factor

    def wire(self, data):
        """What arrives of it."""
        if not data or not self.bad():
            return data
        place = self.chance.randrange(len(data))
        if self.chance.random() < 0.5:
            return data[:place] + data[place + self.chance.randrange(1, 30) :]
        return (
            data[:place] + bytes([data[place] ^ 1 << self.chance.randrange(8)]) + data[place + 1 :]
        )

    def connect(self):
        self.connections += 1
        if self.session is not None:
            self.out += self.session.close(self.at, "cut")
        self.client.disconnected()
        self.session = Session(self.states, "10.0.0.1", self.at, self.admission)
        self.to_server(self.client.connected(f"{self.connections:016x}", self.uptime))

    def to_server(self, data):
        self.session.receive(self.wire(data), self.at, self.out, [])
        self.to_device()

    def to_device(self):
        for reply in self.session.auth.replies():
            self.client.receive(self.wire(reply), self.uptime)

    def step(self):
        self.at = self.at.later(1.0)
        self.steps += 1
        if self.bad(0.1):
            self.start_listener()
        gone = self.session is None or self.session.auth.ending or self.client.trouble
        if gone or self.client.phase is not Phase.OPEN or self.bad(0.2):
            self.connect()
        for packet in self.client.outgoing(self.uptime):
            self.to_server(packet)
        if self.steps in self.outage:
            self.session.tick(self.at, self.out)
        elif not self.bad():
            self.inbox.commit()
            self.session.tick(self.at, self.out)
        elif self.bad():
            self.inbox.refuse()
        self.to_device()
        self.client.watch(self.uptime)
        kept = {body for _, _, body in self.client.queue.packets()}
        stored = {packet.body for packet in self.inbox.rows.values()}
        forgotten = {b"Sensor:ADC1=%d" % n for n in range(1, COUNT + 1)} - kept
        assert forgotten <= stored  # acknowledged is stored, at every moment

    def run(self):
        for _ in range(3000):
            self.step()
            if not len(self.client.queue):
                return
        raise AssertionError("it never ends")

    def judged(self):
        return {reading.adc1 for reading in self.of(SensorReading)}

    def of(self, kind):
        return [message for message in self.out if isinstance(message, kind)]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.01, 0.05, 0.2]), st.sampled_from([1, 8, 64]))
@example(465879915, 0.2, 8)  # seen by the engine, refused by the disk, then damaged on the way
def test_everything_is_stored_once_whatever_happens_on_the_way(seed, badness, window):
    world = World(seed, badness, window)
    world.run()
    rows = world.inbox.rows
    assert sorted(seq for _, _, seq in rows) == list(range(1, COUNT + 1))
    assert all(rows["boiler", 1, n].body == b"Sensor:ADC1=%d" % n for n in range(1, COUNT + 1))
    assert {reading.adc1 for reading in world.of(SensorReading)} == set(range(1, COUNT + 1))
    assert world.of(PacketsMissed) == []


def test_nothing_suspicious_is_seen_on_a_good_wire():
    world = World(1, 0.0)
    world.run()
    assert world.of(SecurityEvent) == []
    assert len(world.of(SensorReading)) == COUNT


def test_an_honest_device_on_a_bad_wire_is_not_taken_for_a_replay():
    worlds = [World(seed, 0.05) for seed in range(5)]
    for world in worlds:
        world.run()
    kinds = {event.kind for world in worlds for event in world.of(SecurityEvent)}
    assert SecurityKind.REPLAYED not in kinds
    assert SecurityKind.DOWNGRADE not in kinds


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.01, 0.05]), st.sampled_from([1, 8, 64]))
def test_an_outage_of_the_disk_delays_no_value_and_loses_none(seed, badness, window):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admission, "_MOST_WAITING", 15)
        patch.setattr(admission, "_ENOUGH_WAITING", 5)
        world = World(seed, badness, window)
        world.outage = range(1, 3000)
        while world.judged() != set(range(1, COUNT + 1)):  # while nothing can be stored
            world.step()
            assert world.steps < 3000
        assert len(world.client.queue) == COUNT
        world.outage = range(0)
        world.run()
    rows = world.inbox.rows
    assert sorted(seq for _, _, seq in rows) == list(range(1, COUNT + 1))
    assert world.of(PacketsMissed) == []
