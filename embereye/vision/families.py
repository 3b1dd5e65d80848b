"""Layouts of network outputs, and how they are told from names and shapes."""

from collections.abc import Mapping
from enum import StrEnum

from embereye.model.errors import DetectorError

Shape = tuple[int, ...]
_STRIDES = (8, 16, 32)
_FEW = 4  # classes; a heat map has fewer planes than the 6 that FastestDet needs at least


class Family(StrEnum):
    """Layouts of the outputs; N candidates, C classes (formats.md)."""

    YOLOV5 = "yolov5"  # [1, N, 5+C]: centre, size, objectness, classes; input pixels
    YOLOX = "yolox"  # the same, but centre and log size relative to the grid
    YOLOV8 = "yolov8"  # [1, 4+C, N]: centre, size, classes; input pixels (also v9, v10 raw, v11)
    END_TO_END = "end_to_end"  # [1, N, 6]: x1, y1, x2, y2, score, class; after suppression
    RT_DETR = "rt_detr"  # [1, N, C] + [1, N, 4], or labels, boxes, scores
    SSD = "ssd"  # boxes, labels, scores of several makes, or [1, N, 4] + [1, N, C]
    CLASSIFIER = "classifier"  # [1, C]: the picture as a whole
    HEAT_MAP = "heat_map"  # [1, C, rows, columns] + [1, C]: the program's own model
    NANODET = "nanodet"  # for each stride [1, cells, C] + [1, cells, 4 × bins]
    FASTEST_DET = "fastest_det"  # [1, 5+C, rows, columns]


def families_of(shapes: Mapping[str, Shape], width: int, height: int) -> tuple[Family, ...]:
    """The layouts that outputs of these names and shapes can have, the likeliest first.

    With more than one, a person has to confirm. `width` × `height`: the input in pixels.

    Raises:
        DetectorError: no known layout has these shapes.
    """
    found: tuple[Family, ...] = ()
    if len(shapes) == 1:
        found = _of_one(next(iter(shapes.values())), width, height)
    elif len(shapes) > 1:
        found = _of_several({name.lower(): shape for name, shape in shapes.items()})
    if found:
        return found
    told = ", ".join(f"{name} {list(shape)}" for name, shape in list(shapes.items())[:8])
    raise DetectorError(
        f"The model's output has the shape {told or '(none)'}, which no supported family has. "
        "Name the family in a manifest beside the model, or export the model in another way."
    )


def _of_one(shape: Shape, width: int, height: int) -> tuple[Family, ...]:
    if not shape or shape[0] != 1 or min(shape) < 1:
        return (Family.END_TO_END,) if shape == (1, 0, 6) else ()  # nothing found, that is
    if len(shape) == 4 and shape[2:] != (1, 1):
        return _of_map(shape[1])
    if len(shape) == 2 or len(shape) == 4:
        return (Family.CLASSIFIER,)
    return _of_table(shape, width, height) if len(shape) == 3 else ()


def _of_map(planes: int) -> tuple[Family, ...]:
    if planes <= _FEW:
        return (Family.HEAT_MAP,)
    return (Family.FASTEST_DET, Family.HEAT_MAP) if planes > 5 else ()


def _of_table(shape: Shape, width: int, height: int) -> tuple[Family, ...]:
    cells = sum((width // s) * (height // s) for s in _STRIDES)
    _, rows, columns = shape
    ended = (Family.END_TO_END,) if columns == 6 else ()
    if rows == cells and columns >= 6:
        # Whether the grid is worked in already does not show; nor does a turned YOLOv8 table.
        return (Family.YOLOX, Family.YOLOV5, Family.YOLOV8, *ended)
    if rows == 3 * cells and columns >= 6:
        return (Family.YOLOV5, *ended)
    if columns == cells and rows >= 5:
        return (Family.YOLOV8,)
    if rows == _cells_of_four(width, height) and columns > 32:
        return (Family.NANODET, Family.YOLOV5)
    if ended:
        return ended
    if columns >= 5 and rows > columns:
        # Queries of a transformer are a few hundred; anchors are thousands.
        likely = (Family.RT_DETR, Family.YOLOV5) if rows <= 1000 else (Family.YOLOV5,)
        return likely if columns > 6 else (Family.RT_DETR,) * (rows <= 1000)
    return (Family.YOLOV8,) if rows >= 5 and columns > rows else ()


def _cells_of_four(width: int, height: int) -> int:
    """Cells of NanoDet-Plus, which rounds up."""
    return sum(-(-width // s) * -(-height // s) for s in (*_STRIDES, 64))


def _of_several(shapes: Mapping[str, Shape]) -> tuple[Family, ...]:
    if any("logits" in name or "pred_boxes" in name for name in shapes):
        return (Family.RT_DETR,)
    ranks = sorted(len(shape) for shape in shapes.values())
    if ranks == [2, 4]:
        return (Family.HEAT_MAP,)
    if any("dis_pred" in name for name in shapes):
        return (Family.NANODET,)
    last = [shape[-1] for shape in shapes.values() if len(shape) >= 2]
    if 4 not in last:
        return ()
    if set(shapes) == {"labels", "boxes", "scores"}:
        # Torchvision's SSD gives [N, 4]; RT-DETR keeps the batch: [1, N, 4].
        batched = len(shapes["boxes"]) == 3
        return (Family.RT_DETR, Family.SSD) if batched else (Family.SSD,)
    if len(shapes) == 2 and ranks == [3, 3]:
        return (Family.SSD, Family.RT_DETR)
    return (Family.SSD,) if len(shapes) in (3, 4) else ()
