"""Who is told about what; fire is never silent, and faults of notices make no notices."""

from dataclasses import replace

import pytest

from embereye.model.alarm import (
    Alarm,
    AlarmAction,
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.notice import Notice, NoticeEvent
from embereye.model.stamp import Stamp
from embereye.rules.hours import Hours
from embereye.rules.notices import (
    Selection,
    chosen_event,
    concerns_notices,
    events_of,
    in_cooldown,
    is_quiet,
)

S, E = AlarmState, NoticeEvent
ALL = frozenset(NoticeEvent)


def alarm(kind=AlarmKind.INTRUSION, priority=Priority.HIGH, state=S.UNACKNOWLEDGED, **changes):
    made = Alarm(
        id=AlarmId(1), key=AlarmKey(PlaceId("yard"), kind), place_name="Yard", priority=priority,
        state=state, cause=Cause.ACTIVE, reasons=(), raised_utc=0.0, changed_utc=0.0,
    )  # fmt: skip
    return replace(made, **changes)


def over(kind):
    return Overlay(kind, Scope(PlaceId("yard")), "", "", 0.0, None, Priority.EMERGENCY)


def what(event, before, after, **changes):
    action = AlarmAction(AlarmId(1), event, "system", Stamp(0.0, 0.0), before, after)
    return events_of(alarm(state=after, **changes), action)


@pytest.mark.parametrize(
    ("event", "before", "after", "told"),
    [
        ("cause", S.NORMAL, S.UNACKNOWLEDGED, {E.ANNOUNCED}),
        ("cause", S.RETURNED, S.UNACKNOWLEDGED, {E.ANNOUNCED}),
        ("cause", S.LATCHED, S.UNACKNOWLEDGED, {E.ANNOUNCED}),
        ("cause", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, set()),
        ("cause", S.ACKNOWLEDGED, S.ACKNOWLEDGED, set()),
        ("higher priority", S.ACKNOWLEDGED, S.UNACKNOWLEDGED, {E.ANNOUNCED}),
        ("higher priority", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, {E.ANNOUNCED}),
        ("escalated", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, {E.ESCALATED}),
        ("acknowledge", S.UNACKNOWLEDGED, S.ACKNOWLEDGED, {E.ACKNOWLEDGED}),
        ("acknowledge", S.RETURNED, S.NORMAL, {E.ACKNOWLEDGED, E.CLOSED}),
        ("cause ends", S.UNACKNOWLEDGED, S.RETURNED, {E.RETURNED}),
        ("cause ends", S.ACKNOWLEDGED, S.NORMAL, {E.RETURNED, E.CLOSED}),
        ("cause ends", S.ACKNOWLEDGED, S.LATCHED, {E.RETURNED}),
        ("reset", S.LATCHED, S.NORMAL, {E.CLOSED}),
        ("restored", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, set()),
        ("cause unknown", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, set()),
        ("silence", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, set()),
        ("comment", S.ACKNOWLEDGED, S.ACKNOWLEDGED, set()),
        ("shelve", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, set()),
        ("shelving broken", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, set()),
        ("shelving expired", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, {E.ANNOUNCED}),
        ("shelving expired", S.ACKNOWLEDGED, S.UNACKNOWLEDGED, {E.ANNOUNCED}),
        ("shelving expired", S.LATCHED, S.LATCHED, set()),
        ("unshelve", S.RETURNED, S.RETURNED, {E.ANNOUNCED}),
    ],
)
def test_what_a_change_means_outside(event, before, after, told):
    assert what(event, before, after) == told


def test_an_overlay_that_ends_under_another_one_announces_nothing():
    covered = over(OverlayKind.OUT_OF_SERVICE)
    expired = what("shelving expired", S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, overlay=covered)
    assert expired == set()


def told(made, named=None, happened=(E.ANNOUNCED,), **selection):
    fields = {"least": Priority.LOW, "events": ALL, **selection}
    notice = Notice(made, frozenset(happened), "system", 0.0)
    return chosen_event(notice, Selection(**fields), named)


@pytest.mark.parametrize(
    ("selection", "heard"),
    [
        ({"least": Priority.HIGH}, True),
        ({"least": Priority.EMERGENCY}, False),
        ({"kinds": frozenset({AlarmKind.INTRUSION})}, True),
        ({"kinds": frozenset({AlarmKind.FIRE})}, False),
        ({"places": frozenset({"yard"})}, True),
        ({"places": frozenset({"hall"})}, False),
        ({"events": frozenset({E.CLOSED})}, False),
    ],
)
def test_a_target_hears_what_it_selects(selection, heard):
    assert (told(alarm(), **selection) is not None) is heard


@pytest.mark.parametrize(("named", "heard"), [(True, True), (False, False)])
def test_a_rule_that_names_targets_overrules_their_selection(named, heard):
    quiet = {"least": Priority.EMERGENCY} if named else {}
    assert (told(alarm(kind=AlarmKind.RULE), named, **quiet) is not None) is heard


@pytest.mark.parametrize("kind", [k for k in OverlayKind if k is not OverlayKind.TEST])
def test_what_is_covered_is_not_sent_even_where_a_rule_names_the_target(kind):
    assert told(alarm(overlay=over(kind))) is None
    assert told(alarm(overlay=over(kind)), named=True, tests=True) is None


def test_a_walk_test_is_sent_only_where_tests_are_wanted():
    tested = alarm(overlay=over(OverlayKind.TEST))
    assert told(tested) is None
    assert told(tested, tests=True) is E.ANNOUNCED


def test_of_several_events_the_weightiest_that_is_wanted_is_told():
    both = (E.ACKNOWLEDGED, E.CLOSED)
    assert told(alarm(), happened=both) is E.ACKNOWLEDGED
    notice = Notice(alarm(), frozenset(both), "system", 0.0)
    closed = Selection(Priority.LOW, frozenset({E.CLOSED}))
    assert chosen_event(notice, closed) is E.CLOSED


NIGHT = Selection(Priority.LOW, ALL, quiet=Hours(start=22 * 60, end=6 * 60))


@pytest.mark.parametrize("minute", [0, 5 * 60, 23 * 60, 12 * 60])
@pytest.mark.parametrize(
    "loud",
    [
        alarm(AlarmKind.FIRE, Priority.EMERGENCY),
        alarm(AlarmKind.FIRE, Priority.HIGH),
        alarm(AlarmKind.RULE, Priority.EMERGENCY),
    ],
)
def test_quiet_hours_never_silence_fire(loud, minute):
    assert not is_quiet(loud, NIGHT, 0, minute)


@pytest.mark.parametrize(("minute", "quiet"), [(0, True), (23 * 60, True), (12 * 60, False)])
def test_quiet_hours_keep_the_rest(minute, quiet):
    assert is_quiet(alarm(), NIGHT, 0, minute) is quiet
    assert not is_quiet(alarm(), replace(NIGHT, quiet=None), 0, minute)


@pytest.mark.parametrize("source", ["worker notifications", "worker notification hook"])
def test_faults_of_notices_make_no_notices(source):
    key = AlarmKey(PlaceId("system"), AlarmKind.SYSTEM_FAULT, source)
    fault = alarm(key=key)
    assert concerns_notices(fault)
    assert told(fault) is None
    assert told(replace(fault, key=replace(key, source="storage"))) is E.ANNOUNCED


@pytest.mark.parametrize(
    ("cooldown", "ago", "yes"),
    [(60.0, 59.9, True), (60.0, 60.0, False), (60.0, None, False), (60.0, -5.0, False),
     (0.0, 0.0, False)],
)  # fmt: skip
def test_a_cooldown(cooldown, ago, yes):
    assert in_cooldown(cooldown, ago) is yes
