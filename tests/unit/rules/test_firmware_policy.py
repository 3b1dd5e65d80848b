"""Versions of firmware against the minimum of the settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embereye.rules.firmware_policy import firmware_state, is_below, version_of


@pytest.mark.parametrize(
    ("text", "minimum", "below"),
    [
        ("1.4.0", "1.4.0", False),
        ("1.4", "1.4.0", False),
        ("v1.4.1", "1.4", False),
        ("1.10.0", "1.9.0", False),  # numbers, not text
        ("1.3.9", "1.4", True),
        ("0.9", "1", True),
        ("", "1.0", True),
        ("latest", "1.0", True),
        ("1.4.0-beta", "1.0", True),
        ("1.2.3.4.5", "1.0", True),
        ("9" * 5000, "1.0", True),
        ("٣.٠", "1.0", True),  # digits, but not of a version
        ("", "", False),
        ("garbage", "", False),
    ],
)
def test_a_version_is_compared_by_its_numbers_and_garbage_is_below(text, minimum, below):
    assert is_below(text, minimum) is below


@pytest.mark.parametrize(
    ("policy", "state"), [("mark", "old"), ("quarantine", "quarantined"), ("refuse", "refused")]
)
def test_the_policy_says_what_an_old_version_means(policy, state):
    assert firmware_state("1.0", "1.1", policy) == state
    assert firmware_state("1.1", "1.1", policy) == ""


@given(st.text())
def test_any_text_is_a_version_or_is_not(text):
    assert version_of(text) is None or len(version_of(text)) == 4


@given(st.lists(st.integers(0, 999), min_size=1, max_size=4), st.integers(0, 3))
def test_an_older_version_is_below(parts, place):
    version = [*parts, 0, 0, 0][:4]
    newer = list(version)
    newer[place] += 1
    assert is_below(".".join(map(str, version)), ".".join(map(str, newer)))
    assert not is_below(".".join(map(str, newer)), ".".join(map(str, version)))
