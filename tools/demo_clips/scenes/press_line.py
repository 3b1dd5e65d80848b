"""Presses with yellow guards and a steam vent."""

import numpy as np

from demo_clips.camera import Camera
from demo_clips.clip import Fact, Scene
from demo_clips.effects import steam
from demo_clips.fluid import FlowSettings
from demo_clips.materials import (
    concrete,
    corrugated,
    faced,
    painted,
)
from demo_clips.movers import Clothes
from demo_clips.props import (
    STEEL,
    YELLOW,
    cartons,
    column_h,
    drum,
    pipe,
    tube,
)
from demo_clips.scenes.common import (
    dark,
    steady,
    walker,
)
from demo_clips.sensor import SensorLook
from demo_clips.shapes import Box, Rod, Room
from demo_clips.stage import Part


def build() -> Scene:
    """The whole scene."""
    fixtures = [tube((x, 5.8, z), 2.0, "z", 10.0) for x in (-2.8, 2.6) for z in (4.0, 8.5, 13.0)]
    parts: list[Part] = [
        (
            Room((-6.5, 0, -1), (6.5, 6.0, 18)),
            faced(
                concrete((0.40, 0.46, 0.44), joints=4.0, gloss=0.12),
                painted((0.72, 0.73, 0.70), 0.3),
                corrugated((0.6, 0.6, 0.6), 0.5),
            ),
        ),
        *[part for i, z in enumerate((6.2, 9.8, 13.4)) for part in _press(3.4, z, i)],
        *[part for z in (8.2, 12.4) for part in _press(-4.0, z, 3)],
        pipe((-6.3, 4.6, 0), (-6.3, 4.6, 18), 0.14, (0.62, 0.62, 0.62)),
        pipe((-6.3, 4.1, 0), (-6.3, 4.1, 18), 0.09, (0.30, 0.45, 0.62)),
        (Box((0.1, 0.3, 9.4), (0.7, 0.6, 0.7)), painted(STEEL, 0.5)),
        (
            Rod((0.1, 0.6, 9.4), (0.1, 1.2, 9.4), 0.13, rounded=False),
            painted((0.66, 0.66, 0.66), 0.4, 0.4),
        ),
        (Box((1.5, 0.004, 9.0), (0.12, 0.008, 15.0)), painted(YELLOW, 0.5)),
        (Box((-2.1, 0.004, 9.0), (0.12, 0.008, 15.0)), painted(YELLOW, 0.5)),
        *cartons(-5.0, 5.0, 1, 12),
        drum(-5.6, 6.3, (0.22, 0.36, 0.55)),
        column_h(-6.2, 10.4, 6.0),
        column_h(6.2, 10.4, 6.0),
        *(fixture for fixture, _ in fixtures),
    ]
    walk = (
        (0.5, 0.4, 17.4),
        (11.0, -0.9, 4.6),
        (13.5, -1.0, 4.4),
        (16.0, -3.8, 5.6),
        (22.5, -6.4, 0.2),
    )
    fitter = ((2.0, -0.9, 4.0), (6.5, 1.3, 7.4), (12.0, 1.4, 7.5), (20.0, 0.6, 16.8))

    def vent(t: float) -> float:
        return 0.36 + 0.16 * float(np.sin(2 * np.pi * t / 8.0))

    flow = FlowSettings(
        4.4, 4.6, lift=8.0, cooling=0.45, soot=6.0, thinning=0.4, wind=0.25, expansion=3.0
    )
    return Scene(
        Fact(
            "hall_3_press_line_steam.mp4",
            "Hall 3 – press line",
            "hall-3",
            "steam from a vent beside yellow press guards",
        ),
        Camera((-5.6, 4.9, 0.0), 19, 17, 72),
        parts,
        dark,
        [(lamp, steady) for _, lamp in fixtures],
        ((0.11, 0.115, 0.115), (0.13, 0.13, 0.125)),
        SensorLook(exposure=1.5, noise=0.003, glare=0.09, tint=(0.97, 1.0, 1.0)),
        [
            walker(walk, Clothes((0.22, 0.30, 0.48), (0.20, 0.24, 0.36), (0.90, 0.88, 0.84))),
            walker(fitter, Clothes((0.35, 0.36, 0.38), (0.24, 0.25, 0.28), YELLOW)),
        ],
        steam((0.1, 1.15, 9.4), flow, vent, (0.42, 0.43, 0.43)),
        seed=81,
    )


def _press(x: float, z: float, number: int) -> list[Part]:
    """A press 2.6 m high with a yellow guard."""
    body = ((0.38, 0.46, 0.50), (0.40, 0.44, 0.42), (0.38, 0.46, 0.50), (0.46, 0.46, 0.44))[number]
    side = -1.0 if x > 0 else 1.0
    return [
        (Box((x, 0.45, z), (1.7, 0.9, 1.9)), painted(body, 0.3, 0.2)),
        (Box((x, 2.15, z), (1.5, 0.9, 1.7)), painted(body, 0.3, 0.2)),
        (Box((x - side * 0.55, 1.3, z), (0.4, 0.9, 1.7)), painted((0.25, 0.27, 0.29))),
        (Box((x + side * 0.80, 1.35, z), (0.06, 0.7, 1.5)), painted(YELLOW, 0.25, 0.3)),
        (Rod((x, 2.6, z), (x, 3.1, z), 0.3, rounded=False), painted((0.60, 0.60, 0.58), 0.2, 0.4)),
        (Box((x + side * 0.9, 1.2, z - 1.25), (0.3, 0.45, 0.25)), painted((0.75, 0.75, 0.72))),
    ]
