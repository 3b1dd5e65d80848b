import hmac
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest import secure_packet as wire

SECRET = bytes(range(32))
HELLO = wire.Hello("boiler-7", "k1", 3, "0011223344556677", "1.4.0")
SNONCE = "8899aabbccddeeff"
KEYS = wire.session_keys(SECRET, HELLO, SNONCE)
MS = 1_763_629_000_123
BODY = b"Sensor17:ADC1=5,ADC2=6"
READERS = {
    "ch2": wire.read_challenge,
    "m2": wire.read_message,
    "a2": wire.read_acknowledgement,
    "c2": wire.read_command,
}
PACKETS = {
    "ch2": wire.challenge(KEYS.to_device, SNONCE, MS, 2, 41),
    "m2": wire.message(KEYS.to_server, 42, MS, BODY),
    "a2": wire.acknowledgement(KEYS.to_device, 42),
    "c2": wire.command(KEYS.to_device, 1, MS, b"REQUEST1"),
}
numbers = st.integers(0, wire.MOST_NUMBER)
bodies = st.text(
    st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="#!"), min_size=1
).map(str.encode)


def inner(packet):
    assert packet[:1] + packet[-1:] == b"#!"
    assert b"#" not in packet[1:]
    assert b"!" not in packet[:-1]
    return packet[1:-1]


def test_a_hello_is_read_back():
    assert wire.read_hello(inner(wire.hello(HELLO))) == HELLO


def test_a_hello_without_firmware_is_one():
    bare = replace(HELLO, firmware="")
    assert wire.read_hello(inner(wire.hello(bare))) == bare


@pytest.mark.parametrize(
    "changed",
    [
        {"device": ""},
        {"device": "-a"},
        {"device": "a" * 65},
        {"device": "a|b"},
        {"kid": ""},
        {"kid": "k" * 17},
        {"kid": "k|1"},
        {"boot": wire.MOST_NUMBER + 1},
        {"boot": "03"},
        {"boot": -1},
        {"nonce": "0011"},
        {"nonce": "00112233445566GG"},
        {"firmware": "x" * 33},
        {"firmware": "1:2"},
        {"firmware": "1 2"},
        {"firmware": "é"},
    ],
)
def test_a_malformed_hello_is_none(changed):
    assert wire.read_hello(wire.hello(replace(HELLO, **changed))[1:-1]) is None


@settings(deadline=None)
@given(numbers, numbers, numbers)
def test_a_challenge_is_read_back(ms, boot, seq):
    sealed = wire.read_challenge(inner(wire.challenge(KEYS.to_device, SNONCE, ms, boot, seq)))
    assert (sealed.numbers, sealed.nonce) == ((ms, boot, seq), SNONCE)
    assert wire.genuine(KEYS.to_device, sealed)


@settings(deadline=None)
@given(numbers, numbers, bodies)
def test_a_message_and_a_command_are_read_back(seq, ms, body):
    for key, write, read in (
        (KEYS.to_server, wire.message, wire.read_message),
        (KEYS.to_device, wire.command, wire.read_command),
    ):
        sealed = read(inner(write(key, seq, ms, body)))
        assert (sealed.numbers, sealed.body) == ((seq, ms), body)
        assert wire.genuine(key, sealed)


@settings(deadline=None)
@given(numbers)
def test_an_acknowledgement_is_read_back(seq):
    sealed = wire.read_acknowledgement(inner(wire.acknowledgement(KEYS.to_device, seq)))
    assert sealed.numbers == (seq,)
    assert wire.genuine(KEYS.to_device, sealed)


@pytest.mark.parametrize("kind", PACKETS)
@settings(deadline=None)
@given(place=st.integers(0, 200), other=st.integers(32, 126))
def test_a_changed_byte_is_never_genuine(kind, place, other):
    body = bytearray(inner(PACKETS[kind]))
    place %= len(body)
    if body[place] == other:
        return
    body[place] = other
    sealed = READERS[kind](bytes(body))
    key = KEYS.to_server if kind == "m2" else KEYS.to_device
    assert sealed is None or not wire.genuine(key, sealed)


@pytest.mark.parametrize("kind", PACKETS)
def test_a_cut_packet_is_never_genuine(kind):
    body = inner(PACKETS[kind])
    key = KEYS.to_server if kind == "m2" else KEYS.to_device
    for length in range(len(body)):
        sealed = READERS[kind](body[:length])
        assert sealed is None or not wire.genuine(key, sealed)


@pytest.mark.parametrize("kind", PACKETS)
def test_a_packet_of_one_direction_means_nothing_in_the_other(kind):
    sealed = READERS[kind](inner(PACKETS[kind]))
    assert not wire.genuine(KEYS.to_device if kind == "m2" else KEYS.to_server, sealed)


