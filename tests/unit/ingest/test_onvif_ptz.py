"""Cameras that move, against a simulator that carries movements out."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onvif_parts import LOGIN, Simulator, simulator

from embereye.ingest.onvif_ptz import Ptz
from embereye.ingest.onvif_ptz_facts import Preset, PtzAbilities, Span, duration
from embereye.ingest.onvif_soap import Part
from embereye.ingest.onvif_xml import Node
from embereye.model.errors import CameraUnreachable, CameraUnsupported


@pytest.fixture
def dome() -> Iterator[Simulator]:
    with simulator("--auth", "token", login=LOGIN) as camera:
        yield camera


def _ptz(camera: Simulator) -> Ptz:
    client = camera.camera(LOGIN)
    ptz = client.ptz(client.streams()[0])
    assert ptz is not None
    return ptz


def _where(camera: Simulator) -> tuple[float, ...]:
    state = camera.tell("state")
    return tuple(round(state[axis], 4) for axis in ("pan", "tilt", "zoom"))


def test_it_moves_until_it_is_stopped(dome: Simulator) -> None:
    ptz = _ptz(dome)
    ptz.move(0.5, -0.25, 0.0, 10.0)
    assert dome.tell("state")["speed"] == [0.5, -0.25, 0.0]
    ptz.stop()
    state = dome.tell("state")
    assert state["speed"] == [0.0, 0.0, 0.0]
    assert 0 < state["pan"] < 5
    assert state["pan"] == pytest.approx(-2 * state["tilt"])


def test_a_lost_stop_does_no_harm(dome: Simulator) -> None:
    ptz = _ptz(dome)
    ptz.move(1.0, 0.0, 0.0, 0.2)
    state = dome.tell("state")
    while state["speed"][0]:
        state = dome.tell("state")
    assert state["pan"] == pytest.approx(0.2, abs=0.02)


def test_shares_beyond_the_range_are_clamped(dome: Simulator) -> None:
    ptz = _ptz(dome)
    ptz.move(9.0, -9.0, 9.0, 0.001)
    ptz.stop()
    ptz.go(5.0, -5.0, 5.0)
    assert _where(dome) == (1.0, -1.0, 1.0)


def test_a_click_is_brought_to_the_centre(dome: Simulator) -> None:
    ptz = _ptz(dome)
    ptz.centre(0.75, 0.75)  # right of the middle and below it, half way to the edge
    assert _where(dome) == (0.05, -0.05, 0.0)
    ptz.centre(0.5, 0.5)
    assert _where(dome) == (0.05, -0.05, 0.0)


def test_steps_and_home(dome: Simulator) -> None:
    ptz = _ptz(dome)
    ptz.step(0.1, 0.2, 0.3)
    assert _where(dome) == (0.1, 0.2, 0.3)
    ptz.home()
    assert _where(dome) == (0.0, 0.0, 0.0)


def test_presets_are_listed_kept_reached_and_removed(dome: Simulator) -> None:
    ptz = _ptz(dome)
    assert ptz.presets() == (Preset("1", "Gate"),)
    ptz.go(0.25, 0.5, 0.75)
    token = ptz.keep_preset("Tank <7>")
    ptz.go_preset("1")
    assert _where(dome) == (0.5, -0.5, 0.0)
    ptz.go_preset(token)
    assert _where(dome) == (0.25, 0.5, 0.75)
    assert ptz.presets()[1] == Preset(token, "Tank <7>")
    assert ptz.keep_preset("Tank 8", token) == token
    ptz.remove_preset(token)
    assert ptz.presets() == (Preset("1", "Gate"),)
    with pytest.raises(CameraUnsupported, match="GotoPreset"):
        ptz.go_preset(token)


def test_a_camera_that_hangs_ends_an_order_within_3_seconds(dome: Simulator) -> None:
    ptz = _ptz(dome)
    dome.tell("silent")
    with pytest.raises(CameraUnreachable):
        ptz.stop()


def test_cameras_that_do_not_move_have_nothing_that_moves_them() -> None:
    with simulator("--no-ptz") as camera:
        client = camera.camera()
        assert client.ptz(client.streams()[0]) is None


def test_old_cameras_tell_of_all_that_turns() -> None:
    with simulator("--old") as camera:
        client = camera.camera()
        ptz = client.ptz(client.streams()[0])
    assert ptz is not None
    assert ptz.abilities.presets == 64


def test_without_its_space_a_click_is_not_offered() -> None:
    with simulator("--no-fov") as camera:
        client = camera.camera()
        ptz = client.ptz(client.streams()[0])
    assert ptz is not None
    assert ptz.abilities.centring is None
    with pytest.raises(CameraUnsupported, match="arrows"):
        ptz.centre(0.1, 0.1)


@pytest.mark.parametrize(
    "order",
    [
        lambda ptz: ptz.move(1, 0, 0, 1),
        lambda ptz: ptz.move(0, 0, 1, 1),
        lambda ptz: ptz.step(0, 1, 0),
        lambda ptz: ptz.go(0, 0),
        lambda ptz: ptz.centre(0, 0),
    ],
)
def test_what_is_not_offered_is_not_sent(order: Callable[[Ptz], None]) -> None:
    def ask(body: Part) -> Node:
        raise AssertionError("asked")

    with pytest.raises(CameraUnsupported):
        order(Ptz(ask, "main", PtzAbilities()))


@given(st.floats(-1e6, 0), st.floats(0.001, 1e6), st.floats(allow_nan=False, allow_infinity=True))
@settings(deadline=None)
def test_values_stay_in_the_declared_range(low: float, high: float, share: float) -> None:
    span = Span(low, high)
    for value in (span.of(share), span.at(share), span.within(share)):
        assert low - 1e-6 <= value <= high + 1e-6


@pytest.mark.parametrize(
    ("seconds", "text"), [(1.0, "PT1S"), (0.1, "PT0.1S"), (10.0, "PT10S"), (0.25, "PT0.25S")]
)
def test_durations_are_written_as_xml_schema_wants(seconds: float, text: str) -> None:
    assert duration(seconds) == text
