"""Models with a manifest: one that finds a flame, and ones that nobody should run."""

from pathlib import Path

import numpy as np
import onnx_parts
from onnx_parts import described, onnx, saved

FLAME = np.array([[[16, 16, 48, 48, 0.9, 0]]])  # end-to-end family: 16–48 of 64 px, class 0
MANIFEST = 'family = "end_to_end"\nlabels = ["fire"]\nlicence = "Apache-2.0"\n'


def flame_model(path: Path, output: np.ndarray = FLAME, manifest: str = MANIFEST) -> Path:
    """Answers every picture of 64 × 64 px with the same box; `manifest` empty: none."""
    onnx_parts.constant_model(path, output)
    return described(path, manifest) if manifest else path


def nan_model(path: Path) -> Path:
    """Its scores are not numbers."""
    return flame_model(path, np.full((1, 1, 6), np.nan))


def slow_model(path: Path) -> Path:
    """Multiplies matrices for minutes, in 200 MiB."""
    rounds, size = 400, 4096
    steps = [
        _node("MatMul", [f"product {n}", "product 0"], f"product {n + 1}") for n in range(rounds)
    ]
    return _expanding(path, size, [*steps, _node("ReduceMax", [f"product {rounds}"], "most")])


def hungry_model(path: Path) -> Path:
    """Asks for 6 GiB."""
    return _expanding(path, 40_000, [_node("ReduceMax", ["product 0"], "most")])


def _expanding(path: Path, size: int, steps: list[object]) -> Path:
    constants = {
        "shape": np.array([size, size], np.int64),
        "answer": FLAME.astype(np.float32),
        "zero": np.zeros(1, np.float32),
    }
    nodes = [
        _node("ReduceMax", ["images"], "top"),
        _node("Expand", ["top", "shape"], "product 0"),
        *steps,
        onnx.helper.make_node("Mul", ["most", "zero"], ["nothing"]),
        onnx.helper.make_node("Add", ["answer", "nothing"], ["output"]),
    ]
    result = onnx.helper.make_tensor_value_info("output", onnx_parts.FLOAT, list(FLAME.shape))
    weights = [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()]
    return described(saved(path, nodes, [result], weights), MANIFEST)


def _node(kind: str, inputs: list[str], output: str) -> object:
    options = {"keepdims": 0} if kind == "ReduceMax" else {}
    return onnx.helper.make_node(kind, inputs, [output], **options)
