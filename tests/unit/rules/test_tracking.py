"""Following objects from look to look."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.tracking import MOST_TRACKS, Spotted, Tracker, TrackRule, anchor
from embereye.rules.zones import Box

STEP = 0.125  # s, 8 looks a second


def person(x, y=0.5, confidence=0.8, label="person", width=0.05, height=0.2):
    box = Box(x - width / 2, y - height, x + width / 2, y)
    return Spotted(label, confidence, box)


def shifted(index):
    """A person who stands: boxes of real pictures are never the same to the last digit."""
    return person(0.5 + 1e-6 * (index % 7))


def tracker(rule=None, least=0.5):
    return Tracker(lambda label: 0.0 if label in ("fire", "smoke") else least, rule)


def numbers(tracks):
    return [track.number if track else 0 for track in tracks]


def test_an_object_keeps_its_number_while_it_walks():
    follow = tracker()
    seen = [numbers(follow.look(i * STEP, [person(0.2 + 0.01 * i)])) for i in range(40)]
    assert seen == [[1]] * 40


def test_two_people_who_pass_each_other_keep_their_numbers():
    follow, found = tracker(), []
    for i in range(41):
        pair = [person(0.2 + 0.015 * i, 0.50), person(0.8 - 0.015 * i, 0.53)]
        order = 1 if i % 2 else -1  # detectors give boxes in any order
        found.append(numbers(follow.look(i * STEP, pair[::order]))[::order])
    assert found == [found[0]] * 41


def test_a_convoy_that_speeds_up_to_its_own_spacing_keeps_its_numbers():
    """Each car comes to lie where the one before it was: only its speed tells which it is."""
    follow, place, found = tracker(), 0.0, []
    for i in range(14):
        cars = [person(place + 0.1 * n, label="vehicle", width=0.06) for n in range(3)]
        found.append(numbers(follow.look(i * STEP, cars)))
        place += min(0.1, 0.008 * i)
    assert found == [[1, 2, 3]] * 14


def test_an_object_that_jumps_further_than_its_size_is_still_the_same():
    follow = tracker()
    follow.look(0.0, [person(0.3)])
    assert numbers(follow.look(STEP, [person(0.36)])) == [1], "no overlap at all"


def test_a_box_at_the_other_end_of_the_picture_is_another_object():
    follow = tracker()
    follow.look(0.0, [person(0.1)])
    assert numbers(follow.look(STEP, [person(0.9)])) == [2]


def test_a_box_of_quite_another_size_is_another_object():
    follow = tracker()
    follow.look(0.0, [person(0.5, width=0.02, height=0.05)])
    assert numbers(follow.look(STEP, [person(0.53, 0.9, width=0.3, height=0.8)])) == [2]


def test_labels_are_followed_apart():
    follow = tracker()
    follow.look(0.0, [person(0.5)])
    assert numbers(follow.look(STEP, [person(0.5, label="vehicle")])) == [2]


def test_an_object_is_believed_after_3_of_5_looks():
    follow = tracker()
    for index, seen in enumerate((True, False, True, False)):
        follow.look(index * STEP, [shifted(index)] if seen else [])
        assert not follow.tracks[0].confirmed
    follow.look(4 * STEP, [shifted(4)])
    assert follow.tracks[0].confirmed


def test_3_of_more_looks_than_5_are_not_believed():
    follow = tracker()
    for index in range(13):
        follow.look(index * STEP, [shifted(index)] if index % 3 == 0 else [])
    assert not follow.tracks[0].confirmed


def test_looks_that_come_all_at_once_do_not_make_an_object_believed():
    follow = tracker()
    for index in range(4):
        follow.look(index * 0.01, [shifted(index)])
    assert not follow.tracks[0].confirmed


def test_one_odd_opinion_that_stands_for_seconds_is_not_believed():
    """A model is asked twice a second, its boxes come with each of eight pictures."""
    follow = tracker()
    for index in range(40):
        follow.look(index * STEP, [person(0.5)])
    assert not follow.tracks[0].confirmed


def test_three_opinions_of_a_model_that_stand_for_half_a_second_are_believed():
    follow = tracker()
    for index in range(9):
        follow.look(index * STEP, [shifted(index // 4)])
    assert follow.tracks[0].confirmed


def test_a_walker_whom_a_model_sees_once_a_second_is_one_object():
    """2.8 widths further each second, with the old box standing in the seven pictures between."""
    follow = tracker()
    for index in range(48):
        found = numbers(follow.look(index * STEP, [person(0.1 + 0.14 * (index // 8))]))
        assert found == [1]
    assert follow.tracks[0].confirmed


def test_a_runner_whom_a_model_sees_four_times_a_second_is_one_object():
    """4 m/s are two widths of a body in a quarter of a second."""
    follow = tracker()
    for index in range(12):
        found = numbers(follow.look(index * STEP, [person(0.1 + 0.1 * (index // 2))]))
        assert found == [1]


def test_two_who_stand_close_keep_their_boxes_while_an_opinion_stands():
    follow = tracker()
    follow.look(0.0, [person(0.50), person(0.54)])
    follow.look(STEP, [person(0.54), person(0.58)])  # both went on by as much as lies between
    first = numbers(follow.look(2 * STEP, [person(0.54), person(0.58)]))
    assert numbers(follow.look(3 * STEP, [person(0.54), person(0.58)])) == first


def test_what_is_the_same_for_24_seconds_is_believed():
    follow = tracker()
    for index in range(13):
        assert not any(track.confirmed for track in follow.tracks)
        follow.look(index * 2.0, [person(0.5)])
    assert follow.tracks[0].confirmed


def test_a_weak_box_begins_nothing_but_keeps_what_is_followed():
    follow = tracker()
    assert numbers(follow.look(0.0, [person(0.5, confidence=0.4)])) == [0]
    follow.look(STEP, [person(0.5, confidence=0.6)])
    assert numbers(follow.look(2 * STEP, [person(0.5, confidence=0.4)])) == [1]
    assert numbers(follow.look(3 * STEP, [person(0.5, confidence=0.2)])) == [0]


def test_an_object_is_gone_after_2_seconds_at_the_full_rate():
    follow = tracker()
    follow.look(0.0, [person(0.5)])
    for index in range(1, 16):
        follow.look(index * STEP, [])
    assert len(follow.tracks) == 1
    follow.look(2.0, [])
    assert follow.tracks == ()


def test_one_missed_look_at_a_still_picture_loses_nobody():
    follow = tracker()
    follow.look(0.0, [person(0.5)])
    follow.look(2.0, [])
    follow.look(4.0, [])
    assert numbers(follow.look(6.0, [person(0.5)])) == [1]


def test_nobody_is_kept_longer_than_15_seconds_unseen():
    follow = tracker()
    follow.look(0.0, [person(0.5)])
    follow.look(15.0, [])
    assert follow.tracks == ()


def test_confidence_and_the_shown_box_are_smoothed_and_the_deciding_box_is_not():
    follow = tracker()
    follow.look(0.0, [person(0.5, confidence=0.9)])
    follow.look(STEP, [person(0.52, confidence=0.6)])
    (track,) = follow.tracks
    assert 0.85 < track.confidence < 0.9
    assert 0.5 < track.shown.centre[0] < 0.52
    assert track.box.centre[0] == pytest.approx(0.52)


def test_a_box_that_stays_is_shown_where_it_is():
    follow = tracker()
    for index in range(10):
        follow.look(index * STEP, [person(0.5)])
    assert follow.tracks[0].shown == person(0.5).box


def test_the_trail_follows_the_foot_and_of_flames_the_centre():
    assert anchor("person", Box(0.2, 0.2, 0.4, 0.8)) == pytest.approx((0.3, 0.8))
    assert anchor("smoke", Box(0.2, 0.2, 0.4, 0.8)) == pytest.approx((0.3, 0.5))
    follow = tracker()
    for index in range(60):
        follow.look(index * STEP, [person(0.2 + 0.005 * index)])
    trail = follow.tracks[0].trail
    assert len(trail) == 40
    assert trail[-1] == pytest.approx((0.2 + 0.005 * 59, 0.5))


def test_a_verdict_that_comes_late_does_not_turn_time_back():
    follow = tracker()
    follow.look(10.0, [person(0.5)])
    follow.look(9.0, [person(0.5)])
    assert follow.tracks[0].at == 10.0


def test_more_objects_than_the_bound_are_not_followed():
    follow = tracker()
    crowd = [
        person(0.005 + 0.009 * (i % 100), 0.3 + 0.2 * (i // 100), width=0.004) for i in range(300)
    ]
    found = follow.look(0.0, crowd)
    assert len(follow.tracks) == MOST_TRACKS
    assert numbers(found).count(0) == 100


def test_a_full_tracker_gives_up_who_is_not_seen_for_who_is():
    follow = tracker()
    follow.look(
        0.0,
        [
            person(0.005 + 0.009 * (i % 100), 0.3 + 0.2 * (i // 100), width=0.004)
            for i in range(200)
        ],
    )
    assert numbers(follow.look(STEP, [person(0.5, 0.95, label="vehicle")])) == [201]
    assert len(follow.tracks) == MOST_TRACKS


def test_one_look_may_be_enough_where_the_rule_says_so():
    follow = tracker(TrackRule(hits=1, of=1, least=0.0))
    follow.look(0.0, [person(0.5)])
    assert follow.tracks[0].confirmed


_boxes = st.builds(
    person,
    x=st.floats(0, 1),
    y=st.floats(0, 1),
    confidence=st.floats(0, 1),
    label=st.sampled_from(["person", "fire", "vehicle"]),
    width=st.floats(0, 1),
    height=st.floats(0, 1),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 5), st.lists(_boxes, max_size=6)), max_size=15))
def test_whatever_comes_each_box_has_its_own_object_and_numbers_are_not_used_again(looks):
    follow, now, gone = tracker(), 0.0, set()
    for passed, boxes in looks:
        now += passed
        before = {track.number for track in follow.tracks}
        found = follow.look(now, boxes)
        given_ = [track.number for track in found if track]
        assert len(set(given_)) == len(given_)
        assert not gone & set(given_)
        assert all(
            track.label == box.label for track, box in zip(found, boxes, strict=True) if track
        )
        gone |= before - {track.number for track in follow.tracks}
