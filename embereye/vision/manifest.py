"""The TOML file beside a model that says how to feed it and how to read it."""

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embereye.model.errors import DetectorError
from embereye.vision.decoders import Family

# The product's words for what the usual data sets call things.
_TERMS = {
    "flame": "fire", "flames": "fire", "fires": "fire", "smog": "smoke",
    "people": "person", "human": "person", "pedestrian": "person", "worker": "person",
    "car": "vehicle", "truck": "vehicle", "bus": "vehicle", "motorcycle": "vehicle",
    "motorbike": "vehicle", "bicycle": "vehicle", "train": "vehicle", "boat": "vehicle",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manifest:
    """How a model is used.

    Attributes:
        name: As shown and stored with each result.
        family: Layout of its output, None to tell from the shape.
        labels: Name of each class number; missing ones are called "class 7".
        size: (width, height) of its input, None to take it from the model.
        rgb: Channel order of the input; False is BGR.
        mean, scale: Each value v becomes (v − mean) × scale, per channel in the input's order.
        centred: Whether the picture sits in the middle of the padded input, or top left.
        padding: Grey level of the rest.
        confidence: Least score of a box, 0–1.
        overlap: Intersection over union above which the weaker box is dropped.
        licence: Of the weights.
        sha256: Of the model file, empty when not stated.
        terms: The model's label → the product's term, before the usual ones.
    """

    name: str
    family: Family | None = None
    labels: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    rgb: bool = True
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1 / 255, 1 / 255, 1 / 255)
    centred: bool = True
    padding: int = 114
    confidence: float = 0.3
    overlap: float = 0.45
    licence: str = ""
    sha256: str = ""
    terms: dict[str, str] = field(default_factory=dict)

    def term(self, number: int) -> str:
        """The product's word for a class number."""
        known = 0 <= number < len(self.labels)
        label = self.labels[number].strip().lower() if known else f"class {number}"
        return self.terms.get(label, _TERMS.get(label, label))


def manifest_of(model: Path) -> Manifest:
    """The manifest beside `model` (same name, .toml), or defaults when there is none.

    Raises:
        DetectorError: the manifest cannot be used, or the model is not the one that it describes.
    """
    path = model.with_suffix(".toml")
    if not path.exists():
        return Manifest(model.stem)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        manifest = _from_values(model.stem, values)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DetectorError(f"{path.name} cannot be used: {error}. Correct the manifest.") from None
    if manifest.sha256 and manifest.sha256.lower() != _digest(model):
        raise DetectorError(f"{model.name} is not the file that {path.name} describes (SHA-256).")
    return manifest


def _from_values(stem: str, values: dict[str, Any]) -> Manifest:
    known = set(Manifest.__slots__)
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"unknown field {', '.join(unknown)}")
    chosen: dict[str, Any] = {"name": stem, **values}
    for name in ("labels", "size", "mean", "scale"):
        if name in chosen:
            chosen[name] = tuple(chosen[name])
    if "family" in chosen:
        chosen["family"] = Family(chosen["family"])
    manifest = Manifest(**chosen)
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    for name in ("confidence", "overlap"):
        if not 0 < float(getattr(manifest, name)) < 1:
            raise ValueError(f"{name} must lie between 0 and 1")
    if len(manifest.mean) != 3 or len(manifest.scale) != 3:
        raise ValueError("mean and scale have three values")
    if manifest.size is not None and not all(
        isinstance(side, int) and 32 <= side <= 2048 for side in manifest.size
    ):
        raise ValueError("size is [width, height] of 32 to 2048 pixels")
    if not 0 <= manifest.padding <= 255:
        raise ValueError("padding must lie between 0 and 255")


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DetectorError(f"{path.name} cannot be read: {error.strerror}.") from None
