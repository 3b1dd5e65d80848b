"""R14: somebody on the plant network who knows the protocol and recorded all traffic.

He has one revoked key of the boiler and one good key of another device, the oven.
"""

import random
import secrets
import tracemalloc

import pytest
from auth_parts import SECRET, DeviceEnd, MemoryInbox, key, ring

from embereye.config.schema import Device, Sensors
from embereye.ingest import secure_packet as wire
from embereye.ingest.admission import Admission
from embereye.ingest.device_session import Session
from embereye.ingest.device_state import DeviceStates
from embereye.model.credential import KeyState
from embereye.model.messages import SecurityEvent
from embereye.model.reading import SensorReading
from embereye.model.stamp import Stamp

OVEN = bytes(32)
OLD = bytes(range(1, 33))
DEVICES = [
    Device(id="boiler", name="Boiler", location="cellar", address="10.9.9.9"),
    Device(id="gate", name="Gateway"),
]


class Plant:
    """The listener's shared parts, and what became of all that was sent to it."""

    def __init__(self, **section):
        keys = ring(
            key(), key(kid="k0", secret=OLD, state=KeyState.REVOKED), key("oven", secret=OVEN)
        )
        self.inbox = MemoryInbox()
        self.admission = Admission(Sensors(**section), keys, self.inbox)
        self.states = DeviceStates()
        self.states.apply(DEVICES)
        self.at = Stamp(1000.0, 1_700_000_000.0)
        self.out = []

    def line(self, address="10.6.6.6"):
        return Session(self.states, address, self.at, self.admission)

    def send(self, session, data):
        """Returns what the listener answers."""
        self.at = self.at.later(0.001)
        session.receive(data, self.at, self.out, [])
        answer = b"".join(session.auth.replies())
        return answer + (session.command(self.at) or b"")

    def of(self, device):
        return [m for m in self.out if isinstance(m, SensorReading) and m.device == device]

    def rows(self, device):
        return [row for row in self.inbox.rows if row[0] == device]

    def proven(self, end, count=1, address="10.1.1.1"):
        """An honest connection and everything that went over it, both ways."""
        session, said = self.line(address), [end.hello()]
        heard = self.send(session, said[0])
        end.hear(heard)
        for seq in range(1, count + 1):
            said.append(end.say(seq))
            answer = self.send(session, said[-1])
            heard += answer
            end.hear(answer)
        return session, said, heard


def test_a_whole_recorded_session_is_worth_nothing_even_after_a_restart():
    first = Plant()
    _, said, _ = first.proven(DeviceEnd(), 50)
    for plant, expected in ((first, 50), (Plant(), 0)):
        for _ in range(5):
            line = plant.line()
            for packet in said:
                plant.send(line, packet)
            plant.send(plant.line(), b"".join(said[1:]))
        assert len(plant.of("boiler")) == expected
        assert len(plant.rows("boiler")) == expected


def test_what_the_listener_said_means_nothing_to_it():
    plant = Plant()
    session, _, heard = plant.proven(DeviceEnd(), 20)
    for line in (session, plant.line()):
        assert plant.send(line, heard * 3) == b""
    assert len(plant.of("boiler")) == 20
    assert session.auth.device == "boiler"


def test_a_good_key_of_another_device_opens_nothing_else():
    plant = Plant()
    oven = DeviceEnd("oven", secret=OVEN)
    line, _, _ = plant.proven(oven, 3)
    for name in ("boiler", "cellar", "10.9.9.9"):
        for body in (f"Sensor{name}:ADC1=9", f"Sensor:{name}:ADC1=9", f"locid:{name}"):
            plant.send(line, oven.say(10 + len(plant.out), body.encode()))
    thief = DeviceEnd("boiler", secret=OVEN)
    thief.keys = oven.keys
    plant.send(line, thief.hello())
    plant.send(line, thief.say(1000))
    other = plant.line()
    plant.send(other, DeviceEnd("boiler").hello())
    plant.send(other, oven.say(2000))
    assert plant.of("boiler") == []
    assert plant.rows("boiler") == []
    assert other.auth.device is None


def test_a_revoked_key_gets_no_answer():
    plant = Plant()
    thief = DeviceEnd(kid="k0", secret=OLD)
    line = plant.line()
    assert plant.send(line, thief.hello()) == b""
    assert line.auth.claimed is None


@pytest.mark.parametrize("length", [0, 1, 2, 8, 16, 30, 31, 33, 64])
def test_a_code_of_another_length_is_none(length):
    plant, end = Plant(), DeviceEnd()
    session, _, _ = plant.proven(end)
    packet = end.say(2)
    code = packet.split(b":")[3]
    plant.send(session, packet.replace(code, (code * 2)[:length]))
    plant.send(session, packet.replace(code, b"F" + code[1:]))
    assert len(plant.of("boiler")) == 1


def test_a_code_is_not_found_digit_by_digit():
    """All 16 first digits, then all 16 second ones: none is answered differently."""
    plant, end = Plant(), DeviceEnd()
    session, _, _ = plant.proven(end)
    packet = end.say(2)
    code = packet.split(b":")[3]
    answers = set()
    for place in range(32):
        for digit in b"0123456789abcdef":
            if digit != code[place]:
                guess = code[:place] + bytes([digit]) + code[place + 1 :]
                answers.add(plant.send(session, packet.replace(code, guess)))
    assert answers == {b""}
    assert len(plant.of("boiler")) == 1


