"""Texts of people and devices among ours."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ui.foreign_text import isolated, one_line, printable, wrappable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Boiler 2", "Boiler 2"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("a\tb\r\nc\rd", "a b\nc\nd"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("\u2067x\u2069", "x"),
        ("91 °C ≥ 85 °C", "91 °C ≥ 85 °C"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),  # joined by a character that is no control
    ],
)
def test_control_and_reordering_characters_go(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_only_text_from_the_right_is_isolated() -> None:
    assert isolated("שלום 2") == "\u2068שלום 2\u2069"
    assert isolated("Größe ≥ 3") == "Größe ≥ 3"
    assert one_line("a\nغرفة") == "\u2068a غرفة\u2069"


def test_a_word_longer_than_a_line_may_break() -> None:
    assert wrappable("x" * 50) == "\u200b".join(("x" * 24, "x" * 24, "xx"))
    assert wrappable("short words stay " * 9) == "short words stay " * 9


@settings(deadline=None)
@given(st.text())
def test_an_isolate_is_always_closed_and_nothing_else_reorders(text: str) -> None:
    shown = isolated(text)
    assert shown.count("\u2068") == shown.count("\u2069") <= 1
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\x00")
