"""Operators move cameras: against the ONVIF simulator, which carries movements out."""

import re
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from fakes import FakeClock
from onvif_parts import LOGIN, Simulator, simulator

from embereye.config.schema import Camera, Settings
from embereye.model.messages import CameraPasswordAsked
from embereye.model.ptz import (
    CameraTurned,
    PtzCentreAsked,
    PtzCloseAsked,
    PtzHomeAsked,
    PtzMoveAsked,
    PtzOpenAsked,
    PtzPreset,
    PtzPresetAsked,
    PtzState,
    PtzStatus,
    PtzStopAsked,
)
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads
from embereye.services.ptz import Domes
from embereye.services.ptz_dome import Dome, DomeParts, latest

_SOURCE = "rtsp://127.0.0.1:554/live/main?a=1"
_RIGHT = PtzMoveAsked("yard", 0.5, 0.0, 0.0, "ada")
_STOP = PtzStopAsked("yard", "ada")


@pytest.fixture
def camera() -> Iterator[Simulator]:
    with simulator("--auth", "token", login=LOGIN) as running:
        yield running


class Bench:
    """One dome whose thread is the test's, on a clock that the test moves."""

    def __init__(self, camera: Simulator, password: str = LOGIN.password, **row: Any) -> None:
        self.clock = FakeClock()
        self.notes: list[tuple[object, ...]] = []
        self.posted: list[object] = []
        self.parts = DomeParts(
            self.clock,
            lambda _: password,
            lambda *note: self.notes.append(note[:4]),
            self.posted.append,
        )
        fields = {"source": _SOURCE, "onvif": camera.address, "user": LOGIN.user, **row}
        self.dome = Dome(Camera(id="yard", name="Yard", **fields), self.parts)
        self.dome.connect()

    @property
    def status(self) -> PtzStatus:
        return self.dome.status


def _moves(camera: Simulator) -> list[str]:
    asked = camera.tell("state")["requests"]
    return [name for name in asked if name in ("ContinuousMove", "Stop")]


def test_what_the_camera_offers_is_known_after_asking(camera: Simulator) -> None:
    status = Bench(camera).status
    assert status == PtzStatus(
        PtzState.READY,
        turns=True,
        zooms=True,
        centres=True,
        home=True,
        presets=(PtzPreset("1", "Gate"),),
    )


def test_it_moves_until_the_button_is_released(camera: Simulator) -> None:
    bench = Bench(camera)
    bench.dome.work([_RIGHT])
    assert bench.status.moving
    assert camera.tell("state")["speed"] == [0.5, 0.0, 0.0]
    bench.dome.work([_STOP])
    assert not bench.status.moving
    assert camera.tell("state")["speed"] == [0.0, 0.0, 0.0]


def test_what_nobody_asks_for_any_more_is_stopped(camera: Simulator) -> None:
    bench = Bench(camera)
    bench.dome.work([_RIGHT])
    bench.clock.advance(1.1)
    bench.dome.work([])
    assert _moves(camera) == ["ContinuousMove"]
    bench.clock.advance(0.2)
    bench.dome.work([])
    assert _moves(camera) == ["ContinuousMove", "Stop"]
    assert not bench.status.moving


def test_a_held_button_goes_on_and_is_sent_again_each_half_second(camera: Simulator) -> None:
    bench = Bench(camera)
    for _ in range(10):
        bench.dome.work([_RIGHT])
        bench.clock.advance(0.25)
    assert _moves(camera) == ["ContinuousMove"] * 5
    assert bench.notes == [("camera", "yard", "ada", "moved by hand")]


def test_short_moves_one_after_the_other_are_noted_once_for_each_person(camera: Simulator) -> None:
    bench = Bench(camera)
    for actor, pause in (("ada", 1.0), ("ada", 1.0), ("bob", 1.0), ("bob", 60.0), ("bob", 0.0)):
        bench.dome.work([PtzMoveAsked("yard", 0.1, 0.0, 0.0, actor), _STOP])
        bench.dome.work([PtzMoveAsked("yard", 0.1, 0.0, 0.0, actor)])
        bench.dome.work([_STOP])
        bench.clock.advance(pause)
    assert [note[2] for note in bench.notes] == ["ada", "bob", "bob"]


def test_another_direction_goes_out_at_once(camera: Simulator) -> None:
    bench = Bench(camera)
    bench.dome.work([_RIGHT])
    bench.dome.work([PtzMoveAsked("yard", 0.0, -1.0, 0.0, "ada")])
    assert camera.tell("state")["speed"] == [0.0, -1.0, 0.0]


def test_the_camera_itself_ends_what_it_is_not_told_to_go_on_with(camera: Simulator) -> None:
    bench = Bench(camera)
    bench.dome.work([_RIGHT])  # and the network is gone
    state = camera.tell("state")
    while state["speed"][0]:
        state = camera.tell("state")
    assert state["pan"] == pytest.approx(0.5 * 2.0, abs=0.1)


