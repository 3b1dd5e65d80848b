"""One demo clip: what is known about it, and how its frames come about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from demo_clips.actors import Light, Piece, add_actor
from demo_clips.camera import Camera
from demo_clips.materials import Colour
from demo_clips.noise import F32
from demo_clips.sensor import Sensor, SensorLook
from demo_clips.stage import Lamp, Part, Sky, Stage

FPS = 15
Rhythm = Callable[[float], float]  # second → strength
Change = Callable[[F32, float], F32]  # picture, second → picture


@dataclass(frozen=True, slots=True)
class Fact:
    """What the manifest says about a clip; `onset` is the second of the first flame."""

    file: str
    name: str
    place: str
    shows: str
    seconds: int = 24
    onset: float | None = None


@dataclass(slots=True)
class Scene:
    """Everything that makes one clip.

    Attributes:
        lamps: Lamps with their strength over time.
        actors: Given the second, the pieces of each actor.
        behind: Changes of the linear picture before actors are drawn (light of moving lamps).
        before: Changes after it (flames, smoke, rain).
        ambient: Light from all around: from above and from below, linear.
        murk: Strength of ambient light over time.
    """

    fact: Fact
    camera: Camera
    parts: list[Part]
    sky: Sky
    lamps: list[tuple[Lamp, Rhythm]]
    ambient: tuple[Colour, Colour]
    look: SensorLook
    actors: list[Callable[[float], list[Piece]]] = field(default_factory=list)
    prepare: Callable[["Scene", Stage], None] | None = None
    behind: list[Change] = field(default_factory=list)
    before: list[Change] = field(default_factory=list)
    murk: Rhythm = lambda _: 1.0
    seed: int = 1


def frames(
    scene: Scene, quality: int, wanted: Callable[[int], bool]
) -> Iterator[NDArray[np.uint8]]:
    """Render in order; frames that are not `wanted` advance the scene but are not yielded."""
    stage = Stage(scene.camera, scene.parts, scene.sky, quality)
    maps = [stage.lit(lamp) for lamp, _ in scene.lamps]
    soft, glow = stage.ambient(*scene.ambient), stage.glow()
    if scene.prepare is not None:
        scene.prepare(scene, stage)
    sensor = Sensor(scene.look, scene.camera.width, scene.camera.height, scene.seed)
    for i in range(scene.fact.seconds * FPS):
        t = i / FPS
        picture = glow + soft * np.float32(scene.murk(t))
        lights = []
        for (lamp, rhythm), lit in zip(scene.lamps, maps, strict=True):
            strength = rhythm(t)
            picture += lit * np.float32(strength)
            lights.append(Light(lamp, lit, strength))
        picture = _acted(picture, t, scene, stage, lights)
        picture = sensor.expose(picture)
        if wanted(i):
            yield picture


def _acted(picture: F32, t: float, scene: Scene, stage: Stage, lights: list[Light]) -> F32:
    for change in scene.behind:
        picture = change(picture, t)
    around = tuple(
        float(0.5 * (a + b) * scene.murk(t)) for a, b in zip(*scene.ambient, strict=True)
    )
    for actor in scene.actors:
        pieces = actor(t)
        if pieces:
            picture = add_actor(picture, stage, pieces, lights, (around[0], around[1], around[2]))
    for change in scene.before:
        picture = change(picture, t)
    return picture
