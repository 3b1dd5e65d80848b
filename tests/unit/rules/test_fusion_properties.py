"""Whatever the order of packets and silences: unknown starts nothing and clears nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.alarm import Cause
from embereye.model.reading import SensorReading
from embereye.model.stamp import Stamp
from embereye.rules.device_inputs import DeviceInputs
from embereye.rules.fusion import PlaceFusion
from embereye.rules.idle import Idle
from embereye.rules.risk_limits import RiskLimits

AGE = 15.0  # s, of a device whose period is short or unknown
PAUSE = st.sampled_from([0.1, 1.0, 3.0, 10.0, 16.0, 400.0])
EVENT = st.one_of(
    st.tuples(st.just("packet"), PAUSE, st.sampled_from(["d1", "d2"]), st.booleans()),
    st.tuples(st.just("tick"), PAUSE, st.just(""), st.just(False)),
)


def _run(events):
    """Each verdict with what each device had said last, and how long ago."""
    devices = {name: DeviceInputs(RiskLimits(), Idle(7.0, 32.0)) for name in ("d1", "d2")}
    fusion = PlaceFusion(devices, 10.0)
    said, ever, now = {}, set(), 0.0
    for kind, pause, device, flame in events:
        now += pause
        verdicts = fusion.tick(now)
        if kind == "packet":
            said[device] = (flame, now)
            ever |= {device} if flame else set()
            if devices[device].take_reading(
                SensorReading(device, Stamp(now, 0.0), 286, 1310, 0, flame)
            ):
                verdicts += fusion.judge(now)
        for verdict in verdicts:
            yield verdict, dict(said), set(ever), now


@settings(deadline=None, max_examples=200)
@given(st.lists(EVENT, max_size=60))
def test_a_cause_starts_only_with_a_packet_that_says_so(events):
    before = Cause.CLEAR
    for verdict, said, _, now in _run(events):
        if verdict.cause is Cause.ACTIVE and before is not Cause.ACTIVE:
            assert any(flame and now - at <= AGE for flame, at in said.values())
        before = verdict.cause


@settings(deadline=None, max_examples=200)
@given(st.lists(EVENT, max_size=60))
def test_a_cause_ends_only_when_each_device_that_held_it_says_so(events):
    for verdict, said, ever, _ in _run(events):
        if verdict.cause is Cause.CLEAR:
            assert not any(said[device][0] for device in ever)


@settings(deadline=None, max_examples=200)
@given(st.lists(EVENT, max_size=60))
def test_verdicts_tell_changes_and_never_jump_from_clear_to_unknown(events):
    before = Cause.CLEAR
    for verdict, *_ in _run(events):
        assert not (before is Cause.CLEAR and verdict.cause is Cause.UNKNOWN)
        assert verdict.cause is not before or verdict.cause is Cause.ACTIVE
        before = verdict.cause
