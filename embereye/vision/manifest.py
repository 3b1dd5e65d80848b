"""The TOML file beside a model that says how to feed it and how to read it."""

import hashlib
import math
import tomllib
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from embereye.model.errors import DetectorError
from embereye.vision.families import Family

# The product's words for what the usual data sets call things.
_TERMS = {
    "flame": "fire", "flames": "fire", "fires": "fire", "wildfire": "fire",
    "smog": "smoke", "smokes": "smoke", "fume": "smoke", "fumes": "smoke",
    "people": "person", "persons": "person", "human": "person",
    "pedestrian": "person", "worker": "person",
    "car": "vehicle", "truck": "vehicle", "bus": "vehicle", "motorcycle": "vehicle",
    "motorbike": "vehicle", "bicycle": "vehicle", "train": "vehicle", "boat": "vehicle",
}  # fmt: skip


_LONGEST = 1 << 20  # bytes; the 1,203 labels of LVIS need 30 KiB
_CHOICES = {
    "activation": ("", "softmax", "sigmoid", "none"),
    "corners": ("", "xyxy", "yxyx", "cxcywh"),
    "units": ("", "pixels", "fractions"),
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """How a model is used.

    Attributes:
        name: As shown and stored with each result.
        family: Layout of its output, None to tell from the shape.
        labels: Name of each class number; missing ones are called "class 7".
        size: (width, height) of its input, None to take it from the model.
        stretched: Whether the picture fills the input and loses its shape; else it is padded.
        rgb: Channel order of the input; False is BGR.
        mean, scale: Each value v becomes (v − mean) × scale, per channel in the input's order.
        centred: Whether the picture sits in the middle of the padded input, or top left.
        padding: Grey level of the rest.
        confidence: Least score of a box, 0–1.
        overlap: Intersection over union above which the weaker box is dropped.
        edge: Heat at which a region of a heat map ends, 0–1.
        activation: What a classifier's or RT-DETR's values still need: "softmax", "sigmoid" or
            "none"; empty: told from the values.
        corners: Order of an SSD's box: "xyxy" (left, top, right, bottom), "yxyx" or "cxcywh"
            (centre, size); empty: told from the names of the outputs.
        units: Of boxes: "pixels" of the input or "fractions" of it; empty: as usual in the family,
            for SSD told from the values.
        tiles: Whether parts of a large picture are looked at as well; None: for heat maps only.
        version: As its maker counts, empty when not stated.
        licence: Of the weights.
        sha256: Of the model file, empty when not stated.
        terms: The model's label → the product's term, before the usual ones.
    """

    name: str
    family: Family | None = None
    labels: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    stretched: bool = False
    rgb: bool = True
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1 / 255, 1 / 255, 1 / 255)
    centred: bool = True
    padding: int = 114
    confidence: float = 0.3
    overlap: float = 0.45
    edge: float = 0.3
    activation: str = ""
    corners: str = ""
    units: str = ""
    tiles: bool | None = None
    version: str = ""
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
        if path.stat().st_size > _LONGEST:
            raise ValueError("it is longer than 1 MiB")
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        manifest = _from_values(model.stem, values)
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
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
    terms = {label.strip().lower(): term.strip().lower() for label, term in manifest.terms.items()}
    return replace(manifest, terms=terms)


def _check(manifest: Manifest) -> None:
    _check_texts(manifest)
    for name in ("confidence", "overlap", "edge"):
        if not 0 < float(getattr(manifest, name)) < 1:
            raise ValueError(f"{name} must lie between 0 and 1")
    for name in ("mean", "scale"):
        values = getattr(manifest, name)
        if len(values) != 3 or not all(math.isfinite(float(value)) for value in values):
            raise ValueError(f"{name} has three numbers")
    if manifest.size is not None and not (
        len(manifest.size) == 2
        and all(isinstance(side, int) and 32 <= side <= 2048 for side in manifest.size)
    ):
        raise ValueError("size is [width, height] of 32 to 2048 pixels")
    if not isinstance(manifest.padding, int) or not 0 <= manifest.padding <= 255:
        raise ValueError("padding must lie between 0 and 255")
    for name in ("rgb", "centred", "stretched", "tiles"):
        if not isinstance(getattr(manifest, name), bool | None):
            raise ValueError(f"{name} is true or false")


def _check_texts(manifest: Manifest) -> None:
    for name in ("name", "licence", "sha256", "version", *_CHOICES):
        if not isinstance(getattr(manifest, name), str) or len(getattr(manifest, name)) > 500:
            raise ValueError(f"{name} is a text of at most 500 characters")
    for name, choices in _CHOICES.items():
        if getattr(manifest, name) not in choices:
            raise ValueError(f"{name} is one of {', '.join(choices[1:])}")
    pairs = manifest.terms.items() if isinstance(manifest.terms, dict) else ((0, 0),)
    if not all(isinstance(value, str) for value in (*manifest.labels, *chain(*pairs))):
        raise ValueError("labels and terms are texts")


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DetectorError(f"{path.name} cannot be read: {error.strerror}.") from None