def test_a_stop_that_the_camera_does_not_confirm_is_tried_three_times(camera: Simulator) -> None:
    bench = Bench(camera)
    bench.dome.work([_RIGHT])
    camera.tell("broken")
    bench.dome.work([_STOP])
    assert bench.status.moving
    for _ in range(4):
        bench.dome.work([])
    assert not bench.status.moving
    assert "within 2 s" in bench.status.problem
    camera.tell("ok")
    bench.dome.work([_RIGHT])
    assert bench.status.problem == ""


def test_a_camera_that_is_gone_is_not_told_to_stop_for_ever(camera: Simulator) -> None:
    bench = Bench(camera)
    bench.dome.work([_RIGHT])
    camera.tell("broken")
    bench.clock.advance(2.0)  # nobody asked meanwhile
    for _ in range(3):
        bench.dome.work([])
    assert not bench.status.moving


def test_presets_home_and_clicks_are_carried_out_and_noted(camera: Simulator) -> None:
    bench = Bench(camera)
    bench.dome.work([PtzPresetAsked("yard", "1", "ada")])
    state = camera.tell("state")
    assert (state["pan"], state["tilt"]) == (0.5, -0.5)
    bench.dome.work([PtzHomeAsked("yard", "ada"), PtzCentreAsked("yard", 0.75, 0.75, "ada")])
    state = camera.tell("state")
    assert (round(state["pan"], 4), round(state["tilt"], 4)) == (0.05, -0.05)
    assert [text for _, _, _, text in bench.notes] == [
        "sent to preset Gate",
        "sent to its home position",
        "centred on 0.75, 0.75 of the picture",
    ]
    turned = [message for message in bench.posted if isinstance(message, CameraTurned)]
    assert [message.camera for message in turned] == ["yard"] * 3
    assert all(message.until > bench.clock.mono() for message in turned)


def test_a_preset_that_is_gone_is_told_and_the_rest_works(camera: Simulator) -> None:
    bench = Bench(camera)
    bench.dome.work([PtzPresetAsked("yard", "99", "ada")])
    assert "GotoPreset" in bench.status.problem
    assert bench.status.state is PtzState.READY
    bench.dome.work([_RIGHT])
    assert bench.status.problem == ""


def test_movements_that_came_too_late_are_left_out() -> None:
    left = PtzMoveAsked("yard", -1.0, 0.0, 0.0, "ada")
    home = PtzHomeAsked("yard", "ada")
    assert latest([_RIGHT, left, _STOP]) == [_STOP]
    assert latest([_RIGHT, home, left, _RIGHT]) == [_RIGHT, home, _RIGHT]
    assert latest([_STOP, _RIGHT]) == [_STOP, _RIGHT]


def test_a_refused_login_is_not_sent_again_until_somebody_enters_one(camera: Simulator) -> None:
    bench = Bench(camera, password="wrong")
    assert "rejects" in bench.status.problem
    refused = camera.tell("state")["refused"]
    bench.clock.advance(5)
    bench.dome.work([PtzOpenAsked("yard", "ada")])
    assert bench.status.state is PtzState.FAILED
    assert "Enter the password again" in bench.status.problem
    assert camera.tell("state")["refused"] == refused
    assert "wrong" not in repr(bench.parts)


def test_the_login_never_goes_to_another_host_than_that_of_the_source(camera: Simulator) -> None:
    bench = Bench(camera, source="rtsp://10.1.2.3/live")
    assert bench.status.state is PtzState.FAILED
    assert "another host" in bench.status.problem
    assert camera.tell("state")["requests"] == []


def test_a_camera_that_is_no_dome_says_so() -> None:
    with simulator("--no-ptz", "--auth", "token", login=LOGIN) as camera:
        status = Bench(camera).status
    assert status.state is PtzState.FAILED
    assert re.search("does not (offer PTZ|move)", status.problem)


def test_a_camera_that_failed_is_asked_again_when_somebody_wants(camera: Simulator) -> None:
    camera.tell("broken")
    bench = Bench(camera)
    assert bench.status.state is PtzState.FAILED
    camera.tell("ok")
    bench.dome.work([PtzOpenAsked("yard", "ada")])  # asked while it was being asked
    assert bench.status.state is PtzState.FAILED
    bench.clock.advance(2)
    bench.dome.work([PtzOpenAsked("yard", "ada")])
    assert bench.status.state is PtzState.READY


def test_a_file_is_no_camera_that_moves(camera: Simulator) -> None:
    bench = Bench(camera, source="yard.mp4", onvif="")
    assert "no network camera" in bench.status.problem


# --- the register ------------------------------------------------------------------------------


