"""Stacked timber in daylight, yellow paint, dry leaves in the wind."""

import numpy as np

from demo_clips.camera import Camera
from demo_clips.clip import Fact, Scene
from demo_clips.effects import leaves
from demo_clips.materials import (
    brick,
    concrete,
    corrugated,
    foliage,
    grass,
    painted,
    planks,
)
from demo_clips.movers import Clothes
from demo_clips.props import YELLOW, cartons, drum, guard
from demo_clips.scenes.common import overcast, swaying, walker
from demo_clips.sensor import SensorLook
from demo_clips.shapes import Box, Ground, Rod
from demo_clips.stage import Lamp, Part, Stage


def build() -> Scene:
    """The whole scene."""
    parts: list[Part] = [
        (Ground(), concrete((0.50, 0.49, 0.46), joints=4.0)),
        (Box((-2.0, 2.6, 19.0), (18.0, 5.2, 4.0)), brick((0.55, 0.33, 0.25))),
        (Box((-2.0, 5.3, 19.0), (18.6, 0.3, 4.6)), painted((0.40, 0.38, 0.36))),
        *[
            (Box((x, 2.7, 16.98), (1.5, 1.3, 0.06)), painted((0.13, 0.16, 0.20), 0.1, 0.6))
            for x in (-7.5, -4.5, 3.5)
        ],
        (Box((-0.6, 1.5, 16.98), (2.4, 3.0, 0.06)), painted(YELLOW, 0.35)),
        *[
            (
                Box((-4.6, 0.25 + 0.42 * i, 10.5), (4.6, 0.34, 1.1), 4 if i % 2 else 2),
                planks((0.74 - 0.05 * (i % 2), 0.53, 0.31), 0.085),
            )
            for i in range(4)
        ],
        *[
            (
                Box((4.6, 0.25 + 0.42 * i, 12.0), (5.2, 0.34, 1.1), -5),
                planks((0.78, 0.58, 0.34), 0.085),
            )
            for i in range(5)
        ],
        *[
            (
                Box((3.4, 0.22 + 0.38 * i, 7.4), (3.2, 0.30, 0.9), 14),
                planks((0.70, 0.46, 0.26), 0.085),
            )
            for i in range(2)
        ],
        *[(Box((x, 1.3, 14.0), (0.16, 2.6, 0.16)), painted(YELLOW)) for x in (-9.0, 8.2)],
        guard(-1.9, 16.2),
        guard(0.8, 16.2),
        drum(-8.4, 12.6, YELLOW),
        drum(-7.7, 12.9, (0.85, 0.45, 0.12)),
        (Box((9.2, 1.3, 8.8), (2.2, 2.6, 4.0), -8), corrugated((0.62, 0.36, 0.14), 0.3)),
        *cartons(-7.0, 7.6, 1, 9, 20),
        (Box((0.0, 0.02, 30.0), (80.0, 0.06, 16.0)), grass()),
        *_trees(),
    ]
    sun = Lamp((60.0, 75.0, -30.0), (1.2, 1.2, 1.2), (14500.0, 13000.0, 10600.0))
    walk = (
        (1.0, -9.8, 8.0),
        (9.5, 0.0, 9.0),
        (12.0, 0.3, 9.4),
        (16.5, 1.0, 15.5),
        (18.0, 3.0, 15.6),
        (23.0, 10.0, 15.4),
    )
    back = ((6.0, 7.5, 15.0), (14.5, -1.0, 12.4), (20.0, -9.5, 15.6))

    def prepare(scene: Scene, stage: Stage) -> None:
        scene.before.append(
            leaves(61, stage, 46, scene.fact.seconds, ((-10.0, 0.03, 4.0), (10.0, 1.6, 14.0)))
        )

    return Scene(
        Fact(
            "timber_yard_day_leaves.mp4",
            "Timber yard",
            "timber-yard",
            "stacked wood, yellow paint, leaves in the wind, sunshine",
        ),
        Camera((0.4, 4.4, 0.0), 1, 15, 72),
        parts,
        overcast(1.0),
        [(sun, swaying(24, 0.12, 12))],
        ((0.36, 0.40, 0.46), (0.20, 0.19, 0.17)),
        SensorLook(exposure=0.9, noise=0.0025, glare=0.08, tint=(1.0, 1.0, 0.97), adapts=0.3),
        [
            walker(walk, Clothes((0.88, 0.42, 0.12), (0.22, 0.25, 0.32), (0.90, 0.88, 0.85))),
            walker(back, Clothes((0.42, 0.44, 0.46), (0.26, 0.24, 0.22), YELLOW)),
        ],
        prepare,
        seed=61,
    )


def _trees() -> list[Part]:
    """Tree crowns behind the yard: clumps of overlapping balls of 0.8 to 1.9 m."""
    rng = np.random.default_rng(62)
    leaves_look = foliage()
    parts: list[Part] = []
    for x in np.linspace(9.0, 34.0, 9):
        top = float(rng.uniform(3.6, 6.6))
        for _ in range(6):
            r = float(rng.uniform(0.8, 1.9))
            at = (
                float(x + rng.normal(0, 1.1)),
                float(rng.uniform(0.8, top)),
                float(rng.uniform(36, 40)),
            )
            parts.append((Rod(at, (at[0] + 0.4, at[1] + 0.3, at[2]), r), leaves_look))
    return parts
