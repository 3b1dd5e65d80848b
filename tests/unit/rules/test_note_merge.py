"""Two people edit one note: nothing that either wrote is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.note_merge import Authors, Merged, merge

WHO = Authors("anna", "ben")
BASE = "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "expected"),
    [
        (BASE, BASE, "one\n2\nthree", "one\n2\nthree"),
        (BASE, "one\n2\nthree", BASE, "one\n2\nthree"),
        (BASE, "ONE\ntwo\nthree", "one\ntwo\nTHREE", "ONE\ntwo\nTHREE"),
        (BASE, "one\nthree", "one\ntwo\nthree\nfour", "one\nthree\nfour"),
        (BASE, "zero\none\ntwo\nthree", "one\ntwo", "zero\none\ntwo"),
        (BASE, "one\n2\nthree", "one\n2\nthree", "one\n2\nthree"),
        ("", "", "new", "new"),
    ],
)
def test_changes_of_different_lines_are_both_taken(base, theirs, mine, expected):
    assert merge(base, theirs, mine, WHO) == Merged(expected, False)


def test_different_changes_of_one_line_are_both_kept_and_marked():
    joined = merge(BASE, "one\nTWO\nthree", "one\nzwei\nthree", WHO)
    assert joined == Merged("one\n<<< anna\nTWO\n=== ben\nzwei\n>>>\nthree", True)


def test_two_texts_from_nothing_are_both_kept():
    joined = merge("", "fire brigade called", "door is open", WHO)
    assert joined.conflict
    assert {"fire brigade called", "door is open"} <= set(joined.text.split("\n"))


def test_a_removed_line_that_somebody_changed_is_kept_and_marked():
    joined = merge(BASE, "one\nthree", "one\n2\nthree", WHO)
    assert joined.conflict
    assert "2" in joined.text.split("\n")


def test_the_same_author_at_two_windows_can_tell_the_versions_apart():
    joined = merge("", "a", "b", Authors("anna", "anna"))
    assert "<<< anna (saved before)" in joined.text
    assert "=== anna (saved now)" in joined.text


LINES = st.lists(st.sampled_from("abcdef"), max_size=8).map("\n".join)


@settings(deadline=None, max_examples=300)
@given(base=LINES, theirs=LINES, mine=LINES)
def test_no_line_that_somebody_added_is_lost(base, theirs, mine):
    joined = merge(base, theirs, mine, WHO).text.split("\n")
    for side in (theirs, mine):
        assert set(side.split("\n")) - set(base.split("\n")) <= set(joined)


@settings(deadline=None, max_examples=100)
@given(base=LINES, mine=LINES)
def test_a_change_without_a_rival_is_taken_as_it_is(base, mine):
    assert merge(base, base, mine, WHO) == Merged(mine, False)
    assert merge(base, mine, base, WHO) == Merged(mine, False)
