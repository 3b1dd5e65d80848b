import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.packet import (
    CAP,
    Corrupt,
    EepromPacket,
    FramePacket,
    LocationPacket,
    SensorPacket,
    SerialPacket,
    Splitter,
    parse,
)

FULL, PIXELS, EEPROM = b"00aF" * 834, b"FFB6" * 768, b"1234" * 832
SPACED = b" ".join([b"14d0"] * 768)
GOOD = b"#Sensor1234:ADC1=269,ADC2=1296,ADC3:=1,DIO=0!"
GOOD_PACKET = SensorPacket("1234", "", 269, 1296, 1, False)

FORMS = [
    (b"#serialno:SIM954687!", SerialPacket("SIM954687")),
    (b"#locid:cam01!", LocationPacket("cam01")),
    (b"#frame1234:" + FULL + b"!", FramePacket("1234", "", FULL)),
    (b"#frame:cam01:" + FULL + b"!", FramePacket("", "cam01", FULL)),
    (b"#frame:" + PIXELS + b"!", FramePacket("", "", PIXELS)),
    (b"#frame7:" + SPACED + b"!", FramePacket("7", "", SPACED)),
    (b"#EEPROM1234:" + EEPROM + b"!", EepromPacket("1234", "", bytes.fromhex("1234") * 832)),
    (GOOD, GOOD_PACKET),
    (b"#Sensor:cam01:ADC1=1,ADC2=2!", SensorPacket("", "cam01", 1, 2, None, None)),
    (b"#Sensor:ADC1=0,ADC2=4095!", SensorPacket("", "", 0, 4095, None, None)),
    (b"#Sensor9:MPY30=1!", SensorPacket("9", "", None, None, None, True)),
    (b"#Sensor9:ADC3:=17!", SensorPacket("9", "", None, None, 17, None)),
    (b"#Sensor:room:ADC3:=17!", SensorPacket("", "room", None, None, 17, None)),
    (b"#Sensor9:ADC2=5,ADC1=4,MPY30=1,DIO=0!", SensorPacket("9", "", 4, 5, None, True)),
]

BAD = [
    b"#!",
    b"#hello!",
    b"#locid:!",
    b"#serialno:!",
    b"#Sensor1:!",
    b"#Sensor1:ADC1=!",
    b"#Sensor1:ADC1=4096,ADC2=1!",
    b"#Sensor1:ADC1=5000!",
    b"#Sensor1:ADC1=-1!",
    b"#Sensor1:ADC1=1,ADC2=2,DIO=2!",
    b"#Sensor1:ADC1=1\x00,ADC2=2!",
    b"#Sensor1:ADC1=1\xe9,ADC2=2!",
    b"#frame1:12!",
    b"#frame1:" + FULL[:-1] + b"G!",
    b"#frame1:" + FULL[:-4] + b"!",
    b"#frame1:" + FULL[:100] + b" " + FULL[101:] + b"!",
    b"#EEPROM1:" + EEPROM[:-4] + b"!",
    b"#frame" + b"x" * 65 + b":" + PIXELS + b"!",
    b"#frame:a:b:" + PIXELS + b"!",
]


@pytest.mark.parametrize(("text", "packet"), FORMS, ids=range(len(FORMS)))
def test_every_form_of_the_protocol_is_read(text, packet):
    assert Splitter().feed(text) == [packet]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_an_unusable_packet_is_counted_once(text):
    found = Splitter().feed(text)

    assert [type(packet) for packet in found] == [Corrupt]


@pytest.mark.parametrize("ending", [b"", b"\r", b"\n", b"\r\n"])
def test_line_ends_after_a_packet_are_no_damage(ending):
    assert Splitter().feed((GOOD + ending) * 3) == [GOOD_PACKET] * 3


def test_the_packet_after_a_cut_one_is_found():
    found = Splitter().feed(b"#frame1234:FFB0FF" + GOOD)

    assert found[-1] == GOOD_PACKET
    assert isinstance(found[0], Corrupt)


def test_a_packet_longer_than_the_cap_is_dropped_and_counted_once():
    found = Splitter().feed(b"#frame1:" + b"A" * CAP + b"!" + GOOD)

    assert [type(packet) for packet in found] == [Corrupt, SensorPacket]


def test_at_most_4_kib_are_kept():
    splitter = Splitter()
    for _ in range(100):
        splitter.feed(b"#" + b"A" * 1000)
        assert splitter.waiting <= CAP
    splitter.feed(b"A" * 10_000)
    assert splitter.waiting <= CAP


_PIECES = st.lists(
    st.one_of(
        st.sampled_from([text for text, _ in FORMS] + BAD),
        st.binary(max_size=40),
        st.just(b"#" + b"A" * CAP),
        st.just(b"A" * (CAP - 2)),
    ),
    max_size=6,
).map(b"".join)


@settings(deadline=None, max_examples=150)
@given(_PIECES, st.lists(st.integers(0, 30_000), max_size=8))
def test_any_chunking_gives_the_same_packets(stream, cuts):
    whole = Splitter().feed(stream)
    places = sorted({min(cut, len(stream)) for cut in cuts})
    parts = Splitter()
    found = []
    for begin, end in zip([0, *places], [*places, len(stream)], strict=True):
        found += parts.feed(stream[begin:end])

    assert found == whole


@settings(deadline=None, max_examples=60)
@given(_PIECES.map(lambda stream: stream[:3000]))
def test_byte_by_byte_gives_the_same_packets(stream):
    parts = Splitter()
    found = [packet for i in range(len(stream)) for packet in parts.feed(stream[i : i + 1])]

    assert found == Splitter().feed(stream)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
def test_a_good_packet_after_garbage_is_found(garbage):
    assert Splitter().feed(garbage + GOOD)[-1] == GOOD_PACKET


@settings(deadline=None, max_examples=300)
@given(
    st.from_regex(
        r"Sensor[ -~]{0,6}:([a-z]{1,4}:)?ADC1:?=\d{1,5},ADC2=\d{1,4}(,ADC3:=\d{1,3})?(,DIO=[012])?",
        fullmatch=True,
    ).filter(lambda text: "!" not in text and "#" not in text)
)
def test_the_fast_way_reads_what_the_careful_way_reads(text):
    assert Splitter().feed(b"#" + text.encode() + b"!") == [parse(text.encode())]
