"""When an alarm that nobody acknowledges is announced to more people."""

import pytest

from embereye.rules.escalation import EscalationTimes, due_in, reached


@pytest.mark.parametrize(
    ("escalation", "waited", "due"),
    [
        (0, 0.0, 30.0),
        (0, 29.0, 1.0),
        (0, 1_000.0, 0.0),
        (0, -500.0, 30.0),
        (1, 30.0, 30.0),
        (1, 10.0, 50.0),
        (2, 0.0, None),
    ],
)
def test_it_escalates_twice_counted_from_the_announcement(escalation, waited, due):
    assert due_in(escalation, waited, EscalationTimes()) == due


def test_the_second_never_comes_before_the_first():
    assert due_in(1, 0.0, EscalationTimes(after=100.0, again=20.0)) == 100.0


@pytest.mark.parametrize(
    ("escalation", "waited", "after"), [(0, 30.0, 1), (1, 60.0, 2), (0, 500.0, 2), (2, 70.0, 2)]
)
def test_both_come_at_once_where_both_are_due(escalation, waited, after):
    assert reached(escalation, waited, EscalationTimes()) == after
