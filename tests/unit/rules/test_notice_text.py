"""Templates know a fixed set of names, and values can do no harm."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.notice_text import (
    BODY,
    LONGEST_LINE,
    LONGEST_TEXT,
    NAMES,
    SUBJECT,
    filled,
    filled_line,
    template_trouble,
)


@pytest.mark.parametrize("template", [SUBJECT, BODY, "", "no name", "${place}s", "5 $$"])
def test_templates_that_can_be_used(template):
    assert template_trouble(template) == ""


@pytest.mark.parametrize(
    ("template", "named"),
    [("$password", "$password"), ("${__class__}", "$__class__"), ("$", "alone"),
     ("${place.name}", "alone"), ("$place $reason", "$reason"), ("${place!r}", "alone")],
)  # fmt: skip
def test_a_template_with_anything_else_is_refused_with_what_to_write(template, named):
    assert named in template_trouble(template)


@pytest.mark.parametrize("value", ["$console", "${console}", "{console}", "%(console)s", "$$"])
def test_what_a_value_contains_is_not_replaced(value):
    assert filled("$place", {"place": value, "console": "secret"}) == value


def test_a_name_without_a_value_is_empty():
    assert filled("<$place>", {}) == "<>"


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(NAMES)), st.text(max_size=300)))
def test_no_value_brings_control_characters_or_turns_the_direction(values):
    text = filled(BODY, values)
    assert all(c in "\n\t" or unicodedata.category(c) != "Cc" for c in text)
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert "\n" not in filled_line(SUBJECT, values)


def test_long_values_are_cut():
    assert len(filled_line("$place", {"place": "x" * 10_000})) == LONGEST_LINE
    assert len(filled("$reasons$reasons", {"reasons": "x" * 30_000})) == LONGEST_TEXT


def test_right_to_left_text_stays_as_it_is():
    assert filled("$place", {"place": "غرفة الغلاية"}) == "غرفة الغلاية"
