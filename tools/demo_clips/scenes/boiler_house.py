"""Two boilers, pipes, an oil-soaked pallet that catches fire between them."""

from demo_clips.camera import Camera
from demo_clips.clip import Fact, Scene
from demo_clips.effects import FirePlan, burn
from demo_clips.fluid import FlowSettings
from demo_clips.materials import brick, concrete, corrugated, faced, painted
from demo_clips.movers import Clothes
from demo_clips.props import YELLOW, column_h, drum, guard, pallets, pipe, tube
from demo_clips.scenes.common import dark, steady, walker
from demo_clips.sensor import SensorLook
from demo_clips.shapes import Box, Rod, Room
from demo_clips.stage import Part


def build() -> Scene:
    """The whole scene."""
    fixtures = [tube((x, 5.2, z), 2.4, "z", 11.0) for x in (-2.2, 2.8) for z in (4.0, 9.5)]
    green, red = (0.33, 0.45, 0.40), (0.55, 0.20, 0.15)
    parts: list[Part] = [
        (
            Room((-6, 0, -1), (6, 5.4, 15)),
            faced(concrete(joints=3.0, gloss=0.05), brick(), corrugated((0.6, 0.6, 0.58), 0.4)),
        ),
        (Rod((2.9, 1.75, 6.3), (2.9, 1.75, 11.5), 1.35), painted(green, 0.3, 0.3)),
        (Rod((-3.6, 1.75, 8.2), (-3.6, 1.75, 12.5), 1.35), painted(green, 0.3, 0.3)),
        (Box((2.9, 0.25, 8.5), (2.0, 0.5, 4.2)), concrete()),
        (Box((-3.6, 0.25, 10.5), (2.0, 0.5, 3.6)), concrete()),
        (
            Rod((2.9, 1.3, 4.75), (2.9, 1.3, 5.1), 0.48, rounded=False),
            painted((0.30, 0.32, 0.36), 0.3),
        ),
        (Box((2.9, 1.3, 4.45), (0.5, 0.6, 0.5)), painted(red, 0.3)),
        (
            Rod((-3.6, 1.3, 6.65), (-3.6, 1.3, 7.0), 0.48, rounded=False),
            painted((0.30, 0.32, 0.36), 0.3),
        ),
        (Rod((2.9, 3.0, 9.5), (2.9, 5.4, 9.5), 0.32), painted((0.62, 0.62, 0.60), 0.3, 0.3)),
        (Rod((-3.6, 3.0, 11.0), (-3.6, 5.4, 11.0), 0.32), painted((0.62, 0.62, 0.60), 0.3, 0.3)),
        pipe((-6, 4.3, 13.6), (6, 4.3, 13.6), 0.14, YELLOW),
        pipe((-6, 3.8, 13.8), (6, 3.8, 13.8), 0.18, (0.62, 0.63, 0.62)),
        pipe((5.5, 3.6, 0), (5.5, 3.6, 15), 0.16, red),
        pipe((5.6, 3.1, 0), (5.6, 3.1, 15), 0.11, (0.35, 0.5, 0.40)),
        pipe((0.4, 0, 14.2), (0.4, 4.3, 14.2), 0.14, YELLOW),
        (Box((-5.6, 1.0, 4.4), (0.6, 2.0, 1.4)), painted((0.58, 0.60, 0.60), 0.25)),
        (Box((-5.29, 1.45, 4.4), (0.02, 0.5, 0.6)), painted((0.25, 0.27, 0.30))),
        (Box((2.4, 1.0, 14.95), (1.1, 2.1, 0.06)), painted((0.30, 0.38, 0.48))),
        *pallets(-0.6, 8.0, 3, 8),
        (Box((-0.6, 0.66, 8.0), (0.9, 0.42, 0.6), 8), painted((0.55, 0.44, 0.30), 0.4)),
        drum(0.75, 9.2, (0.20, 0.33, 0.52)),
        drum(0.9, 9.9, (0.20, 0.33, 0.52)),
        guard(1.2, 5.0),
        guard(1.2, 7.0),
        column_h(-5.7, 7.2, 5.4),
        column_h(5.7, 12.0, 5.4),
        *(fixture for fixture, _ in fixtures),
    ]
    worker = (
        (0.5, -4.6, 2.8),
        (4.5, -1.8, 5.2),
        (5.6, -1.8, 5.2),
        (9.6, -5.0, 3.4),
        (11.0, -6.4, 2.6),
    )
    plan = FirePlan(
        (-0.6, 0.45, 7.7), 7.0, 1.45, FlowSettings(4.4, 4.9, cooling=1.8, soot=7.0), ceiling=5.4
    )
    return Scene(
        Fact(
            "boiler_house_2_fire.mp4",
            "Boiler house 2",
            "boiler-house-2",
            "burning pallet between two boilers, smoke under the roof",
            onset=7.0,
        ),
        Camera((-5.3, 4.4, 0.2), 27, 19, 74),
        parts,
        dark,
        [(lamp, steady) for _, lamp in fixtures],
        ((0.10, 0.10, 0.10), (0.13, 0.125, 0.115)),
        SensorLook(exposure=1.5, noise=0.004, glare=0.10, tint=(1.02, 1.0, 0.95)),
        [walker(worker, Clothes((0.20, 0.28, 0.45), (0.19, 0.22, 0.33), YELLOW))],
        burn(plan),
        seed=21,
    )
