"""Daylight through dock doors, a forklift with a rotating yellow beacon, two people."""

import numpy as np

from demo_clips.camera import Camera
from demo_clips.clip import Fact, Scene
from demo_clips.effects import moving_lamps
from demo_clips.materials import (
    concrete,
    corrugated,
    faced,
    glowing,
    painted,
)
from demo_clips.movers import Clothes, along, beacon, forklift
from demo_clips.props import (
    YELLOW,
    cartons,
    guard,
    pallets,
    tube,
)
from demo_clips.scenes.common import (
    dark,
    rider,
    steady,
    swaying,
    walker,
)
from demo_clips.sensor import SensorLook
from demo_clips.shapes import Box, Point, Room
from demo_clips.stage import Lamp, Part, Stage


def build() -> Scene:
    """The whole scene."""
    doors = (-4.2, 0.2, 4.6)
    parts: list[Part] = [
        (
            Room((-7.5, 0, -1), (7.5, 5.6, 15)),
            faced(
                concrete((0.50, 0.50, 0.48), joints=3.5, gloss=0.10),
                corrugated((0.66, 0.68, 0.68)),
                corrugated((0.55, 0.55, 0.55), 0.5),
            ),
        ),
        *[
            (
                Box((x, 1.6, 14.97), (2.8, 3.2, 0.05)),
                glowing((1.25, 1.38, 1.55)) if i != 1 else painted((0.60, 0.62, 0.62), 0.4),
            )
            for i, x in enumerate(doors)
        ],
        *[
            (Box((x + s * 1.5, 1.65, 14.9), (0.18, 3.3, 0.16)), painted((0.14, 0.14, 0.14)))
            for x in doors
            for s in (-1, 1)
        ],
        *[(Box((x, 3.35, 14.9), (3.2, 0.22, 0.16)), painted(YELLOW)) for x in doors],
        *cartons(-5.9, 6.2, 2, 1),
        *cartons(-5.9, 8.2, 3, 2),
        *cartons(-5.8, 10.2, 2, 3),
        *pallets(5.9, 6.0, 8),
        *cartons(5.8, 8.4, 2, 4, 90),
        guard(-2.2, 13.9),
        guard(2.2, 13.9),
        guard(-6.6, 12.6),
        (Box((1.8, 0.004, 9.0), (0.12, 0.008, 11.0)), painted(YELLOW, 0.6)),
        (Box((-1.8, 0.004, 9.0), (0.12, 0.008, 11.0)), painted(YELLOW, 0.6)),
    ]
    fixtures = [tube((x, 5.4, z), 1.8, "x", 7.0) for x in (-3.5, 3.5) for z in (4.5, 9.5)]
    parts += [fixture for fixture, _ in fixtures]
    daylight = [Lamp((x, 1.9, 14.4), (1.2, 1.2, 0.05), (9.0, 9.8, 11.0)) for x in (-4.2, 4.6)]
    truck = (
        (0.8, 4.6, 14.0),
        (2.6, 3.6, 12.4),
        (6.5, 0.2, 8.0),
        (8.6, -1.6, 6.8),
        (12.0, -9.0, 5.2),
    )
    away = ((15.0, -9.0, 5.4), (18.0, -1.0, 7.2), (22.0, 4.2, 12.6), (23.2, 4.6, 14.0))
    picker = (
        (7.5, 6.4, 4.4),
        (14.0, -1.0, 11.2),
        (15.5, -1.8, 11.6),
        (17.0, -2.0, 11.5),
        (23.0, -8.2, 12.2),
    )

    def light(t: float) -> list[tuple[Point, Point, float]]:
        pose = along(truck, t) or along(away, t)
        if pose is None:
            return []
        at, turn = (
            beacon(pose),
            2 * np.pi * 1.6 * t,
        )  # a rotating beacon makes about 1.6 turns a second
        return [(at, (at[0] + float(np.cos(turn)), at[1] - 0.25, at[2] + float(np.sin(turn))), 7.0)]

    def prepare(scene: Scene, stage: Stage) -> None:
        scene.behind.append(moving_lamps(stage, light, (1.0, 0.60, 0.08), 5))

    return Scene(
        Fact(
            "loading_dock_a_forklift_beacon.mp4",
            "Loading dock A",
            "loading-dock-a",
            "forklift with yellow beacon, daylight doors, people",
        ),
        Camera((-6.6, 4.7, 0.0), 24, 18, 76),
        parts,
        dark,
        [(lamp, swaying(24, 0.06, 12)) for lamp in daylight]
        + [(lamp, steady) for _, lamp in fixtures],
        ((0.13, 0.135, 0.14), (0.16, 0.16, 0.16)),
        SensorLook(exposure=0.95, noise=0.003, glare=0.10, tint=(0.98, 1.0, 1.02)),
        [
            rider(truck, lambda p: forklift(p, load=True)),
            rider(away, lambda p: forklift(p, load=False)),
            walker(picker, Clothes((0.90, 0.48, 0.10), (0.18, 0.20, 0.28), (0.16, 0.13, 0.11))),
        ],
        prepare,
        seed=71,
    )
