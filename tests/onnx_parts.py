"""Small ONNX models for tests, made with the onnx package."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
FLOAT = onnx.TensorProto.FLOAT


def constant_model(
    path: Path,
    outputs: np.ndarray | Mapping[str, np.ndarray],
    size: tuple[int, int] = (64, 64),
    *,
    kind: int = FLOAT,
    shape: Sequence[int | str] | None = None,
) -> Path:
    """A model for pictures of `size` (width, height) that answers each with the same outputs."""
    if isinstance(outputs, np.ndarray):
        outputs = {"output": outputs.astype(np.float32)}
    nodes: list[Any] = [
        onnx.helper.make_node("Cast", ["images"], ["floats"], to=FLOAT),
        onnx.helper.make_node("ReduceMax", ["floats"], ["top"], keepdims=0),
        onnx.helper.make_node("Mul", ["top", "zero"], ["nothing"]),
    ]
    weights = [onnx.numpy_helper.from_array(np.zeros((), np.float32), "zero")]
    for name, value in outputs.items():
        told = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
        weights.append(onnx.numpy_helper.from_array(np.ascontiguousarray(value), f"{name} value"))
        nodes += [
            onnx.helper.make_node("Cast", ["nothing"], [f"{name} nothing"], to=told),
            onnx.helper.make_node("Add", [f"{name} value", f"{name} nothing"], [name]),
        ]
    results = [
        onnx.helper.make_tensor_value_info(
            name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), list(value.shape)
        )
        for name, value in outputs.items()
    ]
    takes = list(shape) if shape else [1, 3, size[1], size[0]]
    return saved(path, nodes, results, weights, {"images": (kind, takes)})


def saved(
    path: Path,
    nodes: Sequence[Any],
    results: Sequence[Any],
    weights: Sequence[Any] = (),
    inputs: Mapping[str, tuple[int, Sequence[int | str]]] | None = None,
) -> Path:
    """A model of these nodes; its only input is a picture of 64 × 64 if none is named."""
    takes = inputs or {"images": (FLOAT, [1, 3, 64, 64])}
    graph = onnx.helper.make_graph(
        list(nodes),
        "test",
        [onnx.helper.make_tensor_value_info(n, k, list(shape)) for n, (k, shape) in takes.items()],
        list(results),
        list(weights),
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8
    )
    path.write_bytes(model.SerializeToString())
    return path


def described(path: Path, text: str) -> Path:
    """The model with a manifest beside it."""
    path.with_suffix(".toml").write_text(text)
    return path
