"""What the benches `p0` … `p5` put on the machine (requirements 1.5–1.36, issue of 100 cameras)."""

from dataclasses import dataclass
from typing import Literal

from embereye.bench.clips import Recipe

DUE = 15.0  # 1/s; a viewer needs at most this (targets, "Honest benchmarks")

_LARGE = Recipe(640, 480, 15)
_EMPTY = Recipe(640, 480, 15, moving=False)  # a hall at night
_LARGE_25 = Recipe(640, 480, 25)
_SUB = Recipe(320, 240, 15, bits=250_000)


@dataclass(frozen=True, slots=True)
class Group:
    """Cameras of one kind; also a camera group of the wall.

    Attributes:
        sub: Their smaller stream; None: they have none.
        detect: Whether flame and smoke are looked for.
    """

    name: str
    count: int
    recipe: Recipe
    sub: Recipe | None = None
    detect: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """One arrangement of the wall.

    Attributes:
        layout: Tiles per row and column; 0: all cameras of the group on one page.
        group: Camera group; "": all.
        least: Target for the worst camera on the wall, % of due frames.
    """

    name: str
    layout: int = 0
    group: str = ""
    least: float = 95.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One program with its cameras and devices.

    Attributes:
        due: Frames per second due of each visible camera.
        parts: Measured one after the other, each for the given time.
        memory: Most memory of all processes together, GB; None: stated only.
        aggregate: Least frames per second delivered by all cameras; None: stated only.
        unseen: What detection gets of cameras that nobody looks at (`capture.unseen`).
    """

    groups: tuple[Group, ...]
    devices: int
    parts: tuple[Part, ...]
    due: float = DUE
    memory: float | None = None
    aggregate: float | None = None
    unseen: Literal["auto", "every picture", "key frames"] = "auto"

    @property
    def cameras(self) -> int:
        """All cameras."""
        return sum(group.count for group in self.groups)


_ALL = (Part("wall"),)
VIEWERS = Plan((Group("all", 50, _SUB, detect=False),), 10, ())
PLANS: dict[str, tuple[Plan, ...]] = {
    "p0": (Plan((Group("all", 5, _LARGE_25),), 5, _ALL, due=25.0),),
    "p1": (Plan((Group("all", 10, _LARGE_25),), 20, _ALL, due=25.0),),
    "p2": (Plan((Group("all", 30, _LARGE),), 40, _ALL, memory=0.8),),
    "p3": (Plan((Group("all", 60, _LARGE),), 60, _ALL),),
    "p4": (Plan((Group("all", 80, _LARGE, _SUB),), 80, _ALL, aggregate=1140.0),),
    "p5": (
        Plan(
            (Group("all", 100, _SUB),),
            100,
            (
                Part("tiles25", 5, least=97.0),
                Part("tiles64", 8, least=97.0),
                Part("tiles100", 10, least=97.0),
            ),
        ),
        Plan(
            (Group("shown", 50, _LARGE), Group("hidden", 50, _EMPTY)),
            100,
            (Part("mixed", 0, "shown"),),
            unseen="key frames",
        ),
    ),
}
