"""Cameras that go from one capture process to another, or are refused there."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embereye.model.camera import CaptureCounters
from embereye.model.ids import CameraId
from tests.camera_parts import make_clip, rtsp_server
from tests.capture_parts import ProcessSite, process_site

pytestmark = pytest.mark.paced  # real processes and limits in seconds

_CARD = "testcard:320x240"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[ProcessSite]:
    with process_site(2, tmp_path) as site:
        yield site


@contextmanager
def _hung(pid: int | None) -> Iterator[None]:
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_camera_on_its_way_to_a_hung_process_shows_other_sizes_at_once(two: ProcessSite) -> None:
    two.demand("card")
    two.start("card", _CARD)
    first, second = two.site.hosts
    two.wait(lambda: two.seq("card") > 5 and second.pid is not None)

    def smaller() -> bool:
        tile = two.views.newest(CameraId("card"), 80, 60)
        return tile is not None and tile.pixels.shape[:2] == (60, 80)

    with _hung(second.pid):
        assert two.site.move(CameraId("card"), second)
        two.demand("card", size=(80, 60))
        assert two.wait(smaller, 8.0) < 1.0
        assert first.captures, "it was not refused yet"


def test_a_refused_camera_is_not_moved_again_at_once(
    two: ProcessSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that allows one connection, and would be the best to move each time."""
    monkeypatch.setattr("embereye.services.capture_place._HANDOVER", 0.2)
    two.demand("card")
    two.start("card", _CARD)
    _, second = two.site.hosts
    two.wait(lambda: two.seq("card") > 0 and second.pid is not None)
    with _hung(second.pid):
        assert two.site.move(CameraId("card"), second)
        two.wait(lambda: not second.captures)
        assert not two.site.move(CameraId("card"), second)


def test_counters_never_fall_at_a_slow_move(two: ProcessSite, tmp_path: Path) -> None:
    """The old process counts on for a second while the new one connects."""
    with rtsp_server(make_clip(tmp_path / "yard.mp4", seconds=4.0)) as server:
        two.demand("yard")
        running = two.start("yard", server.url("yard"), open_timeout=3.0)
        first, second = two.site.hosts
        two.wait(lambda: running.counters.delivered > 10 and second.pid is not None)
        counted: list[CaptureCounters] = []

        def grown_by(pictures: int, since: CaptureCounters) -> bool:
            counted.append(running.counters)
            return counted[-1].decoded >= since.decoded + pictures

        with _hung(second.pid):
            assert two.site.move(CameraId("yard"), second)
            begun = running.counters
            two.wait(lambda: grown_by(15, begun))
        two.wait(lambda: grown_by(15, begun) and not first.captures)
        moved = running.counters
        two.wait(lambda: grown_by(10, moved))
    for name in ("due", "delivered", "decoded", "received", "cpu"):
        # To a microsecond: sums of processor time in another order differ in the 17th digit.
        values = [round(getattr(counters, name), 6) for counters in counted]
        assert values == sorted(values), name


def test_what_was_counted_during_a_move_counts_once_when_the_process_dies_after_it(
    two: ProcessSite, tmp_path: Path
) -> None:
    with rtsp_server(make_clip(tmp_path / "yard.mp4", seconds=4.0)) as server:
        two.demand("yard")
        running = two.start("yard", server.url("yard"), open_timeout=3.0)
        first, second = two.site.hosts
        two.wait(lambda: running.counters.delivered > 10 and second.pid is not None)
        with _hung(second.pid):
            assert two.site.move(CameraId("yard"), second)
            begun = running.counters.decoded
            two.wait(lambda: running.counters.decoded >= begun + 25)
        two.wait(lambda: not first.captures)
        counted, pid = running.counters.decoded, second.pid
        os.kill(pid or 0, signal.SIGKILL)
        two.wait(lambda: second.restarts == 1 and running.counters.decoded > counted)
    assert running.counters.decoded - counted < 20
