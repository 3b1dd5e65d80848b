"""Still cameras are answered from what is known of their picture, and nothing is hidden by that."""

from itertools import pairwise

import numpy as np
import pytest
from fakes import FakeClock
from feeder_parts import Bench

from embereye.model.frame import Pixels
from embereye.model.ids import CameraId
from embereye.services.detection import FeederOptions
from embereye.vision.looks import Looks

_YARD = CameraId("yard")


@pytest.fixture
def still(clock: FakeClock) -> Bench:
    """A camera that was looked at once and shows nothing new since."""
    bench = Bench(clock, cache_age=60.0)
    bench.feeder.watch((_YARD,))
    bench.run(5)
    return bench


def test_a_still_camera_keeps_its_floor_rate_without_a_look_of_a_detector(still: Bench) -> None:
    since = still.clock.mono()
    looked = still.run(4.5)
    told = [result for result in still.results if result.at.mono >= since]
    assert looked == []
    assert len(told) == 2
    assert all(result.cached for result in told)


def test_without_an_age_each_still_picture_is_judged(clock: FakeClock) -> None:
    bench = Bench(clock, cache_age=0.0)
    bench.feeder.watch((_YARD,))
    bench.run(60)
    assert not any(result.cached for result in bench.results)


def test_a_verdict_is_never_older_than_its_age(clock: FakeClock) -> None:
    bench = Bench(clock, cache_age=5.0)
    bench.source.paint = lambda _: np.full((60, 80, 3), 100, np.uint8)
    bench.feeder.watch((_YARD,))
    bench.run(120)
    gaps = [later - earlier for earlier, later in pairwise(bench.looks(_YARD))]
    assert any(result.cached for result in bench.results)
    assert max(gaps) <= 5.0 + 2.0


def test_motion_is_judged_at_once(still: Bench) -> None:
    still.source.moving.add(_YARD)
    assert len(still.run(1.0)) >= 6


def test_a_small_change_that_the_gate_leaves_out_is_judged_at_the_next_floor_look(
    still: Bench,
) -> None:
    def lamp(_: CameraId) -> Pixels:
        pixels = np.full((60, 80, 3), 100, np.uint8)
        pixels[30, 40:42] = 180  # 2 cells; motion begins at 5
        return pixels

    still.source.paint = lamp
    assert len(still.run(2.5)) == 1


def test_growth_too_slow_for_each_single_look_is_judged_before_its_next_burst(
    still: Bench,
) -> None:
    """3 grey levels from look to look: no comparison with the look before would see that."""
    began = still.clock.mono()

    def glow(_: CameraId) -> Pixels:
        pixels = np.full((60, 80, 3), 100, np.uint8)
        pixels[20:30, 20:30, 2] = min(255, 100 + round(1.5 * (still.clock.mono() - began)))
        return pixels

    still.source.paint = glow
    assert len(still.run(4.5)) >= 1


def test_a_suspicious_camera_is_never_answered_from_what_is_known(clock: FakeClock) -> None:
    bench = Bench(clock, cache_age=60.0)
    bench.pool.fire = 0.3
    bench.feeder.watch((_YARD,))
    bench.run(30)
    assert not any(result.cached for result in bench.results)


def test_a_hurried_camera_is_looked_at_whatever_is_known(still: Bench) -> None:
    still.feeder.hurry(_YARD, 3.0)
    assert len(still.run(3.0)) >= 20


@pytest.mark.parametrize("change", ["options", "models"])
def test_no_verdict_survives_other_settings(still: Bench, change: str) -> None:
    if change == "options":
        still.feeder.apply(FeederOptions(8.0, 2.0, 60.0))
    else:
        still.feeder.assign(Looks())
    assert len(still.run(2.5)) == 1


def test_the_snapshot_counts_what_was_looked_at_known_and_left_out(still: Bench) -> None:
    still.run(4.5)
    (state,) = still.feeder.current.cameras
    told = sum(result.cached for result in still.results)
    assert state.cached == told > 0
    assert state.looked == len(still.results) - told
    assert state.gated > 0
    assert state.rate == 0.0
    assert state.seen_at is not None
    assert still.clock.mono() - state.seen_at <= 2.5
