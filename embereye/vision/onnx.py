"""Running a trained network in ONNX format as a detector."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.vision.boxes import Boxes, Reading, Values, suppressed
from embereye.vision.decoders import decoded
from embereye.vision.detector import Verdict
from embereye.vision.families import Family, families_of
from embereye.vision.fitting import Fit
from embereye.vision.imaging import as_bgr
from embereye.vision.liveliness import Liveliness
from embereye.vision.manifest import Manifest, manifest_of
from embereye.vision.network import CPU, Network
from embereye.vision.telling import told_apart

_MOST = 100  # boxes a frame
_LABELS = 100_000  # characters of class names in a model file; 1,203 of them need 30,000
# What comes suppressed is left alone; regions of a heat map cannot overlap.
_SUPPRESSED = (Family.END_TO_END, Family.RT_DETR, Family.HEAT_MAP)


class OnnxDetector:
    """Fits the `Detector` port. Lives in one thread, in a child process of its own.

    Attributes:
        manifest: How the model is used; class names that only the model file has are in it.
        provider: The execution provider that really runs it, as ONNX Runtime names it.
        size: Width and height of its input in pixels.
        objects: Whether it can see anything but flame and smoke.
        families: What the outputs can be, the one in use first; the first picture rules some out.
            More than one after it: a person has to confirm. Empty before it where the model file
            does not tell shapes.

    Raises (on construction):
        DetectorError: the file is missing, refused (see `model_file`) or no usable model, or its
            manifest is wrong.
    """

    def __init__(self, model: Path, providers: Sequence[str] = (CPU,)) -> None:
        manifest = manifest_of(model)
        self._network = Network(model, manifest, providers)
        self.manifest = manifest if manifest.labels else _labelled(manifest, self._network.labels)
        self.name = manifest.name
        self.provider = self._network.provider
        self.size = self._network.size
        self.families: tuple[Family, ...] = (manifest.family,) if manifest.family else ()
        self._told = manifest.family is not None
        shapes = self._network.shapes()
        if not self.families and all(min(shape, default=0) for shape in shapes.values()):
            self.families = families_of(shapes, *self.size)
        terms = {self.manifest.term(n) for n in range(len(self.manifest.labels))}
        self._judges = frozenset(terms & {FIRE, SMOKE})
        self.objects = not terms or bool(terms - {FIRE, SMOKE})
        self._places: dict[CameraId, Liveliness] = {}

    def detect(self, frame: Frame) -> Verdict:
        """Judge one frame; `moving` needs a fire or smoke box whose content keeps changing.

        Raises:
            DetectorError: the model fails, or puts out what is not of its family.
            PictureUnusable: the frame has no pixels, or far too many.
        """
        pixels = as_bgr(frame.pixels)
        reading, fit = self._read(pixels)
        boxes = suppressed(reading.boxes, self._overlap(), _MOST)
        scale = (frame.source_width / fit.columns, frame.source_height / fit.rows)
        found = tuple(self._detections(boxes, fit, np.array(scale, np.float32)))
        hazards = [seen for seen in found if seen.label in (FIRE, SMOKE)]
        place = self._places.setdefault(frame.camera, Liveliness())
        return Verdict(
            detections=found,
            fire=self._score(FIRE, found, reading.whole),
            smoke=self._score(SMOKE, found, reading.whole),
            moving=place.lively(replace(frame, pixels=pixels), hazards),
            judges=self._judges,
        )

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._places.pop(camera, None)

    def _read(self, pixels: Pixels) -> tuple[Reading, Fit]:
        outputs, fit = self._network.run(pixels)
        if not self._told:
            shapes = {name: value.shape for name, value in outputs.items()}
            candidates = self.families or families_of(shapes, *self.size)
            self.families = told_apart(candidates, outputs, self.size)
            self._told = True
        return decoded(self.families[0], outputs, self.size, self.manifest), fit

    def _overlap(self) -> float:
        return 1.0 if self.families[0] in _SUPPRESSED else self.manifest.overlap

    def _score(self, term: str, found: tuple[Detection, ...], whole: Values | None) -> float:
        """Of the whole picture: as the model says, else that of its best box."""
        if whole is None:
            return max((seen.confidence for seen in found if seen.label == term), default=0.0)
        return max(
            (float(v) for n, v in enumerate(whole) if self.manifest.term(n) == term), default=0.0
        )

    def _detections(self, boxes: Boxes, fit: Fit, scale: Values) -> list[Detection]:
        corners = fit.back(boxes.corners) * np.concatenate([scale, scale])
        found = []
        for index, (left, top, right, bottom) in enumerate(corners.tolist()):
            if right <= left or bottom <= top:
                continue  # it lies in the padding
            outline: tuple[tuple[float, float], ...] = ()
            if boxes.outlines:
                points = fit.back(boxes.outlines[index]) * scale
                outline = tuple((x, y) for x, y in points.tolist())
            label = self.manifest.term(int(boxes.classes[index]))
            score = float(boxes.scores[index])
            found.append(Detection(label, score, left, top, right - left, bottom - top, outline))
        return found


def _labelled(manifest: Manifest, names: str) -> Manifest:
    """The manifest with class names as Ultralytics writes them into a file: {0: 'fire', …}."""
    if not names or len(names) > _LABELS:
        return manifest
    try:
        told = ast.literal_eval(names)
        labels = tuple(str(told[number]) for number in range(len(told)))
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError):
        return manifest
    return replace(manifest, labels=labels)
