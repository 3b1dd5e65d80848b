"""Who moves in the clips: walking people, a forklift truck, a car."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from demo_clips.actors import Piece, box, rod
from demo_clips.materials import Colour
from demo_clips.shapes import Point

_SKIN: Colour = (0.78, 0.60, 0.50)
_SHOE: Colour = (0.13, 0.12, 0.12)
_RUBBER: Colour = (0.10, 0.10, 0.10)
_STRIDE = 1.45  # m for two steps of an adult at walking pace

Way = tuple[tuple[float, float, float], ...]  # (second, x, z) corners, metres


@dataclass(frozen=True, slots=True)
class Clothes:
    """What a person wears, sRGB 0…1."""

    jacket: Colour = (0.24, 0.30, 0.42)
    trousers: Colour = (0.20, 0.21, 0.25)
    hat: Colour = (0.85, 0.83, 0.78)
    height: float = 1.76


@dataclass(frozen=True, slots=True)
class Pose:
    """Place on the floor, heading (degrees from the z axis) and metres walked so far."""

    x: float
    z: float
    heading: float
    walked: float
    speed: float


def along(way: Way, t: float) -> Pose | None:
    """Where a mover is at second `t`; None before its way starts and after it ends."""
    if not way[0][0] <= t < way[-1][0]:
        return None
    walked = 0.0
    for i, ((t0, x0, z0), (t1, x1, z1)) in enumerate(pairwise(way)):
        length = float(np.hypot(x1 - x0, z1 - z0))
        if t < t1:
            f = (t - t0) / (t1 - t0)
            heading = _heading(way, i)
            ahead = _heading(way, min(i + 1, len(way) - 2))
            turn = (ahead - heading + 180) % 360 - 180
            left = t1 - t
            heading += turn * max(0.0, 1.0 - 2.0 * left)  # turns in the last half second
            return Pose(
                x0 + f * (x1 - x0),
                z0 + f * (z1 - z0),
                heading,
                walked + f * length,
                length / (t1 - t0),
            )
        walked += length
    return None


def person(pose: Pose, clothes: Clothes) -> list[Piece]:
    """A walking (or, when slow, standing) adult of 14 rounded rods."""
    h, c = clothes.height, clothes
    phase = 2 * np.pi * pose.walked / _STRIDE
    swing = min(1.0, pose.speed / 0.8)
    bob = 0.02 * swing * float(np.cos(2 * phase))
    hip, chest = 0.52 * h + bob, 0.80 * h + bob
    at = _Local(pose)
    lean = 0.04 * swing
    pieces = [
        rod(at(-0.10, hip + 0.06, 0), at(-0.13, chest, lean), 0.115, c.jacket),
        rod(at(0.10, hip + 0.06, 0), at(0.13, chest, lean), 0.115, c.jacket),
        rod(at(0, hip + 0.1, 0.01), at(0, chest + 0.02, lean + 0.01), 0.13, c.jacket),
        rod(at(0, chest + 0.08, lean), at(0, 0.92 * h + bob, lean + 0.02), 0.075, _SKIN),
        rod(at(0, 0.945 * h + bob, lean + 0.01), at(0, 0.955 * h + bob, lean + 0.04), 0.105, c.hat),
    ]
    for side in (-1.0, 1.0):
        beat = float(np.sin(phase + (0 if side > 0 else np.pi)))
        pieces += _leg(
            at,
            side,
            beat * swing,
            float(np.cos(phase + (0 if side > 0 else np.pi))) * swing,
            hip,
            c,
        )
        pieces += _arm(at, side, -beat * swing, chest, lean, c)
    return pieces


def forklift(pose: Pose, load: bool = True) -> list[Piece]:
    """A counterbalance truck, 2.3 m high with guard, driver, mast and a boxed pallet."""
    yellow, dark = (0.86, 0.64, 0.10), (0.16, 0.16, 0.17)
    at, yaw = _Local(pose), pose.heading
    pieces = [
        box(at(0, 0.62, -0.45), (1.05, 0.72, 1.25), yaw, yellow),
        box(at(0, 0.45, 0.45), (1.0, 0.5, 0.75), yaw, yellow),
        box(at(0, 0.98, -0.75), (0.95, 0.35, 0.6), yaw, (0.72, 0.53, 0.08)),
        box(at(0, 2.16, -0.15), (0.95, 0.06, 1.15), yaw, dark),
        box(at(-0.30, 1.15, 0.92), (0.10, 2.3, 0.12), yaw, dark),
        box(at(0.30, 1.15, 0.92), (0.10, 2.3, 0.12), yaw, dark),
        box(at(-0.28, 0.16, 1.55), (0.12, 0.05, 1.1), yaw, dark),
        box(at(0.28, 0.16, 1.55), (0.12, 0.05, 1.1), yaw, dark),
        rod(at(0, 1.0, -0.2), at(0, 1.42, -0.25), 0.19, (0.80, 0.42, 0.12)),
        rod(at(0, 1.62, -0.2), at(0, 1.72, -0.2), 0.11, _SKIN),
        rod(at(0.2, 1.3, -0.1), at(0.12, 1.15, 0.3), 0.06, (0.80, 0.42, 0.12)),
        rod(at(0.30, 2.26, -0.45), at(0.30, 2.34, -0.45), 0.06, (1.0, 0.66, 0.10), 3.0),
    ]
    for x in (-0.44, 0.44):
        pieces += [
            rod(at(x, 1.0, 0.62), at(x, 2.14, 0.35), 0.035, dark),
            rod(at(x, 1.1, -0.72), at(x, 2.14, -0.66), 0.035, dark),
            rod(at(x - 0.06, 0.30, 0.55), at(x + 0.06, 0.30, 0.55), 0.30, _RUBBER),
            rod(at(x - 0.06, 0.26, -0.75), at(x + 0.06, 0.26, -0.75), 0.26, _RUBBER),
        ]
    if load:
        pieces += [
            box(at(0, 0.26, 1.58), (1.1, 0.13, 1.0), yaw, (0.60, 0.45, 0.28)),
            box(at(0, 0.78, 1.58), (1.0, 0.9, 0.95), yaw, (0.66, 0.52, 0.36)),
        ]
    return pieces


def beacon(pose: Pose) -> Point:
    """Where the forklift's warning light is."""
    return _Local(pose)(0.30, 2.45, -0.45)


