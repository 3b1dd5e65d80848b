"""Alarms with everything that lies over them against an independent model of the same.

Random reports, actions, waits, set clocks and restarts; after each, state, cause, cover,
escalation, assignment and announcements of every key must be those of the model.
"""

import pytest
from alarm_duel import Duel

from embereye.model.alarm import AlarmState, Priority
from embereye.rules import alarm_cycle, overlays
from embereye.rules.alarm_cycle import Step
from embereye.rules.chatter import Chatter
from embereye.rules.overlays import BEGUN, ENDED, EXPIRED, OverlayIndex
from embereye.services import alarm_escalation, alarm_overlays, open_alarms
from embereye.services.alarm_overlays import Overlays
from embereye.services.sessions import Sessions

STEPS = 100_000  # about 10 s
S = AlarmState
U, A, R, L = S.UNACKNOWLEDGED, S.ACKNOWLEDGED, S.RETURNED, S.LATCHED


def covered_ends():
    """Every way in which an overlay begins, ends and expires, over each state where it may lie."""
    begun = {(state, event, state) for state in (U, A, R) for event in BEGUN.values()}
    ends = {*ENDED.values(), *EXPIRED.values()}
    begun |= {(state, event, state) for state in (U, R, L) for event in ends}
    begun |= {(A, event, U) for event in ends} | {(A, event, A) for event in ends}
    return begun | {(U, "shelving broken", U)}


def stepped():
    """Every row of the transition table."""
    rows = set()
    for (before, event), (plain, latched, _) in alarm_cycle._TABLE.items():
        rows |= {(before, event.value, plain), (before, event.value, latched)}
    return rows


def test_program_and_model_agree_over_100_000_events_with_restarts():
    duel = Duel(seed=6)
    assert duel.play(STEPS) is None
    assert stepped() | covered_ends() <= set(duel.store.seen)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(10))
def test_program_and_model_agree_over_a_million_events(seed):
    assert Duel(seed).play(STEPS) is None


def _patched(target, name, value):
    return lambda patch: patch.setattr(target, name, value)


def _row(patch):
    patch.setitem(alarm_cycle._TABLE, (L, alarm_cycle._E.CAUSE), (U, U, False))


def _over_any_priority(index, key, _priority):
    return _OVER(index, key, Priority.DIAGNOSTIC)


def _wall_clock_only(record, _boot, now):
    return _LEFT(record, "", now)


def _longer_than_asked(record, boot, now):
    left = _LEFT(record, boot, now)
    until = record.overlay.until_utc
    return left if left is None or until is None or boot == record.boot else until - now.utc


_OVER, _LEFT = OverlayIndex.over, overlays.left


@pytest.mark.parametrize(
    "defect",
    [
        _row,
        _patched(open_alarms, "uncovered", lambda state, _cause: Step(state, announced=False)),
        _patched(OverlayIndex, "over", _over_any_priority),
        _patched(OverlayIndex, "over", lambda *_: None),
        _patched(Overlays, "_break_through", lambda *_: None),
        _patched(Overlays, "_watch_clock", lambda *_: None),
        _patched(alarm_overlays, "left", _wall_clock_only),
        _patched(alarm_overlays, "left", _longer_than_asked),
        _patched(alarm_overlays, "_SETTLE", 61.0),
        _patched(Chatter, "cleared", lambda *_: 0.0),
        _patched(alarm_escalation, "due_in", lambda *_: 31.0),
        _patched(alarm_escalation, "_escalates", lambda alarm: alarm.unacknowledged),
        _patched(Sessions, "note", lambda *_: True),
        _patched(Sessions, "restored", lambda *_: None),
    ],
)
def test_the_model_finds_a_planted_defect(monkeypatch, defect):
    defect(monkeypatch)
    assert Duel(seed=6).play(20_000) is not None
