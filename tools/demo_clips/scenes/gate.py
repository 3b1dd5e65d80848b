"""The gate at night in rain: sodium light on wet ground and a car that arrives with full beam."""

from demo_clips.camera import Camera
from demo_clips.clip import Fact, Scene
from demo_clips.effects import moving_lamps, rain
from demo_clips.materials import (
    asphalt,
    brick,
    concrete,
    glowing,
    painted,
)
from demo_clips.movers import Clothes, along, car, headlamps
from demo_clips.props import YELLOW, guard, pipe, wall_of_sheet
from demo_clips.scenes.common import SODIUM, night, rider, steady, walker
from demo_clips.sensor import SensorLook
from demo_clips.shapes import Box, Ground, Point, Rod
from demo_clips.stage import Lamp, Part, Stage


def build() -> Scene:
    """The whole scene."""
    parts: list[Part] = [
        (Ground(), asphalt(0.5)),
        (Box((-5.4, 1.5, 13.0), (3.2, 3.0, 3.2)), brick((0.46, 0.30, 0.25))),
        (Box((-5.4, 3.1, 13.0), (3.8, 0.2, 3.8)), concrete()),
        (Box((-4.7, 1.75, 11.38), (1.5, 0.9, 0.06)), glowing((0.42, 0.32, 0.18))),
        (Box((-4.7, 1.75, 11.34), (0.06, 0.9, 0.06)), painted((0.2, 0.2, 0.2))),
        (Box((-4.7, 1.26, 11.3), (1.7, 0.06, 0.16)), painted((0.5, 0.5, 0.5))),
        (Rod((-2.9, 0, 12.6), (-2.9, 1.15, 12.6), 0.16), painted(YELLOW)),
        *[
            (
                Rod((-2.8 + i * 0.8, 1.05, 12.6), (-2.0 + i * 0.8, 1.05, 12.6), 0.055),
                painted((0.8, 0.1, 0.08) if i % 2 else (0.85, 0.85, 0.85)),
            )
            for i in range(3)
        ],
        (Rod((4.4, 0, 12.0), (4.4, 6.6, 12.0), 0.09), painted((0.4, 0.4, 0.4))),
        (Box((4.0, 6.6, 12.0), (0.8, 0.14, 0.3)), glowing((10.0, 5.8, 2.0))),
        (Rod((-7.8, 0, 20.0), (-7.8, 6.6, 20.0), 0.09), painted((0.4, 0.4, 0.4))),
        (Box((-7.4, 6.6, 20.0), (0.8, 0.14, 0.3)), glowing((10.0, 5.8, 2.0))),
        wall_of_sheet((11.0, 2.5, 22.0), (10.0, 5.0, 12.0)),
        (Box((0.0, 1.0, 34.0), (40.0, 2.0, 0.3)), brick()),
        *[pipe((x, 0, 14.5), (x, 2.2, 14.5), 0.04) for x in (4.2, 6.2, 8.2)],
        pipe((4.2, 2.1, 14.5), (9.5, 2.1, 14.5), 0.03),
        pipe((4.2, 1.1, 14.5), (9.5, 1.1, 14.5), 0.03),
        guard(-3.1, 10.6),
        guard(3.6, 11.2),
    ]
    sodium = (38 * SODIUM[0], 38 * SODIUM[1], 38 * SODIUM[2])
    lamps = [
        Lamp((4.0, 6.4, 12.0), (0.35, 0.05, 0.12), sodium, down=True),
        Lamp((-7.4, 6.4, 20.0), (0.35, 0.05, 0.12), sodium, down=True),
    ]
    drive = (
        (3.0, -2.0, 33.0),
        (5.5, 0.6, 27.0),
        (9.0, 0.7, 16.5),
        (14.0, 0.7, 16.3),
        (17.5, 0.9, 9.0),
        (19.5, 1.6, 1.0),
    )
    check = ((8.0, -4.0, 11.0), (10.5, -1.6, 13.2), (14.0, -1.5, 13.4), (17.0, -4.2, 11.0))

    def beams(t: float) -> list[tuple[Point, Point, float]]:
        pose = along(drive, t)
        if pose is None:
            return []
        return [(at, (at[0] * 1.02, 0.1, at[2] - 8.0), 60.0) for at in headlamps(pose)]

    def prepare(scene: Scene, stage: Stage) -> None:
        scene.behind.append(moving_lamps(stage, beams, (1.0, 0.95, 0.85), 26))
        scene.before.append(rain(51, (640, 360), 170, 0.7))

    return Scene(
        Fact(
            "gate_night_rain_headlights.mp4",
            "Gate",
            "gate",
            "night, rain, sodium lamps, a car with headlights",
        ),
        Camera((-0.6, 4.2, 0.0), 2, 13, 66),
        parts,
        night,
        [(lamp, steady) for lamp in lamps],
        ((0.030, 0.028, 0.030), (0.030, 0.024, 0.018)),
        SensorLook(exposure=2.4, noise=0.005, colour=0.85, glare=0.20, adapts=0.35),
        [
            rider(drive, lambda p: car(p, (0.30, 0.33, 0.38), 22.0)),
            walker(check, Clothes((0.88, 0.80, 0.20), (0.16, 0.17, 0.22), (0.15, 0.15, 0.17))),
        ],
        prepare,
        seed=51,
    )
