"""One loaded ONNX model: pictures in, named outputs out."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from embereye.model.errors import DetectorError
from embereye.model.frame import Pixels
from embereye.vision.boxes import Outputs, Values
from embereye.vision.families import Shape
from embereye.vision.fitting import Fit, fitted, normalised
from embereye.vision.manifest import Manifest
from embereye.vision.model_file import checked_model

_log = logging.getLogger(__name__)

CPU = "CPUExecutionProvider"
_DEFAULT_SIDE = 640  # px, when neither manifest nor model fix the input size
_LARGEST_SIDE = 4096  # px; a 4K picture at full size
# Values of one output: a YOLOv5 model of 1280 × 1280 with 80 classes has 9 million.
_LARGEST_OUTPUT = 32 << 20
_KINDS = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}


@dataclass(frozen=True, slots=True)
class _Picture:
    """The input that takes the picture."""

    name: str
    kind: Any
    size: tuple[int, int]
    channels_last: bool


class Network:
    """A model in memory; one thread for its arithmetic. Lives in one thread.

    Attributes:
        size: Width and height of its input in pixels.
        provider: The execution provider that really runs it, as ONNX Runtime names it.
        labels: Class names that the exporter has written into the file, if any.

    Raises (on construction):
        DetectorError: the file is missing or refused (see `model_file`), or the model does not
            take one picture.
    """

    def __init__(self, model: Path, manifest: Manifest, providers: Sequence[str] = (CPU,)) -> None:
        self._manifest = manifest
        self._session = _session(model, providers)
        self.provider = str(self._session.get_providers()[0])
        self._sizes, self._picture = _inputs(self._session, manifest)
        self.size = self._picture.size
        self._outputs = [output.name for output in self._session.get_outputs()]
        self._check_outputs()
        self.labels = dict(self._session.get_modelmeta().custom_metadata_map).get("names", "")

    def shapes(self) -> dict[str, Shape]:
        """Declared output shapes by name for one picture; 0 for a side that only a run tells."""
        told = {}
        for output in self._session.get_outputs():
            shape = [side if isinstance(side, int) else 0 for side in output.shape]
            told[output.name] = (*(side or 1 for side in shape[:1]), *shape[1:])
        return told

    def run(self, pixels: Pixels) -> tuple[Outputs, Fit]:
        """The outputs for a picture, as 32-bit floats, and where it lay in the input.

        Raises:
            DetectorError: the model fails, or puts out far more than any detector.
        """
        picture, fit = fitted(pixels, self.size, self._manifest)
        feeds = {self._picture.name: self._tensor(picture)}
        if self._sizes is not None:
            # Boxes are wanted in pixels of the input; `Fit` knows the rest of the way.
            feeds[self._sizes[0]] = np.array([self.size], dtype=self._sizes[1])
        try:
            outputs = self._session.run(self._outputs, feeds)
        except Exception as error:  # noqa: BLE001 - onnxruntime raises several unrelated types
            raise DetectorError(
                f"The model {self._manifest.name} failed: {first_line(error)}. "
                "Replace the model, or correct its manifest."
            ) from None
        return self._as_values(outputs), fit

    def _tensor(self, picture: Pixels) -> Any:
        if self._picture.kind is np.uint8:
            values: Any = picture
        else:
            values = normalised(picture, self._manifest).astype(self._picture.kind, copy=False)
        if not self._picture.channels_last:
            values = values.transpose(2, 0, 1)
        return np.ascontiguousarray(values[None])

    def _as_values(self, outputs: Sequence[Any]) -> Outputs:
        values: dict[str, Values] = {}
        for name, output in zip(self._outputs, outputs, strict=True):
            if not isinstance(output, np.ndarray) or output.dtype.kind not in "fiub":
                raise DetectorError(
                    f"The model's output {name} holds no numbers. Export it as a detector."
                )
            _check_amount(name, output.size)
            values[name] = output.astype(np.float32, copy=False)
        return values

    def _check_outputs(self) -> None:
        if not self._outputs:
            raise DetectorError(f"{self._manifest.name} has no output. Export it as a detector.")
        for name, shape in self.shapes().items():
            amount = 1
            for side in shape:
                amount *= max(side, 1)
            _check_amount(name, amount)


def first_line(error: Exception) -> str:
    """What an operator can use of a message of ONNX Runtime."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line[:200].rstrip(". ")


