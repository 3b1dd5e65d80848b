"""Models that reach outside themselves are refused before anything loads them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.errors import DetectorError
from embereye.vision.model_file import checked_model

onnx = pytest.importorskip("onnx")


def _saved(path: Path, *nodes: object, initializers: tuple[object, ...] = ()) -> Path:
    kinds = onnx.TensorProto
    graph = onnx.helper.make_graph(
        list(nodes),
        "test",
        [onnx.helper.make_tensor_value_info("images", kinds.FLOAT, [1])],
        [onnx.helper.make_tensor_value_info("output", kinds.FLOAT, [1])],
        list(initializers),
    )
    path.write_bytes(onnx.helper.make_model(graph).SerializeToString())
    return path


def _relu(**more: object) -> object:
    return onnx.helper.make_node("Relu", ["images"], ["output"], **more)


def test_a_plain_model_passes_unchanged(tmp_path: Path):
    weights = onnx.numpy_helper.from_array(np.zeros(4, np.float32), "weights")
    path = _saved(tmp_path / "plain.onnx", _relu(), initializers=(weights,))

    assert checked_model(path) == path.read_bytes()


def test_weights_in_another_file_are_refused(tmp_path: Path):
    weights = onnx.numpy_helper.from_array(np.zeros(4, np.float32), "weights")
    onnx.external_data_helper.set_external_data(weights, "../../etc/passwd")
    path = _saved(tmp_path / "outside.onnx", _relu(), initializers=(weights,))

    with pytest.raises(DetectorError, match="another file"):
        checked_model(path)


def test_weights_in_another_file_are_found_in_attributes_too(tmp_path: Path):
    value = onnx.numpy_helper.from_array(np.zeros(4, np.float32), "value")
    onnx.external_data_helper.set_external_data(value, "x")
    path = _saved(
        tmp_path / "outside.onnx", onnx.helper.make_node("Constant", [], ["output"], value=value)
    )

    with pytest.raises(DetectorError, match="another file"):
        checked_model(path)


def test_operators_of_unknown_make_are_refused(tmp_path: Path):
    with pytest.raises(DetectorError, match=r"operators of com\.example"):
        checked_model(_saved(tmp_path / "custom.onnx", _relu(domain="com.example")))


@pytest.mark.parametrize("operator", ["If", "Loop", "Scan"])
def test_control_flow_is_refused(tmp_path: Path, operator: str):
    node = onnx.helper.make_node(operator, ["images"], ["output"])

    with pytest.raises(DetectorError, match=f"control flow .{operator}"):
        checked_model(_saved(tmp_path / "flow.onnx", node))


@pytest.mark.parametrize("content", [b"", b"\xff" * 30, b"garbage" * 20, b"\x3a\x7f\x00"])
def test_malformed_files_are_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)

    with pytest.raises(DetectorError, match="no usable ONNX model"):
        checked_model(path)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_pass_or_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    path = tmp_path_factory.getbasetemp() / "any.onnx"
    path.write_bytes(content)
    try:
        assert checked_model(path) == content
    except DetectorError as error:
        assert "any.onnx" in str(error)  # noqa: PT017 - passing is allowed as well


def test_the_reference_models_pass(shared_data: Path):
    for path in sorted((shared_data / "media" / "models").glob("*.onnx")):
        assert checked_model(path)
