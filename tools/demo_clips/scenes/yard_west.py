"""Waste wood beside a warehouse burns at night; wind carries the smoke off."""

from demo_clips.camera import Camera
from demo_clips.clip import Fact, Scene
from demo_clips.effects import FirePlan, burn
from demo_clips.fluid import FlowSettings
from demo_clips.materials import asphalt, corrugated, glowing, painted, planks
from demo_clips.movers import Clothes
from demo_clips.props import drum, guard, pallets, wall_of_sheet
from demo_clips.scenes.common import SODIUM, night, steady, walker
from demo_clips.sensor import SensorLook
from demo_clips.shapes import Box, Ground, Rod
from demo_clips.stage import Lamp, Part


def build() -> Scene:
    """The whole scene."""
    parts: list[Part] = [
        (Ground(), asphalt(0.10)),
        wall_of_sheet((4.0, 3.2, 16.0), (16.0, 6.4, 6.0), (0.50, 0.55, 0.58)),
        (Box((2.0, 1.8, 12.98), (3.4, 3.6, 0.08)), corrugated((0.35, 0.38, 0.40), 0.4)),
        wall_of_sheet((-11.0, 2.4, 14.0), (4.0, 4.8, 14.0), (0.52, 0.48, 0.42)),
        (Box((6.6, 4.6, 12.85), (0.5, 0.22, 0.3)), glowing((9.0, 7.6, 5.4))),
        (Rod((-5.2, 0, 10.5), (-5.2, 6.2, 10.5), 0.08), painted((0.4, 0.4, 0.4))),
        (Box((-4.9, 6.2, 10.5), (0.7, 0.14, 0.3)), glowing((9.0, 5.2, 1.8))),
        *pallets(-1.0, 10.4, 6, 12),
        *pallets(-2.4, 11.3, 9, -8),
        *pallets(0.5, 11.5, 4, 3),
        (Box((-0.2, 0.35, 9.4), (1.8, 0.12, 0.3), 35), planks()),
        (Box((-1.4, 0.2, 9.3), (1.6, 0.10, 0.25), -20), planks()),
        drum(4.6, 12.2, (0.22, 0.34, 0.50)),
        drum(5.3, 12.3, (0.55, 0.2, 0.15)),
        drum(4.9, 11.6, (0.22, 0.34, 0.50)),
        (Box((-6.8, 1.3, 15.0), (2.6, 2.6, 6.0)), corrugated((0.45, 0.22, 0.17), 0.3)),
        guard(0.1, 12.6),
        guard(3.9, 12.6),
    ]
    flood = Lamp((6.6, 4.5, 12.4), (0.25, 0.1, 0.1), (7.0, 6.0, 4.4))
    post = Lamp(
        (-4.8, 6.1, 10.4),
        (0.3, 0.05, 0.1),
        (13 * SODIUM[0], 13 * SODIUM[1], 13 * SODIUM[2]),
        down=True,
    )
    guardman = ((1.0, 8.5, 7.0), (6.5, 4.6, 9.8), (9.5, 4.2, 9.9), (13.5, 8.0, 6.2))
    plan = FirePlan(
        (-0.9, 0.3, 10.0),
        8.0,
        1.9,
        FlowSettings(7.0, 6.6, cell=0.035, wind=1.6, thinning=0.05, cooling=2.0, soot=7.0),
        light=12.0,
        thickness=2.6,
        smoke=(0.30, 0.29, 0.28),
        lift=0.2,
    )
    return Scene(
        Fact(
            "yard_west_night_fire.mp4",
            "Yard west",
            "yard-west",
            "waste wood burning beside a warehouse at night, smoke in the wind",
            onset=8.0,
        ),
        Camera((1.0, 4.6, 0.0), -4, 14, 68),
        parts,
        night,
        [(flood, steady), (post, steady)],
        ((0.022, 0.023, 0.027), (0.020, 0.019, 0.018)),
        SensorLook(exposure=2.3, noise=0.005, colour=0.8, glare=0.14, adapts=0.4),
        [walker(guardman, Clothes((0.80, 0.75, 0.25), (0.16, 0.18, 0.25), (0.2, 0.2, 0.22)))],
        burn(plan),
        seed=41,
    )
