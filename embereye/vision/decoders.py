"""Turning what networks put out into boxes: one reader for each family."""

from collections.abc import Callable

import numpy as np

from embereye.model.errors import DetectorError
from embereye.vision import classifier, heat_map, rt_detr, ssd
from embereye.vision.boxes import Boxes, Outputs, Reading, Values
from embereye.vision.families import Family
from embereye.vision.manifest import Manifest
from embereye.vision.nanodet import read_fastest_det, read_nanodet
from embereye.vision.yolo import STRIDES, from_rows, from_table, ungridded, upright

_Size = tuple[int, int]
_Reader = Callable[[Outputs, _Size, Manifest], Reading]


def decoded(family: Family, outputs: Outputs, size: _Size, manifest: Manifest) -> Reading:
    """What outputs of this family say; boxes in pixels of an input of `size` (width, height).

    Boxes have at least `manifest.confidence` and are not yet suppressed.

    Raises:
        DetectorError: the outputs do not fit the family or the labels, or hold no numbers at all.
    """
    _check_numbers(outputs)
    try:
        reading = _READERS[family](outputs, size, manifest)
    except (IndexError, ValueError, OverflowError) as error:
        shapes = ", ".join(str(list(value.shape)) for value in list(outputs.values())[:8])
        raise DetectorError(
            f"The model's output {shapes} is not {family.value}: {error}. "
            "Name another family in its manifest."
        ) from None
    labels = len(manifest.labels)
    if reading.classes and labels not in (0, reading.classes):
        # With the labels of another model a person would be announced as fire.
        raise DetectorError(
            f"{manifest.name} tells {reading.classes} classes apart, but {labels} labels are "
            "named. Name each class once in its manifest, in the order of the model; a model that "
            "draws masks or joints as well has to be exported for detection alone."
        )
    return reading


def _check_numbers(outputs: Outputs) -> None:
    for name, value in outputs.items():
        if value.size and not np.isfinite(value).any():
            raise DetectorError(
                f"The model's output {name} holds no numbers (NaN), so it finds nothing any more. "
                "Export the model again, with 32-bit floats."
            )


def _table(outputs: Outputs) -> Values:
    first = next(iter(outputs.values()))
    if first.ndim != 3 or first.shape[0] != 1:
        raise ValueError("a table for one picture is expected")
    return np.asarray(first[0], dtype=np.float32)


def _yolov5(outputs: Outputs, size: _Size, manifest: Manifest) -> Reading:
    table = _table(outputs)
    boxes = _scaled(from_table(table, True, manifest.confidence), size, manifest)
    return Reading(boxes, classes=table.shape[1] - 5)


def _yolox(outputs: Outputs, size: _Size, manifest: Manifest) -> Reading:
    table = ungridded(_table(outputs), *size)
    return Reading(from_table(table, True, manifest.confidence), classes=table.shape[1] - 5)


def _yolov8(outputs: Outputs, size: _Size, manifest: Manifest) -> Reading:
    cells = sum((size[0] // s) * (size[1] // s) for s in STRIDES)
    table = upright(_table(outputs), cells)
    boxes = _scaled(from_table(table, False, manifest.confidence), size, manifest)
    return Reading(boxes, classes=table.shape[1] - 4)


def _end_to_end(outputs: Outputs, size: _Size, manifest: Manifest) -> Reading:
    return Reading(_scaled(from_rows(_table(outputs), manifest.confidence), size, manifest))


def _scaled(boxes: Boxes, size: _Size, manifest: Manifest) -> Boxes:
    if manifest.units != "fractions":
        return boxes
    return Boxes(boxes.corners * np.array(size * 2, np.float32), boxes.scores, boxes.classes)


_READERS: dict[Family, _Reader] = {
    Family.YOLOV5: _yolov5,
    Family.YOLOX: _yolox,
    Family.YOLOV8: _yolov8,
    Family.END_TO_END: _end_to_end,
    Family.RT_DETR: rt_detr.read,
    Family.SSD: ssd.read,
    Family.CLASSIFIER: classifier.read,
    Family.HEAT_MAP: heat_map.read,
    Family.NANODET: read_nanodet,
    Family.FASTEST_DET: read_fastest_det,
}
