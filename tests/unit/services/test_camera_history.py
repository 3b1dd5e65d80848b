"""Ten minutes of each camera are kept, in frozen snapshots of bounded size."""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from consoles import camera
from fakes import FakeClock

from embereye.model.camera import CameraState, CameraStatus, CameraTable, CaptureCounters
from embereye.model.camera_figures import CHANNELS
from embereye.model.ids import CameraId
from embereye.runtime.engine import Engine
from embereye.services.camera_history import PERIOD, SPAN, CameraHistory
from embereye.services.camera_look import CameraDetection
from embereye.services.detection import DetectionState

_GATE = CameraId("gate")


class _Site:
    """Cameras that deliver 15 pictures a second while they are live."""

    def __init__(self, *names: str) -> None:
        self.clock = FakeClock()
        self.engine = Engine(self.clock)
        self.cameras: dict[str, CameraStatus] = {n: camera(n, self.clock) for n in names}
        table = lambda: CameraTable(1, tuple(self.cameras.values()))  # noqa: E731
        self.detection = DetectionState()
        self.history = CameraHistory(self.engine, table, lambda: self.detection)

    def run(self, looks: int) -> None:
        for _ in range(looks):
            at = self.clock.advance(PERIOD)
            for name, status in self.cameras.items():
                if status.state is CameraState.LIVE:
                    self.cameras[name] = replace(status, counters=_grown(status.counters, at))
            self.engine.step()


def _grown(counters: CaptureCounters, at: object) -> CaptureCounters:
    more = 15 * round(PERIOD)
    return replace(
        counters,
        due=counters.due + more,
        delivered=counters.delivered + more,
        decoded=counters.decoded + more,
        received=counters.received + 50_000,
        cpu=counters.cpu + 0.03,
        last_frame=at,  # type: ignore[arg-type]
    )


def test_each_look_adds_one_sample() -> None:
    site = _Site("gate")
    site.run(4)
    past = site.history.current[_GATE]
    trend = past.trend("rate", site.clock.now())
    assert np.isnan(trend.values[0])  # the first look compares with nothing
    assert trend.values[1:].tolist() == pytest.approx([15.0] * 3)
    assert trend.utc[-1] == pytest.approx(site.clock.now().utc)
    assert past.totals.delivered == 4 * 30
    assert past.newest.kbps == pytest.approx(200.0)


def test_the_figures_of_detection_are_kept_beside_those_of_capture() -> None:
    site = _Site("gate", "yard")
    seen = CameraDetection(_GATE, 5.0, 1000.0, 0.03, True, 0.0, 0.0, looked=9, cached=4, gated=7)
    site.detection = DetectionState(1, (seen,))
    site.run(3)
    past, other = site.history.current[_GATE], site.history.current[CameraId("yard")]
    assert (past.newest.looks, past.newest.verdict_ms) == (5.0, pytest.approx(30.0))
    assert past.trend("looks", site.clock.now()).values.tolist() == [5.0] * 3
    assert (past.totals.looked, past.totals.known, past.totals.gated) == (9, 4, 7)
    assert past.totals.delivered == 3 * 30
    assert (other.newest.looks, other.totals.looked) == (None, 0)


def test_ten_minutes_are_kept_and_no_more() -> None:
    site = _Site("gate")
    site.run(round(SPAN / PERIOD) + 50)
    past = site.history.current[_GATE]
    assert len(past.mono) == len(past.values) == round(SPAN / PERIOD)
    assert past.values.nbytes + past.mono.nbytes <= 27_000
    assert past.mono[-1] - past.mono[0] < SPAN


def test_a_snapshot_stays_as_it_is() -> None:
    site = _Site("gate")
    site.run(3)
    before = site.history.current
    length = len(before[_GATE].mono)
    site.run(3)
    assert len(before[_GATE].mono) == length
    with pytest.raises(ValueError, match="read-only"):
        before[_GATE].values[0, 0] = 1.0


def test_time_without_looks_is_a_gap() -> None:
    site = _Site("gate")
    site.run(4)
    site.clock.advance(60)
    site.run(1)
    values = site.history.current[_GATE].trend("rate", site.clock.now()).values
    assert np.isnan(values).tolist() == [True, False, False, False, True, False]


def test_a_camera_that_is_switched_off_leaves_a_gap() -> None:
    site = _Site("gate")
    site.run(3)
    site.cameras["gate"] = replace(site.cameras["gate"], state=CameraState.DISABLED)
    site.run(2)
    past = site.history.current[_GATE]
    assert np.isnan(past.values[-2:]).all()
    assert past.totals.delivered == 90  # totals stay


def test_a_camera_that_is_gone_is_forgotten() -> None:
    site = _Site("gate", "yard")
    site.run(3)
    del site.cameras["gate"]
    site.run(1)
    assert list(site.history.current) == [CameraId("yard")]


def test_a_leap_of_the_wall_clock_moves_no_sample() -> None:
    site = _Site("gate")
    site.run(3)
    site.clock.jump_wall(-3600)
    site.run(1)
    utc = site.history.current[_GATE].trend("rate", site.clock.now()).utc
    assert np.diff(utc).tolist() == pytest.approx([PERIOD] * 3)
    assert utc[-1] == pytest.approx(site.clock.now().utc)


def test_every_channel_has_a_trend() -> None:
    site = _Site("gate")
    site.run(2)
    past = site.history.current[_GATE]
    assert [past.trend(name, site.clock.now()).channel for name in CHANNELS] == list(CHANNELS)


@pytest.mark.serial
def test_a_look_at_a_hundred_cameras_holds_the_engine_up_for_little() -> None:
    site = _Site(*(f"c{number}" for number in range(100)))
    site.run(round(SPAN / PERIOD) + 1)
    took = []
    for _ in range(20):
        site.clock.advance(PERIOD)
        begin = perf_counter()
        site.history.look()
        took.append(perf_counter() - begin)
    assert sorted(took)[10] < 0.010
