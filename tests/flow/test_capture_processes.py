"""Cameras read in processes of their own: seen, killed, hung, moved, asked for passwords."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from embereye.ingest.views import Stream
from embereye.model.camera import CameraState
from embereye.model.ids import CameraId
from tests.camera_parts import make_clip, rtsp_server
from tests.capture_parts import SIZE, ProcessSite, process_site

pytestmark = pytest.mark.paced  # real processes and limits in seconds

_CARD = "testcard:320x240"
_CANARY = "cAn@ry:/7%x"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[ProcessSite]:
    with process_site(1, tmp_path) as site:
        yield site


@pytest.fixture
def two(tmp_path: Path) -> Iterator[ProcessSite]:
    with process_site(2, tmp_path) as site:
        yield site


def test_pictures_counters_and_states_come_from_the_process(one: ProcessSite) -> None:
    one.demand("card")
    running = one.start("card", _CARD)
    one.wait(lambda: one.seq("card") > 5)
    tile = one.views.newest(CameraId("card"), *SIZE)
    assert tile is not None
    assert tile.pixels.shape == (120, 160, 4)
    assert one.clock.mono() - tile.at.mono < 1.0
    frame = one.views.take(CameraId("card"))
    assert frame is not None
    assert frame.pixels.shape == (240, 320, 3)
    one.wait(lambda: running.counters.delivered > 5)
    assert running.counters.cpu > 0
    assert one.states("card")[:2] == [CameraState.CONNECTING, CameraState.LIVE]
    assert one.host.pid != os.getpid()


def test_another_tile_size_is_followed_and_nobody_looking_stops_the_tiles(one: ProcessSite) -> None:
    one.demand("card")
    one.start("card", _CARD)
    one.wait(lambda: one.seq("card") > 0)
    one.demand("card", size=(80, 60))

    def smaller() -> bool:
        tile = one.views.newest(CameraId("card"), 80, 60)
        return tile is not None and tile.pixels.shape == (60, 80, 4)

    one.wait(smaller)
    one.demand()
    one.wait(lambda: one.views.newest(CameraId("card"), 80, 60) is None)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
def test_a_killed_or_hung_process_is_replaced_within_ten_seconds_and_counts_on(
    one: ProcessSite, sent: signal.Signals
) -> None:
    one.demand("card")
    running = one.start("card", _CARD)
    one.wait(lambda: running.counters.delivered > 10)
    before, pid = running.counters.delivered, one.host.pid
    newest = one.views.newest(CameraId("card"), *SIZE)
    assert pid is not None
    assert newest is not None
    os.kill(pid, sent)
    struck = one.clock.mono()

    def back() -> bool:
        tile = one.views.newest(CameraId("card"), *SIZE)
        return tile is not None and tile.at.mono > struck + 0.5

    assert one.wait(back) < 10.0
    assert one.host.restarts == 1
    one.wait(lambda: running.counters.delivered > before)


def test_after_a_death_no_decoder_chip_is_tried_again(one: ProcessSite) -> None:
    """A driver that crashes takes its process along."""
    one.demand("card")
    one.start("card", _CARD, hardware="auto")
    one.wait(lambda: one.seq("card") > 0)
    os.kill(one.host.pid or 0, signal.SIGKILL)
    one.wait(lambda: one.host.restarts == 1)
    assert [capture.camera.hardware for capture in one.host.captures] == ["off"]


def test_cameras_of_another_process_notice_nothing(two: ProcessSite) -> None:
    two.demand("left", "right")
    two.start("left", _CARD)
    right = two.start("right", _CARD)
    assert {len(host.captures) for host in two.site.hosts} == {1}
    two.wait(lambda: two.seq("left") > 5 and two.seq("right") > 5)
    pid = two.site.hosts[0].pid
    assert pid is not None
    before, begin = right.counters, two.clock.mono()
    os.kill(pid, signal.SIGKILL)
    seq = two.seq("left")
    two.wait(lambda: two.site.hosts[0].restarts == 1 and two.seq("left") != seq)
    seconds = two.clock.mono() - begin
    two.wait(lambda: right.counters.last_frame != before.last_frame)
    lost = (right.counters.due - before.due) - (right.counters.delivered - before.delivered)
    assert lost <= max(2, 0.05 * 25 * seconds)


def test_a_camera_moves_live_without_a_gap(two: ProcessSite) -> None:
    two.demand("card")
    running = two.start("card", _CARD)
    first, second = two.site.hosts
    two.wait(lambda: running.counters.delivered > 10)
    delivered = running.counters.delivered
    assert two.site.move(CameraId("card"), second)
    assert not two.site.move(CameraId("card"), second), "it is on its way"
    gaps: list[float] = []
    seen = [two.clock.mono(), two.seq("card")]

    def moved() -> bool:
        tile = two.views.newest(CameraId("card"), *SIZE)
        assert tile is not None
        gaps.append(two.clock.mono() - tile.at.mono)
        return not first.captures and two.clock.mono() - seen[0] > 2.0

    two.wait(moved)
    assert max(gaps) < 1.0
    assert [capture.key.camera for capture in second.captures] == ["card"]
    two.wait(lambda: running.counters.delivered > delivered + 10)
    assert two.states("card").count(CameraState.CONNECTING) == 1, "nobody was told of the move"


def test_a_camera_that_does_not_answer_the_new_process_stays(
    two: ProcessSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embereye.services.capture_place._HANDOVER", 0.5)
    two.demand("card")
    two.start("card", _CARD)
    first, second = two.site.hosts
    two.wait(lambda: two.seq("card") > 5 and second.pid is not None)
    assert second.pid is not None
    os.kill(second.pid, signal.SIGSTOP)
    try:
        assert two.site.move(CameraId("card"), second)
        two.wait(lambda: not second.captures)
        seq = two.seq("card")
        two.wait(lambda: two.seq("card") > seq)
        assert [capture.key.camera for capture in first.captures] == ["card"]
        two.demand("card", size=(80, 60))  # the old process hears of wishes again
        two.wait(lambda: two.views.newest(CameraId("card"), 80, 60).pixels.shape[0] == 60)
    finally:
        os.kill(second.pid, signal.SIGCONT)


def test_the_console_is_asked_for_passwords(one: ProcessSite, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "yard.mp4", seconds=2.0)
    one.password = _CANARY
    one.demand("yard")
    with rtsp_server(clip, auth="digest", user="bob", password=_CANARY) as server:
        one.start("yard", server.url("yard"), user="bob", open_timeout=2.0)
        one.wait(lambda: one.seq("yard") > 0)
        process = psutil.Process(one.host.pid)
        assert _CANARY not in " ".join(process.cmdline())
    assert one.asked == ["yard"]


def test_a_missing_password_is_said(one: ProcessSite) -> None:
    one.start("yard", "rtsp://127.0.0.1:9/yard", user="bob")
    one.wait(lambda: CameraState.WRONG_PASSWORD in one.states("yard"))


def test_what_the_process_logs_comes_to_the_console(
    one: ProcessSite, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        one.start("yard", "rtsp://127.0.0.1:9/yard")
        one.wait(lambda: "camera yard: no signal" in caplog.text)


def test_a_file_that_vanished_is_said(one: ProcessSite, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "gone.mp4", seconds=1.0)
    one.demand("gone")
    one.start("gone", str(clip))
    clip.unlink()  # before the process, which starts now, can open it
    bad = {CameraState.UNSUPPORTED, CameraState.NO_SIGNAL}
    one.wait(lambda: bad & set(one.states("gone")))


def test_nothing_is_left_after_the_end(tmp_path: Path) -> None:
    with process_site(1, tmp_path) as site:
        site.demand("card")
        site.start("card", _CARD)
        site.wait(lambda: site.seq("card") > 0)
        pid = site.host.pid
        assert list(Path("/dev/shm").glob(f"embereye-{pid}-*"))
        site.site.stop(CameraId("card"))
        site.wait(lambda: not list(Path("/dev/shm").glob(f"embereye-{pid}-*")))
        assert site.views.of(CameraId("card"), Stream.MAIN) is None
    assert pid is not None
    assert not psutil.pid_exists(pid)
