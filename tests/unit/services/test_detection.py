"""Which camera is looked at next."""

import itertools
from threading import Event, Thread

import pytest
from fakes import FakeClock
from feeder_parts import Bench, Pictures

from embereye.model.detection import Verification
from embereye.model.ids import CameraId
from embereye.runtime.clock import SystemClock
from embereye.services.detection import DetectionFeeder, FeederOptions, pool_options
from embereye.vision.pool import DetectorPool
from embereye.vision.pool_child import PoolOptions

YARD, HALL = CameraId("yard"), CameraId("hall")


def test_a_moving_camera_gets_the_full_rate(clock: FakeClock):
    bench = Bench(clock, {YARD})
    bench.feeder.watch((YARD,))

    assert len(bench.run(10)) == pytest.approx(80, abs=4)


def test_a_still_camera_gets_the_floor_rate_never_zero(clock: FakeClock):
    bench = Bench(clock)
    bench.feeder.watch((YARD,))
    bench.run(5)  # the first seconds are full rate

    assert 2 <= len(bench.run(4)) <= 3


def test_a_still_camera_gets_a_burst_now_and_then(clock: FakeClock):
    bench = Bench(clock)
    bench.feeder.watch((YARD,))
    bench.run(5)

    assert 16 + 8 <= len(bench.run(20)) <= 60


def test_a_burst_is_asked_for_where_no_frame_comes(clock: FakeClock):
    """Of some cameras only key frames are decoded until then, one in 20 s."""
    bench = Bench(clock)
    bench.source.silent.add(YARD)
    bench.feeder.watch((YARD,))
    bench.run(9)
    assert YARD not in bench.source.attended
    bench.run(2)
    assert bench.source.attended[YARD] > clock.mono()
    first = bench.source.attended[YARD]
    bench.run(10)
    assert bench.source.attended[YARD] == pytest.approx(first + 10, abs=0.1)


def test_a_camera_of_key_frames_gets_its_bursts_less_often(clock: FakeClock):
    """Its pictures come each second while nothing moves: the machine must save."""
    bench = Bench(clock)
    bench.feeder.watch((YARD,))
    begins = []
    until = 0.0
    for _ in range(120):
        attended = bench.source.attended.get(YARD, 0.0)
        if attended > until + 5.0:
            begins.append(clock.mono())
        until = max(until, attended)
        burst = attended > clock.mono()
        bench.source.silent = set() if burst else {YARD}
        bench.run(0.9)
        bench.source.silent = set()
        bench.run(0.1)
    gaps = [later - earlier for earlier, later in itertools.pairwise(begins)]
    assert gaps
    assert min(gaps[1:]) >= 25.0


def test_changed_verification_times_go_with_the_next_picture(clock: FakeClock):
    bench = Bench(clock, {YARD})
    bench.feeder.watch((YARD,))
    bench.run(0.5)
    bench.feeder.verify({YARD: Verification(9.0, 20.0)})
    bench.run(0.5)

    assert bench.pool.times[0] == Verification()
    assert bench.pool.times[-1] == Verification(9.0, 20.0)


def test_motion_brings_the_full_rate_back(clock: FakeClock):
    bench = Bench(clock)
    bench.feeder.watch((YARD,))
    bench.run(5)
    bench.source.moving.add(YARD)

    assert len(bench.run(4)) >= 28


def test_where_something_moves_every_picture_is_asked_for(clock: FakeClock):
    bench = Bench(clock, {YARD})
    bench.feeder.watch((YARD, HALL))
    bench.run(5)
    assert bench.source.attended[YARD] > clock.mono()
    assert bench.source.attended[HALL] <= clock.mono()


def test_a_hurried_camera_is_attended_before_its_next_picture(clock: FakeClock):
    bench = Bench(clock)
    bench.feeder.hurry(YARD, 7.0)
    assert bench.source.attended[YARD] == clock.mono() + 7.0


