"""What of the newest verdict reaches the eye."""

import pytest
from consoles import FakeConsole
from fakes import FakeClock

from embereye.model.detection import FIRE, SMOKE, Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.ui.scenes import Scenes
from embereye.ui.theme import DARK

_GATE = CameraId("gate")


def _told(clock: FakeClock, *found: tuple[str, float]) -> DetectionResult:
    boxes = tuple(Detection(label, score, 10.0, 10.0, 50.0, 50.0) for label, score in found)
    return DetectionResult(_GATE, 1, clock.now(), clock.now(), boxes, 0.0, 0.0, False, "d", 0.01)


@pytest.mark.parametrize(
    ("found", "drawn"),
    [
        ([(FIRE, 0.05), (SMOKE, 0.65)], []),  # hints: for the rules, not for the eye
        ([(FIRE, 0.71), (SMOKE, 0.69)], [FIRE]),
        ([("person", 0.5)], ["person"]),  # its own limit was applied before
    ],
)
def test_flame_and_smoke_are_drawn_from_their_limits_on(
    clock: FakeClock, found: list[tuple[str, float]], drawn: list[str]
) -> None:
    console = FakeConsole(clock)
    console.verdicts = {_GATE: _told(clock, *found)}

    boxes = Scenes(console, DARK).boxes(_GATE, clock.mono())

    assert [box.label for box in (boxes.detections if boxes else ())] == drawn


def test_one_verdict_is_drawn_from_one_value(clock: FakeClock) -> None:
    console = FakeConsole(clock)
    console.verdicts = {_GATE: _told(clock, (FIRE, 0.9), (FIRE, 0.1))}
    scenes = Scenes(console, DARK)

    assert scenes.boxes(_GATE, clock.mono()) is scenes.boxes(_GATE, clock.mono())
