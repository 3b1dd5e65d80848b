"""The alarm cycle against its table, an independent model and a million random events."""

import random

import pytest

from embereye.model.alarm import AlarmEvent, AlarmKind, AlarmState, Cause, Priority
from embereye.model.errors import AlarmActionError
from embereye.rules import alarm_cycle
from embereye.rules.alarm_cycle import Step, latches, step

S, E = AlarmState, AlarmEvent
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("before", "event", "plain", "latched", "announced"),
    [
        (S.NORMAL, E.CAUSE, S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, True),
        (S.UNACKNOWLEDGED, E.ACKNOWLEDGE, S.ACKNOWLEDGED, S.ACKNOWLEDGED, False),
        (S.UNACKNOWLEDGED, E.CAUSE_ENDS, S.RETURNED, S.RETURNED, False),
        (S.UNACKNOWLEDGED, E.CAUSE, S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, False),
        (S.UNACKNOWLEDGED, E.HIGHER_PRIORITY, S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, True),
        (S.ACKNOWLEDGED, E.CAUSE_ENDS, S.NORMAL, S.LATCHED, False),
        (S.ACKNOWLEDGED, E.CAUSE, S.ACKNOWLEDGED, S.ACKNOWLEDGED, False),
        (S.ACKNOWLEDGED, E.HIGHER_PRIORITY, S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, True),
        (S.RETURNED, E.ACKNOWLEDGE, S.NORMAL, S.LATCHED, False),
        (S.RETURNED, E.CAUSE, S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, True),
        (S.LATCHED, E.CAUSE, S.UNACKNOWLEDGED, S.UNACKNOWLEDGED, True),
        (S.LATCHED, E.RESET, S.NORMAL, S.NORMAL, False),
    ],
)
def test_each_row_of_the_table(before, event, plain, latched, announced):
    assert step(before, event, latching=False) == Step(plain, announced)
    assert step(before, event, latching=True) == Step(latched, announced)


@pytest.mark.parametrize("cause", [Cause.ACTIVE, Cause.UNKNOWN])
@pytest.mark.parametrize("state", [S.ACKNOWLEDGED, S.LATCHED])
def test_reset_is_refused_while_the_cause_is_not_known_to_be_gone(state, cause):
    with pytest.raises(AlarmActionError, match="Reset again when"):
        step(state, E.RESET, latching=True, cause=cause)


@pytest.mark.parametrize("state", [S.UNACKNOWLEDGED, S.RETURNED])
def test_reset_is_refused_before_acknowledgement(state):
    with pytest.raises(AlarmActionError, match="Acknowledge this alarm before"):
        step(state, E.RESET, latching=True, cause=Cause.CLEAR)


@pytest.mark.parametrize("state", [S.NORMAL, S.ACKNOWLEDGED, S.LATCHED])
def test_acknowledging_twice_is_refused(state):
    with pytest.raises(AlarmActionError, match="already"):
        step(state, E.ACKNOWLEDGE, latching=False)


def test_only_a_fire_that_reached_emergency_latches():
    assert latches(AlarmKind.FIRE, Priority.EMERGENCY)
    assert not latches(AlarmKind.FIRE, Priority.HIGH)
    assert not latches(AlarmKind.GAS, Priority.EMERGENCY)


class ReferenceAlarm:
    """The cycle told without a table: what an alarm is made of, and what each event does to it."""

    def __init__(self, latching):
        self.latching = latching
        self.open = self.seen = self.present = False

    @property
    def state(self):
        if not self.open:
            return "normal"
        if self.present:
            return "acknowledged" if self.seen else "unacknowledged"
        return "latched" if self.seen else "returned, unacknowledged"

    def apply(self, event, cause):
        """(announced, refused)."""
        return getattr(self, "_" + event.replace(" ", "_"))(cause)

    def _close_unless_held(self):
        if self.seen and not self.present and not self.latching:
            self.open = False

    def _cause(self, _):
        new = not self.present
        if new:
            self.open = self.present = True
            self.seen = False
        return new, False

    def _cause_ends(self, _):
        self.present = False
        self._close_unless_held()
        return False, False

    def _higher_priority(self, _):
        if not self.present:
            return False, False
        self.seen = False
        return True, False

    def _acknowledge(self, _):
        if not self.open or self.seen:
            return False, True
        self.seen = True
        self._close_unless_held()
        return False, False

    def _reset(self, cause):
        if not self.open or not self.seen or self.present or cause != "clear":
            return False, True
        self.open = False
        return False, False


def _disagreement(events, latching):
    """The first event after which table and reference differ, or None."""
    reference = ReferenceAlarm(latching)
    state = S.NORMAL
    for number, (event, cause) in enumerate(events):
        try:
            taken = step(state, event, latching, cause)
            state, announced, refused = taken.state, taken.announced, False
        except AlarmActionError:
            announced, refused = False, True
        if reference.apply(event.value, cause.value) != (announced, refused):
            return number
        if reference.state != state.value:
            return number
        if state is S.NORMAL:  # a new occurrence starts afresh
            reference.open = reference.seen = reference.present = False
    return None


def _events(count, seed):
    chance = random.Random(seed)
    pairs = [(event, cause) for event in E for cause in Cause]
    return chance.choices(pairs, k=count)


@pytest.mark.parametrize("latching", [True, False])
def test_a_million_random_events_agree_with_the_reference(latching):
    assert _disagreement(_events(MILLION // 2, seed=18), latching) is None


@pytest.mark.parametrize("key", list(alarm_cycle._TABLE))
def test_the_random_events_find_any_row_that_is_wrong(monkeypatch, key):
    """Negative control: each row in turn leads to a wrong state."""
    plain, _, announced = alarm_cycle._TABLE[key]
    wrong = S.NORMAL if plain is not S.NORMAL else S.RETURNED
    monkeypatch.setitem(alarm_cycle._TABLE, key, (wrong, wrong, announced))
    assert any(_disagreement(_events(20_000, seed=18), way) is not None for way in (True, False))
