"""R14: forged, replayed, downgraded, foreign: 0 of 100,000 accepted; a revoked key is out at once.

Each kind of attack runs against the session that the listener uses, with the shared parts that a
listener has. The negative controls leave one check out and must be caught by the same count.
"""

import random

import pytest
from auth_parts import SECRET, DeviceEnd, MemoryInbox, key, ring

from embereye.config.schema import Device, Sensors
from embereye.ingest import secure_packet as wire
from embereye.ingest.admission import Admission
from embereye.ingest.device_session import Session
from embereye.ingest.device_state import DeviceStates
from embereye.model.credential import KeyRing, KeyState
from embereye.model.messages import SecurityEvent
from embereye.model.reading import SensorReading
from embereye.model.stamp import Stamp

_EACH = 25_000  # of each of the four kinds: 100,000
_BATCH = 50  # packets in one chunk
_DEVICES = [Device(id="boiler", name="Boiler", location="cellar", address="10.9.9.9")]


class Target:
    """A listener's session and the shared parts behind it; counts what an attacker achieved."""

    def __init__(self, keys=None):
        self.inbox = MemoryInbox()
        self.admission = Admission(Sensors(), keys or ring(), self.inbox)
        self.states = DeviceStates()
        self.states.apply(_DEVICES)
        self.at = Stamp(1000.0, 1_700_000_000.0)
        self.events = 0
        self.attacked = None

    def session(self, address="10.6.6.6"):
        return Session(self.states, address, self.at, self.admission)

    def receive(self, session, data):
        """Readings of the boiler that came of it."""
        out = []
        self.at = self.at.later(0.001)
        session.receive(data, self.at, out, [])
        self.events += sum(e.count for e in out if isinstance(e, SecurityEvent))
        return sum(isinstance(m, SensorReading) and m.device == "boiler" for m in out)

    def all_events(self):
        rest = []
        self.admission.security.close(rest)
        return self.events + sum(event.count for event in rest)

    def proven(self):
        """An honest connection of the boiler with one packet sent, its device, all it said."""
        session, end = self.session("10.1.1.1"), DeviceEnd()
        hello = end.hello()
        self.receive(session, hello)
        end.hear(b"".join(session.auth.replies()))
        first = end.say(1)
        assert self.receive(session, first) == 1
        return session, end, [hello, first]


def forged(target, count):
    """A man in the middle of a proven connection changes packets, or makes his own."""
    session, end, _ = target.proven()
    rng = random.Random(14)
    taken = 0
    target.attacked = session
    for first in range(0, count, _BATCH):
        chunk = b""
        for number in range(first + 2, first + 2 + _BATCH):
            packet = bytearray(end.say(number))
            place = rng.randrange(5, len(packet) - 1)
            packet[place : place + 1] = rng.choice(b"0123456789abcdef:").to_bytes(1, "big")
            if bytes(packet) == end.say(number):
                packet[-2:-1] = b"~"
            chunk += bytes(packet)
        taken += target.receive(session, chunk)
    return taken


