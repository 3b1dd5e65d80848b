"""The file beside a model: what it may say, and what its labels become."""

from pathlib import Path

import pytest

from embereye.model.errors import DetectorError
from embereye.vision.families import Family
from embereye.vision.manifest import Manifest, manifest_of


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('famly = "yolov5"', "unknown field famly"),
        ('family = "yolov99"', "yolov99"),
        ("confidence = 1.5", "confidence"),
        ("size = [1, 2]", "size"),
        ("mean = [1.0]", "mean"),
        ("padding = 300", "padding"),
        ("name = ", "cannot be used"),
        ("labels = 5", "cannot be used"),
        ('confidence = "high"', "cannot be used"),
        ("edge = 1.0", "edge"),
        ("labels = [1, 2]", "labels and terms are texts"),
        ("terms = { flame = 3 }", "labels and terms are texts"),
        ('terms = "fire"', "labels and terms are texts"),
        ("size = [320]", "size"),
        ("size = [320.5, 320]", "size"),
        ("mean = [nan, 0, 0]", "mean"),
        ("scale = [inf, 0, 0]", "scale"),
        ('rgb = "yes"', "rgb"),
        ("name = 5", "name"),
        ('name = "' + "x" * 501 + '"', "name"),
        ('activation = "relu"', "softmax, sigmoid, none"),
        ('corners = "yx"', "corners"),
        ('units = "inches"', "units"),
        ("tiles = 4", "tiles"),
        ("a = " + "[" * 5000, "cannot be used"),
        ("# " + "x" * (1 << 20), "longer than 1 MiB"),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_field(tmp_path: Path, text: str, problem: str):
    (tmp_path / "m.toml").write_text(text)

    with pytest.raises(DetectorError, match=problem):
        manifest_of(tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("number", "term"), [(0, "fire"), (1, "person"), (2, "vehicle"), (3, "cat"), (9, "class 9")]
)
def test_labels_become_the_products_terms(number: int, term: str):
    manifest = Manifest(
        "m", labels=("Flame", "pedestrian", "lorry", "Cat"), terms={"lorry": "vehicle"}
    )

    assert manifest.term(number) == term


def test_terms_are_found_however_they_are_written(tmp_path: Path):
    (tmp_path / "m.toml").write_text('labels = ["LORRY "]\nterms = { Lorry = "Vehicle" }\n')

    assert manifest_of(tmp_path / "m.onnx").term(0) == "vehicle"


def test_every_field_of_a_heat_map_is_read(tmp_path: Path):
    (tmp_path / "m.toml").write_text(
        'name = "ours"\nfamily = "heat_map"\nlabels = ["fire", "smoke"]\nsize = [320, 256]\n'
        'confidence = 0.4\nedge = 0.2\nstretched = true\ntiles = false\nversion = "3"\n'
    )

    manifest = manifest_of(tmp_path / "m.onnx")

    assert manifest == Manifest(
        "ours",
        family=Family.HEAT_MAP,
        labels=("fire", "smoke"),
        size=(320, 256),
        confidence=0.4,
        edge=0.2,
        stretched=True,
        tiles=False,
        version="3",
    )
