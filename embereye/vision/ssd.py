"""SSD and what puts out the same: boxes beside labels and scores, or beside a score per class.

Forms, and who exports them:
- boxes [N, 4], labels [N], scores [N]: torchvision; pixels, left-top-right-bottom.
- the same with a leading 1: the ONNX model zoo; fractions.
- detection_boxes, _classes, _scores, num_detections: the TensorFlow detection models; fractions,
  top-left-bottom-right. TensorFlow Lite: the same as four outputs without telling names.
- boxes [1, N, 4] and scores [1, N, C] before suppression: SSD in PyTorch (fractions, class 0 is the
  background), YOLO-NAS (pixels, no background).
"""

from dataclasses import dataclass

import numpy as np

from embereye.vision.boxes import Outputs, Reading, Values, usable
from embereye.vision.manifest import Manifest
from embereye.vision.probabilities import (
    are_probabilities,
    pixel_corners,
    probabilities,
    softmax,
    sums_to_one,
)


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """Finished boxes (n, 4) with labels (n,) and scores (n,)."""

    boxes: Values
    labels: Values
    scores: Values


def read(outputs: Outputs, size: tuple[int, int], manifest: Manifest) -> Reading:
    """Boxes of any of the forms.

    Raises:
        ValueError: the outputs have another form.
    """
    if len(outputs) == 2:
        return _of_pair(outputs, size, manifest)
    listed = _listed(outputs)
    told = " ".join(outputs).lower()
    tensorflow = len(outputs) == 4 or "detection_boxes" in told or "tflite" in told
    order = manifest.corners or ("yxyx" if tensorflow else "xyxy")
    corners = pixel_corners(listed.boxes, order, manifest.units, size)
    return Reading(usable(corners, listed.scores, listed.labels, manifest.confidence))


def _of_pair(outputs: Outputs, size: tuple[int, int], manifest: Manifest) -> Reading:
    first, second = (_of_one_picture(value) for value in outputs.values())
    swapped = first.shape[-1] != 4 or any("box" in name.lower() for name in list(outputs)[1:])
    boxes, values = (second, first) if swapped else (first, second)
    if values.ndim != 2 or boxes.shape != (len(values), 4) or values.shape[1] == 0:
        raise ValueError("a box and the scores of each class are expected for each candidate")
    scores, background = _class_scores(values, manifest.activation)
    if background and len(manifest.labels) == scores.shape[1] - 1:
        scores = scores[:, 1:]  # the labels leave the background out
    best = scores.argmax(axis=1)
    corners = pixel_corners(boxes, manifest.corners or "xyxy", manifest.units, size)
    top = scores[np.arange(len(best)), best]
    found = usable(corners, top, best.astype(np.float32), manifest.confidence)
    return Reading(found, classes=scores.shape[1])


def _class_scores(values: Values, activation: str) -> tuple[Values, bool]:
    """Where the classes exclude each other, the first one is the background and never wins."""
    if values.shape[1] < 2:
        return probabilities(values, activation), False
    if activation == "softmax" or (not activation and not are_probabilities(values)):
        scores = softmax(values)
    else:
        scores = probabilities(values, activation)
        if not sums_to_one(scores):
            return scores, False
    scores = scores.copy()
    scores[:, 0] = 0.0
    return scores, True


def _listed(outputs: Outputs) -> _Listed:
    by_name = {name.lower(): _of_one_picture(value) for name, value in outputs.items()}
    counts = [name for name, value in by_name.items() if "num" in name and value.size == 1]
    count = None
    if counts:
        count = by_name.pop(counts[0])
    elif len(by_name) == 4:
        # With one box the scores have one value as well; TensorFlow Lite has the count last.
        single = [name for name, value in by_name.items() if value.size == 1]
        count = by_name.pop(single[-1]) if single else None
    boxes = _boxes_of(by_name)
    labels, scores = _labels_and_scores(by_name)
    most = len(scores)
    if boxes.shape != (most, 4) or labels.shape != scores.shape:
        raise ValueError("as many labels and scores as boxes are expected")
    if count is not None and np.isfinite(count).all():
        most = int(np.clip(count.ravel()[0], 0, most))
    return _Listed(boxes[:most], labels[:most], scores[:most])


def _boxes_of(outputs: dict[str, Values]) -> Values:
    """Takes the boxes out of `outputs`."""
    named = [name for name in outputs if "box" in name]
    shaped = [name for name, value in outputs.items() if value.ndim == 2 and value.shape[1] == 4]
    for name in (*named, *shaped):
        return outputs.pop(name)
    raise ValueError("there are no boxes")


def _labels_and_scores(outputs: dict[str, Values]) -> tuple[Values, Values]:
    """By name, else labels are what is made of whole numbers; TensorFlow Lite has them first."""
    if len(outputs) != 2:
        raise ValueError("labels and scores are expected beside the boxes")
    (first, one), (second, two) = outputs.items()
    if _names_labels(first):
        labels_first = True
    elif _names_labels(second) or "score" in first:
        labels_first = False
    else:
        labels_first = _whole(one) or not _whole(two)
    labels, scores = (one, two) if labels_first else (two, one)
    return labels.reshape(-1), scores.reshape(-1)


def _names_labels(name: str) -> bool:
    return "label" in name or "class" in name


def _whole(values: Values) -> bool:
    finite = values[np.isfinite(values)]
    return bool((finite == np.round(finite)).all())


def _of_one_picture(value: Values) -> Values:
    """Without the leading 1 of a batch; [N, 4] of one box keeps its shape."""
    return value[0] if value.ndim == 3 and value.shape[0] == 1 else value
