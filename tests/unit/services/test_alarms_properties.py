"""Whatever operators, rules and disks do in whatever order: what must always hold of alarms."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embereye.model.alarm import AlarmKey, AlarmKind, AlarmState, Cause, Priority, Scope
from embereye.model.alarm_messages import ShelveAsked, UnshelveAsked
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import AlarmChanged

KEYS = [
    AlarmKey(PlaceId("boiler"), AlarmKind.FIRE),
    AlarmKey(PlaceId("yard"), AlarmKind.CAMERA_FAULT, "c1"),
]
STEP = st.one_of(
    st.tuples(
        st.just("report"),
        st.sampled_from(KEYS),
        st.sampled_from(Cause),
        st.sampled_from([Priority.HIGH, Priority.EMERGENCY]),
    ),
    st.tuples(st.sampled_from(["acknowledge", "acknowledge", "reset"]), st.integers(0, 1)),
    st.tuples(st.sampled_from(["shelve", "unshelve"]), st.integers(0, 1)),
    st.tuples(st.just("commit")),
    st.tuples(st.just("wait"), st.sampled_from([0.01, 0.06, 100.0])),
    st.tuples(st.just("restart")),
)
STEPS = st.lists(STEP, max_size=40)
# The fixture is a class; nothing of it is shared between examples.
CHECK = settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _do(desk, what, *values):
    if what == "report":
        key, cause, priority = values
        fault = key.kind is not AlarmKind.FIRE
        desk.report(cause=cause, priority=Priority.DIAGNOSTIC if fault else priority, key=key)
    elif what == "commit":
        desk.store.commit()
        desk.step()
    elif what == "wait":
        desk.step(values[0])
    elif what == "restart":
        desk.store.commit()
        desk.step()
        again = desk.restarted()
        again.store.fast = False
        again.alarms.restore()
        return again
    elif what == "shelve":
        shown = desk.alarms.current.alarms
        number = shown[values[0]].id if len(shown) > values[0] else 99
        desk.ask(ShelveAsked(AlarmId(number), 60.0, "r", "anna"))
    elif what == "unshelve":
        key = KEYS[values[0]]
        desk.ask(UnshelveAsked(Scope(key.place, key.kind, key.source), "anna"))
    else:
        shown = desk.alarms.current.alarms
        getattr(desk, what)(shown[values[0]].id if len(shown) > values[0] else 99)
    return desk


def _play(make_desk, steps):
    desk = make_desk()
    desk.store.fast = False
    yield desk, ("start",)
    for step in steps:
        desk = _do(desk, *step)
        yield desk, step


@CHECK
@given(steps=STEPS)
def test_what_is_shown_as_recorded_is_on_the_disk(make_desk, steps):
    for desk, _ in _play(make_desk, steps):
        for alarm in desk.alarms.current.alarms:
            if alarm.recorded:
                assert desk.store.rows[alarm.id].revision >= alarm.revision


@CHECK
@given(steps=STEPS)
def test_when_all_is_committed_the_screen_shows_what_the_disk_holds(make_desk, steps):
    *_, (desk, _) = _play(make_desk, [*steps, ("commit",)])
    shown = {alarm.id: alarm.state for alarm in desk.alarms.current.alarms}
    assert shown == {alarm.id: alarm.state for alarm in desk.store.load_open()}
    assert desk.alarms.current.recording
    assert len({alarm.key for alarm in desk.alarms.current.alarms}) == len(shown)


@CHECK
@given(steps=STEPS)
def test_when_all_is_committed_the_screen_shows_the_overlays_of_the_disk(make_desk, steps):
    *_, (desk, _) = _play(make_desk, [*steps, ("commit",)])
    kept = [record.overlay for record in desk.store.load_overlays()]
    assert list(desk.alarms.current.overlays) == kept
    covered = {alarm.key: alarm.overlay for alarm in desk.alarms.current.alarms}
    for key, overlay in covered.items():
        over = [one for one in kept if one.scope.covers(key)]
        assert overlay == (over[0] if over and covered[key] else None)


@CHECK
@given(steps=STEPS)
def test_a_fire_is_closed_by_a_person_only(make_desk, steps):
    for desk, _ in _play(make_desk, [*steps, ("commit",)]):
        for action in desk.store.actions:
            closes = action.after is AlarmState.NORMAL
            latched = action.before is AlarmState.LATCHED
            assert not (closes and latched) or action.actor == "anna"
    for alarm in desk.store.rows.values():
        if alarm.state is AlarmState.NORMAL and alarm.priority is Priority.EMERGENCY:
            last = [a for a in desk.store.actions if a.alarm == alarm.id][-1:]
            assert all(action.event == "reset" for action in last)


@CHECK
@given(steps=STEPS)
def test_the_changes_of_an_alarm_are_told_in_order(make_desk, steps):
    for desk, _ in _play(make_desk, steps):
        told = {}
        for change in desk.published:
            if isinstance(change, AlarmChanged):
                assert change.alarm.revision >= told.get(change.alarm.id, 0)
                told[change.alarm.id] = change.alarm.revision


@CHECK
@given(steps=STEPS)
def test_an_active_cause_is_never_closed_or_hidden(make_desk, steps):
    active = set()
    for desk, step in _play(make_desk, steps):
        if step[0] == "report":
            (active.add if step[2] is Cause.ACTIVE else active.discard)(step[1])
        if step[0] == "restart":
            active.clear()
        desk.step(0.06)
        assert active <= {alarm.key for alarm in desk.alarms.current.alarms}