@pytest.mark.parametrize("kind", PACKETS)
def test_a_packet_is_read_as_its_own_kind_only(kind):
    others = [read for name, read in READERS.items() if name != kind]
    assert [read(inner(PACKETS[kind])) for read in [*others, wire.read_hello]] == [None] * 4


@pytest.mark.parametrize(
    ("secret", "said", "nonce"),
    [
        (SECRET[::-1], HELLO, SNONCE),
        (SECRET, replace(HELLO, device="boiler-8"), SNONCE),
        (SECRET, replace(HELLO, kid="k2"), SNONCE),
        (SECRET, replace(HELLO, boot=4), SNONCE),
        (SECRET, replace(HELLO, nonce="0" * 16), SNONCE),
        (SECRET, HELLO, "0" * 16),
    ],
)
def test_everything_that_was_said_goes_into_the_keys(secret, said, nonce):
    other = wire.session_keys(secret, said, nonce)
    assert {other.to_server, other.to_device}.isdisjoint({KEYS.to_server, KEYS.to_device})


def test_numbers_beyond_the_database_are_none():
    most = wire.MOST_NUMBER
    assert wire.read_message(inner(wire.message(KEYS.to_server, most + 1, MS, BODY))) is None
    assert wire.read_message(inner(wire.message(KEYS.to_server, most, MS, BODY))) is not None


@pytest.mark.parametrize("place", [0, 5, -1])
@pytest.mark.parametrize("mark", [b"!", b"#", b"\n", b"\x1b", b"\x00", b"\xc3"])
@pytest.mark.parametrize("kind", ["m2", "c2"])
def test_no_body_carries_the_ends_of_a_packet_or_anything_unprintable(kind, mark, place):
    body = b"ABCDEFGHIJ"
    changed = body[:place] + mark + body[place:]
    head = inner(PACKETS[kind]).rpartition(b":")[0]
    assert READERS[kind](head + b":" + body) is not None
    assert READERS[kind](head + b":" + changed) is None
    assert not wire.is_body(changed)


def test_a_number_has_one_spelling():
    packet = wire.message(KEYS.to_server, 42, MS, BODY).replace(b"m2:42:", b"m2:042:")
    assert wire.read_message(inner(packet)) is None


@settings(deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_are_read_as_something_or_nothing(body):
    for head in (b"", b"hi2:", b"ch2:", b"m2:1:2:", b"a2:", b"c2:"):
        for read in (wire.read_hello, *READERS.values()):
            read(head + body)


def test_keys_are_not_shown():
    assert KEYS.to_server.hex() not in repr(KEYS)
    assert repr(KEYS) == "SessionKeys(…)"


# --- handing over a key ---


@settings(deadline=None)
@given(st.from_regex(r"[A-Za-z0-9]{1,16}", fullmatch=True), st.binary(min_size=32, max_size=32))
def test_a_wrapped_key_is_unwrapped(kid, secret):
    body = wire.wrap_key(SECRET, HELLO, SNONCE, kid, secret)
    assert wire.unwrap_key(SECRET, HELLO, SNONCE, body) == (kid, secret)


def test_the_wrapped_key_is_masked_as_the_protocol_says():
    context = b"ee2|key|boiler-7|k1|3|0011223344556677|8899aabbccddeeff|k2"
    mask = hmac.digest(SECRET, context, "sha256")
    body = wire.wrap_key(SECRET, HELLO, SNONCE, "k2", bytes(32))
    assert body == b"KEY:k2:" + mask.hex().encode()


def test_a_wrapped_key_is_nonsense_without_the_old_one_or_in_another_session():
    new = bytes(reversed(range(32)))
    body = wire.wrap_key(SECRET, HELLO, SNONCE, "k2", new)
    assert wire.unwrap_key(bytes(32), HELLO, SNONCE, body) != ("k2", new)
    assert wire.unwrap_key(SECRET, HELLO, "0" * 16, body) != ("k2", new)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_not_wrapped(length):
    with pytest.raises(ValueError):
        wire.wrap_key(SECRET, HELLO, SNONCE, "k2", bytes(length))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"KEY:",
        b"KEY:k2:",
        b"KEY:k2:" + b"0" * 63,
        b"KEY:k2:" + b"0" * 65,
        b"KEY:k2:" + b"G" * 64,
        b"KEY::" + b"0" * 64,
        b"KEY:k 2:" + b"0" * 64,
        b"REQUEST1",
    ],
)
def test_a_command_without_a_key_unwraps_to_none(body):
    assert wire.unwrap_key(SECRET, HELLO, SNONCE, body) is None