@pytest.mark.parametrize("number", [2**63 - 1, 2**63 - 2, 2**62])
def test_the_largest_numbers_of_one_device_harm_nobody(number):
    plant = Plant()
    oven = DeviceEnd("oven", secret=OVEN)
    line, _, _ = plant.proven(oven)
    for seq in (number, number - 1, number, number + 1, 2**64, 5):
        plant.send(line, b"#m2:%d:%d:%032d:x!" % (seq, 2**63, 0))
        plant.send(line, oven.say(seq, ms=number))
    line.tick(plant.at.later(60.0), plant.out)
    boiler = DeviceEnd()
    plant.proven(boiler, 3)
    assert boiler.acknowledged[-1] == 3


def test_a_stolen_key_cannot_use_up_the_start_counter():
    """The id could never be used again: a device counts on from what the listener knows."""
    plant, thief = Plant(), DeviceEnd(boot=2**63 - 1)
    assert plant.send(plant.line(), thief.hello()) == b""
    boot = 2**48 + 2**20
    for _ in range(20):
        plant.proven(DeviceEnd(boot=boot))
        assert plant.inbox.progress("boiler").boot == boot
        assert plant.send(plant.line(), DeviceEnd(boot=boot + 2**20 + 1).hello()) == b""
        boot += 2**20
    honest = DeviceEnd(boot=plant.inbox.progress("boiler").boot + 1)
    plant.proven(honest)
    assert honest.acknowledged == [1]


@pytest.mark.parametrize(
    "packet",
    [
        b"#Sensor:cellar:ADC1=9!",
        b"#Sensorgate:cellar:ADC1=9!",
        b"#Sensorgate:boiler:ADC1=9!",
        b"#Sensorboiler:nowhere:ADC1=9!",
        b"#Sensor boiler :ADC1=9!",
        b"#sensor.boiler.:ADC1=9!",
        b"#SENSOR-boiler-:ADC1=9!",
        b"#Sensor/boiler/:ADC1=9!",
        b"#Sensor: cellar :ADC1=9!",
        b"#Sensor:/boiler/:ADC1=9!",
        b"#locid:cellar!#Sensor:ADC1=9!",
        b"#locid:.boiler.!#Sensor7:ADC1=9!",
        b"#serialno: boiler!#Sensor:ADC1=9!",
    ],
)
@pytest.mark.parametrize("legacy", ["open", "allow-list"])
def test_no_alias_of_an_enrolled_device_is_taken_without_a_key(packet, legacy):
    plant = Plant(legacy=legacy)
    for address in ("10.6.6.6", "10.9.9.9"):
        for prefix in (b"", b"#Sensorgate:ADC1=1!", b"#locid:pit!"):
            plant.send(plant.line(address), prefix + packet)
    assert plant.of("boiler") == []


@pytest.mark.parametrize("name", [b"Boiler", b"BOILER", b"bo\xc3\xadler", b"device-boiler"])
def test_a_similar_name_is_another_device_or_none(name):
    plant = Plant()
    plant.send(plant.line(), b"#Sensor" + name + b":ADC1=9!")
    assert plant.of("boiler") == []


def test_hellos_that_prove_nothing_take_no_memory():
    plant = Plant()
    rng = random.Random(1)

    def hellos(count):
        for _ in range(count):
            end = DeviceEnd(rng.choice(["boiler", f"x{rng.getrandbits(60)}"]))
            end.nonces = rng.getrandbits(60)
            line = plant.line(f"10.6.{rng.randrange(256)}.{rng.randrange(256)}")
            plant.send(line, end.hello())
            plant.send(line, b"#m2:1:1:%s:Sensor:ADC1=9!" % secrets.token_hex(16).encode())
            line.close(plant.at, "gone")
            plant.out.clear()

    hellos(2_000)
    tracemalloc.start()
    hellos(3_000)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 100_000


@pytest.mark.parametrize("text", ["\x1b[31m", "\n", "\r\n2026 ERROR", "!", "#", "é", "a:b"])
def test_nothing_unprintable_of_a_stranger_reaches_a_log(text):
    plant = Plant()
    for packet in (
        f"#hi2:boiler:k1:1:{0:016x}:{text}!",
        f"#hi2:bo{text}iler:k1:1:{0:016x}:1.0!",
        f"#Sensor{text}:ADC1=1!#Sensor:{text}x:ADC1=1!#locid:{text}!#serialno:{text}!",
    ):
        line = plant.line()
        plant.send(line, packet.encode())
        plant.out += line.logged(plant.at) + line.close(plant.at, "gone")
    assert all(character.isprintable() for character in repr(plant.out))
    assert "\\x1b" not in repr(plant.out)
    assert "\\n" not in repr(plant.out)


def test_every_refusal_of_a_key_is_told():
    plant = Plant()
    for end in (DeviceEnd(kid="k0", secret=OLD), DeviceEnd("nobody"), DeviceEnd(kid="k9")):
        plant.send(plant.line(), end.hello())
    plant.admission.security.close(plant.out)
    assert sum(e.count for e in plant.out if isinstance(e, SecurityEvent)) == 3


def test_the_same_hello_gives_other_keys_each_time():
    plant, end = Plant(), DeviceEnd(secret=SECRET)
    hello = end.hello()
    answers = {plant.send(plant.line(), hello) for _ in range(100)}
    nonces = {wire.read_challenge(answer[1:-1]).nonce for answer in answers}
    assert len(nonces) == 100
