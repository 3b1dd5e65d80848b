"""How the clock of a camera is told, and asked for, beside the list."""

import pytest
from consoles import camera
from figure_plant import Plant
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from embereye.config.schema import Camera, Capture, Settings
from embereye.model.camera_clock import CheckClockAsked, ClockCheck, ClockTable
from embereye.model.ids import CameraId

_GATE = CameraId("gate")


def _told(plant: Plant, check: ClockCheck, asking: bool = False) -> str:
    who = frozenset({_GATE}) if asking else frozenset()
    plant.console.clock_table = ClockTable({_GATE: check}, who)
    plant.page.refresh()
    return plant.page.detail.clock.text()


def test_the_clock_is_asked_for_by_its_button(plant: Plant) -> None:
    plant.put(gate=15)
    plant.page.refresh()
    assert plant.page.detail.clock.text() == "not checked yet"
    QTest.mouseClick(plant.page.detail.clock_button, Qt.MouseButton.LeftButton)
    assert plant.console.asked == [CheckClockAsked(_GATE, "operator")]
    assert _told(plant, ClockCheck(plant.clock.now()), asking=True) == "asking …"
    assert not plant.page.detail.clock_button.isEnabled()


@pytest.mark.parametrize(
    ("offset", "ntp", "said", "remark"),
    [
        (0.4, True, "right · set by NTP · checked 0 s ago", ""),
        (8.2, False, "8 s fast · set by hand · checked 0 s ago", ""),
        (
            -190.0,
            False,
            "△ 3 min slow · set by hand · checked 0 s ago",
            "The camera's clock is 3 min slow. Set its time, or give it an NTP server.",
        ),
        (
            7300.0,
            True,
            "△ 2 h fast · set by NTP · checked 0 s ago",
            "The camera's clock is 2 h fast. Check whether it reaches its NTP server.",
        ),
    ],
)
def test_a_clock_is_told_in_words(
    plant: Plant, offset: float, ntp: bool, said: str, remark: str
) -> None:
    plant.put(gate=15)
    assert _told(plant, ClockCheck(plant.clock.now(), offset, 0.5, ntp)) == said
    assert plant.cell("gate", "Remarks") == remark
    assert plant.page.detail.remark.text() == remark


def test_how_wrong_a_clock_may_be_is_a_setting(plant: Plant) -> None:
    row = Camera(id="gate", name="Gate", source="0")
    plant.console.configured = Settings(cameras=(row,), capture=Capture(clock_tolerance=0))
    plant.put(gate=15)
    assert _told(plant, ClockCheck(plant.clock.now(), -190.0, 0.5)).startswith("3 min slow")
    assert plant.cell("gate", "Remarks") == ""


def test_what_is_wrong_with_the_picture_comes_before_the_clock(plant: Plant) -> None:
    plant.rates["gate"] = 15
    plant.console.show_cameras(camera("gate", plant.clock, remark="The picture is black."))
    _told(plant, ClockCheck(plant.clock.now(), -190.0, 0.5))
    assert plant.cell("gate", "Remarks") == "The picture is black."


def test_a_camera_that_has_no_clock_says_so(plant: Plant) -> None:
    plant.put(gate=15)
    problem = "This is no network camera: it has no clock of its own."
    assert _told(plant, ClockCheck(plant.clock.now(), problem=problem)) == problem
    assert plant.cell("gate", "Remarks") == ""