def _check_amount(name: str, amount: int) -> None:
    if amount > _LARGEST_OUTPUT:
        raise DetectorError(
            f"The model's output {name} has {amount} values, more than any detector needs "
            f"({_LARGEST_OUTPUT}). Export it with fewer candidates."
        )


def _session(model: Path, providers: Sequence[str]) -> onnxruntime.InferenceSession:
    content = checked_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only; they come as exceptions as well
    present = set(onnxruntime.get_available_providers())
    usable = [name for name in dict.fromkeys(providers) if name in present and name != CPU]
    try:
        return _opened(content, options, [*usable, CPU])
    except DetectorError as error:
        if not usable:
            raise DetectorError(f"{model.name} {error}") from None
        # A driver that is missing or too old, or an operator that only the CPU has.
        _log.warning("%s runs on the CPU, as %s cannot: %s", model.name, usable[0], error)
    try:
        return _opened(content, options, [CPU])
    except DetectorError as error:
        raise DetectorError(f"{model.name} {error}") from None


def _opened(
    content: bytes, options: onnxruntime.SessionOptions, providers: list[str]
) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(content, options, providers=providers)
    except Exception as error:  # noqa: BLE001 - onnxruntime raises several unrelated types
        raise DetectorError(
            f"is no usable ONNX model: {first_line(error)}. Export it again."
        ) from None


def _inputs(
    session: onnxruntime.InferenceSession, manifest: Manifest
) -> tuple[tuple[str, Any] | None, _Picture]:
    """The input for sizes (RT-DETR with its own post-processing), and that for the picture."""
    pictures = [entry for entry in session.get_inputs() if len(entry.shape) == 4]
    others = [entry for entry in session.get_inputs() if len(entry.shape) != 4]
    sizes = [entry for entry in others if entry.shape[-1:] == [2] and len(entry.shape) == 2]
    if len(pictures) != 1 or len(sizes) != len(others) or len(sizes) > 1:
        raise DetectorError(
            f"{manifest.name} does not take one picture alone. Export it as a detector."
        )
    told = None
    if sizes:
        kind = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}.get(sizes[0].type, np.float32)
        told = (sizes[0].name, kind)
    return told, _picture(pictures[0], manifest)


def _picture(entry: Any, manifest: Manifest) -> _Picture:
    kind = _KINDS.get(entry.type)
    if kind is None:
        raise DetectorError(
            f"{manifest.name} does not take one picture of 32-bit floats or bytes but "
            f"{entry.type}. Export it with one of these."
        )
    batch, *rest = entry.shape
    channels_last = rest[-1] == 3 and rest[0] != 3
    channels = rest[-1] if channels_last else rest[0]
    if (isinstance(channels, int) and channels != 3) or (isinstance(batch, int) and batch > 1):
        raise DetectorError(
            f"{manifest.name} takes {entry.shape}, not one colour picture. "
            "Export it for a batch of 1 and 3 channels."
        )
    high, wide = rest[:2] if channels_last else rest[1:]
    return _Picture(entry.name, kind, _size(wide, high, manifest), channels_last)


def _size(wide: object, high: object, manifest: Manifest) -> tuple[int, int]:
    fallback = manifest.size or (_DEFAULT_SIDE, _DEFAULT_SIDE)
    width = wide if isinstance(wide, int) and wide > 0 else fallback[0]
    height = high if isinstance(high, int) and high > 0 else fallback[1]
    if max(width, height) > _LARGEST_SIDE:
        raise DetectorError(
            f"{manifest.name} wants pictures of {width}×{height}; at most {_LARGEST_SIDE} pixels a "
            "side are possible. Export it for smaller ones."
        )
    return width, height
