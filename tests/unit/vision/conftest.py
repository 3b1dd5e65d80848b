"""Rendered scenes for the detectors' tests."""

from collections.abc import Callable, Iterator

import pytest
from scenes import NEGATIVES, RATE, Picture, Scene, flame, played
from scenes_grey import GREY
from scenes_light import HARD, LIGHTS


@pytest.fixture
def play() -> Callable[..., Iterator[tuple[float, Picture]]]:
    """`play(name or scene, seconds, rate)` gives (time, BGR picture) pairs."""

    def start(
        scene: str | Scene, seconds: float, rate: float = RATE
    ) -> Iterator[tuple[float, Picture]]:
        chosen = (
            {**NEGATIVES, **LIGHTS, **GREY, **HARD, "flame": flame}[scene]
            if isinstance(scene, str)
            else scene
        )
        return played(chosen, seconds, rate)

    return start


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each scene without fire to every test that asks for a `harmless` or `streaming` name."""
    if "harmless" in metafunc.fixturenames:
        metafunc.parametrize("harmless", sorted(NEGATIVES | LIGHTS))
    if "streaming" in metafunc.fixturenames:
        metafunc.parametrize("streaming", sorted(GREY))
