"""Furniture of plant rooms and yards: shelves, drums, pallets, lamps, pipes."""

import numpy as np

from demo_clips.materials import Colour, concrete, corrugated, glowing, painted, planks
from demo_clips.shapes import Box, Point, Rod
from demo_clips.stage import Lamp, Part

CAN_COLOURS: tuple[Colour, ...] = (
    (0.72, 0.70, 0.66), (0.25, 0.38, 0.55), (0.70, 0.20, 0.16), (0.88, 0.70, 0.12),
    (0.30, 0.45, 0.32), (0.55, 0.56, 0.58), (0.82, 0.45, 0.15), (0.90, 0.88, 0.82),
)  # fmt: skip
CARTON: Colour = (0.62, 0.49, 0.34)
STEEL: Colour = (0.45, 0.47, 0.50)
YELLOW: Colour = (0.90, 0.70, 0.10)


def tube(
    at: Point, length: float, axis: str, power: float, rgb: Colour = (1.0, 0.97, 0.88)
) -> tuple[Part, Lamp]:
    """A fluorescent fitting under a ceiling, and its light."""
    along = axis == "x"
    size = (length, 0.07, 0.16) if along else (0.16, 0.07, length)
    spread = (length / 2, 0.02, 0.08) if along else (0.08, 0.02, length / 2)
    glow = (6.0 * rgb[0], 6.0 * rgb[1], 6.0 * rgb[2])
    light = (power * rgb[0], power * rgb[1], power * rgb[2])
    return (Box(at, size), glowing(glow)), Lamp(
        (at[0], at[1] - 0.1, at[2]), spread, light, down=True
    )


def shelf(
    x: float, z: float, width: float, height: float, seed: int, *, turned: bool = False
) -> list[Part]:
    """A rack 0.6 m deep with tins and cartons; `turned` racks run along z."""
    rng = np.random.default_rng(seed)
    steel = painted((0.26, 0.36, 0.50), 0.35)
    parts: list[Part] = []

    def put(dx: float, y: float, dz: float, size: Point) -> tuple[Point, Point]:
        if turned:
            return (x + dz, y, z + dx), (size[2], size[1], size[0])
        return (x + dx, y, z + dz), size

    for dx in (-width / 2, width / 2):
        posts = [put(dx, height / 2, dz, (0.06, height, 0.06)) for dz in (-0.27, 0.27)]
        parts += [(Box(*post), steel) for post in posts]
    levels = max(2, round(height / 0.65))
    for level in range(levels):
        y = 0.12 + level * (height - 0.12) / levels
        parts.append((Box(*put(0, y, 0, (width, 0.04, 0.6))), painted((0.55, 0.42, 0.25), 0.4)))
        at = -width / 2 + 0.22
        while at < width / 2 - 0.22:
            parts.append(_ware(rng, put, at, y + 0.02))
            at += float(rng.uniform(0.34, 0.62))
    return parts


def drum(x: float, z: float, rgb: Colour, *, lying: bool = False) -> Part:
    """A 200 litre steel drum."""
    if lying:
        return Rod((x - 0.44, 0.29, z), (x + 0.44, 0.29, z), 0.29, rounded=False), painted(rgb, 0.5)
    return Rod((x, 0.0, z), (x, 0.88, z), 0.29, rounded=False), painted(rgb, 0.5, 0.3)


def pallets(x: float, z: float, count: int, yaw: float = 0.0) -> list[Part]:
    """A stack of flat wooden pallets: decks with gaps between."""
    wood = planks((0.60, 0.47, 0.32), 0.11)
    parts: list[Part] = []
    for i in range(count):
        y = 0.144 * i
        parts.append((Box((x, y + 0.13, z), (1.2, 0.028, 0.8), yaw), wood))
        parts.append((Box((x, y + 0.06, z), (1.12, 0.10, 0.10), yaw), wood))
    return parts


def cartons(x: float, z: float, layers: int, seed: int, yaw: float = 0.0) -> list[Part]:
    """A pallet with cardboard boxes."""
    rng = np.random.default_rng(seed)
    parts = pallets(x, z, 1, yaw)
    for level in range(layers):
        for dx in (-0.29, 0.29):
            tone = float(rng.uniform(0.88, 1.08))
            rgb = (CARTON[0] * tone, CARTON[1] * tone, CARTON[2] * tone)
            turn = yaw + float(rng.uniform(-4, 4))
            parts.append(
                (
                    Box((x + dx, 0.15 + 0.24 + 0.47 * level, z), (0.54, 0.46, 0.72), turn),
                    painted(rgb, 0.3),
                )
            )
    return parts


def column_h(x: float, z: float, height: float) -> Part:
    """A steel column with hazard-yellow foot left to the caller."""
    return Box((x, height / 2, z), (0.24, height, 0.24)), painted(STEEL, 0.3)


def guard(x: float, z: float) -> Part:
    """A yellow bollard."""
    return Rod((x, 0.0, z), (x, 0.95, z), 0.08), painted(YELLOW, 0.3)


def pipe(a: Point, b: Point, radius: float, rgb: Colour = STEEL) -> Part:
    """A painted pipe."""
    return Rod(a, b, radius), painted(rgb, 0.35, 0.35)


def wall_of_sheet(centre: Point, size: Point, rgb: Colour = (0.56, 0.60, 0.62)) -> Part:
    """A building side of profiled sheet."""
    return Box(centre, size), corrugated(rgb)


def kerb(centre: Point, size: Point) -> Part:
    """A concrete block."""
    return Box(centre, size), concrete((0.60, 0.59, 0.57))


def _ware(rng: np.random.Generator, put: object, at: float, y: float) -> Part:
    assert callable(put)
    if rng.random() < 0.6:
        rgb = CAN_COLOURS[int(rng.integers(len(CAN_COLOURS)))]
        tall = float(rng.uniform(0.22, 0.38))
        (cx, _, cz), _ = put(at, 0.0, float(rng.uniform(-0.12, 0.02)), (0.1, 0.1, 0.1))
        return Rod(
            (cx, y, cz), (cx, y + tall, cz), float(rng.uniform(0.11, 0.15)), rounded=False
        ), painted(rgb, 0.2, 0.3)
    tall = float(rng.uniform(0.2, 0.42))
    tone = float(rng.uniform(0.85, 1.1))
    centre, size = put(at, y + tall / 2, 0.0, (float(rng.uniform(0.26, 0.34)), tall, 0.42))
    return Box(centre, size), painted((CARTON[0] * tone, CARTON[1] * tone, CARTON[2] * tone), 0.25)
