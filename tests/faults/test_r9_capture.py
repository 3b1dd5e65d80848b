"""Capture that is killed, frozen or hung is replaced, and nobody else notices (R9)."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pytest
from camera_parts import RtspServer, rtsp_server
from camera_wall import CameraWall, Observer, observed
from coded_pictures import RATE, coded_clip

from embereye.config.schema import Camera
from embereye.model.camera import CameraState

pytestmark = pytest.mark.paced

_REPLACED = 10.0  # s; R9
_KEPT = 0.95  # of the pictures of all others; R9
_DRIFT = 2  # threads and descriptors; R9
_STALE = 2.5  # s; R10, with 0.25 between two looks of the register
_GONE = 1.0  # s; pictures that were on their way have been shown by then
_LOOK = 0.02  # s
_PAUSE = threading.Event()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coded_clip(tmp_path_factory.mktemp("clip") / "yard.mp4")


@pytest.fixture
def server(clip: Path) -> Iterator[RtspServer]:
    with rtsp_server(clip) as running:
        yield running


@contextmanager
def _wall(server: RtspServer, cameras: int, processes: int = 0) -> Iterator[CameraWall]:
    """A wall whose cameras are all live."""
    names = [f"c{number}" for number in range(cameras)]
    # What is learned about each picture takes memory for a while; that is no leak.
    usual = {"picture_checks": False, "detect": False}
    fields = [
        {"id": name, "name": name, "source": server.url(f"yard.{name}"), **usual} for name in names
    ]
    wall = CameraWall([Camera.model_validate(each) for each in fields], processes=processes)
    try:
        _wait(30.0, lambda: _live(wall) == cameras)  # a capture process starts in seconds
        yield wall
    finally:
        late = wall.close()
    assert not late


def _live(wall: CameraWall) -> int:
    return sum(status.state is CameraState.LIVE for status in wall.statuses().values())


def _wait(seconds: float, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        _PAUSE.wait(_LOOK)


def _prove(wall: CameraWall, observer: Observer, victims: set[str], begin: float) -> None:
    """Those hit stop looking live, come back in time, and all others lose nothing."""

    def all_back() -> bool:
        return all((observer.seen[name].back_after(begin + _GONE) or 0) > 0 for name in victims)

    _wait(_REPLACED - _GONE, all_back)
    for name in victims:
        stale = observer.seen[name].not_live_after(begin)
        assert stale is not None
        assert stale <= _STALE
        assert (observer.seen[name].back_after(begin + _GONE) or 0) + _GONE <= _REPLACED
    end = wall.clock.mono()
    for name in observer.seen.keys() - victims:
        assert observer.seen[name].rate(begin, end) >= _KEPT * RATE
        assert observer.seen[name].not_live_after(begin) is None
    assert not any(sighting.damaged for sighting in observer.seen.values())


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGSTOP])
def test_a_capture_process_that_dies_or_freezes_is_replaced(
    server: RtspServer, kind: signal.Signals
) -> None:
    with _wall(server, cameras=4, processes=2) as wall:
        first, second = wall.cameras.site.hosts
        victims = {str(capture.key.camera) for capture in first.captures}
        assert 0 < len(victims) < 4
        with observed(wall, dict.fromkeys(wall.statuses(), server.epoch)) as observer:
            _PAUSE.wait(1.0)
            assert first.pid is not None
            begin = wall.clock.mono()
            os.kill(first.pid, kind)
            _PAUSE.wait(_GONE)  # the shared pictures still stand
            _prove(wall, observer, victims, begin)
        assert (first.restarts, second.restarts) == (1, 0)


def test_a_native_call_that_never_returns_is_left_behind(server: RtspServer) -> None:
    with (
        _wall(server, cameras=4) as wall,
        observed(wall, dict.fromkeys(wall.statuses(), server.epoch)) as observer,
    ):
        _PAUSE.wait(1.0)
        begin = wall.clock.mono()
        release = wall.hang("c0")
        try:
            _PAUSE.wait(_GONE)
            _prove(wall, observer, {"c0"}, begin)
        finally:
            release.set()


@dataclass(frozen=True, slots=True)
class _Usage:
    """What processes hold."""

    threads: int
    descriptors: int
    megabytes: float


def _usage(processes: Sequence[psutil.Process]) -> _Usage:
    return _Usage(
        sum(process.num_threads() for process in processes),
        sum(process.num_fds() for process in processes),
        sum(process.memory_info().rss for process in processes) / 1e6,
    )


def _reconnect(server: RtspServer, wall: CameraWall, rounds: int) -> int:
    """Cut all cameras at once, `rounds` times, as soon as all are back; the reconnects."""
    for _ in range(rounds):
        before = {name: status.counters.reconnects for name, status in wall.statuses().items()}
        server.fault("reset")
        _wait(15.0, partial(_all_reconnected, wall, before))
    return rounds * len(before)


def _all_reconnected(wall: CameraWall, before: Mapping[str, int]) -> bool:
    return all(
        status.state is CameraState.LIVE and status.counters.reconnects > before[name]
        for name, status in wall.statuses().items()
    )


@pytest.mark.parametrize(
    ("cameras", "rounds", "processes", "most"),
    [
        (10, 6, 0, 6.0),
        pytest.param(20, 50, 0, 10.0, marks=pytest.mark.slow),
        pytest.param(20, 50, 2, 20.0, marks=pytest.mark.slow),
    ],
)
def test_reconnects_leave_nothing_behind(
    server: RtspServer, cameras: int, rounds: int, processes: int, most: float
) -> None:
    """`most`: MB of growth; the 60 or 1,000 reconnects come after two rounds to get warm."""
    with _wall(server, cameras, processes) as wall:
        hosts = wall.cameras.site.hosts
        watched = [psutil.Process(), *(psutil.Process(host.pid) for host in hosts)]
        _reconnect(server, wall, 2)
        before = _usage(watched)
        begin = time.monotonic()
        made = _reconnect(server, wall, rounds)
        seconds = time.monotonic() - begin
        after = _usage(watched)
        sys.stdout.write(f"{made} reconnects in {seconds:.0f} s: {before} {after}\n")
    assert abs(after.threads - before.threads) <= _DRIFT
    assert abs(after.descriptors - before.descriptors) <= _DRIFT
    assert after.megabytes - before.megabytes <= most
