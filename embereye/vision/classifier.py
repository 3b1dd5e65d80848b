"""Classifiers: they judge the picture as a whole and know no places."""

import numpy as np

from embereye.vision.boxes import Outputs, Reading, Values, no_boxes
from embereye.vision.manifest import Manifest
from embereye.vision.probabilities import are_probabilities, probabilities, sigmoid, softmax


def read(outputs: Outputs, size: tuple[int, int], manifest: Manifest) -> Reading:
    """The probability of each class.

    Without an activation in the manifest, values between 0 and 1 are taken as they are; others are
    put through softmax, a single one through the sigmoid function.

    Raises:
        ValueError: there is not one value for each class, or values are no probabilities though
            the manifest says so.
    """
    values = next(iter(outputs.values())).reshape(-1)
    if len(outputs) != 1 or values.size == 0:
        raise ValueError("one value for each class is expected")
    if not np.isfinite(values).all():
        values = np.nan_to_num(values, nan=-60.0, posinf=60.0, neginf=-60.0)
    scores = _scores(values, manifest.activation)
    if not are_probabilities(scores):
        raise ValueError("its values do not lie between 0 and 1")
    return Reading(no_boxes(), np.clip(scores, 0, 1), scores.size)


def _scores(values: Values, activation: str) -> Values:
    if activation:
        return probabilities(values, activation)
    if are_probabilities(values):
        return values
    return sigmoid(values) if values.size == 1 else softmax(values)
