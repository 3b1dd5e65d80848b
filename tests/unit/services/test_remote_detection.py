"""The worker beside the pool, with a real server and real threads."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from servers.remote_detector import KEY, RemoteServer

from embereye.config.vision_options import RemoteDetector
from embereye.model.errors import ConfigError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.remote import RemoteCondition, RemoteSuspected
from embereye.model.stamp import Stamp
from embereye.runtime.clock import SystemClock
from embereye.services.remote_detection import RemoteDetection
from embereye.services.remote_setup import remote_setup

CLOCK = SystemClock()
LONG = 10.0  # s that a busy machine may need
PERIOD = 0.1


class Rig:
    """One worker and one server."""

    def __init__(self, server: RemoteServer) -> None:
        self.server = server
        self.key: Callable[[], str] = lambda: ""
        self.suspected: list[RemoteSuspected] = []
        self.remote = RemoteDetection(CLOCK, lambda: self.key(), self.suspected.append)

    def set_up(self, *cameras: str, **changes: object) -> None:
        options = {"enabled": True, "url": self.server.url, "period": PERIOD, **changes}
        section = RemoteDetector.model_validate(options)
        self.remote.apply(remote_setup(section, [CameraId(c) for c in cameras or ("yard",)]))

    def until(self, done: Callable[[], object], offer: Callable[[], object] = lambda: None) -> None:
        end = time.monotonic() + LONG
        while not done():
            offer()
            self.remote.turn(0.01)
            assert time.monotonic() < end, f"it did not get there: {self.remote.current}"

    def until_ready(self) -> None:
        self.until(lambda: self.remote.current.condition is RemoteCondition.WORKING)

    def consult(self, camera: str = "yard", age: float = 0.0, size: int = 64) -> Frame:
        return self.remote.consult(frame(camera, age, size))

    def land(self) -> None:
        """Wait for the threads of questions: what they say is not taken any more."""
        self.remote._over.set()
        for thread in threading.enumerate():
            if thread.name == "remote detector":
                thread.join(LONG)


def frame(camera: str = "yard", age: float = 0.0, size: int = 64) -> Frame:
    pixels = np.full((64, 64, 3), 90, np.uint8)
    pixels[16:32, 16:48] = (0, 0, 255)
    now = CLOCK.now()
    at = Stamp(now.mono - age, now.utc - age)
    return Frame(CameraId(camera), pixels, 1, at, 0.0, size, size)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with RemoteServer() as server:
        rig = Rig(server)
        yield rig
        server.close()
        rig.land()


def test_a_frame_comes_back_with_the_newest_opinion(rig):
    rig.set_up()
    rig.until(lambda: rig.consult().opinion)
    (flame,) = rig.consult().opinion
    assert flame.label == "fire"
    assert (flame.x, flame.y) == pytest.approx((16, 16), abs=4)


def test_an_opinion_is_told_in_pixels_of_the_stream_that_is_looked_at(rig):
    rig.set_up()
    rig.until(lambda: rig.consult().opinion)
    (flame,) = rig.consult(size=128).opinion
    assert (flame.x, flame.y) == pytest.approx((32, 32), abs=8)


def test_an_opinion_lasts_until_the_next_look_at_a_still_picture(rig):
    rig.set_up()
    rig.until(lambda: rig.consult().opinion)
    assert rig.consult(age=-2.25).opinion, "2 s, and up to 0.25 s until a picture comes"


def test_an_opinion_lasts_until_the_next_one_can_be_there(rig):
    rig.set_up(period=2.0, live_deadline=2.0)
    rig.until(lambda: rig.consult().opinion)
    assert rig.consult(age=-3.9).opinion
    assert rig.consult(age=-4.1).opinion is None


def test_no_opinion_lasts_longer_than_any_verdict(rig):
    rig.set_up(period=60.0)
    rig.until(lambda: rig.consult().opinion)
    assert rig.consult(age=-5.1).opinion is None


def test_an_old_opinion_is_none(rig):
    rig.set_up()
    rig.until(lambda: rig.consult().opinion)
    assert rig.consult(age=-3.0).opinion is None


def test_cameras_that_do_not_name_it_are_not_asked_about(rig):
    rig.set_up("yard")
    rig.until_ready()
    rig.until(lambda: rig.consult().opinion, lambda: rig.consult("hall"))
    assert rig.consult("hall").opinion is None


def test_fire_is_told_so_that_the_camera_is_looked_at_more_often(rig):
    rig.set_up()
    rig.until(lambda: rig.suspected, rig.consult)
    assert rig.suspected[0].camera == "yard"


def test_no_picture_is_sent_before_its_health_is_known(rig):
    rig.server.mode = "unloaded"
    rig.set_up()
    rig.until(
        lambda: rig.remote.current.condition is RemoteCondition.UNUSABLE, lambda: rig.consult()
    )
    assert set(rig.server.asked) == {"/health"}


def test_the_rate_of_a_camera_is_bounded(rig):
    rig.set_up(period=60.0)
    rig.until_ready()
    rig.until(lambda: rig.consult().opinion)
    for _ in range(20):
        rig.consult()
        rig.remote.turn(0.01)
    assert rig.server.asked.count("/detect") == 1


def test_at_most_four_pictures_are_under_way_and_one_of_each_camera(rig):
    cameras = [f"camera-{number}" for number in range(7)]
    rig.set_up(*cameras, live_deadline=5.0)
    rig.until_ready()
    rig.server.delay = 0.15

    def offer() -> None:
        for camera in cameras:
            rig.consult(camera)

    rig.until(lambda: len(rig.remote._opinions) == 7 and rig.server.most >= 4, offer)
    assert rig.server.most == 4


def test_a_hanging_server_delays_nobody(rig):
    rig.set_up()
    rig.until_ready()
    rig.server.mode = "hang"
    began = time.monotonic()
    for _ in range(20):
        rig.consult()
        rig.remote.turn(0.0)
    assert time.monotonic() - began < 0.5


def test_a_stale_picture_is_dropped_and_counted(rig):
    rig.set_up()
    rig.until_ready()
    rig.consult(age=0.7)
    rig.remote.turn(0.0)
    rig.until(lambda: rig.remote.current.stale == 1)
    assert "/detect" not in rig.server.asked


def test_five_failures_open_the_breaker_and_nothing_more_is_sent(rig):
    rig.set_up(live_deadline=0.3)
    rig.until_ready()
    rig.server.mode = "500"
    rig.until(lambda: rig.remote.current.condition is RemoteCondition.UNUSABLE, rig.consult)
    sent = rig.server.asked.count("/detect")
    for _ in range(10):
        rig.consult()
        rig.remote.turn(0.01)
    assert rig.server.asked.count("/detect") == sent == 5
    assert "error (500)" in rig.remote.current.text


def test_the_deadline_overrules_retries_of_live_pictures(rig):
    rig.set_up(live_deadline=1.0, period=60.0)
    rig.until_ready()
    rig.server.mode = "500"
    rig.until(lambda: rig.remote.current.failed == 1, rig.consult)
    assert rig.server.asked.count("/detect") == 1


def test_other_settings_are_taken_while_it_runs(rig):
    rig.set_up(url="nonsense")
    rig.until(lambda: rig.remote.current.condition is RemoteCondition.UNUSABLE)
    rig.set_up()
    rig.until_ready()


def test_switched_off_it_says_nothing_and_asks_nothing(rig):
    rig.set_up()
    rig.until(lambda: rig.consult().opinion)
    rig.set_up(enabled=False)
    rig.until(lambda: rig.remote.current.condition is RemoteCondition.OFF)
    assert rig.consult().opinion is None


def test_the_key_goes_with_health_and_pictures_and_nowhere_else(rig):
    rig.key = lambda: KEY
    rig.server.mode = "wrong key"
    rig.set_up()
    rig.until(lambda: rig.consult().opinion)
    assert set(rig.server.keys) == {KEY}
    assert KEY not in repr(rig.remote.current)
    assert KEY not in repr(rig.remote._questions)


def test_a_secret_store_that_cannot_be_read_is_told(rig):
    def broken() -> str:
        raise ConfigError("secrets.bin cannot be decrypted: restore it")

    rig.key = broken
    rig.set_up()
    rig.until(lambda: rig.remote.current.condition is RemoteCondition.UNUSABLE)
    assert "restore it" in rig.remote.current.text


def test_it_stops_at_once_while_the_server_hangs(rig):
    rig.set_up()
    rig.until_ready()
    rig.server.mode = "hang"
    stop = threading.Event()
    worker = threading.Thread(target=rig.remote.run, args=(stop,))
    worker.start()
    end = time.monotonic() + LONG
    while "/detect" not in rig.server.asked and time.monotonic() < end:
        rig.consult()
        stop.wait(0.01)
    began = time.monotonic()
    stop.set()
    worker.join(LONG)
    assert time.monotonic() - began < 1.0


def test_a_question_that_ends_without_an_answer_is_a_bug_that_is_told(rig):
    rig.set_up()
    rig.until_ready()
    broken = replace(frame(), pixels=np.zeros((0, 4, 3), np.uint8))  # cannot be encoded
    rig.remote.consult(broken)
    hook, threading.excepthook = threading.excepthook, lambda _args: None
    try:
        with pytest.raises(RuntimeError, match="without an answer"):
            rig.until(lambda: False)
    finally:
        threading.excepthook = hook
    rig.until(lambda: rig.consult().opinion)