def car(pose: Pose, rgb: Colour, lamps: float) -> list[Piece]:
    """A van-like car with headlamps of brightness `lamps`."""
    at, yaw = _Local(pose), pose.heading
    pieces = [
        box(at(0, 0.66, 0), (1.78, 0.75, 4.3), yaw, rgb),
        box(at(0, 1.30, -0.45), (1.55, 0.62, 2.5), yaw, (0.10, 0.11, 0.13)),
        box(at(0, 1.60, -0.5), (1.5, 0.06, 2.2), yaw, rgb),
        box(at(0, 0.45, 2.18), (0.6, 0.14, 0.06), yaw, (0.8, 0.8, 0.75)),
    ]
    for x in (-0.62, 0.62):
        pieces += [
            rod(at(x - 0.04, 0.78, 2.16), at(x + 0.04, 0.78, 2.16), 0.11, (1.0, 0.95, 0.85), lamps),
            box(at(x, 0.80, -2.16), (0.3, 0.16, 0.05), yaw, (0.9, 0.06, 0.04), lamps * 0.08),
            rod(at(x * 1.32 - 0.08, 0.32, 1.35), at(x * 1.32 + 0.08, 0.32, 1.35), 0.32, _RUBBER),
            rod(at(x * 1.32 - 0.08, 0.32, -1.35), at(x * 1.32 + 0.08, 0.32, -1.35), 0.32, _RUBBER),
        ]
    return pieces


def headlamps(pose: Pose) -> tuple[Point, Point]:
    """Where a car's two headlamps are."""
    at = _Local(pose)
    return at(-0.62, 0.78, 2.25), at(0.62, 0.78, 2.25)


class _Local:
    """Turns (right, up, ahead) of a pose into scene coordinates."""

    def __init__(self, pose: Pose) -> None:
        angle = np.radians(pose.heading)
        self._x, self._z = pose.x, pose.z
        self._c, self._s = float(np.cos(angle)), float(np.sin(angle))

    def __call__(self, right: float, up: float, ahead: float) -> Point:
        return (
            self._x + right * self._c + ahead * self._s,
            up,
            self._z - right * self._s + ahead * self._c,
        )


def _leg(at: _Local, side: float, beat: float, lift: float, hip: float, c: Clothes) -> list[Piece]:
    thigh = 0.46 * beat  # rad; about 26 degrees either way
    knee = 0.22 + 0.55 * max(0.0, lift) if abs(beat) + abs(lift) > 0.05 else 0.05
    upper, lower = 0.50 * hip, 0.46 * hip
    x = 0.10 * side
    knee_z, knee_y = upper * float(np.sin(thigh)), hip - upper * float(np.cos(thigh))
    shin = thigh - knee
    foot_z, foot_y = knee_z + lower * float(np.sin(shin)), knee_y - lower * float(np.cos(shin))
    foot_y = max(foot_y, 0.06)
    return [
        rod(at(x, hip, 0), at(x, knee_y, knee_z), 0.085, c.trousers),
        rod(at(x, knee_y, knee_z), at(x, foot_y, foot_z), 0.06, c.trousers),
        rod(
            at(x, foot_y - 0.01, foot_z),
            at(x * 1.1, max(foot_y - 0.02, 0.05), foot_z + 0.17),
            0.05,
            _SHOE,
        ),
    ]


def _arm(
    at: _Local, side: float, beat: float, chest: float, lean: float, c: Clothes
) -> list[Piece]:
    swing = 0.5 * beat
    x = 0.23 * side
    elbow_z, elbow_y = lean + 0.30 * float(np.sin(swing)), chest - 0.30 * float(np.cos(swing))
    hand = swing + 0.35
    hand_z, hand_y = elbow_z + 0.27 * float(np.sin(hand)), elbow_y - 0.27 * float(np.cos(hand))
    return [
        rod(at(x, chest, lean), at(x * 1.1, elbow_y, elbow_z), 0.055, c.jacket),
        rod(at(x * 1.1, elbow_y, elbow_z), at(x * 1.05, hand_y, hand_z), 0.045, c.jacket),
        rod(at(x * 1.05, hand_y, hand_z), at(x * 1.05, hand_y - 0.06, hand_z + 0.02), 0.045, _SKIN),
    ]


def _heading(way: Way, i: int) -> float:
    (_, x0, z0), (_, x1, z1) = way[i], way[i + 1]
    if abs(x1 - x0) + abs(z1 - z0) < 1e-6:
        return _heading(way, i - 1) if i > 0 else 0.0
    return float(np.degrees(np.arctan2(x1 - x0, z1 - z0)))