class Site:
    """Domes in threads of their own, on the real clock."""

    def __init__(self, **addresses: str) -> None:
        self.clock = SystemClock()
        self.engine = Engine(self.clock, on_bug=pytest.fail)
        self.supervisor = Supervisor(PlainThreads(), self.clock, pytest.fail)
        self.rows = {
            name: Camera(id=name, name=name, source=_SOURCE, onvif=address, user=LOGIN.user)
            for name, address in addresses.items()
        }
        passwords = dict.fromkeys(addresses, LOGIN.password)
        self.parts = DomeParts(self.clock, passwords.get, lambda *_: None, lambda _: None)
        self.domes = Domes(self.engine, self.supervisor, self.settings, self.parts)

    def settings(self) -> Settings:
        return Settings(cameras=tuple(self.rows.values()))

    def ask(self, order: object) -> None:
        self.engine.post(order)
        self.engine.step()

    def wait(self, good: Callable[[], bool]) -> None:
        end = self.clock.mono() + 10
        while not good():
            assert self.clock.mono() < end
            Event().wait(0.01)

    def ready(self, name: str) -> bool:
        status = self.domes.status(name)
        return status is not None and status.state is PtzState.READY


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def make(**addresses: str) -> Site:
        made.append(Site(**addresses))
        return made[-1]

    yield make
    for one in made:
        assert one.supervisor.stop_all(3.0) == []


def test_a_dome_that_hangs_does_not_hold_another_up(
    camera: Simulator, site: Callable[..., Site]
) -> None:
    with simulator("--auth", "token", login=LOGIN) as other:
        both = site(yard=camera.address, roof=other.address)
        both.ask(PtzOpenAsked("yard", "ada"))
        both.ask(PtzOpenAsked("roof", "ada"))
        both.wait(lambda: both.ready("yard") and both.ready("roof"))
        camera.tell("silent")
        started = both.clock.mono()
        both.ask(_RIGHT)
        both.ask(PtzMoveAsked("roof", 1.0, 0.0, 0.0, "ada"))
        both.wait(lambda: other.tell("state")["speed"][0] == 1.0)
        assert both.clock.mono() - started < 1.0  # an order to the hanging one takes 3 s
        camera.tell("ok")


def test_a_camera_that_moves_stands_still_when_it_is_closed(
    camera: Simulator, site: Callable[..., Site]
) -> None:
    one = site(yard=camera.address)
    one.ask(_RIGHT)  # also without being opened first
    one.wait(lambda: camera.tell("state")["speed"][0] == 0.5)
    one.ask(PtzCloseAsked("yard", "ada"))
    assert one.domes.status("yard") is None
    one.wait(lambda: "Stop" in camera.tell("state")["requests"])
    assert camera.tell("state")["speed"] == [0.0, 0.0, 0.0]


def test_a_camera_that_hangs_does_not_hold_up_the_end(
    camera: Simulator, site: Callable[..., Site]
) -> None:
    one = site(yard=camera.address)
    one.ask(_RIGHT)
    one.wait(lambda: camera.tell("state")["speed"][0] == 0.5)
    camera.tell("silent")
    started = one.clock.mono()
    assert one.supervisor.stop_all(5.0) == []
    assert one.clock.mono() - started < 2.0  # 1 s, and a busy machine


def test_another_address_ends_the_talk_with_the_camera(
    camera: Simulator, site: Callable[..., Site]
) -> None:
    one = site(yard=camera.address)
    one.ask(PtzOpenAsked("yard", "ada"))
    one.wait(lambda: one.ready("yard"))
    one.rows["yard"] = one.rows["yard"].model_copy(update={"name": "Yard 2"})
    one.domes._look()
    assert one.domes.status("yard") is not None
    one.rows["yard"] = one.rows["yard"].model_copy(update={"source": "rtsp://10.1.2.3/x"})
    one.domes._look()
    assert one.domes.status("yard") is None


def test_a_password_that_was_entered_again_is_sent_again(
    camera: Simulator, site: Callable[..., Site]
) -> None:
    one = site(yard=camera.address)
    one.parts.refused["yard"] = LOGIN  # such as while the camera started up

    def failed() -> bool:
        status = one.domes.status("yard")
        return status is not None and status.state is PtzState.FAILED

    one.ask(PtzOpenAsked("yard", "ada"))
    one.wait(failed)
    assert camera.tell("state")["requests"] == []
    one.ask(CameraPasswordAsked("yard", LOGIN.user, LOGIN.password, "ada"))
    one.ask(PtzOpenAsked("yard", "ada"))
    one.wait(lambda: one.ready("yard"))


def test_cameras_that_are_not_there_are_not_moved(site: Callable[..., Site]) -> None:
    one = site()
    one.ask(_RIGHT)
    one.ask(_STOP)
    one.ask(PtzCloseAsked("yard", "ada"))
    assert one.domes.status("yard") is None
