"""Cameras are asked for their time by day and on demand; their login goes nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

import pytest
from consoles import camera
from fakes import FakeClock
from onvif_parts import LOGIN, Simulator, simulator

from embereye.config.schema import Camera, Capture, Settings
from embereye.ingest.onvif_clock import clock_address
from embereye.model.camera import CameraState, CameraStatus, CameraTable
from embereye.model.camera_clock import CheckClockAsked, ClockCheck
from embereye.model.errors import EmberEyeError
from embereye.model.ids import CameraId
from embereye.model.messages import CameraPasswordAsked
from embereye.runtime.clock import Clock, SystemClock
from embereye.services.camera_clock import CameraClocks

_GATE = CameraId("gate")


class _Site:
    """One camera with its settings, and the worker that asks it."""

    def __init__(self, source: str, onvif: str = "", clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.password: str | None = LOGIN.password
        self.passwords_read = self.looks = 0
        self.row = Camera(id="gate", name="Gate", source=source, onvif=onvif, user=LOGIN.user)
        self.status: CameraStatus = camera("gate", self.clock)
        self.clocks = CameraClocks(self.clock, self.settings, self.cameras, self._password)

    def settings(self) -> Settings:
        return Settings(cameras=(self.row,), capture=Capture(clock_tolerance=60))

    def cameras(self) -> CameraTable:
        self.looks += 1
        return CameraTable(1, (self.status,))

    def _password(self, name: str) -> str | None:
        assert name == "gate"
        self.passwords_read += 1
        return self.password

    def ask(self) -> None:
        self.clocks.ask(CheckClockAsked(_GATE, "operator"))

    def check(self) -> ClockCheck | None:
        return self.clocks.current.checks.get(_GATE)

    @contextmanager
    def running(self) -> Iterator[None]:
        stop = Event()
        thread = Thread(target=self.clocks.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(2)
            assert not thread.is_alive()

    def asked(self, until: Callable[[Callable[[], bool]], None]) -> ClockCheck:
        """The next answer."""
        before = self.check()
        self.ask()
        until(lambda: self.check() is not before)
        found = self.check()
        assert found is not None
        return found


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits for something that another thread brings about."""

    def wait(met: Callable[[], bool]) -> None:
        tick, clock = Event(), SystemClock()
        end = clock.mono() + 15
        while not met():
            assert clock.mono() < end, "it did not happen within 15 s"
            tick.wait(0.01)

    return wait


Until = Callable[[Callable[[], bool]], None]


def _site(camera: Simulator) -> _Site:
    return _Site("rtsp://127.0.0.1/live", camera.address)


def test_a_slow_clock_is_told_with_its_offset(until: Until) -> None:
    with simulator("--offset", "-190") as simulated:
        site = _site(simulated)
        with site.running():
            found = site.asked(until)
    assert found.offset == pytest.approx(-190, abs=2)
    assert found.problem == ""
    assert site.passwords_read == 0  # it tells its time to everybody


def test_a_camera_with_an_onvif_address_is_asked_by_itself(until: Until) -> None:
    with simulator() as simulated:
        site = _site(simulated)
        with site.running():
            until(lambda: site.check() is not None)


def test_a_camera_without_one_is_asked_only_when_somebody_wants_it(until: Until) -> None:
    with simulator() as simulated:
        site = _Site(f"http://{simulated.address}/video.mjpg")
        other = _site(simulated)  # asked by itself: shows that the first could have been
        with site.running(), other.running():
            until(lambda: other.check() is not None)
            assert site.check() is None
            assert site.asked(until).offset == pytest.approx(0, abs=2)


def test_the_login_is_used_where_the_camera_insists(until: Until) -> None:
    with simulator("--auth", "all", "--offset", "0", login=LOGIN) as simulated:
        site = _site(simulated)
        with site.running():
            assert site.asked(until).offset == pytest.approx(0, abs=2)
        assert site.passwords_read >= 1


def test_a_refused_login_is_not_sent_again_until_another_is_entered(until: Until) -> None:
    with simulator("--auth", "digest", login=LOGIN) as simulated:
        site = _site(simulated)
        site.password = "canary-wrong"
        with site.running():
            assert "rejects" in site.asked(until).problem
            # A request without a login is refused too, so the wrong one is told by its count.
            refused = int(simulated.tell("state")["refused"])
            assert "rejects" in site.asked(until).problem
            without = int(simulated.tell("state")["refused"]) - refused
            site.password = LOGIN.password
            assert site.asked(until).offset is not None
        assert without < refused
        assert "canary" not in repr(site.clocks.current)


