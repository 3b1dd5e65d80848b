"""How cameras are spread over processes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embereye.rules.capture_balance import move, processes_for


@pytest.mark.parametrize(
    ("wanted", "cameras", "cores", "expected"),
    [
        (-1, 0, 2, 0),
        (-1, 12, 2, 0),
        (-1, 13, 2, 2),
        (-1, 100, 2, 2),
        (-1, 100, 16, 10),
        (-1, 25, 16, 3),
        (-1, 100, 1, 2),
        (0, 100, 8, 0),
        (5, 3, 2, 5),
    ],
)
def test_about_ten_cameras_a_process_and_no_more_processes_than_cores(
    wanted: int, cameras: int, cores: int, expected: int
) -> None:
    assert processes_for(wanted, cameras, cores) == expected


def test_an_even_load_stays_as_it_is() -> None:
    assert move({"a": {"1": 0.3, "2": 0.2}, "b": {"3": 0.4}}) is None
    assert move({"a": {"1": 0.1}, "b": {}}) is None, "not worth a new connection"
    assert move({"a": {"1": 5.0}}) is None
    assert move({}) is None


def test_the_camera_that_evens_out_best_moves() -> None:
    loads = {"a": {"big": 0.9, "half": 0.4, "small": 0.05}, "b": {"other": 0.3}}
    assert move(loads) == ("half", "a", "b")


def test_one_heavy_camera_is_not_sent_to_and_fro() -> None:
    assert move({"a": {"heavy": 1.0}, "b": {}}) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(2, 6))
def test_moving_ends_and_never_makes_it_worse(costs: list[float], places: int) -> None:
    loads: dict[int, dict[int, float]] = {place: {} for place in range(places)}
    loads[0] = dict(enumerate(costs))

    def worst() -> float:
        return max(sum(place.values()) for place in loads.values())

    for _ in range(200):
        found = move(loads)
        if found is None:
            return
        before = worst()
        camera, source, target = found
        loads[target][camera] = loads[source].pop(camera)
        assert worst() <= before + 1e-9
    raise AssertionError("it moves cameras for ever")
