"""What counts by the areas and lines of one camera."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.hours import Hours
from embereye.rules.scene import (
    Area,
    Border,
    Moment,
    Scene,
    attributed,
    counted_score,
    lies_hidden,
    lies_in,
)
from embereye.rules.tracking import Spotted, Tracker
from embereye.rules.zones import Box

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
SMALL = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
GATE = Area("gate", "Gate", LEFT, labels=frozenset({"person"}))
MIDDLE = Border("mid", "Middle", ((0.5, 1.0), (0.5, 0.0)))
STEP = 0.125  # s


def box(x, foot=0.5, width=0.04, height=0.2):
    return Box(x - width / 2, foot - height, x + width / 2, foot)


class Film:
    """A tracker and a scene over one picture after the other."""

    def __init__(self, *areas, borders=(), weekday=0, minute=720.0):
        self.tracker = Tracker(lambda _label: 0.0)
        self.scene = Scene(areas, borders)
        self.mono, self.weekday, self.minute, self.looks = 0.0, weekday, minute, 0
        self.entered, self.left, self.crossed = [], [], []

    def show(self, *boxes, label="person", confidence=0.8, pictures=1, step=STEP):
        """Show the same boxes on so many pictures; the last look."""
        for _ in range(pictures):
            self.looks += 1  # what is the same to the last digit is one look only
            sure = confidence + 1e-6 * (self.looks % 7)
            self.tracker.look(self.mono, [Spotted(label, sure, one) for one in boxes])
            now = Moment(self.mono, self.weekday, self.minute)
            look = self.scene.look(now, self.tracker.tracks)
            self.entered += look.entered
            self.left += look.left
            self.crossed += look.crossed
            self.mono += step
        return look


def names(look):
    return [(one.area.id, one.track.number) for one in look.standing]


# --- where something is ------------------------------------------------------------------------


def test_a_person_is_where_the_feet_are():
    assert lies_in("person", Box(0.42, 0.1, 0.46, 0.5), SMALL)
    assert not lies_in("person", Box(0.42, 0.3, 0.46, 0.7), SMALL), "the middle is inside"


def test_feet_at_the_lower_edge_of_the_picture_are_inside():
    assert lies_in("person", Box(0.2, 0.5, 0.3, 1.0000001), LEFT)


@pytest.mark.parametrize("label", ["fire", "smoke"])
def test_flame_and_smoke_are_where_half_of_them_is(label):
    assert lies_in(label, Box(0.4, 0.4, 0.6, 0.6), LEFT)
    assert not lies_in(label, Box(0.402, 0.4, 0.602, 0.6), LEFT)
    assert lies_hidden(label, Box(0.4, 0.4, 0.6, 0.6), LEFT)
    assert not lies_hidden(label, Box(0.402, 0.4, 0.602, 0.6), LEFT)


def test_a_blaze_larger_than_the_area_is_inside_and_not_hidden():
    blaze = Box(0.1, 0.1, 0.59, 0.59)  # covers 90 % of the area, whose share of it is small
    assert lies_in("fire", blaze, SMALL)
    assert not lies_hidden("fire", blaze, SMALL)


def test_the_part_outside_the_picture_says_nothing():
    assert lies_in("fire", Box(-0.9, 0.2, 0.45, 0.4), LEFT)


def test_a_box_without_area_is_where_its_centre_is():
    assert lies_in("fire", Box(0.2, 0.2, 0.2, 0.2), LEFT)
    assert not lies_in("fire", Box(0.7, 0.2, 0.7, 0.2), LEFT)
    assert not lies_hidden("fire", Box(0.7, 0.2, 0.7, 0.2), LEFT)


# --- areas ---------------------------------------------------------------------------------------


def test_what_an_area_names_counts_only_inside():
    film = Film(GATE)
    assert film.show(box(0.8), pictures=5).counting == frozenset()
    film = Film(GATE)
    assert film.show(box(0.3), pictures=5).counting == {1}


def test_what_no_area_names_counts_everywhere():
    assert Film(GATE).show(box(0.8), label="vehicle").counting == {1}


def test_an_area_about_everything_limits_everything():
    film = Film(replace(GATE, labels=frozenset()))
    assert film.show(box(0.8), label="vehicle", pictures=5).counting == frozenset()


def test_inside_one_of_two_areas_is_enough():
    right = Area("r", "Right", ((0.6, 0.0), (1.0, 0.0), (1.0, 1.0)), labels=GATE.labels)
    assert Film(GATE, right).show(box(0.8), pictures=5).counting == {1}


def test_an_area_that_excludes_wins_over_one_that_includes():
    hole = Area("hole", "Hole", SMALL, exclude=True, labels=frozenset({"person"}))
    film = Film(GATE, hole)
    look = film.show(box(0.45, 0.5), pictures=5)
    assert (look.counting, names(look)) == (frozenset(), [])


def test_an_area_that_excludes_other_labels_hides_nobody():
    hole = Area("hole", "Hole", SMALL, exclude=True, labels=frozenset({"vehicle"}))
    assert Film(hole).show(box(0.45, 0.5)).counting == {1}


def test_a_person_is_told_once_believed():
    film = Film(GATE)
    assert names(film.show(box(0.3), pictures=2)) == []
    assert names(film.show(box(0.3))) == [("gate", 1)]
    film.show(box(0.3), pictures=20)
    assert [one.track.number for one in film.entered] == [1]


def test_a_flame_counts_at_its_first_picture():
    stove = replace(GATE, labels=frozenset({"fire"}))
    assert Film(stove).show(box(0.3), label="fire").counting == {1}


def test_who_stays_shorter_than_the_dwell_time_does_not_count():
    film = Film(replace(GATE, dwell=5.0))
    assert names(film.show(box(0.3), pictures=40)) == []
    (standing,) = film.show(box(0.3)).standing
    assert standing.seconds == pytest.approx(5.0)


def test_dwell_time_runs_on_while_a_box_sways_over_the_border():
    film = Film(replace(GATE, dwell=5.0))
    for index in range(42):
        look = film.show(box(0.49 if index % 2 else 0.51))
    assert names(look) == [("gate", 1)]


def test_dwell_time_begins_anew_after_a_second_outside():
    film = Film(replace(GATE, dwell=5.0))
    film.show(box(0.48), pictures=36)
    film.show(box(0.52), pictures=10)
    assert names(film.show(box(0.48), pictures=36)) == []


def test_who_leaves_is_told_with_the_time_inside():
    film = Film(GATE)
    film.show(box(0.48), pictures=17)
    look = film.show(box(0.52), pictures=12)
    assert names(look) == []
    (left,) = film.left
    assert left.seconds == pytest.approx(2.0, abs=STEP)


def test_who_disappears_has_left_when_nobody_follows_any_more():
    film = Film(GATE)
    film.show(box(0.3), pictures=5)
    film.show(pictures=15)
    assert film.left == []
    film.show(pictures=5)
    assert len(film.left) == 1


def test_what_is_too_small_does_not_count():
    film = Film(replace(GATE, least_area=0.0081))
    assert names(film.show(box(0.3), pictures=5)) == []
    film = Film(replace(GATE, least_area=0.0079))
    assert names(film.show(box(0.3), pictures=5)) == [("gate", 1)]


def test_confidence_has_a_dead_band_so_that_nobody_flickers():
    film = Film(replace(GATE, confidence=0.7))
    assert names(film.show(box(0.3), confidence=0.65, pictures=20)) == []
    assert names(film.show(box(0.3), confidence=0.75, pictures=40)) == [("gate", 1)]
    assert names(film.show(box(0.3), confidence=0.60, pictures=60)) == [("gate", 1)]
    assert names(film.show(box(0.3), confidence=0.50, pictures=60)) == []


def test_outside_its_hours_an_area_is_as_if_it_were_not_drawn():
    night = replace(GATE, hours=Hours(start=20 * 60, end=6 * 60))
    day = Film(night, minute=12 * 60)
    look = day.show(box(0.8), pictures=5)
    assert (look.counting, names(look)) == ({1}, [])
    assert names(day.show(box(0.3), pictures=5)) == []
    assert names(Film(night, minute=5 * 60).show(box(0.3), pictures=5)) == [("gate", 1)]


def test_the_end_of_the_hours_ends_what_stands():
    film = Film(replace(GATE, hours=Hours(start=20 * 60, end=6 * 60)), minute=5 * 60)
    film.show(box(0.3), pictures=5)
    film.minute = 6 * 60
    assert names(film.show(box(0.3))) == []
    assert len(film.left) == 1


# --- lines ---------------------------------------------------------------------------------------


def walk(film, start, end, pictures=30, **how):
    for index in range(pictures):
        film.show(box(start + (end - start) * index / (pictures - 1)), **how)
    return [(one.border.id, one.right) for one in film.crossed]


def test_a_line_drawn_upwards_is_crossed_to_the_right():
    assert walk(Film(borders=[MIDDLE]), 0.3, 0.7) == [("mid", True)]
    assert walk(Film(borders=[MIDDLE]), 0.7, 0.3) == [("mid", False)]


def test_only_the_chosen_direction_counts():
    assert walk(Film(borders=[replace(MIDDLE, direction=1)]), 0.7, 0.3) == []
    assert walk(Film(borders=[replace(MIDDLE, direction=-1)]), 0.7, 0.3) == [("mid", False)]


def test_a_line_is_about_everything_but_flame_and_smoke():
    assert walk(Film(borders=[MIDDLE]), 0.3, 0.7, label="dog") == [("mid", True)]
    assert walk(Film(borders=[MIDDLE]), 0.3, 0.7, label="smoke") == []
    named = replace(MIDDLE, labels=frozenset({"vehicle"}))
    assert walk(Film(borders=[named]), 0.3, 0.7) == []


def test_a_line_counts_in_its_hours_and_above_its_confidence_only():
    night = replace(MIDDLE, hours=Hours(start=20 * 60, end=6 * 60))
    assert walk(Film(borders=[night]), 0.3, 0.7) == []
    assert walk(Film(borders=[replace(MIDDLE, confidence=0.9)]), 0.3, 0.7) == []


def test_a_line_inside_an_excluded_area_is_crossed_by_nobody():
    hole = Area("hole", "Hole", ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)), exclude=True)
    assert walk(Film(hole, borders=[MIDDLE]), 0.3, 0.7) == []


def test_a_line_outside_the_included_areas_still_counts():
    far = Area("far", "Far", ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)), labels=frozenset({"person"}))
    assert walk(Film(far, borders=[MIDDLE]), 0.3, 0.7) == [("mid", True)]


# --- scores of whole pictures --------------------------------------------------------------------


def test_the_strongest_box_carries_the_whole_score_and_others_their_share():
    assert attributed(0.9, [0.4, 0.8]) == pytest.approx([0.45, 0.9])
    assert attributed(0.9, [0.0]) == [0.9]
    assert attributed(0.9, []) == []


def test_a_score_without_a_box_counts_unless_only_inside_counts():
    assert counted_score(0.9, [], included=False) == 0.9
    assert counted_score(0.9, [], included=True) == 0.0


def test_a_score_counts_as_far_as_a_box_that_counts_carries_it():
    boxes = [(0.9, False), (0.45, True), (0.3, True)]
    assert counted_score(0.9, boxes, included=False) == 0.45
    assert counted_score(0.9, [(0.9, False)], included=False) == 0.0


@settings(deadline=None)
@given(st.floats(0, 1), st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=6))
def test_zones_never_raise_a_score_and_leave_it_where_every_box_counts(score, boxes):
    shares = attributed(score, [confidence for confidence, _ in boxes])
    told = counted_score(
        score, [(s, counts) for s, (_, counts) in zip(shares, boxes, strict=True)], included=False
    )
    assert 0.0 <= told <= score + 1e-9
    if all(counts for _, counts in boxes):
        assert told == pytest.approx(score)
