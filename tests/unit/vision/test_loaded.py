"""The detector of a model's file, as a child process loads it."""

from pathlib import Path

import numpy as np
import pytest
from onnx_parts import constant_model, described

from embereye.vision.looks import ModelChoice
from embereye.vision.pool_child import loaded
from embereye.vision.tiles import TiledDetector


@pytest.mark.parametrize("in_turn", [True, False])
def test_parts_are_looked_at_in_turn_only_where_pictures_follow(tmp_path: Path, in_turn: bool):
    outputs = {"heat": np.zeros((1, 2, 8, 8)), "score": np.zeros((1, 2))}
    model = constant_model(
        tmp_path / "map.onnx", {name: value.astype(np.float32) for name, value in outputs.items()}
    )
    described(model, 'name = "map"\nfamily = "heat_map"\nlabels = ["fire", "smoke"]\n')

    detector = loaded(ModelChoice("map", str(model)), "cpu", in_turn)

    assert isinstance(detector, TiledDetector) == in_turn
    assert not detector.objects, "it knows flame and smoke only"
