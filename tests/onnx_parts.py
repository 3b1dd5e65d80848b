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


def bright_model(path: Path, size: tuple[int, int]) -> Path:
    """End to end: one box around whatever is brighter than grey, class 0; score 0 for nothing.

    Really looks at its picture, so that the whole way into the input and back can be measured.
    """
    width, height = size
    make, array = onnx.helper.make_node, onnx.numpy_helper.from_array
    weights = [
        array(np.array(0.5, np.float32), "half"),
        array(np.array(1.0, np.float32), "one"),
        array(np.array([1], np.int64), "axis"),
        array(np.array([1, 1, 6], np.int64), "shape"),
        array(np.zeros(1, np.float32), "class"),
    ]
    nodes: list[Any] = [
        make("Greater", ["images", "half"], ["above"]),
        make("Cast", ["above"], ["bright"], to=FLOAT),
        make("ReduceMax", ["bright"], ["columns"], axes=[0, 1, 2], keepdims=0),
        make("ReduceMax", ["bright"], ["rows"], axes=[0, 1, 3], keepdims=0),
        make("ReduceMax", ["bright"], ["score"], axes=[0, 1, 2, 3], keepdims=0),
    ]
    corners = []
    for side in ("columns", "rows"):
        for last in (0, 1):
            name = f"{side} {last}"
            nodes += [
                make("ArgMax", [side], [f"{name} at"], axis=0, keepdims=1, select_last_index=last),
                make("Cast", [f"{name} at"], [f"{name} float"], to=FLOAT),
            ]
            if last:
                nodes.append(make("Add", [f"{name} float", "one"], [name]))
            else:
                nodes.append(make("Identity", [f"{name} float"], [name]))
            corners.append(name)
    ordered = [corners[0], corners[2], corners[1], corners[3]]
    nodes += [
        make("Reshape", ["score", "axis"], ["certainty"]),
        make("Concat", [*ordered, "certainty", "class"], ["flat"], axis=0),
        make("Reshape", ["flat", "shape"], ["boxes"]),
    ]
    results = [onnx.helper.make_tensor_value_info("boxes", FLOAT, [1, 1, 6])]
    inputs: dict[str, tuple[int, Sequence[int | str]]] = {"images": (FLOAT, [1, 3, height, width])}
    return saved(path, nodes, results, weights, inputs)


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
