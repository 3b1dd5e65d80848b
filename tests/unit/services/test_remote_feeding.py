"""The feeder consults about what it looks at, and about nothing else."""

from dataclasses import replace

from fakes import FakeClock
from feeder_parts import Pictures, Pool

from embereye.model.detection import Detection
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.services.detection import DetectionFeeder, FeederOptions

YARD = CameraId("yard")
FLAME = Detection("fire", 0.9, 1, 2, 3, 4)


class _NotingPool(Pool):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.frames: list[Frame] = []

    def submit(self, frame: Frame) -> bool:
        self.frames.append(frame)
        return super().submit(frame)


def test_what_is_judged_is_consulted_about_and_goes_on_with_the_opinion(clock: FakeClock):
    consulted: list[Frame] = []

    def consult(frame: Frame) -> Frame:
        consulted.append(frame)
        return replace(frame, opinion=(FLAME,))

    pool = _NotingPool(clock)
    options = FeederOptions(8.0, 2.0, 0.0)
    feeder = DetectionFeeder(Pictures(clock), lambda _: None, clock, options, lambda: pool, consult)
    feeder.watch((YARD,))
    for _ in range(3_000):  # 30 s, mostly still: some of it is gated
        feeder.turn(pool, 0.0)
        clock.advance(0.01)

    assert [frame.seq for frame in consulted] == [frame.seq for frame in pool.frames]
    assert all(frame.opinion == (FLAME,) for frame in pool.frames)
