"""The published decoding of four detectors, one candidate at a time, to compare with.

Written from the descriptions that come with the models and on purpose without vectors: `exp`,
`tanh` and sums of single numbers, so that it shares no arithmetic with the product.
"""

from dataclasses import dataclass
from math import exp, tanh

import numpy as np


@dataclass(frozen=True)
class Seen:
    """One box in pixels of the network's input."""

    number: int
    score: float
    left: float
    top: float
    right: float
    bottom: float


def yolox(table: np.ndarray, width: int, height: int, least: float) -> list[Seen]:
    """Rows in the order of the strides 8, 16, 32, each row by row: offset, log size, scores."""
    found, row = [], 0
    for stride in (8, 16, 32):
        for down in range(height // stride):
            for across in range(width // stride):
                values = table[row].tolist()
                row += 1
                number = max(range(len(values) - 5), key=lambda n, v=values: v[5 + n])
                score = values[4] * values[5 + number]
                if score >= least:
                    x, y = (values[0] + across) * stride, (values[1] + down) * stride
                    w, h = exp(values[2]) * stride, exp(values[3]) * stride
                    found.append(Seen(number, score, x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    assert row == len(table)
    return found


def nanodet(outputs: dict[str, np.ndarray], side: int, least: float) -> list[Seen]:
    """Each distance is the mean of a distribution over 0 to 7 strides."""
    found = []
    for stride in (8, 16, 32):
        scores = outputs[f"cls_pred_stride_{stride}"][0]
        sides = outputs[f"dis_pred_stride_{stride}"][0]
        for cell in range(len(scores)):
            number = int(scores[cell].argmax())
            if scores[cell, number] < least:
                continue
            x = cell % (side // stride) * stride + (stride - 1) / 2
            y = cell // (side // stride) * stride + (stride - 1) / 2
            left, top, right, bottom = (
                _mean(sides[cell, 8 * n : 8 * n + 8].tolist()) * stride for n in range(4)
            )
            score = float(scores[cell, number])
            found.append(Seen(number, score, x - left, y - top, x + right, y + bottom))
    return found


def fastest_det(planes: np.ndarray, side: int, least: float) -> list[Seen]:
    """Objectness^0.6 × class^0.4; tanh moves the centre, the size is a share of the picture."""
    found = []
    _, rows, columns = planes.shape
    for down in range(rows):
        for across in range(columns):
            values = planes[:, down, across].tolist()
            number = max(range(len(values) - 5), key=lambda n, v=values: v[5 + n])
            score = values[0] ** 0.6 * values[5 + number] ** 0.4
            if score >= least:
                x = (across + tanh(values[1])) / columns * side
                y = (down + tanh(values[2])) / rows * side
                w, h = (side / (1 + exp(-value)) for value in values[3:5])
                found.append(Seen(number, score, x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    return found


def greedy(found: list[Seen], overlap: float) -> list[Seen]:
    """Suppression by the book: the best first, whatever overlaps it too much goes."""
    kept: list[Seen] = []
    for seen in sorted(found, key=lambda seen: -seen.score):
        if not any(k.number == seen.number and _shared(k, seen) > overlap for k in kept):
            kept.append(seen)
    return kept


def _mean(values: list[float]) -> float:
    weights = [exp(value - max(values)) for value in values]
    return sum(n * weight for n, weight in enumerate(weights)) / sum(weights)


def _shared(one: Seen, two: Seen) -> float:
    """Intersection over union."""
    across = min(one.right, two.right) - max(one.left, two.left)
    down = min(one.bottom, two.bottom) - max(one.top, two.top)
    both = max(across, 0) * max(down, 0)
    areas = [(s.right - s.left) * (s.bottom - s.top) for s in (one, two)]
    return both / (sum(areas) - both)
