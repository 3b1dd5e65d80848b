"""Words of people, made harmless to everything that shows, stores and sends them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.plain_text import clean_line, clean_text

ANY = st.text(alphabet=st.characters(), max_size=200)
DIRECTIONAL = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@settings(deadline=None)
@given(text=ANY)
def test_nothing_is_left_that_controls_a_terminal_or_the_order_of_text(text):
    clean = clean_text(text)
    assert not DIRECTIONAL & set(clean)
    assert all(sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs") for sign in clean)
    clean.encode("utf-8")


@settings(deadline=None)
@given(text=ANY)
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@settings(deadline=None)
@given(text=ANY)
def test_a_line_is_one_line(text):
    assert len(clean_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    "text",
    ["דלת פתוחה (gate 3)", "باب ۳ باز است", "می‌روم", "temperature 91.2 °C ≥ 85 °C", "🔥 at pump 2"],
)
def test_what_people_write_stays_as_it_is(text):
    assert clean_text(text) == text


def test_an_override_that_would_disguise_text_is_taken_out():
    assert clean_text("file\u202egpj.exe\u202c done") == "filegpj.exe done"


def test_line_breaks_of_all_kinds_become_one():
    assert clean_text("a\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"
    assert clean_line("a\r\n b\t\tc") == "a b c"
