"""Where the thermal picture lies in the camera picture: a perspective mapping by four corners.

Thermal points count columns (0–32) and rows (0–24) from the upper left corner, camera points are
fractions of the camera picture; both may lie outside of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.model.errors import ConfigError
from embereye.model.reading import COLUMNS, ROWS

Corners = tuple[tuple[float, float], ...]
Points = NDArray[np.float64]

# Of the camera picture: 3 % × 3 %, less than one cell of any pair of lenses that makes sense.
_LEAST_AREA = 1e-3
# Of the area, that each corner's triangle has at least. At 0 three corners are in line and the
# mapping ends; near it one side of the picture is stretched by hundreds.
_LEAST_CORNER = 0.02
_THERMAL: Corners = ((0.0, 0.0), (COLUMNS, 0.0), (COLUMNS, ROWS), (0.0, ROWS))


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """A mapping and its inverse, (3, 3) each, of homogeneous points."""

    matrix: NDArray[np.float64]
    inverse: NDArray[np.float64]

    def to_camera(self, points: Points) -> Points:
        """(n, 2) camera points of thermal ones; NaN beyond the horizon."""
        return _mapped(self.matrix, points)

    def to_thermal(self, points: Points) -> Points:
        """(n, 2) thermal points of camera ones; NaN beyond the horizon."""
        return _mapped(self.inverse, points)


def alignment_of(corners: Corners) -> Alignment:
    """The mapping that takes the corners of the thermal picture to these camera points.

    `corners` are upper left, upper right, lower right, lower left; a mirrored or turned picture is
    fine. ConfigError when they span no picture.
    """
    problem = problem_of(corners)
    if problem is not None:
        raise ConfigError(problem)
    matrix = _solved(_THERMAL, corners)
    inverse = np.linalg.inv(matrix)
    # So that the horizon is where the third coordinate turns negative, in both directions.
    middle = np.array([*np.mean(np.array(corners), axis=0), 1.0])
    return Alignment(matrix, inverse * np.sign((inverse @ middle)[2]))


def problem_of(corners: Corners) -> str | None:
    """Why these corners cannot be used, as a sentence for the operator; None when they can."""
    if len(corners) != 4:
        return "The alignment needs four corners."
    points = np.array(corners, dtype=np.float64)
    if not np.isfinite(points).all():
        return "The corners of the alignment must be numbers."
    ahead, behind = np.roll(points, -1, axis=0) - points, points - np.roll(points, 1, axis=0)
    turns = behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0]  # twice each corner's triangle
    area = abs(_area(points))
    if not (np.all(turns > 0) or np.all(turns < 0)):
        return "The corners cross each other or one lies between the others; drag them apart."
    if area < _LEAST_AREA:
        return "The corners lie too close together; drag them apart."
    if np.abs(turns).min() / 2 < _LEAST_CORNER * area:
        return "Three corners lie nearly in one line; drag them apart."
    return None


def _area(points: Points) -> float:
    x, y = points.T
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) / 2)


def _solved(before: Corners, after: Corners) -> NDArray[np.float64]:
    """The matrix of four point pairs, with 1 as its last element."""
    rows, values = [], []
    for (x, y), (u, v) in zip(before, after, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    found = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(values, dtype=np.float64))
    return np.append(found, 1.0).reshape(3, 3)


def _mapped(matrix: NDArray[np.float64], points: Points) -> Points:
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    depth = np.where(mapped[:, 2:] > 0, mapped[:, 2:], np.nan)
    return np.asarray(mapped[:, :2] / depth)
