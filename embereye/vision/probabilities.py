"""Raw network values as probabilities, and boxes of several makes as corners in pixels."""

import numpy as np

from embereye.vision.boxes import Values, around

_SLACK = 0.01  # what 16-bit floats and quantised outputs round
_FRACTION = 1.5  # boxes in fractions may reach a little over the edge; in pixels 1.5 is nothing


def are_probabilities(values: Values) -> bool:
    """Whether all values lie between 0 and 1; those that are no numbers do not count."""
    finite = values[np.isfinite(values)]
    return bool(finite.size == 0 or (finite.min() >= -_SLACK and finite.max() <= 1 + _SLACK))


def sums_to_one(values: Values) -> bool:
    """Whether the values of each row add up to one, as after softmax."""
    return bool(np.allclose(values.sum(axis=-1), 1.0, atol=_SLACK))


def sigmoid(values: Values) -> Values:
    """1 / (1 + e⁻ᵛ), element by element."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -60, 60))), dtype=np.float32)


def softmax(values: Values) -> Values:
    """eᵛ / Σ eᵛ along the last axis."""
    with np.errstate(invalid="ignore"):
        powers = np.exp(values - values.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def probabilities(values: Values, activation: str) -> Values:
    """Values after "softmax", "sigmoid" or "none".

    Empty: sigmoid, where the values show that they are none yet.
    """
    if activation == "softmax":
        return softmax(values)
    if activation == "sigmoid" or (not activation and not are_probabilities(values)):
        return sigmoid(values)
    return values


def pixel_corners(boxes: Values, order: str, units: str, size: tuple[int, int]) -> Values:
    """Boxes (n, 4) as x1, y1, x2, y2 in pixels of an input of `size` (width, height).

    `order`: "xyxy", "yxyx" or "cxcywh". `units`: "pixels" or "fractions"; empty: told from the
    values.
    """
    if order == "yxyx":
        boxes = boxes[:, [1, 0, 3, 2]]
    corners = around(boxes) if order == "cxcywh" else boxes
    if units == "fractions" or (not units and _in_fractions(boxes)):
        with np.errstate(over="ignore"):
            corners = corners * np.array(size * 2, np.float32)
    return np.asarray(corners, dtype=np.float32)


def _in_fractions(boxes: Values) -> bool:
    """Of all boxes in one picture the middle one decides, as single ones may be wild."""
    finite = boxes[np.isfinite(boxes).all(axis=1)]
    return bool(finite.size and np.median(np.abs(finite).max(axis=1)) <= _FRACTION)
