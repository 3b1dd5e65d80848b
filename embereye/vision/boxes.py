"""What is read from a network's outputs: boxes in its input, scores of the whole picture."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
Outputs = Mapping[str, Values]  # by the names in the model file, in its order

# Candidates that are suppressed among each other; the cost grows with their square. A crowd of 300
# people gives about three candidates each.
_CANDIDATES = 1000
_HIGHEST_CLASS = 1_000_000  # far above any label list; greater numbers cannot become integers


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Candidates in input pixels.

    Attributes:
        corners: (n, 4) x1, y1, x2, y2.
        scores: (n,) 0–1.
        classes: (n,) class numbers.
        outlines: Contour of each box, (points, 2) x, y; without points for what has none. Empty:
            no box has one.
    """

    corners: Values
    scores: Values
    classes: NDArray[np.int64]
    outlines: tuple[Values, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a network says about one picture.

    Attributes:
        boxes: What it found, perhaps the same thing several times.
        whole: (classes,) score 0–1 of the picture as a whole; None: it judges boxes alone.
        classes: How many it tells apart; 0: the outputs do not show it.
    """

    boxes: Boxes
    whole: Values | None = None
    classes: int = 0


def usable(corners: Values, scores: Values, classes: Values, least: float) -> Boxes:
    """The best candidates with a score of at least `least` that are boxes at all.

    Left out are values that are no numbers and boxes without area.

    Raises:
        ValueError: scores are no probabilities, so the family is another one.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        right = np.isfinite(corners).all(axis=1) & np.isfinite(scores) & np.isfinite(classes)
        right &= (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
        right &= scores >= least
    chosen = np.flatnonzero(right)
    if chosen.size > _CANDIDATES:
        best = np.argpartition(-scores[chosen], _CANDIDATES)[:_CANDIDATES]
        chosen = chosen[best]
    kept = scores[chosen]
    if kept.size and kept.max() > 1.01:  # 1 % for what 16-bit floats round
        raise ValueError(f"scores reach {kept.max():.4g}, so they are no probabilities")
    numbers = np.clip(classes[chosen], -1, _HIGHEST_CLASS)
    return Boxes(corners[chosen], np.clip(kept, 0, 1), numbers.astype(np.int64))


def around(centres: Values) -> Values:
    """Corners of boxes that are given as centre and size (n, 4)."""
    with np.errstate(invalid="ignore", over="ignore"):
        half = centres[:, 2:4] / 2
        corners = np.concatenate([centres[:, :2] - half, centres[:, :2] + half], axis=1)
    return np.asarray(corners, dtype=np.float32)


def no_boxes() -> Boxes:
    """Nothing found."""
    return Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, dtype=np.int64))


def suppressed(boxes: Boxes, overlap: float, most: int) -> Boxes:
    """Non-maximum suppression inside each class; the best `most` remain, best first.

    `overlap`: Intersection over union above which the weaker box is dropped; 1 keeps them all.
    """
    if boxes.scores.size == 0:
        return boxes
    order = np.arange(boxes.scores.size)
    if overlap < 1:
        spans = boxes.corners[:, 2:] - boxes.corners[:, :2]
        rectangles = np.concatenate([boxes.corners[:, :2], spans], axis=1)
        kept = cv2.dnn.NMSBoxesBatched(
            rectangles.tolist(), boxes.scores.tolist(), boxes.classes.tolist(), 0.0, overlap
        )
        order = np.asarray(kept, dtype=np.int64).reshape(-1)
    order = order[np.argsort(-boxes.scores[order], kind="stable")][:most]
    outlines = tuple(boxes.outlines[number] for number in order) if boxes.outlines else ()
    return Boxes(boxes.corners[order], boxes.scores[order], boxes.classes[order], outlines)
