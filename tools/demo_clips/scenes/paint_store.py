"""A dim narrow store; tins on racks; the fire starts on the floor by the right-hand rack."""

from demo_clips.camera import Camera
from demo_clips.clip import Fact, Scene
from demo_clips.effects import FirePlan, burn
from demo_clips.fluid import FlowSettings
from demo_clips.materials import concrete, faced, painted
from demo_clips.movers import Clothes
from demo_clips.props import YELLOW, cartons, drum, shelf, tube
from demo_clips.scenes.common import dark, steady, walker
from demo_clips.sensor import SensorLook
from demo_clips.shapes import Box, Room
from demo_clips.stage import Part


def build() -> Scene:
    """The whole scene."""
    fixtures = [
        tube((0.2, 3.3, 3.4), 1.5, "z", 3.4, (1.0, 0.93, 0.78)),
        tube((0.2, 3.3, 7.6), 1.5, "z", 1.6, (1.0, 0.93, 0.78)),
    ]
    parts: list[Part] = [
        (
            Room((-3.2, 0, -1), (3.2, 3.5, 10)),
            faced(
                concrete((0.42, 0.45, 0.44), gloss=0.08),
                painted((0.74, 0.73, 0.68), 0.3),
                concrete(),
            ),
        ),
        *shelf(-2.85, 3.6, 2.8, 2.3, 1, turned=True),
        *shelf(-2.85, 6.8, 2.8, 2.3, 2, turned=True),
        *shelf(2.85, 7.2, 2.6, 2.3, 3, turned=True),
        (Box((0.4, 1.05, 9.96), (1.1, 2.1, 0.06)), painted((0.52, 0.25, 0.20))),
        *cartons(1.9, 4.6, 2, 5, 4),
        drum(-1.2, 9.1, (0.60, 0.18, 0.14)),
        drum(-0.5, 9.3, (0.25, 0.36, 0.52)),
        drum(2.4, 2.9, YELLOW),
        *(fixture for fixture, _ in fixtures),
    ]
    visit = (
        (0.0, 0.4, 9.4),
        (0.4, 0.4, 9.4),
        (4.4, -0.4, 5.0),
        (5.4, -0.5, 4.9),
        (6.2, -0.4, 5.0),
        (9.4, 0.4, 9.3),
    )
    plan = FirePlan(
        (1.75, 0.35, 4.25),
        6.0,
        1.0,
        FlowSettings(3.4, 3.2, cooling=2.1, soot=7.0),
        ceiling=3.5,
        light=5.0,
        thickness=2.6,
    )
    return Scene(
        Fact(
            "paint_store_fire.mp4",
            "Paint store",
            "paint-store",
            "cartons of solvent burning in a dim store",
            onset=6.0,
        ),
        Camera((-2.7, 3.0, 0.0), 22, 19, 76),
        parts,
        dark,
        [(lamp, steady) for _, lamp in fixtures],
        ((0.035, 0.035, 0.035), (0.045, 0.043, 0.04)),
        SensorLook(exposure=2.1, noise=0.005, glare=0.12, tint=(1.05, 1.0, 0.88), adapts=0.45),
        [walker(visit, Clothes((0.55, 0.56, 0.55), (0.30, 0.30, 0.32), (0.25, 0.2, 0.17)))],
        burn(plan),
        seed=31,
    )
