"""One confidence from a model, rules of thumb and change over time."""

from dataclasses import replace
from math import exp, log

import pytest

from embereye.vision.calibration import FIRE_WEIGHTS, SMOKE_WEIGHTS, Weights
from embereye.vision.evidence import HINT, Belief, Sign, lively
from embereye.vision.stirring import STILL, Stir

ALARM = 0.70  # the default limit of the rules
BURNING = Stir(0.25, 2.0, 0.4, 1.0, 1.0, 2.5)  # as a recorded camp fire
EAGER = Weights(0.0, 2.0, 2.0, 9.0, 1.0, 1.0, 1.0)  # the limits hold whatever is fitted
PASSING = Stir(0.2, 0.3, 0.1, 1.0, 0.0, 2.5)  # as a car that drives by


def _shown(sign: Sign, seconds: float, verification: float = 4.0, step: float = 0.125) -> float:
    return _course(Belief(FIRE_WEIGHTS), sign, 0.0, seconds, verification, step)[-1]


def _course(
    belief: Belief,
    sign: Sign,
    start: float,
    seconds: float,
    verification: float = 4.0,
    step: float = 0.125,
) -> list[float]:
    looks = range(int(seconds / step) + 1)
    return [belief.take(start + look * step, sign, verification) for look in looks]


def _first_alarm(sign: Sign, verification: float) -> float:
    course = _course(Belief(FIRE_WEIGHTS), sign, 0.0, 60.0, verification)
    return next((0.125 * look for look, score in enumerate(course) if score >= ALARM), 99.0)


def test_without_a_model_the_rules_alone_alarm():
    assert _shown(Sign(rules=0.9), 2.0) >= ALARM


def test_what_both_see_alarms():
    assert _shown(Sign(0.8, 0.9, 0.9, BURNING), 3.0) >= ALARM


def test_a_flame_that_the_model_sees_weakly_but_flickers_in_place_alarms():
    assert _shown(Sign(0.75, 0.35, 0.35, BURNING, 0.001), 8.0) >= ALARM


def test_a_flame_that_only_the_model_knows_alarms_when_its_place_changes():
    assert _shown(Sign(0.0, 0.97, 0.97, BURNING), 4.0) >= ALARM


@pytest.mark.parametrize(("rules", "alarms"), [(0.0, False), (0.1, False), (0.6, True)])
def test_smoke_that_only_the_model_sees_is_a_hint_until_something_rises(rules: float, alarms: bool):
    belief = Belief(SMOKE_WEIGHTS)

    last = _course(belief, Sign(rules, 0.97, 0.97, BURNING), 0.0, 30.0, verification=8.0)[-1]

    assert (last >= ALARM) is alarms
    assert last >= 0.5


@pytest.mark.parametrize("model", [0.9, 0.98, 1.0])
@pytest.mark.parametrize("weights", [FIRE_WEIGHTS, EAGER])
def test_a_still_picture_is_a_hint_and_no_alarm_however_sure_the_model(
    model: float, weights: Weights
):
    last = _course(Belief(weights), Sign(0.0, model, model, STILL), 0.0, 60.0)[-1]

    assert 0.5 <= last <= HINT


def test_a_flicker_that_the_model_denies_is_a_hint():
    assert 0.5 <= _shown(Sign(0.75, 0.02, 0.02, BURNING), 60.0) <= HINT


def test_overwhelming_rules_are_not_held_back_by_a_model():
    assert _shown(Sign(0.97, 0.02, 0.02, BURNING), 12.0) >= ALARM


def test_something_that_passes_by_does_not_alarm_though_the_model_wonders():
    assert _shown(Sign(0.0, 0.6, 0.6, PASSING), 60.0) < ALARM


@pytest.mark.parametrize("rules", [0.95, 0.0])
def test_nothing_alarms_after_a_single_look_but_what_is_large_and_certain(rules: float):
    assert _shown(Sign(rules, 0.95, 0.95, BURNING, 0.01), 0.0) < ALARM


def test_what_is_large_and_certain_to_both_alarms_at_once():
    assert _shown(Sign(0.95, 0.95, 0.95, BURNING, 0.05), 0.0, verification=16.0) >= ALARM


