"""Who is looked at when there is more to look at than the detectors manage."""

from collections import Counter
from itertools import pairwise

from fakes import FakeClock
from feeder_parts import Bench

from embereye.model.ids import CameraId

_MANY = tuple(CameraId(f"c{number:02d}") for number in range(30))
_FLOOR = 2.0  # s; of the bench


def _crowd(clock: FakeClock, seconds: float = 0.02) -> Bench:
    """30 cameras in which everything moves, and 50 looks a second (or 1 ÷ `seconds`)."""
    bench = Bench(clock, set(_MANY), seconds)
    bench.feeder.watch(_MANY)
    return bench


def _longest_wait(bench: Bench, camera: CameraId, since: float) -> float:
    times = [since, *(at for at in bench.looks(camera) if at >= since), bench.clock.mono()]
    return max(later - earlier for earlier, later in pairwise(times))


def test_thirty_cameras_that_move_share_what_the_pool_manages(clock: FakeClock) -> None:
    bench = _crowd(clock)
    counts = Counter(bench.run(20))
    assert sum(counts.values()) >= 0.95 * 50 * 20
    assert len(counts) == 30
    assert max(counts.values()) / min(counts.values()) <= 1.2


def test_cameras_that_move_leave_still_ones_their_floor(clock: FakeClock) -> None:
    bench = _crowd(clock)
    bench.source.moving -= set(_MANY[:5])
    bench.run(5)
    since = clock.mono()
    bench.run(20)
    assert max(_longest_wait(bench, camera, since) for camera in _MANY[:5]) <= 1.5 * _FLOOR


def test_a_hurried_camera_has_its_full_rate_and_the_others_at_least_the_floor(
    clock: FakeClock,
) -> None:
    bench = _crowd(clock)
    bench.run(2)
    bench.feeder.hurry(_MANY[7], 30.0)
    since = clock.mono()
    counts = Counter(bench.run(20))
    assert counts[_MANY[7]] >= 0.9 * 8 * 20
    assert max(_longest_wait(bench, camera, since) for camera in _MANY) <= _FLOOR


def test_a_camera_that_shows_something_suspicious_comes_first(clock: FakeClock) -> None:
    bench = _crowd(clock)
    bench.pool.fires[_MANY[3]] = 0.35
    bench.run(2)
    counts = Counter(bench.run(10))
    assert counts[_MANY[3]] >= 0.9 * 8 * 10


def test_a_third_of_all_cameras_hurried_starves_nobody(clock: FakeClock) -> None:
    bench = _crowd(clock)
    for camera in _MANY[:10]:
        bench.feeder.hurry(camera, 60.0)
    bench.run(2)
    since = clock.mono()
    counts = Counter(bench.run(20))
    assert min(counts[camera] for camera in _MANY[:10]) > max(
        counts[camera] for camera in _MANY[10:]
    )
    assert max(_longest_wait(bench, camera, since) for camera in _MANY) <= _FLOOR


def test_where_not_even_the_floor_can_be_kept_all_still_get_most_of_an_equal_share(
    clock: FakeClock,
) -> None:
    bench = _crowd(clock, seconds=0.2)  # 5 looks a second: each camera once in 6 s
    for camera in _MANY[:3]:
        bench.feeder.hurry(camera, 120.0)
    bench.run(10)
    counts = Counter(bench.run(60))
    assert min(counts[camera] for camera in _MANY) >= 0.8 * 5 * 60 / 30


def test_pictures_are_as_fresh_under_load_as_without(clock: FakeClock) -> None:
    """Nothing waits in a queue: a picture is taken when a detector is free for it."""
    bench = _crowd(clock)
    bench.run(20)
    ages = [result.at.mono - result.frame_at.mono for result in bench.results[-100:]]
    assert max(ages) <= 0.03
