import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest import enrolment_text
from embereye.model.errors import EnrolmentTextError

SECRET = bytes(range(32))
TEXT = enrolment_text.write("boiler-7", "k1", SECRET)


def test_the_text_is_what_the_protocol_says():
    head = "ee2:boiler-7:k1:" + SECRET.hex()
    assert head + ":" + hashlib.sha256(head.encode()).hexdigest()[:8] == TEXT


@settings(deadline=None)
@given(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{4,20}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9]{1,16}", fullmatch=True),
    st.binary(min_size=32, max_size=32).filter(lambda secret: len(set(secret)) > 1),
)
def test_what_was_written_is_read_back(device, kid, secret):
    key = enrolment_text.read(enrolment_text.write(device, kid, secret))
    assert (key.device, key.kid, key.secret) == (device, kid, secret)


@pytest.mark.parametrize("byte", [0, 0xFF, 7])
def test_what_an_empty_memory_holds_is_no_key(byte):
    text = enrolment_text.write("boiler-7", "k1", bytes([byte]) * 32)
    with pytest.raises(EnrolmentTextError, match="is no secret"):
        enrolment_text.read(text)


def test_space_around_it_and_upper_case_digits_are_taken_as_meant():
    device, digits = TEXT[: TEXT.index(":k1:") + 4], TEXT[TEXT.index(":k1:") + 4 :]
    assert enrolment_text.read(f"  {device}{digits.upper()}\r\n").secret == SECRET


@settings(deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.sampled_from("0123456789abcdefghxyzX:"))
def test_one_mistyped_character_is_always_found(place, character):
    mistyped = TEXT[:place] + character + TEXT[place + 1 :]
    if mistyped.lower() == TEXT.lower():
        return
    with pytest.raises(EnrolmentTextError):
        enrolment_text.read(mistyped)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begin with ee2"),
        ("hello", "begin with ee2"),
        (TEXT.replace("ee2", "ee1"), "begin with ee2"),
        (TEXT.rpartition(":")[0], "4 parts"),
        (TEXT + ":x", "6 parts"),
        (TEXT.replace("boiler-7", "bo iler"), "no usable device"),
        (TEXT.replace("boiler-7", "con"), "no usable device"),
        (TEXT.replace(":k1:", "::"), "no usable name"),
        (TEXT.replace(":k1:", ":" + "k" * 17 + ":"), "no usable name"),
        (TEXT.replace("000102", "0001"), "64 hexadecimal"),
        (TEXT.replace("000102", "00010g"), "64 hexadecimal"),
        (TEXT.replace("000102", "000103"), "mistyped or cut"),
    ],
)
def test_the_error_says_what_is_wrong_and_keeps_the_key_secret(text, words):
    with pytest.raises(EnrolmentTextError, match=words) as raised:
        enrolment_text.read(text)
    assert SECRET.hex()[8:] not in str(raised.value)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused_in_words(text):
    with pytest.raises(EnrolmentTextError):
        enrolment_text.read(text)


def test_a_key_is_not_shown():
    assert SECRET.hex()[:8] not in repr(enrolment_text.read(TEXT))
    assert repr(SECRET)[2:-1] not in repr(enrolment_text.read(TEXT))


@pytest.mark.parametrize(
    ("device", "kid", "secret"),
    [("a b", "k1", SECRET), ("a", "k-1", SECRET), ("a", "k1", SECRET[1:])],
)
def test_what_could_not_be_read_back_is_not_written(device, kid, secret):
    with pytest.raises(EnrolmentTextError):
        enrolment_text.write(device, kid, secret)