@pytest.mark.parametrize(
    "sign", [Sign(0.9), Sign(0.8, 0.9, 0.9, BURNING), Sign(0.0, 0.98, 0.98, BURNING)]
)
def test_a_longer_verification_time_alarms_later(sign: Sign):
    times = [_first_alarm(sign, verification) for verification in (2.0, 4.0, 8.0, 16.0)]

    assert times == sorted(times)
    assert times[-1] > times[0] + 1
    assert times[-1] <= 16.0


def test_a_changed_verification_time_counts_from_the_next_look():
    belief = Belief(FIRE_WEIGHTS)
    sign = Sign(0.0, 0.98, 0.98, BURNING)
    slow = _course(belief, sign, 0.0, 2.0, 16.0)[-1]

    assert slow < ALARM
    assert _course(belief, sign, 2.125, 2.0, 2.0)[-1] >= ALARM


def test_one_odd_inference_does_not_alarm():
    belief = Belief(FIRE_WEIGHTS)
    _course(belief, Sign(0.3, 0.05, 0.05, BURNING), 0.0, 5.0)

    assert max(_course(belief, Sign(0.3, 0.98, 0.98, BURNING), 5.125, 0.5)) < ALARM


def test_an_alarm_outlasts_a_moment_behind_smoke():
    belief = Belief(FIRE_WEIGHTS)
    _course(belief, Sign(0.9, 0.95, 0.95, BURNING), 0.0, 10.0)

    assert min(_course(belief, Sign(0.2, 0.3, 0.3, BURNING), 10.125, 1.0)) >= 0.6


def test_what_has_ended_is_let_go():
    belief = Belief(FIRE_WEIGHTS)
    _course(belief, Sign(0.9, 0.98, 0.98, BURNING), 0.0, 10.0)

    assert _course(belief, Sign(0.0, 0.02), 10.125, 15.0)[-1] < 0.3


def test_a_long_gap_begins_anew():
    belief = Belief(FIRE_WEIGHTS)
    _course(belief, Sign(0.9, 0.98, 0.98, BURNING), 0.0, 10.0)

    assert belief.take(60.0, Sign(0.0, 0.98, 0.98, BURNING), 4.0) < ALARM


def test_a_few_looks_a_second_and_many_agree():
    sign = Sign(0.6, 0.8, 0.8, BURNING)

    assert _shown(sign, 6.0, step=0.1) == pytest.approx(_shown(sign, 6.0, step=0.5), abs=0.02)


@pytest.mark.parametrize("field", ["active", "turns", "balance"])
def test_each_property_of_liveliness_is_needed(field: str):
    assert lively(replace(BURNING, **{field: 0.0})) < 0.05 < lively(BURNING)


def test_only_what_differs_from_picture_to_picture_is_alive():
    still, moving = Belief(FIRE_WEIGHTS), Belief(FIRE_WEIGHTS)
    still.take(0.0, Sign(0.0, 0.98, 0.98, STILL), 4.0)
    moving.take(0.0, Sign(0.0, 0.98, 0.98, BURNING), 4.0)

    assert not still.alive
    assert moving.alive


def test_what_only_the_model_sees_takes_most_of_the_verification_time():
    assert _first_alarm(Sign(0.0, 0.98, 0.98, BURNING), 16.0) >= 9.0


def test_what_has_alarmed_falls_at_half_the_speed():
    gone, paths = Sign(0.0, 0.3, 0.3, BURNING), []
    for before in (Sign(0.9, 0.98, 0.98, BURNING), Sign(0.0, 0.6, 0.6, BURNING)):
        belief = Belief(FIRE_WEIGHTS)
        _course(belief, before, 0.0, 20.0)
        start = belief.means[0]
        _course(belief, gone, 20.125, 1.0)
        paths.append((start - belief.means[0]) / (start - log(0.3 / 0.7)))

    assert paths[0] == pytest.approx(1 - exp(-1.125 / 4.0), abs=0.02)
    assert paths[1] == pytest.approx(1 - exp(-1.125 / 2.0), abs=0.02)


def test_what_moves_with_everything_else_is_less_lively():
    assert lively(replace(BURNING, apart=0.0)) < 0.8 * lively(BURNING)