def test_a_suspicious_score_keeps_the_full_rate(clock: FakeClock):
    bench = Bench(clock)
    bench.pool.fire = 0.5
    bench.feeder.watch((YARD,))
    bench.run(5)

    assert len(bench.run(4)) >= 28


def test_a_picture_that_is_suspicious_by_itself_keeps_the_full_rate(clock: FakeClock):
    bench = Bench(clock)
    bench.pool.suspicion = 0.5
    bench.feeder.watch((YARD,))
    bench.run(5)

    assert len(bench.run(4)) >= 28


def test_a_hurried_camera_gets_the_full_rate_for_a_while(clock: FakeClock):
    bench = Bench(clock)
    bench.feeder.watch((YARD,))
    bench.run(5)
    bench.feeder.hurry(YARD, 3.0)

    assert len(bench.run(3)) >= 20
    bench.run(1)
    assert len(bench.run(4)) <= 4


def test_the_camera_that_waited_longest_comes_first(clock: FakeClock):
    bench = Bench(clock, {YARD, HALL})
    bench.feeder.watch((YARD, HALL))
    bench.run(1)
    bench.pool.stuck.add(HALL)
    bench.run(1)
    bench.pool.stuck.clear()

    assert bench.run(0.2)[0] == HALL


def test_a_stuck_child_does_not_hold_up_other_cameras(clock: FakeClock):
    bench = Bench(clock, {YARD, HALL})
    bench.feeder.watch((YARD, HALL))
    bench.pool.stuck.add(YARD)

    assert bench.run(5).count(HALL) >= 35


def test_a_camera_without_frames_does_not_hold_up_others(clock: FakeClock):
    bench = Bench(clock, {YARD, HALL})
    bench.source.silent.add(YARD)
    bench.feeder.watch((YARD, HALL))

    assert bench.run(5).count(HALL) >= 35


def test_every_verdict_reaches_the_sink(clock: FakeClock):
    bench = Bench(clock, {YARD})
    bench.feeder.watch((YARD,))
    looked = bench.run(3)

    assert len(bench.results) in (len(looked), len(looked) - 1)


def test_a_camera_no_longer_watched_is_forgotten(clock: FakeClock):
    bench = Bench(clock, {YARD, HALL})
    bench.feeder.watch((YARD, HALL))
    bench.run(1)
    bench.feeder.watch((HALL,))

    assert YARD not in bench.run(2)
    assert bench.pool.gone == [YARD]


def test_the_snapshot_tells_rate_and_scores(clock: FakeClock):
    bench = Bench(clock, {YARD})
    bench.pool.fire = 0.4
    bench.feeder.watch((YARD,))
    bench.run(5)

    state = bench.feeder.current.cameras[0]
    assert (state.camera, state.fire, state.active) == (YARD, 0.4, True)
    assert state.rate == pytest.approx(8, abs=1)
    assert state.latency == pytest.approx(0.01, abs=0.011)


@pytest.mark.parametrize(
    ("wanted", "cores", "processes"), [(0, 1, 1), (0, 2, 1), (0, 4, 3), (0, 64, 4), (6, 2, 6)]
)
def test_processes_follow_the_cores_unless_set(wanted: int, cores: int, processes: int):
    assert pool_options(wanted, "", cores).processes == processes


def test_the_worker_runs_a_real_pool_and_stops():
    clock, seen = SystemClock(), Event()
    source = Pictures(clock, {YARD})
    feeder = DetectionFeeder(
        source,
        lambda result: seen.set(),
        clock,
        FeederOptions(),
        lambda: DetectorPool(PoolOptions(), clock),
    )
    feeder.watch((YARD,))
    stop = Event()
    thread = Thread(target=feeder.run, args=(stop,))
    thread.start()

    arrived = seen.wait(30)
    stop.set()
    thread.join(5)

    assert arrived
    assert not thread.is_alive()
