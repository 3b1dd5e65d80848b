"""R13: parsers never crash, and find the good packet after damage."""

import random

from auth_parts import DeviceEnd, MemoryInbox, ring

from embereye.config.schema import Sensors
from embereye.ingest import secure_packet as wire
from embereye.ingest.admission import Admission
from embereye.ingest.device_session import Session
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.packet import CAP, SecurePacket, SensorPacket, Splitter
from embereye.ingest.thermal_decode import decode_batch
from embereye.model.reading import SensorReading
from embereye.model.stamp import Stamp

GOOD = b"#Sensor1234:ADC1=269,ADC2=1296,ADC3:=1,DIO=0!"
GOOD_PACKET = SensorPacket("1234", "", 269, 1296, 1, False)
_INPUTS = 1_000_000
_SEEDS = [
    GOOD,
    b"#Sensor:cam01:ADC1=1,ADC2=2!",
    b"#locid:cam01!\r\n",
    b"#serialno:SIM954687!\r\n",
    b"#frame1234:FFB0FFAAFFAF" + GOOD,
    b"#EEPROM1234:00B0999F!",
    b"#Sensor9:MPY30=1!#Sensor9:ADC3:=1!",
]
_LONG = [b"#frame1:" + b"FFB0" * 834 + b"!", b"#frame:" + b" ".join([b"0A0b"] * 768) + b"!"]
_SPICE = b"#!:=,\x00\xff \r\n09AZ"


class SkipToEnd:
    """The broken variant: after damage it waits for the next `!` before it looks again."""

    def __init__(self):
        self._tail = b""

    def feed(self, chunk):
        *parts, self._tail = (self._tail + chunk).split(b"!")
        return [packet for part in parts for packet in self._whole(part.strip())]

    @staticmethod
    def _whole(part):
        usable = part[:1] == b"#" and b"#" not in part[1:]
        return Splitter().feed(part + b"!") if usable else []


def mutated(rng, seeds):
    text = bytearray(rng.choice(seeds))
    for _ in range(rng.randrange(1, 4)):
        place, what = rng.randrange(len(text) + 1), rng.randrange(4)
        if what == 0:
            text[place:place] = bytes((rng.choice(_SPICE),))
        elif what == 1:
            del text[place : place + rng.randrange(1, 9)]
        elif what == 2:
            text[place : place + 1] = bytes((rng.randrange(256),))
        else:
            del text[place:]
    return bytes(text)


def first_miss(make, count, seeds=_SEEDS):
    """The first mutated input after which the good packet was not found; None: never."""
    rng = random.Random(13)
    splitter = make()
    for _ in range(count):
        text = mutated(rng, seeds)
        found = splitter.feed(text + GOOD)
        if not found or found[-1] != GOOD_PACKET:
            return text
    return None


def test_a_million_mutated_inputs_neither_crash_nor_hide_the_next_packet():
    assert first_miss(Splitter, _INPUTS) is None


def test_mutated_frames_neither_crash_nor_hide_the_next_packet():
    assert first_miss(Splitter, 5_000, _LONG) is None


def test_unfinished_mutated_input_never_fills_the_buffer():
    rng = random.Random(31)
    splitter = Splitter()
    for _ in range(20_000):
        splitter.feed(mutated(rng, _LONG).replace(b"!", b""))
        assert splitter.waiting <= CAP


def test_the_check_catches_a_splitter_that_skips_to_the_next_end():
    assert first_miss(SkipToEnd, 1_000) is not None


def test_mutated_input_passes_through_session_and_decoder():
    rng = random.Random(7)
    session = Session(DeviceStates(), "10.0.0.1", Stamp(0.0, 0.0))
    for number in range(5_000):
        at, messages, frames = Stamp(float(number), 0.0), [], []
        session.receive(mutated(rng, _SEEDS + _LONG), at, messages, frames)
        decode_batch(frames)
        session.after_decoding(at, messages)


# --- the authenticated protocol ---

_SECURE = [
    b"#hi2:boiler:k1:7:0123456789abcdef:1.4.0!",
    b"#m2:42:1763629000123:0123456789abcdef0123456789abcdef:Sensor17:ADC1=5,ADC2=6!",
    b"#m2:42:1763629000123:0123456789abcdef0123456789abcdef:frame17:FFB0FFAA!",
]
_SECURE_LONG = [b"#m2:1:1763629000123:" + b"0f" * 16 + b":frame1:" + b"FFB0" * 834 + b"!"]


class ReadingSplitter(Splitter):
    """Reads what it splits, as the session does."""

    def feed(self, chunk):
        found = super().feed(chunk)
        for packet in found:
            if type(packet) is SecurePacket:
                wire.read_hello(packet.body)
                wire.read_message(packet.body)
        return found


def test_a_million_mutated_authenticated_texts_neither_crash_nor_hide_the_next_packet():
    assert first_miss(ReadingSplitter, _INPUTS, _SECURE) is None


def test_mutated_long_authenticated_texts_neither_crash_nor_hide_the_next_packet():
    assert first_miss(ReadingSplitter, 5_000, _SECURE_LONG) is None


def test_mutated_genuine_packets_pass_through_a_proven_session():
    rng = random.Random(17)
    admission = Admission(Sensors(), ring(), MemoryInbox())
    session, end = Session(DeviceStates(), "10.0.0.1", Stamp(0.0, 0.0), admission), DeviceEnd()
    session.receive(end.hello(), Stamp(0.0, 0.0), [], [])
    end.hear(b"".join(session.auth.replies()))
    readings = 0
    for number in range(1, 20_001):
        at, messages = Stamp(number * 0.01, number * 0.01), []
        genuine = end.say(number)
        session.receive(mutated(rng, [genuine, *_SECURE, *_SEEDS]) + genuine, at, messages, [])
        session.tick(at, messages)
        readings += sum(type(m) is SensorReading and m.device == "boiler" for m in messages)
        session.auth.replies()
    assert readings == 20_000
