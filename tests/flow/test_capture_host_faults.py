"""What capture processes withstand: outages, hung and dead ones, key rings, bugs of our own."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event

import psutil
import pytest

from embereye.ingest.views import Stream
from embereye.model.camera import CameraState
from embereye.model.errors import ConfigError
from embereye.model.frame import Tile, ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import CaptureChanged, WorkerFailed
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads
from tests import host_children
from tests.camera_parts import make_clip, rtsp_server
from tests.capture_parts import SIZE, ProcessSite, process_site
from tests.host_parts import HostBench, blocks_of, host_bench

pytestmark = pytest.mark.paced  # real processes and limits in seconds

_CARD = "testcard:320x240"
_MANY = tuple(f"c{number}" for number in range(40))


@pytest.fixture
def one(tmp_path: Path) -> Iterator[ProcessSite]:
    with process_site(1, tmp_path) as site:
        yield site


@pytest.fixture
def mute(tmp_path: Path) -> Iterator[HostBench]:
    """A process that gives one sign of life and reads nothing, with many cameras."""
    with host_bench(tmp_path, host_children.mute) as bench:
        for name in _MANY:
            bench.begin(name)
        bench.start()
        yield bench


def _newest(site: ProcessSite, name: str, size: tuple[int, int] = SIZE) -> Tile | None:
    return site.views.newest(CameraId(name), *size)


def _fresh(site: ProcessSite, name: str, since: float) -> bool:
    """Whether a picture that was made after `since` (monotonic s) is shown."""
    tile = _newest(site, name)
    return tile is not None and tile.at.mono > since


def _look_away_and_back(site: ProcessSite, name: str) -> float:
    """Another layout for a moment; when it was over, monotonic s."""
    view = site.views.of(CameraId(name), Stream.MAIN)
    assert view is not None
    site.demand()
    site.wait(lambda: view.tiles == ())
    site.demand(name)
    site.wait(lambda: [size for size, _ in view.tiles] == [SIZE])
    return site.clock.mono()


def _drag(bench: HostBench, width: int) -> None:
    """Somebody drags the window: all tiles have another size."""
    bench.demand((100 + width % 500, 80), *_MANY)


# --- what is shown -------------------------------------------------------------------------------


def test_a_layout_left_and_chosen_again_during_an_outage_shows_pictures_after_it(
    one: ProcessSite, tmp_path: Path
) -> None:
    with rtsp_server(make_clip(tmp_path / "yard.mp4", seconds=2.0)) as server:
        one.demand("yard")
        running = one.start("yard", server.url("yard"), open_timeout=2.0, read_timeout=1.0)
        one.wait(lambda: one.seq("yard") > 0)
        os.kill(server.pid, signal.SIGSTOP)
        try:
            one.wait(lambda: CameraState.NO_SIGNAL in one.states("yard"))
            back = _look_away_and_back(one, "yard")
        finally:
            os.kill(server.pid, signal.SIGCONT)
        running.retry()
        one.wait(lambda: one.states("yard")[-1] is CameraState.LIVE)
        one.wait(lambda: _fresh(one, "yard", back), 2.0)


def test_a_layout_left_and_chosen_again_between_two_pictures_shows_the_next_one(
    one: ProcessSite, tmp_path: Path
) -> None:
    one.demand("yard")
    one.start("yard", str(make_clip(tmp_path / "yard.mp4", seconds=20.0, rate=1)))
    one.wait(lambda: one.seq("yard") > 0)
    seq = one.seq("yard")
    one.wait(lambda: one.seq("yard") > seq)
    back = _look_away_and_back(one, "yard")
    one.wait(lambda: _fresh(one, "yard", back), 3.0)


def test_a_source_that_was_missing_at_a_restart_comes_back_by_itself(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "yard.mp4", seconds=2.0)
    with host_bench(tmp_path, host_children.impatient) as bench:
        capture = bench.begin("yard", str(clip))
        clip.rename(tmp_path / "away.mp4")
        bench.start()
        bench.wait(lambda: _states(bench) == [CameraState.UNSUPPORTED])
        (tmp_path / "away.mp4").rename(clip)
        bench.wait(lambda: _states(bench)[-1] is CameraState.LIVE)
        bench.wait(lambda: capture.counters.delivered > 5)


def test_a_source_that_was_missing_at_a_restart_comes_back_when_told_to_retry(
    one: ProcessSite, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "yard.mp4", seconds=2.0)
    one.demand("yard")
    running = one.start("yard", str(clip))
    one.wait(lambda: one.seq("yard") > 0)
    clip.rename(tmp_path / "away.mp4")
    os.kill(one.host.pid or 0, signal.SIGKILL)
    one.wait(lambda: CameraState.UNSUPPORTED in one.states("yard"))
    (tmp_path / "away.mp4").rename(clip)
    since = one.clock.mono()
    running.retry()
    one.wait(lambda: _fresh(one, "yard", since), 3.0)


# --- processes that hang, die and fail -----------------------------------------------------------


def test_a_process_that_stops_reading_is_replaced_whatever_is_wanted_of_it(mute: HostBench) -> None:
    turns = iter(range(10_000))

    def replaced() -> bool:
        _drag(mute, next(turns))
        return mute.host.restarts == 1

    assert mute.wait(replaced, 7.0) < 6.0


def test_a_process_that_stops_reading_delays_no_stop(mute: HostBench) -> None:
    view = mute.views.of(CameraId(_MANY[0]), Stream.MAIN)
    assert view is not None
    mute.wait(lambda: mute.host.pid is not None)
    turns = iter(range(10_000))

    def heard() -> bool:
        turn = next(turns)
        _drag(mute, turn)
        return turn > 200 and bool(view.tiles)

    mute.wait(heard)
    assert mute.end(4.0) < 2.0
    assert mute.host.pid is None


def test_a_bug_in_the_hosts_thread_begins_its_process_anew_with_all_cameras(
    tmp_path: Path,
) -> None:
    with host_bench(tmp_path) as bench:
        captures = [bench.begin(name, _CARD) for name in ("left", "right")]
        pids: set[int | None] = set()

        def faulty(message: object) -> None:
            pids.add(bench.host.pid)
            if len(pids) == 1:
                raise OSError(24, "Too many open files")
            bench.posted.append(message)

        bench.post = faulty
        supervisor = Supervisor(PlainThreads(), bench.clock, lambda _message: None)
        supervisor.start("capture 1", bench.host)
        try:
            bench.wait(lambda: all(capture.counters.decoded > 5 for capture in captures))
        finally:
            assert supervisor.stop_all() == []
        first, second = pids
        assert not psutil.pid_exists(first or 0) or first == second
        assert not blocks_of(first)
        assert not blocks_of(second)


def test_what_failed_in_a_process_is_taken_back_when_that_one_is_gone(tmp_path: Path) -> None:
    with host_bench(tmp_path, host_children.failing) as bench:
        bench.start()
        bench.wait(lambda: bench.host.restarts > 0)
        told = [message for message in bench.posted if isinstance(message, WorkerFailed)]
    assert [(message.name, message.recovered) for message in told[:2]] == [
        ("camera-yard-main-1", False),
        ("camera-yard-main-1", True),
    ]


# --- passwords -----------------------------------------------------------------------------------


def test_a_key_ring_that_fails_once_is_said_and_asked_again(
    one: ProcessSite, tmp_path: Path
) -> None:
    one.password = "secret12"
    one.refusals.append(ConfigError("The stored passwords cannot be read."))
    with rtsp_server(
        make_clip(tmp_path / "yard.mp4", seconds=2.0),
        auth="digest",
        user="bob",
        password="secret12",
    ) as server:
        one.demand("yard")
        running = one.start("yard", server.url("yard"), user="bob", open_timeout=2.0)
        one.wait(lambda: CameraState.NO_SIGNAL in one.states("yard"), 4.0)
        running.retry()
        one.wait(lambda: one.seq("yard") > 0, 4.0)
    details = [message.detail for message in one.posted if isinstance(message, CaptureChanged)]
    assert any("stored passwords cannot be read" in detail for detail in details)


def test_a_late_answer_never_reaches_a_question_of_the_next_process(tmp_path: Path) -> None:
    """Both ask their first question; the answer to the dead one comes while the other waits."""
    gate = Event()

    def password(camera: str) -> str:
        if camera == "old":
            gate.wait(5)
        return f"that of {camera}"

    with host_bench(tmp_path, partial(host_children.asking, first=tmp_path / "first")) as bench:
        bench.password = password
        bench.start()
        bench.wait(lambda: "the next one asks" in bench.posted)
        gate.set()
        bench.wait(lambda: len(bench.posted) > 1)
        assert bench.posted[1] == "answer: that of new"


# --- what is left --------------------------------------------------------------------------------


def test_a_camera_that_is_removed_from_a_hung_process_leaves_no_memory_when_that_is_killed(
    one: ProcessSite,
) -> None:
    one.demand("card", "other")
    one.start("card", _CARD)
    one.start("other", _CARD)
    one.wait(lambda: one.seq("card") > 0 and one.seq("other") > 0)
    pid = one.host.pid
    assert pid is not None
    assert blocks_of(pid)
    os.kill(pid, signal.SIGSTOP)
    one.site.stop(CameraId("card"))
    one.demand("other", size=(80, 60))
    view = one.views.of(CameraId("other"), Stream.MAIN)
    assert view is not None
    one.wait(lambda: [size for size, _ in view.tiles] == [(80, 60)])  # told after the removal
    os.kill(pid, signal.SIGKILL)
    one.wait(lambda: one.host.restarts == 1)
    assert not blocks_of(pid)


def test_three_hundred_layouts_leave_descriptors_threads_and_memory_as_they_were(
    one: ProcessSite,
) -> None:
    names = ("left", "middle", "right")
    one.demand(*names)
    for name in names:
        one.start(name, _CARD)

    def shown(size: tuple[int, int]) -> bool:
        tiles = (_newest(one, name, size) for name in names)
        return all(tile is not None and tile.pixels.shape[:2] == size[::-1] for tile in tiles)

    def facts() -> tuple[int, ...]:
        console, process = psutil.Process(), psutil.Process(one.host.pid)
        both = (console, process)
        return (
            *(each.num_fds() for each in both),
            *(each.num_threads() for each in both),
            len(blocks_of(one.host.pid)),
        )

    def followed(size: tuple[int, int]) -> bool:
        views = (one.views.of(CameraId(name), Stream.MAIN) for name in names)
        return all(view is not None and view.slot(size) is not None for view in views)

    one.wait(lambda: shown(SIZE))
    before = facts()
    for step in range(100):
        size = (64 + 4 * step, 48)
        one.views.demand([ViewDemand(CameraId(name), (size,), 25.0) for name in names])
        one.wait(partial(followed, size))
    one.demand(*names)
    one.wait(lambda: shown(SIZE) and facts() == before)


def _states(bench: HostBench) -> list[CameraState]:
    return [message.state for message in bench.posted if isinstance(message, CaptureChanged)]
