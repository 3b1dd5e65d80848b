"""Small ONNX models, good and bad, made with the onnx package (skips where it is missing)."""

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

FLAME = np.array([[[16, 16, 48, 48, 0.9, 0]]])  # end-to-end family: 16–48 of 64 px, class 0
MANIFEST = 'family = "end_to_end"\nlabels = ["fire"]\nlicence = "Apache-2.0"\n'


def constant_model(path: Path, output: np.ndarray = FLAME, side: int = 64, more: str = "") -> Path:
    """A model that answers every picture with `output`, and its manifest."""
    nodes = [
        _node("ReduceMax", ["images"], "top", keepdims=0),
        _node("Mul", ["top", "zero"], "nothing"),
        _node("Add", ["answer", "nothing"], "output"),
    ]
    constants = {"answer": output.astype(np.float32), "zero": np.zeros(1, np.float32)}
    return _saved(path, nodes, constants, list(output.shape), side, more)


def nan_model(path: Path) -> Path:
    """A model whose scores are not numbers."""
    return constant_model(path, np.full((1, 1, 6), np.nan))


def slow_model(path: Path, size: int = 4096, rounds: int = 400) -> Path:
    """A model that multiplies `size`×`size` matrices so many times: minutes, in 200 MiB."""
    nodes = [
        _node("ReduceMax", ["images"], "top", keepdims=0),
        _node("Expand", ["top", "shape"], "product 0"),
    ]
    nodes += [
        _node("MatMul", [f"product {n}", "product 0"], f"product {n + 1}") for n in range(rounds)
    ]
    nodes += [
        _node("ReduceMax", [f"product {rounds}"], "most", keepdims=0),
        _node("Mul", ["most", "zero"], "nothing"),
        _node("Add", ["answer", "nothing"], "output"),
    ]
    constants = {
        "shape": np.array([size, size], np.int64),
        "answer": FLAME.astype(np.float32),
        "zero": np.zeros(1, np.float32),
    }
    return _saved(path, nodes, constants, list(FLAME.shape), 64, "")


def hungry_model(path: Path, side: int = 40_000) -> Path:
    """A model that asks for `side`² floats: 6 GiB."""
    nodes = [
        _node("ReduceMax", ["images"], "top", keepdims=0),
        _node("Expand", ["top", "shape"], "huge"),
        _node("ReduceMax", ["huge"], "most", keepdims=0),
        _node("Mul", ["most", "zero"], "nothing"),
        _node("Add", ["answer", "nothing"], "output"),
    ]
    constants = {
        "shape": np.array([side, side], np.int64),
        "answer": FLAME.astype(np.float32),
        "zero": np.zeros(1, np.float32),
    }
    return _saved(path, nodes, constants, list(FLAME.shape), 64, "")


def _node(kind: str, inputs: list[str], output: str, **attributes: int) -> object:
    return onnx.helper.make_node(kind, inputs, [output], **attributes)


def _saved(
    path: Path,
    nodes: list[object],
    constants: dict[str, np.ndarray],
    shape: list[int],
    side: int,
    more: str,
) -> Path:
    helper, kinds = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("images", kinds.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("output", kinds.FLOAT, shape)],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    # An IR and an opset that every onnxruntime since 1.12 knows.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
    path.with_suffix(".toml").write_text(f'name = "{path.stem}"\n{MANIFEST}{more}')
    return path
