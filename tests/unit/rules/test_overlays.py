"""What lies over alarms: which shows, how long it lasts, what its end means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.alarm import (
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.ids import PlaceId
from embereye.model.overlay_record import OverlayRecord
from embereye.model.stamp import Stamp
from embereye.rules.alarm_cycle import Step
from embereye.rules.overlays import OverlayIndex, left, uncovered

S, C, K = AlarmState, Cause, OverlayKind
PLACES = st.sampled_from([PlaceId("a"), PlaceId("b")])
KINDS = st.sampled_from([AlarmKind.GAS, AlarmKind.CAMERA_FAULT])
SOURCES = st.sampled_from(["", "c1"])
SCOPES = st.builds(Scope, PLACES, st.none() | KINDS, st.none() | SOURCES)
KEYS = st.builds(AlarmKey, PLACES, KINDS, SOURCES)
STRENGTH = [K.TEST, K.SHELVED, K.SUPPRESSED, K.OUT_OF_SERVICE]


def record(number, scope, kind=K.SHELVED, covers=Priority.HIGH, until=100.0):
    overlay = Overlay(kind, scope, "r", "anna", 0.0, 1000.0 + until, covers)
    return OverlayRecord(number, overlay, until, "one", until)


RECORDS = st.lists(
    st.tuples(SCOPES, st.sampled_from(K), st.sampled_from(Priority), st.integers(1, 3)), max_size=8
)


@settings(deadline=None, max_examples=300)
@given(RECORDS, st.sets(st.integers(0, 7)), KEYS, st.sampled_from(Priority))
def test_look_ups_find_what_a_search_finds(wanted, gone, key, priority):
    index = OverlayIndex()
    records = [
        record(number, scope, kind, covers, float(until))
        for number, (scope, kind, covers, until) in enumerate(wanted)
    ]
    for one in records:
        index.put(one)
    for number in gone & set(range(len(records))):
        index.remove(records[number])
    found = [
        one
        for one in records
        if one.number not in gone
        and one.overlay.scope.covers(key)
        and priority <= one.overlay.covers
    ]
    best = max(
        found,
        key=lambda r: (STRENGTH.index(r.overlay.kind), r.until_mono, r.number),
        default=None,
    )
    assert index.over(key, priority) == best


@pytest.mark.parametrize(
    ("state", "cause", "after", "announced"),
    [
        (S.UNACKNOWLEDGED, C.ACTIVE, S.UNACKNOWLEDGED, True),
        (S.UNACKNOWLEDGED, C.UNKNOWN, S.UNACKNOWLEDGED, True),
        (S.ACKNOWLEDGED, C.ACTIVE, S.UNACKNOWLEDGED, True),
        (S.ACKNOWLEDGED, C.UNKNOWN, S.UNACKNOWLEDGED, True),
        (S.RETURNED, C.CLEAR, S.RETURNED, True),
        (S.RETURNED, C.UNKNOWN, S.RETURNED, True),
        (S.LATCHED, C.CLEAR, S.LATCHED, False),
        (S.LATCHED, C.UNKNOWN, S.LATCHED, False),
        (S.NORMAL, C.CLEAR, S.NORMAL, False),
    ],
)
def test_what_is_not_covered_any_more_calls_again(state, cause, after, announced):
    assert uncovered(state, cause) == Step(after, announced)


@pytest.mark.parametrize(
    ("boot", "mono", "utc", "seconds"),
    [
        ("one", 40.0, 1_040.0, 60.0),
        ("one", 40.0, 90_000.0, 60.0),  # the wall clock was set: the machine knows better
        ("one", 120.0, 0.0, 0.0),
        ("two", 5.0, 1_040.0, 60.0),
        ("two", 5.0, 0.0, 100.0),  # set back: never longer than it was asked for
        ("two", 5.0, 5_000.0, 0.0),
        ("", 40.0, 1_070.0, 30.0),
    ],
)
def test_how_long_one_of_an_earlier_run_still_lasts(boot, mono, utc, seconds):
    one = record(1, Scope(PlaceId("a")))
    assert left(one, boot, Stamp(mono, utc)) == seconds


def test_an_unknown_start_of_the_machine_is_never_the_same():
    one = OverlayRecord(1, record(1, Scope(PlaceId("a"))).overlay, 100.0, "", 100.0)
    assert left(one, "", Stamp(40.0, 1_090.0)) == 10.0


def test_a_suppression_has_no_time():
    one = OverlayRecord(1, record(1, Scope(PlaceId("a"))).overlay, None, "one", None)
    assert left(one, "one", Stamp(0.0, 0.0)) is None
