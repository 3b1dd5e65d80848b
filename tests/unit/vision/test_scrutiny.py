"""Closer looks at several flickering regions at a time."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scenes import vest_on_the_spot
from scenes_fire import BESIDE, FEET

from embereye.model.detection import FIRE
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.detector import Verdict
from embereye.vision.heuristic import HeuristicDetector
from embereye.vision.scrutiny import Scrutinies, Scrutiny, due

Play = Callable[..., Iterator[tuple[float, np.ndarray]]]


def _verdicts(frames: Iterator[tuple[float, np.ndarray]]) -> list[Verdict]:
    detector = HeuristicDetector()
    return [
        detector.detect(Frame(CameraId("yard"), pixels, 0, Stamp(t, t), t, 320, 240))
        for t, pixels in frames
    ]


@pytest.mark.parametrize("scene", sorted(BESIDE))
def test_a_small_fire_beside_a_larger_flicker_alarms(play: Play, scene: str):
    scores = [verdict.fire for verdict in _verdicts(play(BESIDE[scene], 4.0))]

    assert all(score >= 0.7 for score in scores[-15:])  # found by 2.5 s and kept


@pytest.mark.parametrize("scene", sorted(BESIDE))
def test_the_box_lies_on_the_fire_and_not_on_the_larger_flicker(play: Play, scene: str):
    verdict = _verdicts(play(BESIDE[scene], 3.0))[-1]

    (box,) = (found for found in verdict.detections if found.label == FIRE)
    x, y = FEET[scene]
    assert box.x < x < box.x + box.width
    assert box.y < y - 15 < box.y + box.height
    assert box.width < 80


def test_a_small_fire_that_breaks_out_beside_a_known_flicker_alarms_within_three_seconds(
    play: Play,
):
    def scene(t: float) -> np.ndarray:
        return BESIDE["fire_beside_a_worker"](t) if t >= 3 else vest_on_the_spot(t)

    scores = [verdict.fire for verdict in _verdicts(play(scene, 6.5))]

    assert max(scores[1:30]) < 0.5
    assert all(score >= 0.7 for score in scores[60:])


def _matched(scrutinies: Scrutinies, time: float, *boxes: tuple[int, int, int, int]):
    return scrutinies.matched(time, boxes)


def test_boxes_keep_their_scrutinies_when_they_change_ranks():
    scrutinies = Scrutinies()
    lamp, fire = _matched(scrutinies, 0.0, (2, 2, 6, 6), (20, 10, 4, 8))

    assert _matched(scrutinies, 0.1, (20, 9, 4, 8), (2, 3, 6, 5)) == [fire, lamp]


@pytest.mark.parametrize("box", [(12, 10, 2, 3), (8, 6, 14, 16), (15, 10, 4, 8), (16, 12, 3, 4)])
def test_a_box_that_jumps_a_little_keeps_its_scrutiny(box: tuple[int, int, int, int]):
    scrutinies = Scrutinies()
    _, flame = _matched(scrutinies, 0.0, (30, 2, 6, 6), (12, 10, 4, 8))

    assert _matched(scrutinies, 0.1, (30, 2, 6, 6), box)[1] is flame


def test_a_box_elsewhere_gets_a_scrutiny_of_its_own():
    scrutinies = Scrutinies()
    known = _matched(scrutinies, 0.0, (30, 2, 6, 6), (12, 10, 4, 8))

    assert _matched(scrutinies, 0.1, (30, 2, 6, 6), (2, 22, 4, 4))[1] not in known


def test_the_best_box_inherits_from_the_best_before_it():
    scrutinies = Scrutinies()
    (first,) = _matched(scrutinies, 0.0, (2, 2, 4, 4))

    assert _matched(scrutinies, 5.0, (30, 20, 4, 4)) == [first]


def test_a_box_not_seen_for_two_seconds_is_forgotten():
    scrutinies = Scrutinies()
    best, other = _matched(scrutinies, 0.0, (2, 2, 4, 4), (30, 20, 4, 4))
    _matched(scrutinies, 2.1, (2, 2, 4, 4))

    again = _matched(scrutinies, 2.2, (2, 2, 4, 4), (30, 20, 4, 4))

    assert again[0] is best
    assert again[1] is not other


def test_a_cleared_past_is_forgotten():
    scrutinies = Scrutinies()
    (first,) = _matched(scrutinies, 0.0, (2, 2, 4, 4))
    scrutinies.clear()

    assert _matched(scrutinies, 0.1, (2, 2, 4, 4)) != [first]


def test_two_looks_give_no_credit_and_three_do():
    scrutiny = Scrutiny((0, 0, 4, 4), 0.0)
    for _ in range(2):
        scrutiny.add(1.0, 1.0, None, None)
    before = scrutiny.credit
    scrutiny.add(1.0, 1.0, None, None)

    assert (before, scrutiny.credit) == (None, 1.0)


@pytest.mark.parametrize(
    "look", [(0.0, 1.0, 0.5, 0.5), (1.0, 0.0, 0.5, 0.5), (1.0, 1.0, 0.1, 0.5), (1.0, 1.0, 0.5, 0.0)]
)
def test_each_missing_property_takes_all_credit(look: tuple[float, float, float, float]):
    scrutiny = Scrutiny((0, 0, 4, 4), 0.0)
    for _ in range(3):
        scrutiny.add(*look)

    assert scrutiny.credit == 0


def test_a_new_best_region_is_looked_at_each_time_and_the_others_in_turn():
    best, *others = (Scrutiny((10 * i, 0, 4, 4), 0.0) for i in range(3))
    others[0].examined = 0.1

    assert due([best, *others]) == [best, others[1]]


def test_a_known_best_region_waits_its_turn_like_the_others():
    best, *others = (Scrutiny((10 * i, 0, 4, 4), 0.0) for i in range(3))
    turns = []
    for look in range(20):
        turns.append(due([best, *others]))
        for known in turns[-1]:
            known.add(1.0, 1.0, None, None)
            known.examined = 0.1 * look

    assert all(len(turn) == 1 for turn in turns[9:])
    assert {id(turn[0]) for turn in turns[-3:]} == {id(best), *map(id, others)}


def test_an_only_region_is_looked_at_each_time():
    only = Scrutiny((0, 0, 4, 4), 0.0)
    for look in range(20):
        assert due([only]) == [only]
        only.add(1.0, 1.0, None, None)
        only.examined = 0.1 * look