def replayed(target, count):
    """Everything that was ever said is played back, on the same connection and on new ones."""
    session, end, said = target.proven()
    said += [end.say(number) for number in range(2, 101)]
    target.receive(session, b"".join(said[2:]))
    taken = 0
    for number in range(count // 100):
        where = session if number % 2 else target.session()
        taken += target.receive(where, b"".join(said[:100]))
    return taken


def downgraded(target, count):
    """Bare packets that name the device by id, location, serial number or address."""
    session = target.session()
    by_address = target.session("10.9.9.9")
    bound, by_serial = target.session(), target.session()
    taken = target.receive(bound, b"#locid:cellar!") + target.receive(
        by_serial, b"#serialno:boiler!"
    )
    for _ in range(count // 100):
        taken += target.receive(session, b"#Sensorboiler:ADC1=9!#Sensor:cellar:ADC1=9!" * 10)
        taken += target.receive(session, b"#SensorBoiler:boiler:ADC1=9!" * 20)
        taken += target.receive(bound, b"#Sensor:ADC1=9!" * 20)
        taken += target.receive(by_serial, b"#Sensor:ADC1=9!" * 20)
        taken += target.receive(by_address, b"#Sensor:ADC1=9!" * 20)
    return taken


def foreign(target, count):
    """Another device with a good key of its own, other keys, and hellos without any."""
    taken = 0
    other, end = target.session(), DeviceEnd(device="oven", secret=bytes(32))
    target.receive(other, end.hello())
    end.hear(b"".join(other.auth.replies()))
    rng = random.Random(41)
    for first in range(1, count // 2, _BATCH):
        bodies = [b"Sensorboiler:ADC1=9", b"Sensor:cellar:ADC1=9", b"Sensor:boiler:ADC1=9"]
        numbers = range(first, first + _BATCH)
        taken += target.receive(other, b"".join(end.say(n, rng.choice(bodies)) for n in numbers))
    for _ in range(count // 2 // _BATCH):
        session = target.session()
        thief = DeviceEnd(secret=rng.randbytes(32))
        thief.nonces = rng.randrange(2**60)
        target.receive(session, thief.hello())
        answer = wire.read_challenge(b"".join(session.auth.replies())[1:-1])
        thief.keys = wire.session_keys(thief.secret, thief.said, answer.nonce)
        chunk = b"".join(thief.say(n) for n in range(1, _BATCH + 1))
        taken += target.receive(session, chunk)
    return taken


ATTACKS = [forged, replayed, downgraded, foreign]


def keys():
    return ring(key(), key(device="oven", secret=bytes(32)))


@pytest.mark.parametrize("attack", ATTACKS)
def test_of_25_000_attempts_none_is_accepted(attack):
    target = Target(keys())
    assert attack(target, _EACH) == 0
    assert target.all_events() > 0


def test_every_forged_packet_is_counted():
    target = Target()
    forged(target, 5_000)
    assert target.attacked.bad == 5_000
    assert 0 < target.all_events() <= 5_000


def test_nothing_of_an_attack_is_stored_under_the_device():
    target = Target(keys())
    for attack in (replayed, downgraded, foreign):
        before = {number for number in target.inbox.rows if number[0] == "boiler"}
        attack(target, 1_000)
        after = {number for number in target.inbox.rows if number[0] == "boiler"}
        assert after - before <= {("boiler", 1, n) for n in range(1, 101)}


def test_a_revoked_key_is_refused_on_open_and_new_connections():
    target = Target()
    session, end, _ = target.proven()
    target.admission.apply_keys(ring(key(state=KeyState.REVOKED)))
    target.at = target.at.later(0.1)
    session.tick(target.at, [])  # the listener looks ten times a second
    assert session.auth.ending
    assert target.receive(session, end.say(2)) == 0
    again = target.session()
    assert target.receive(again, end.hello()) == 0
    assert again.auth.replies() == []


# --- negative controls ---


def test_the_count_catches_a_session_that_skips_the_code(monkeypatch):
    monkeypatch.setattr(wire, "genuine", lambda key, sealed: True)
    assert forged(Target(), 1_000) > 0
    assert foreign(Target(keys()), 1_000) > 0


def test_the_count_catches_a_window_that_remembers_nothing(monkeypatch):
    monkeypatch.setattr("embereye.ingest.packet_window.PacketWindow.take", lambda self, n: True)
    target = Target()
    target.inbox = target.admission._inbox = MemoryInbox(by_hand=True)
    assert replayed(target, 1_000) > 0


def test_the_count_catches_nonces_that_repeat(monkeypatch):
    monkeypatch.setattr("embereye.ingest.auth_session.secrets.token_hex", lambda n: "00" * n)
    monkeypatch.setattr(Admission, "known_hello", lambda *_: False)
    monkeypatch.setattr("embereye.ingest.packet_window.PacketWindow.take", lambda self, n: True)
    target = Target()
    target.inbox = target.admission._inbox = MemoryInbox(by_hand=True)
    assert replayed(target, 1_000) > 0


def test_the_count_catches_a_listener_that_forgets_who_is_enrolled(monkeypatch):
    monkeypatch.setattr(KeyRing, "enrolled", frozenset())
    assert downgraded(Target(), 1_000) > 0


def test_the_count_catches_a_secret_that_everybody_knows():
    thief = DeviceEnd(secret=SECRET)
    target = Target()
    session = target.session()
    target.receive(session, thief.hello())
    thief.hear(b"".join(session.auth.replies()))
    assert target.receive(session, thief.say(1)) == 1
