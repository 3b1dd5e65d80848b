"""Children of the pool that take more and more memory are replaced, and no camera is lost."""

import os
import time
from collections.abc import Callable, Iterator

import numpy as np
import psutil
import pytest
from fakes import FakeClock
from pool_children import leaking

from embereye.model.detection import DetectionResult
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.vision.pool import DetectorPool
from embereye.vision.pool_child import PoolOptions

_LONG = 30.0  # s a busy machine may need
_MIB = 2**20
_ROOM = 72  # MiB above what a child has when it starts: 3 pictures of 16 MiB fit


def _limit() -> int:
    """What a fresh child of this machine may need and a leaking one soon exceeds, MiB."""
    return psutil.Process().memory_info().rss // _MIB + _ROOM


class _Bench:
    """A pool of real children on a clock that the test moves."""

    def __init__(self, clock: FakeClock, limit: int) -> None:
        self.clock = clock
        options = PoolOptions(memory=limit)
        self.pool = DetectorPool(options, clock, leaking)
        self.pool.start()

    def until(self, done: Callable[[], bool]) -> list[DetectionResult]:
        results: list[DetectionResult] = []
        end = time.monotonic() + _LONG
        while not done():
            results += self.pool.collect(0.02)
            assert time.monotonic() < end, "the pool did not get there"
        return results

    def submit(self, camera: str, level: int = 100) -> None:
        pixels = np.full((64, 64, 3), level, np.uint8)
        frame = Frame(CameraId(camera), pixels, 1, self.clock.now(), 0.0, 64, 64)
        self.until(lambda: self.pool.idle(frame.camera))
        assert self.pool.submit(frame)

    def answer(self, camera: str) -> int:
        """Process number of the child that looked."""
        self.submit(camera)
        results: list[DetectionResult] = []
        end = time.monotonic() + _LONG
        while not results:
            results += self.pool.collect(0.05)
            assert time.monotonic() < end, "no verdict"
        return int(results[0].detector.split()[1])


@pytest.fixture
def bench(clock: FakeClock) -> Iterator[_Bench]:
    bench = _Bench(clock, _limit())
    yield bench
    bench.pool.close()


def test_a_child_that_grows_without_an_end_is_ended_in_the_midst_of_its_picture(
    bench: _Bench,
) -> None:
    first = bench.answer("yard")
    bench.submit("yard", 255)
    end = time.monotonic() + _LONG
    while bench.pool.state.restarts == 0:
        bench.clock.advance(0.01)  # less than 5 s in all: no other deadline ends it
        bench.pool.collect(0.05)
        assert time.monotonic() < end
    assert bench.clock.mono() < 1000 + 5.0
    assert bench.pool.state.lost == 1
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert bench.answer("yard") != first


def test_a_child_below_its_limit_stays(clock: FakeClock) -> None:
    bench = _Bench(clock, 4096)
    children = set()
    for _ in range(3):
        clock.advance(1.0)
        children.add(bench.answer("yard"))
    bench.pool.close()
    assert len(children) == 1


def test_a_child_that_never_fits_is_told_and_started_less_and_less_often(clock: FakeClock) -> None:
    bench = _Bench(clock, 1)
    for _ in range(3):
        before = bench.pool.state.restarts
        clock.advance(5.0)
        bench.until(lambda before=before: bench.pool.state.restarts > before)
    ((name, text),) = bench.pool.state.remarks
    bench.pool.close()
    assert name == "detector 1"
    assert "needs more than 1 MiB" in text
    assert "allow it more memory" in text
