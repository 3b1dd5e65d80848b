"""Telling families apart by what a model really puts out, where shapes leave a choice."""

import numpy as np

from embereye.vision.boxes import Outputs, Values
from embereye.vision.families import Family
from embereye.vision.probabilities import are_probabilities

_CERTAIN = 0.99  # share of rows; a few may be odd by rounding
_REACH = 1.5  # fractions reach a little over the edge


def told_apart(
    candidates: tuple[Family, ...], outputs: Outputs, size: tuple[int, int]
) -> tuple[Family, ...]:
    """The candidates that these outputs do not contradict, in the same order.

    All of them where none would remain: then it is for a person to look.
    """
    if len(candidates) < 2 or any(value.size == 0 for value in outputs.values()):
        return candidates
    with np.errstate(invalid="ignore"):
        left = tuple(family for family in candidates if _possible(family, outputs, size))
    return left or candidates


def _possible(family: Family, outputs: Outputs, size: tuple[int, int]) -> bool:
    values = list(outputs.values())
    if family in (Family.SSD, Family.RT_DETR) and len(values) > 1:
        boxes = next((value for value in values if value.ndim == 3 and value.shape[2] == 4), None)
        return boxes is None or len(values) > 2 or _ordered(boxes[0]) == (family is Family.SSD)
    if values[0].ndim == 4:
        return (family is Family.HEAT_MAP) == are_probabilities(values[0])
    return values[0].ndim != 3 or _table_fits(family, values[0][0], size)


def _table_fits(family: Family, table: Values, size: tuple[int, int]) -> bool:
    if family is Family.END_TO_END:
        return _ordered(table[table[:, 4] > 0.01]) and bool((table[:, 5] % 1 == 0).all())
    if family is Family.NANODET:
        return not are_probabilities(table[:, 4:])
    if not are_probabilities(table[:, 4:]):
        return family in (Family.RT_DETR, Family.YOLOV8) and table.shape[0] < table.shape[1]
    places = table[:, :2][np.isfinite(table[:, :2])]
    farthest = float(np.abs(places).max(initial=0.0))
    fractions = farthest <= _REACH and float(places.min(initial=0.0)) >= 0
    if family is Family.YOLOX:  # offsets from a cell are small, places reach all over the input
        return farthest < max(size) / 4
    if family is Family.RT_DETR:
        return fractions
    return fractions or farthest >= max(size) / 4


def _ordered(boxes: Values) -> bool:
    """Whether rows begin with left, top, right, bottom rather than with centre and size."""
    if len(boxes) == 0:
        return True
    right = (boxes[:, 2] >= boxes[:, 0]) & (boxes[:, 3] >= boxes[:, 1])
    return bool(right.mean() >= _CERTAIN)
