"""How the benches of many cameras count: worst camera, growth, parts of the program."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import pytest

from embereye.bench import scale, scale_costs
from embereye.bench.rtsp_load import LoadFigures
from embereye.bench.rtsp_sender import Sent
from embereye.bench.scale_costs import memory, processor_seconds
from embereye.bench.scale_look import Between, Look
from embereye.bench.scale_plan import PLANS
from embereye.bench.scale_trend import slope
from embereye.model.camera import CaptureCounters
from embereye.model.errors import EmberEyeError
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.process import Child

_ONE, _TWO = CameraId("one"), CameraId("two")


def _look(at: float, counters: dict[CameraId, CaptureCounters], sent: Sent | None = None) -> Look:
    return Look(at, counters, {"console": at / 10}, LoadFigures(0.0, {"one": sent or Sent()}), 0)


def _counters(delivered: int, newest: float | None) -> CaptureCounters:
    last = None if newest is None else Stamp(newest, newest)
    return CaptureCounters(delivered=delivered, due=delivered, last_frame=last)


def _kept(first: CaptureCounters, last: CaptureCounters) -> float:
    return Between(_look(100.0, {_ONE: first}), _look(110.0, {_ONE: last})).kept(_ONE, 15.0)


@pytest.mark.parametrize(
    ("first", "last", "kept"),
    [
        # counters of different age: frames are counted between the pictures themselves
        ((0, 99.9), (135, 108.9), 1.0),
        ((0, 99.9), (120, 109.9), 0.8),
        # pictures stopped: the whole time counts
        ((0, 99.9), (15, 101.0), 0.1),
        # none at all, not even before
        ((0, None), (0, None), 0.0),
        # a server that is quicker than it says gives nothing away
        ((0, 99.9), (200, 109.9), 1.0),
    ],
)
def test_kept_is_the_share_of_what_was_due(
    first: tuple[int, float | None], last: tuple[int, float | None], kept: float
) -> None:
    assert _kept(_counters(*first), _counters(*last)) == pytest.approx(kept, abs=0.001)


def test_what_happened_between_two_looks_is_the_difference() -> None:
    first = _look(10.0, {_ONE: _counters(5, 9.0), _TWO: _counters(7, 9.0)}, Sent(sent=3, late=1))
    last = _look(20.0, {_ONE: _counters(9, 19.0), _TWO: _counters(8, 19.0)}, Sent(sent=33, late=1))
    between = Between(first, last)
    assert between.sum("delivered") == 5
    assert (between.sent, between.dropped, between.late) == (30, 0, 0)
    assert between.cores == {"console": pytest.approx(0.1)}


def test_slope_is_growth_per_hour() -> None:
    points = [(10.0 * number, 1.0 + number) for number in range(10)]
    assert slope(points) == pytest.approx(360.0)
    assert slope([(at, 0.5) for at, _ in points]) == pytest.approx(0.0)
    assert slope(points[:2]) == 0.0


def test_a_part_that_a_profile_has_not_is_refused_by_name() -> None:
    with pytest.raises(EmberEyeError, match="tiles25, tiles64, tiles100"):
        scale.run("p5", 1.0, "tiles1000")
    assert [plan.parts[0].name for plan in scale._chosen("p5", "tiles64")] == ["tiles64"]
    assert scale._chosen("p5", "viewers") == []


def _wait(pipe: Connection) -> None:
    pipe.send(os.getpid())
    pipe.recv()


@contextmanager
def _child(name: str) -> Iterator[None]:
    child = Child(name, _wait)
    try:
        assert child.receive(20.0) is not None
        yield
    finally:
        child.close()


def test_processes_of_one_kind_are_added_up_by_name() -> None:
    with _child("capture 1"), _child("capture 12"):
        parts = processor_seconds()
        names = [part for part, _ in scale_costs._processes()]
    assert names.count("capture") == 2
    assert parts["capture"] > 0
    assert parts["console"] > 0


def test_the_load_is_not_the_programs_memory() -> None:
    with _child("load server"):
        everything, program = memory(()), memory(("load server",))
    assert program.resident < everything.resident - 0.005
    assert program.best <= program.resident
    assert sum(program.parts.values()) == pytest.approx(program.best)
    assert "load server" not in program.parts
    assert "load server" in everything.parts


def test_requirements_are_in_the_plans() -> None:
    sizes = {name: (plans[0].cameras, plans[0].devices) for name, plans in PLANS.items()}
    assert sizes == {
        "p0": (5, 5),
        "p1": (10, 20),
        "p2": (30, 40),
        "p3": (60, 60),
        "p4": (80, 80),
        "p5": (100, 100),
    }
    assert [part.layout**2 for part in PLANS["p5"][0].parts] == [25, 64, 100]
