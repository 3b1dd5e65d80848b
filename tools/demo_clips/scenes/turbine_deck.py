"""A deck with wooden floor in front of a window wall at sunset."""

import numpy as np

from demo_clips.camera import Camera
from demo_clips.clip import Fact, Scene
from demo_clips.materials import (
    concrete,
    glowing,
    painted,
    planks,
)
from demo_clips.movers import Clothes
from demo_clips.props import (
    YELLOW,
    pipe,
)
from demo_clips.scenes.common import (
    steady,
    sunset,
    swaying,
    walker,
)
from demo_clips.sensor import SensorLook
from demo_clips.shapes import Box, Rod
from demo_clips.stage import Lamp, Part


def build() -> Scene:
    """The whole scene."""
    parts: list[Part] = [
        (Box((0, -0.05, 7), (14, 0.1, 18)), planks((0.58, 0.40, 0.24), 0.16, gloss=0.22)),
        (Box((-6.6, 2.5, 7), (0.2, 5.2, 18)), painted((0.66, 0.64, 0.58), 0.3)),
        (Box((6.6, 2.5, 7), (0.2, 5.2, 18)), painted((0.66, 0.64, 0.58), 0.3)),
        (Box((0, 5.1, 7), (13.4, 0.2, 18)), concrete()),
        (Box((0, 0.4, 14.0), (13.4, 0.8, 0.3)), painted((0.62, 0.60, 0.55))),
        (Box((0, 4.7, 14.0), (13.4, 0.8, 0.3)), painted((0.62, 0.60, 0.55))),
        *[
            (Box((x, 2.6, 14.0), (0.14, 3.6, 0.2)), painted((0.30, 0.30, 0.30)))
            for x in np.linspace(-6.4, 6.4, 9).tolist()
        ],
        (Box((0, 2.6, 14.0), (13.4, 0.08, 0.16)), painted((0.30, 0.30, 0.30))),
        (Rod((3.4, 1.35, 6.2), (3.4, 1.35, 9.2), 1.05), painted((0.42, 0.50, 0.50), 0.2, 0.5)),
        (Rod((3.4, 1.1, 9.3), (3.4, 1.1, 11.4), 0.75, rounded=False), painted(YELLOW, 0.3, 0.4)),
        (Box((3.4, 0.2, 8.6), (2.2, 0.4, 6.2)), concrete()),
        (Box((-4.9, 0.55, 9.0), (1.6, 1.1, 0.8)), planks((0.55, 0.35, 0.2), 0.2)),
        (Box((-4.9, 1.3, 9.1), (0.9, 0.5, 0.06)), glowing((0.25, 0.33, 0.42))),
        *[pipe((-1.6, y, 5.5), (-1.6, y, 12.5), 0.03, YELLOW) for y in (0.55, 1.05)],
        *[pipe((-1.6, 0, z), (-1.6, 1.05, z), 0.03, YELLOW) for z in (5.5, 7.8, 10.2, 12.5)],
    ]
    sun = Lamp((31.0, 8.6, 64.0), (0.5, 0.5, 0.5), (4200.0, 1750.0, 420.0))
    sky = Lamp((0.0, 3.2, 15.5), (5.5, 1.2, 0.1), (7.0, 4.0, 2.9))
    walk = (
        (0.5, -6.0, 4.0),
        (5.0, -3.0, 9.5),
        (8.0, -3.1, 11.6),
        (15.0, 0.6, 12.6),
        (17.0, 0.7, 12.4),
        (23.4, -6.0, 3.0),
    )
    return Scene(
        Fact(
            "turbine_deck_sunset_window.mp4",
            "Turbine deck",
            "turbine-deck",
            "sunset through a window wall, wooden floor, yellow machine",
        ),
        Camera((-5.2, 2.75, -1.2), 17, 6, 68),
        parts,
        sunset,
        [(sun, swaying(24, 0.10, 12)), (sky, steady)],
        ((0.07, 0.07, 0.085), (0.10, 0.075, 0.06)),
        SensorLook(exposure=1.5, noise=0.004, glare=0.16, tint=(1.02, 1.0, 0.96), adapts=0.35),
        [walker(walk, Clothes((0.50, 0.52, 0.55), (0.20, 0.22, 0.27), (0.20, 0.15, 0.12)))],
        seed=101,
    )
