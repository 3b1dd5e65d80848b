"""Heat maps: a probability for each class in each cell of the picture, boxes follow from it.

The layout of the program's own model: `heat` [1, C, rows, columns] and `score` [1, C], both
probabilities. A map without a score is judged by its hottest cell.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.detection import SMOKE
from embereye.vision.boxes import Boxes, Outputs, Reading, Values, no_boxes
from embereye.vision.manifest import Manifest

_MOST = 50  # regions of one class; a noisy map has hundreds
_INSIDE = 0.7  # share of a region's box inside another, from which on it is a part of that one
_SMOOTH = 2.0  # input pixels by which a contour may be simplified: a quarter of a cell


def read(outputs: Outputs, size: tuple[int, int], manifest: Manifest) -> Reading:
    """Boxes around connected hot cells, and the score of the whole picture.

    A region reaches as far as the heat, interpolated between cell centres, is at least
    `manifest.edge`; it counts when one of its cells reaches `manifest.confidence`.

    Raises:
        ValueError: there is no map, or values are no probabilities.
    """
    heat = next((value for value in outputs.values() if value.ndim == 4), None)
    score = next((value for value in outputs.values() if value.ndim == 2), None)
    if heat is None or heat.shape[0] != 1 or heat.size == 0:
        raise ValueError("a map [1, classes, rows, columns] is expected")
    planes = np.nan_to_num(heat[0], nan=0.0, posinf=0.0, neginf=0.0)
    if score is not None and score.shape != (1, len(planes)):
        raise ValueError(f"a score for each of {len(planes)} classes is expected")
    whole = planes.max(axis=(1, 2)) if score is None else np.nan_to_num(score[0], nan=0.0)
    if max(planes.max(), whole.max()) > 1.01 or planes.min() < -0.01:
        raise ValueError("heat lies outside 0 to 1, so it is no probability")
    found = [_regions(plane, number, size, manifest) for number, plane in enumerate(planes)]
    return Reading(_joined(found), np.clip(whole, 0, 1), len(planes))


def _regions(plane: Values, number: int, size: tuple[int, int], manifest: Manifest) -> Boxes:
    if plane.max() < manifest.confidence:
        return no_boxes()
    fine = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
    level = min(manifest.edge, manifest.confidence)
    hot = (fine >= level).astype(np.uint8)
    count, labels, extents, _ = cv2.connectedComponentsWithStats(hot, connectivity=8)
    marks = np.asarray(labels, dtype=np.int32)
    peaks = _peaks(plane, marks, count)
    order = np.argsort(-peaks, kind="stable")[:_MOST]
    chosen = order[peaks[order] >= manifest.confidence]
    corners = extents[:, :4].astype(np.float32)
    corners[:, 2:] += corners[:, :2]
    chosen = chosen[~_nested(corners[chosen])]
    outlines: tuple[Values, ...] = ()
    if manifest.term(number) == SMOKE:
        outlines = tuple(_outline(marks, int(mark), np.asarray(extents[mark])) for mark in chosen)
    else:
        outlines = (np.zeros((0, 2), np.float32),) * len(chosen)
    return Boxes(
        corners[chosen], peaks[chosen], np.full(len(chosen), number, dtype=np.int64), outlines
    )


def _nested(corners: Values) -> NDArray[np.bool_]:
    """Which boxes lie for the most part in a larger one: sparks inside a fire's box."""
    spans = corners[:, None, 2:], corners[None, :, 2:], corners[:, None, :2], corners[None, :, :2]
    shared = np.clip(np.minimum(*spans[:2]) - np.maximum(*spans[2:]), 0, None).prod(axis=2)
    areas = (corners[:, 2:] - corners[:, :2]).prod(axis=1)
    inside = (shared >= _INSIDE * areas[:, None]) & (areas[None, :] > areas[:, None])
    return np.asarray(inside.any(axis=1))


def _peaks(plane: Values, marks: NDArray[np.int32], count: int) -> Values:
    """The hottest cell of each region; interpolation would take the top off a lone cell."""
    rows, columns = plane.shape
    height, width = marks.shape
    down = ((np.arange(rows) + 0.5) * height / rows).astype(np.intp)
    across = ((np.arange(columns) + 0.5) * width / columns).astype(np.intp)
    peaks = np.zeros(count, np.float32)
    np.maximum.at(peaks, marks[np.ix_(down, across)].ravel(), np.clip(plane, 0, 1).ravel())
    peaks[0] = 0.0  # what lies outside all regions
    return peaks


def _outline(marks: NDArray[np.int32], mark: int, extent: NDArray[Any]) -> Values:
    left, top, width, height = (int(value) for value in extent[:4])
    part = (marks[top : top + height, left : left + width] == mark).astype(np.uint8)
    contours, _ = cv2.findContours(
        part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(left, top)
    )
    outer = max(contours, key=cv2.contourArea)
    simple = np.asarray(cv2.approxPolyDP(outer, _SMOOTH, True), dtype=np.float32)
    return simple.reshape(-1, 2) + np.float32(0.5)  # contours run through the middle of pixels


def _joined(found: list[Boxes]) -> Boxes:
    return Boxes(
        np.concatenate([boxes.corners for boxes in found]),
        np.concatenate([boxes.scores for boxes in found]),
        np.concatenate([boxes.classes for boxes in found]),
        tuple(outline for boxes in found for outline in boxes.outlines),
    )
