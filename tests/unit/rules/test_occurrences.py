"""From reports to occurrences, and two sides compared."""

import pytest

from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.backtest import Occurrence, Outcome
from embereye.model.ids import PlaceId
from embereye.model.stamp import Stamp
from embereye.rules import occurrences
from embereye.rules.occurrences import Ledger, compare, tallies

FIRE = AlarmKey(PlaceId("boiler"), AlarmKind.FIRE)
GAS = AlarmKey(PlaceId("boiler"), AlarmKind.GAS)


def report(at, cause=Cause.ACTIVE, priority=Priority.HIGH, words="hot", key=FIRE):
    return Report(key, cause, priority, (words,), Stamp(at, at), "Boiler house", sources=("d",))


def ledger(*reports, window=90.0):
    found = Ledger(window)
    for one in reports:
        found.take(one)
    return found.occurrences


def occurrence(start, end=None, key=FIRE, priority=Priority.HIGH, **more):
    return Occurrence(key, "Boiler house", start, end, priority, ("hot",), **more)


def test_a_cause_lasts_from_its_beginning_to_its_end():
    (one,) = ledger(report(10.0), report(40.0, Cause.CLEAR))
    assert (one.start_utc, one.end_utc, one.times) == (10.0, 40.0, 1)
    assert (one.place_name, one.reasons, one.sources) == ("Boiler house", ("hot",), ("d",))


def test_an_unknown_cause_goes_on():
    (one,) = ledger(report(10.0), report(20.0, Cause.UNKNOWN), report(30.0))
    assert (one.end_utc, one.times) == (None, 1)


def test_new_words_are_the_same_call():
    (one,) = ledger(report(10.0), report(300.0, words="hotter"))
    assert (one.times, one.reasons) == (1, ("hot",))


def test_a_graver_cause_calls_again_with_its_reasons():
    (one,) = ledger(report(10.0), report(12.0, priority=Priority.EMERGENCY, words="fire"))
    assert (one.times, one.priority, one.reasons) == (2, Priority.EMERGENCY, ("fire",))


@pytest.mark.parametrize(("gap", "count", "times"), [(90.0, 1, 2), (90.1, 2, 1)])
def test_what_comes_back_within_the_merge_window_is_the_same_alarm(gap, count, times):
    found = ledger(report(10.0), report(20.0, Cause.CLEAR), report(20.0 + gap))
    assert (len(found), found[0].times) == (count, times)


def test_an_end_without_a_beginning_is_nothing():
    assert ledger(report(1.0, Cause.CLEAR), report(2.0, Cause.UNKNOWN)) == ()


def test_rules_that_flood_end_at_a_limit(monkeypatch):
    monkeypatch.setattr(occurrences, "MOST", 2)
    found = Ledger(1.0)
    for n in range(5):
        found.take(report(10.0 * n))
        found.take(report(10.0 * n + 5, Cause.CLEAR))
    assert (len(found.occurrences), found.lost) == (2, 3)


def test_what_overlaps_is_the_same():
    (row,) = compare([occurrence(10.0, 30.0)], [occurrence(25.0, 60.0)], 0.0)
    assert (row.outcome, row.shift, row.other_priority) == (Outcome.SAME, 15.0, False)


def test_what_lies_apart_is_on_one_side_only():
    rows = compare([occurrence(10.0, 20.0)], [occurrence(26.0, 30.0)], 5.0)
    assert [row.outcome for row in rows] == [Outcome.ONLY_PRESENT, Outcome.ONLY_TRIED]
    assert [row.shift for row in rows] == [0.0, 0.0]


def test_keys_are_never_mixed():
    rows = compare([occurrence(10.0)], [occurrence(10.0, key=GAS)], 90.0)
    assert {row.outcome for row in rows} == {Outcome.ONLY_PRESENT, Outcome.ONLY_TRIED}


def test_each_is_paired_once_with_the_nearest():
    rows = compare([occurrence(10.0, 11.0), occurrence(12.0, 13.0)], [occurrence(12.1, 13.0)], 5.0)
    assert [row.outcome for row in rows] == [Outcome.ONLY_PRESENT, Outcome.SAME]
    assert [row.one.start_utc for row in rows] == [10.0, 12.1]


def test_differences_are_told():
    mine = occurrence(10.0, times=2)
    other = occurrence(11.0, priority=Priority.EMERGENCY)
    (row,) = compare([mine], [other], 0.0)
    assert (row.other_priority, row.other_times, row.other_words, row.shift) == (
        True,
        True,
        False,
        1.0,
    )


def test_counts_are_by_heading_and_side():
    rows = compare([occurrence(10.0, 11.0), occurrence(500.0)], [occurrence(10.0, 11.0)], 1.0)
    (one,) = tallies(rows, lambda found: found.place_name)
    assert (one.heading, one.present, one.tried) == ("Boiler house", 2, 1)
