"""RT-DETR: a few hundred queries, each of which names one thing at most.

Source: the export of lyuwenyu/RT-DETR (labels, boxes, scores; RT-DETR paper, arXiv 2304.08069),
that of Hugging Face Optimum (logits, pred_boxes), and that of Ultralytics (one table).
"""

import numpy as np

from embereye.vision.boxes import Boxes, Outputs, Reading, Values, usable
from embereye.vision.manifest import Manifest
from embereye.vision.probabilities import pixel_corners, probabilities


def read(outputs: Outputs, size: tuple[int, int], manifest: Manifest) -> Reading:
    """Boxes of the queries; there is nothing to suppress.

    "softmax" as activation is that of the first DETR, whose last class means "nothing".

    Raises:
        ValueError: the outputs have other shapes.
    """
    by_name = {name.lower(): value for name, value in outputs.items()}
    if set(by_name) == {"labels", "boxes", "scores"}:
        return Reading(_finished(by_name, size, manifest))
    if len(outputs) == 1:
        table = _one(next(iter(outputs.values())))
        boxes, values = table[:, :4], table[:, 4:]
    else:
        boxes, values = _pair(by_name)
    scores = probabilities(values, manifest.activation)
    if manifest.activation == "softmax":
        scores = scores[:, :-1]
    if boxes.shape != (len(scores), 4) or scores.shape[1] == 0:
        raise ValueError("a box and the scores of each class are expected for each query")
    best = scores.argmax(axis=1)
    corners = pixel_corners(boxes, "cxcywh", manifest.units or "fractions", size)
    top = scores[np.arange(len(best)), best]
    found = usable(corners, top, best.astype(np.float32), manifest.confidence)
    return Reading(found, classes=scores.shape[1])


def _finished(outputs: Outputs, size: tuple[int, int], manifest: Manifest) -> Boxes:
    boxes, labels, scores = (outputs[name] for name in ("boxes", "labels", "scores"))
    if boxes.shape != (1, boxes.size // 4, 4) or not labels.size == scores.size == boxes.shape[1]:
        raise ValueError("as many labels and scores as boxes are expected")
    corners = pixel_corners(boxes[0], "xyxy", manifest.units, size)
    return usable(corners, scores.ravel(), labels.ravel(), manifest.confidence)


def _pair(outputs: Outputs) -> tuple[Values, Values]:
    """Boxes and class values; further outputs (hidden states) are left alone."""
    named = [name for name in outputs if "box" in name]
    others = [name for name in outputs if "logit" in name or "score" in name or "class" in name]
    if not named or not others:
        shaped = list(outputs.values())[:2]
        boxes = next((value for value in shaped if value.shape[-1:] == (4,)), shaped[0])
        return _one(boxes), _one(next(value for value in shaped if value is not boxes))
    return _one(outputs[named[0]]), _one(outputs[others[0]])


def _one(value: Values) -> Values:
    if value.ndim != 3 or value.shape[0] != 1:
        raise ValueError("the queries of one picture are expected")
    return np.asarray(value[0], dtype=np.float32)