def test_a_login_that_was_entered_again_is_used_again(until: Until) -> None:
    """A camera that is minutes off rejects right passwords, until its clock is set."""
    with simulator("--auth", "all", "--offset", "-190", login=LOGIN) as simulated:
        site = _site(simulated)
        with site.running():
            assert "minutes off makes the camera reject them too" in site.asked(until).problem
            simulated.tell("offset 0")
            assert "rejects" in site.asked(until).problem
            site.clocks.ask(CameraPasswordAsked(_GATE, LOGIN.user, LOGIN.password, "operator"))
            assert site.asked(until).offset == pytest.approx(0, abs=2)


def test_a_login_that_the_stream_refuses_is_not_tried_here(until: Until) -> None:
    with simulator("--auth", "digest", login=LOGIN) as simulated:
        site = _site(simulated)
        site.status = replace(site.status, state=CameraState.WRONG_PASSWORD)
        with site.running():
            assert "rejects" in site.asked(until).problem


def test_the_login_never_goes_to_another_host(until: Until) -> None:
    with simulator("--auth", "all", login=LOGIN) as simulated:
        site = _Site("rtsp://10.1.2.3/live", simulated.address)
        with site.running():
            found = site.asked(until)
        assert "another host" in found.problem
        assert simulated.tell("state")["requests"] == []
        assert site.passwords_read == 0


def test_a_camera_that_does_not_answer_says_what_to_do(until: Until) -> None:
    site = _Site("rtsp://127.0.0.1/live", "127.0.0.1:9")
    with site.running():
        assert "Check its power, network" in site.asked(until).problem


@pytest.mark.parametrize("source", ["testcard:640x360", "0", "clip.mp4", "folder:front_door"])
def test_what_is_no_network_camera_says_so(source: str, until: Until) -> None:
    site = _Site(source)
    with site.running():
        assert "no network camera" in site.asked(until).problem


def test_who_asks_sees_at_once_that_it_is_asked(until: Until) -> None:
    with simulator() as simulated:
        simulated.tell("silent")
        site = _site(simulated)
        with site.running():
            site.ask()
            until(lambda: _GATE in site.clocks.current.asking)
            simulated.tell("ok")
        assert site.check() is None  # stopped meanwhile


def test_another_address_forgets_what_was_known(until: Until) -> None:
    with simulator("--offset", "-190") as simulated:
        site = _site(simulated)
        with site.running():
            site.asked(until)
            site.row = site.row.model_copy(update={"source": "testcard:640x360", "onvif": ""})
            until(lambda: site.check() is None)


def test_each_hour_and_after_an_outage_it_is_asked_again(until: Until) -> None:
    clock = FakeClock()
    with simulator() as simulated:
        site = _Site("rtsp://127.0.0.1/live", simulated.address, clock)
        requests = lambda: len(simulated.tell("state")["requests"])  # noqa: E731
        with site.running():
            until(lambda: site.check() is not None)
            first, before = site.check(), requests()
            clock.advance(700)
            looks = site.looks
            until(lambda: site.looks > looks + 1)
            assert (site.check(), requests()) == (first, before)
            site.status = replace(site.status, since=clock.now())  # it came back
            until(lambda: site.check() is not first)
            second = site.check()
            clock.advance(3601)
            until(lambda: site.check() is not second)


def test_what_is_switched_off_or_gone_is_not_asked(until: Until) -> None:
    with simulator() as simulated:
        site = _site(simulated)
        site.row = site.row.model_copy(update={"enabled": False})
        with site.running():
            site.ask()
            until(lambda: len(site.clocks._box) == 0 and not site.clocks.current.asking)
        assert simulated.tell("state")["requests"] == []


@pytest.mark.parametrize(
    ("source", "onvif", "expected"),
    [
        ("rtsp://10.1.2.3:8554/live", "", "rtsp://10.1.2.3:8554/live"),
        ("http://10.1.2.3:8080/video.mjpg", "", "http://10.1.2.3:8080"),
        ("rtsp://10.1.2.3/live", "10.1.2.3:8899", "10.1.2.3:8899"),
        ("rtsp://10.1.2.3/live", "https://10.1.2.3/onvif/x", "https://10.1.2.3/onvif/x"),
    ],
)
def test_a_camera_is_asked_at_its_own_host(source: str, onvif: str, expected: str) -> None:
    assert clock_address(Camera(id="a", name="a", source=source, onvif=onvif)) == expected


@pytest.mark.parametrize("onvif", ["10.1.2.4", "10.1.2.3.evil.example", "http://"])
def test_another_address_in_the_settings_is_refused(onvif: str) -> None:
    row = Camera(id="a", name="a", source="rtsp://10.1.2.3/live", onvif=onvif)
    with pytest.raises(EmberEyeError):
        clock_address(row)
