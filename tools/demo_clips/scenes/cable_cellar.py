"""A low corridor full of cable trays with one failing fluorescent tube; 4 : 3 camera."""

from demo_clips.camera import Camera
from demo_clips.clip import FPS, Fact, Scene
from demo_clips.materials import concrete, faced, painted
from demo_clips.movers import Clothes
from demo_clips.props import STEEL, pipe, tube
from demo_clips.scenes.common import dark, failing_tube, steady, walker
from demo_clips.sensor import SensorLook
from demo_clips.shapes import Box, Room
from demo_clips.stage import Part


def build() -> Scene:
    """The whole scene."""
    cool = (0.92, 1.0, 0.95)
    fixtures = [tube((0, 2.7, z), 1.2, "z", 3.0, cool) for z in (3.2, 7.2, 11.2, 15.2)]
    cables = (
        (0.10, 0.10, 0.11),
        (0.55, 0.20, 0.12),
        (0.14, 0.22, 0.40),
        (0.45, 0.44, 0.42),
        (0.10, 0.10, 0.11),
    )
    parts: list[Part] = [
        (
            Room((-1.9, 0, -1), (1.9, 2.85, 19)),
            faced(
                concrete((0.46, 0.46, 0.44), gloss=0.10),
                concrete((0.58, 0.57, 0.54), joints=2.5),
                concrete(),
            ),
        ),
        *[
            (Box((s * 1.55, y, 9), (0.62, 0.05, 20)), painted(STEEL, 0.3, 0.4))
            for s in (-1, 1)
            for y in (0.7, 1.3, 1.9)
        ],
        *[
            pipe(
                (s * (1.32 + 0.12 * i), y + 0.08, -1),
                (s * (1.32 + 0.12 * i), y + 0.08, 19),
                0.05,
                cables[(i + k) % 5],
            )
            for s in (-1, 1)
            for k, y in enumerate((0.7, 1.3, 1.9))
            for i in range(4)
        ],
        *[
            (Box((s * 1.25, 1.3, z), (0.05, 2.6, 0.06)), painted(STEEL))
            for s in (-1, 1)
            for z in (3, 6, 9, 12, 15)
        ],
        pipe((0.75, 2.65, -1), (0.75, 2.65, 19), 0.07, (0.60, 0.16, 0.12)),
        (Box((0, 1.05, 18.95), (0.95, 2.1, 0.06)), painted((0.35, 0.42, 0.45))),
        *(fixture for fixture, _ in fixtures),
    ]
    broken = failing_tube(9, 24, FPS)
    walk = ((1.0, 0.1, 18.6), (12.5, -0.15, 4.4), (14.0, -0.1, 4.3), (23.4, 0.15, 18.2))
    lamps = [(lamp, broken if i == 1 else steady) for i, (_, lamp) in enumerate(fixtures)]
    return Scene(
        Fact(
            "cable_cellar_failing_tube.mp4",
            "Cable cellar",
            "cable-cellar",
            "failing fluorescent tube, cable trays, one person",
        ),
        Camera((-0.35, 2.35, 0.0), 2, 11, 70, 640, 480),
        parts,
        dark,
        lamps,
        ((0.045, 0.05, 0.048), (0.05, 0.05, 0.048)),
        SensorLook(exposure=1.7, noise=0.005, glare=0.12, tint=(0.94, 1.02, 0.96), adapts=0.25),
        [walker(walk, Clothes((0.25, 0.33, 0.46), (0.22, 0.24, 0.30), (0.30, 0.48, 0.72)))],
        seed=91,
    )
