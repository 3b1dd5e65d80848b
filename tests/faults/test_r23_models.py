"""R23: hostile model files are refused in words, or do no harm; nothing takes 15 s.

What only a trial run can show (endless work, memory without end) is in
tests/unit/vision/test_model_trial.py, as it is the child process that stops those.
"""

import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx_parts import FLOAT, constant_model, described, onnx, saved

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.detector import Verdict
from embereye.vision.onnx import OnnxDetector

pytestmark = pytest.mark.timeout(15)

ADVICE = "Export|Copy|Choose|Replace|Name|Correct"
INT64, STRING = onnx.TensorProto.INT64, onnx.TensorProto.STRING
PICTURE = (FLOAT, [1, 3, 64, 64])

node: Callable[..., Any] = onnx.helper.make_node
result: Callable[..., Any] = onnx.helper.make_tensor_value_info


def _weight(values: Any, name: str, kind: type = np.float32) -> Any:
    return onnx.numpy_helper.from_array(np.array(values, kind), name)


def _boxes(*shape: int | str) -> list[Any]:
    return [result("boxes", FLOAT, list(shape or (1, 5, 6)))]


def _see(detector: OnnxDetector, level: int = 0) -> Verdict:
    pixels = np.full((64, 64, 3), level, np.uint8)
    return detector.detect(Frame(CameraId("yard"), pixels, 0, Stamp(0, 0), 0.0, 64, 64))


# Files that are refused before anything loads them.


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _pickle(path: Path) -> None:
    path.write_bytes(b"\x80\x04\x95" + b"c__builtin__\neval\n(S'1'\ntR." * 20)


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("model.onnx", bytes(50 << 20))


def _cut(path: Path) -> None:
    whole = constant_model(path, np.zeros((1, 5, 6))).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _lying_length(path: Path) -> None:
    path.write_bytes(b"\x3a" + b"\xff" * 9 + b"\x01" + bytes(50))  # a graph of 2⁶⁴ bytes


def _millions_of_fields(path: Path) -> None:
    path.write_bytes(b"\x08\x08" * 1_100_000)


def _millions_of_nodes(path: Path) -> None:
    graph = b"\x0a\x00" * 60_000  # nodes without content
    path.write_bytes(b"\x3a" + _length(len(graph)) + graph)


def _two_graphs(path: Path) -> None:
    path.write_bytes(constant_model(path, np.zeros((1, 5, 6))).read_bytes() * 2)


def _giant_weight(path: Path) -> None:
    weight = onnx.TensorProto(name="w", data_type=FLOAT, dims=[1 << 20, 1 << 20])
    saved(path, [node("Identity", ["w"], ["boxes"])], _boxes(), [weight])


def _negative_weight(path: Path) -> None:
    weight = onnx.TensorProto(name="w", data_type=FLOAT, dims=[-5])
    saved(path, [node("Identity", ["w"], ["boxes"])], _boxes(), [weight])


def _sparse(path: Path) -> None:
    values, places = _weight([1.0], "w"), _weight([3], "", np.int64)
    sparse = onnx.helper.make_sparse_tensor(values, places, [1 << 40])
    saved(path, [node("Identity", ["w"], ["boxes"])], _boxes())
    model = onnx.load(path)
    model.graph.sparse_initializer.append(sparse)
    path.write_bytes(model.SerializeToString())


def _sparse_constant(path: Path) -> None:
    values, places = _weight([1.0], "w"), _weight([3], "", np.int64)
    sparse = onnx.helper.make_sparse_tensor(values, places, [1 << 40])
    saved(path, [node("Constant", [], ["boxes"], sparse_value=sparse)], _boxes())


def _outside(path: Path) -> None:
    weight = _weight(np.zeros(4), "w")
    onnx.external_data_helper.set_external_data(weight, "/etc/passwd")
    saved(path, [node("Identity", ["w"], ["boxes"])], _boxes(), [weight])


def _subgraph(path: Path) -> None:
    inner = onnx.helper.make_graph([], "inner", [], [])
    saved(path, [node("Relu", ["images"], ["boxes"], body=inner)], _boxes())


def _endless(path: Path) -> None:
    inner = onnx.helper.make_graph([], "inner", [], [])
    saved(path, [node("Loop", ["images"], ["boxes"], body=inner)], _boxes())


def _function(path: Path) -> None:
    model = onnx.load(constant_model(path, np.zeros((1, 5, 6))))
    model.functions.append(
        onnx.helper.make_function("ai.onnx", "F", ["x"], ["y"], [node("Relu", ["x"], ["y"])], [])
    )
    path.write_bytes(model.SerializeToString())


def _training(path: Path) -> None:
    model = onnx.load(constant_model(path, np.zeros((1, 5, 6))))
    model.training_info.add()
    path.write_bytes(model.SerializeToString())


def _foreign(path: Path) -> None:
    saved(path, [node("Shell", ["images"], ["boxes"], domain="com.example")], _boxes())


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


# Models that ONNX Runtime or the detector refuses.


def _unknown_operator(path: Path) -> None:
    saved(path, [node("Ignite", ["images"], ["boxes"])], _boxes())


def _cycle(path: Path) -> None:
    nodes = [node("Add", ["images", "b"], ["a"]), node("Relu", ["a"], ["b"])]
    saved(path, [*nodes, node("Relu", ["b"], ["boxes"])], _boxes())


def _missing_edge(path: Path) -> None:
    saved(path, [node("Relu", ["nowhere"], ["boxes"])], _boxes())


def _wrong_weight(path: Path) -> None:
    weight = onnx.TensorProto(name="w", data_type=FLOAT, dims=[1, 5, 6], raw_data=b"\0" * 7)
    saved(path, [node("Identity", ["w"], ["boxes"])], _boxes(), [weight])


def _two_pictures(path: Path) -> None:
    inputs = {"images": PICTURE, "others": PICTURE}
    saved(path, [node("Add", ["images", "others"], ["boxes"])], _boxes(1, 3, 64, 64), (), inputs)


def _taking(*shape: int | str, kind: int = FLOAT) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        inputs = {"images": (kind, list(shape))}
        saved(path, [node("Identity", ["images"], ["boxes"])], [_like(kind, shape)], (), inputs)

    return write


def _like(kind: int, shape: tuple[int | str, ...]) -> Any:
    return result("boxes", kind, list(shape))


def _no_input(path: Path) -> None:
    saved(path, [node("Identity", ["w"], ["boxes"])], _boxes(), [_weight(np.zeros((1, 5, 6)), "w")])
    model = onnx.load(path)
    del model.graph.input[:]
    path.write_bytes(model.SerializeToString())


def _giant_output(path: Path) -> None:
    shape = _weight([1, 100_000_000, 6], "shape", np.int64)
    nodes = [
        node("ReduceMax", ["images"], ["top"], keepdims=0),
        node("Expand", ["top", "shape"], ["boxes"]),
    ]
    saved(path, nodes, _boxes(1, 100_000_000, 6), [shape])


def _text(path: Path) -> None:
    nodes = [node("Cast", ["images"], ["boxes"], to=STRING)]
    saved(path, nodes, [result("boxes", STRING, [1, 3, 64, 64])])


def _unknown_family(path: Path) -> None:
    constant_model(path, np.zeros((1, 3, 3)))


REFUSED = [
    _empty, _pickle, _bomb, _cut, _lying_length, _millions_of_fields, _millions_of_nodes,
    _two_graphs, _giant_weight, _negative_weight, _sparse, _sparse_constant, _outside, _subgraph,
    _endless, _function, _training, _foreign, _folder, _pipe, _unknown_operator, _cycle,
    _missing_edge, _wrong_weight, _two_pictures, _no_input, _giant_output, _text, _unknown_family,
]  # fmt: skip
TAKING = {
    "a batch": _taking(8, 3, 64, 64),
    "grey": _taking(1, 1, 64, 64),
    "five channels": _taking(1, 5, 64, 64),
    "integers": _taking(1, 3, 64, 64, kind=INT64),
    "texts": _taking(1, 3, 64, 64, kind=STRING),
    "a row": _taking(1, 100),
    "a video": _taking(1, 3, 16, 64, 64),
    "giant pictures": _taking(1, 3, 100_000, 100_000),
}


if not hasattr(os, "mkfifo"):  # Windows has no pipes among its files
    REFUSED.remove(_pipe)


@pytest.mark.parametrize("write", REFUSED, ids=lambda write: write.__name__.strip("_"))
def test_a_hostile_file_is_refused_with_what_to_do(tmp_path: Path, write: Callable[[Path], None]):
    path = tmp_path / "hostile.onnx"
    write(path)

    with pytest.raises(DetectorError, match=ADVICE) as refusal:
        _see(OnnxDetector(path))

    assert len(str(refusal.value)) < 600


@pytest.mark.parametrize("write", TAKING.values(), ids=TAKING)
def test_a_model_that_takes_no_picture_is_refused(tmp_path: Path, write: Callable[[Path], None]):
    path = tmp_path / "hostile.onnx"
    write(path)

    with pytest.raises(DetectorError, match=ADVICE):
        OnnxDetector(path)


# Outputs that are not what they should be.

GOOD = [16.0, 16.0, 48.0, 48.0, 0.9, 0.0]


def _ended(folder: Path, *rows: list[float], manifest: str = "") -> OnnxDetector:
    path = constant_model(folder / "m.onnx", np.array([rows], np.float32))
    return OnnxDetector(described(path, 'family = "end_to_end"\n' + manifest))


@pytest.mark.parametrize(
    "row",
    [
        [np.nan] * 6,
        [16, 16, 48, 48, np.nan, 0],
        [16, 16, 48, 48, 0.9, np.nan],
        [-np.inf, 16, np.inf, 48, 0.9, 0],
        [48, 48, 16, 16, 0.9, 0],
        [16, 16, 16, 16, 0.9, 0],
        [16, 16, 48, 48, -5, 0],
        [900, 900, 999, 999, 0.9, 0],
    ],
)
def test_a_wild_box_is_dropped_and_the_others_stay(tmp_path: Path, row: list[float]):
    verdict = _see(_ended(tmp_path, row, GOOD))

    assert [(d.x, d.width) for d in verdict.detections] == [(16.0, 32.0)]


def test_boxes_beyond_the_picture_end_at_its_edge(tmp_path: Path):
    box = _see(_ended(tmp_path, [-1e30, -50, 1e30, 99, 0.9, 0])).detections[0]

    assert (box.x, box.y, box.width, box.height) == (0, 0, 64, 64)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(1, 5, 6), (1, 84, 84), (1, 252, 7), (1, 2), (1, 2, 8, 8)])
def test_a_model_without_numbers_is_trouble_and_not_no_fire(tmp_path: Path, value, shape):
    detector = OnnxDetector(constant_model(tmp_path / "m.onnx", np.full(shape, value)))

    with pytest.raises(DetectorError, match=ADVICE):
        _see(detector)


@pytest.mark.parametrize("score", [1.5, 80.0, 1e30])
def test_scores_that_are_no_probabilities_are_trouble(tmp_path: Path, score: float):
    with pytest.raises(DetectorError, match=r"no probabilities.*Name"):
        _see(_ended(tmp_path, [16, 16, 48, 48, score, 0]))


@pytest.mark.parametrize("number", [-3, 7, 4096, 1e30])
def test_a_class_that_has_no_label_is_shown_by_its_number(tmp_path: Path, number: float):
    row = [16, 16, 48, 48, 0.9, number]

    verdict = _see(_ended(tmp_path, row, manifest='labels = ["fire"]\n'))

    assert verdict.detections[0].label.startswith("class ")
    assert verdict.fire == 0.0


def test_a_hundred_thousand_candidates_become_a_hundred_boxes(tmp_path: Path):
    """Suppressing all of them among each other would take minutes."""
    rng = np.random.default_rng(1)
    places, sizes = rng.uniform(9, 55, (2, 100_000)), rng.uniform(1, 9, (2, 100_000))
    table = np.concatenate([places, sizes, rng.uniform(0.5, 1, (2, 100_000))])[None]
    path = constant_model(tmp_path / "m.onnx", table)
    detector = OnnxDetector(described(path, 'family = "yolov8"\noverlap = 0.95\n'))

    assert len(_see(detector).detections) == 100


def test_more_values_than_any_detector_has_are_refused_when_they_come(tmp_path: Path):
    """The shape is not declared, so that only the run shows it."""
    nodes = [
        node("ReduceMax", ["images"], ["top"], keepdims=0),
        node("Expand", ["top", "shape"], ["boxes"]),
    ]
    shape = _weight([1, 6_000_000, 6], "shape", np.int64)
    path = saved(tmp_path / "m.onnx", nodes, _boxes(1, "n", "m"), [shape])

    with pytest.raises(DetectorError, match=r"36000000 values.*Export"):
        _see(OnnxDetector(path))


def _bright_places(path: Path) -> Path:
    """Puts out a row for each bright value: another shape at each picture."""
    nodes = [
        node("Greater", ["images", "half"], ["above"]),
        node("NonZero", ["above"], ["places"]),
        node("Cast", ["places"], ["floats"], to=FLOAT),
        node("Transpose", ["floats"], ["rows"], perm=[1, 0]),
        node("Pad", ["rows", "pads"], ["six"]),
        node("Unsqueeze", ["six", "front"], ["boxes"]),
    ]
    weights = [
        _weight(0.5, "half"),
        _weight([0, 0, 0, 2], "pads", np.int64),
        _weight([0], "front", np.int64),
    ]
    return saved(path, nodes, _boxes(1, "n", 6), weights)


def test_shapes_that_change_from_picture_to_picture_do_no_harm(tmp_path: Path):
    detector = OnnxDetector(_bright_places(tmp_path / "m.onnx"))

    for level in (0, 255, 0, 255):
        assert _see(detector, level).detections == ()


def test_a_shape_that_leaves_the_family_is_trouble(tmp_path: Path):
    path = _bright_places(tmp_path / "m.onnx")
    detector = OnnxDetector(described(path, 'family = "yolox"\n'))

    with pytest.raises(DetectorError, match=r"yolox.*Name"):
        _see(detector, 255)


def test_an_output_of_no_size_is_no_fire_and_no_crash(tmp_path: Path):
    detector = OnnxDetector(_bright_places(tmp_path / "m.onnx"))

    verdict = _see(detector)

    assert (verdict.fire, verdict.detections) == (0.0, ())


@pytest.mark.parametrize("count", [1, 3, 80])
@pytest.mark.parametrize(
    ("family", "shape"),
    [
        ("yolox", (1, 84, 7)),
        ("yolov5", (1, 252, 7)),
        ("yolov8", (1, 6, 84)),
        ("rt_detr", (1, 300, 6)),
        ("fastest_det", (1, 7, 4, 4)),
        ("heat_map", (1, 2, 8, 8)),
        ("classifier", (1, 2)),
    ],
)
def test_labels_of_another_model_are_trouble(tmp_path: Path, family: str, shape, count: int):
    """Two classes; with other labels a person could be announced as fire."""
    path = constant_model(tmp_path / "m.onnx", np.full(shape, 0.5))
    described(path, f'family = "{family}"\nlabels = {["fire"] * count}\n')

    with pytest.raises(DetectorError, match=rf"2 classes apart, but {count} labels.*Name"):
        _see(OnnxDetector(path))


@pytest.mark.parametrize(
    "names",
    [
        "{0: 'fire', 1: 'smoke'",
        "__import__('os').system('false')",
        "[" * 5000,
        "{1: 'fire'}",
        "7",
        "{'a': 'fire'}",
        "x" * 200_000,
    ],
)
def test_class_names_in_the_file_are_read_and_never_run(tmp_path: Path, names: str):
    path = constant_model(tmp_path / "m.onnx", np.array([[GOOD]]))
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"names": names})
    path.write_bytes(model.SerializeToString())

    assert _see(OnnxDetector(path)).detections[0].label == "class 0"


def test_class_names_in_the_file_serve_where_there_is_no_manifest(tmp_path: Path):
    path = constant_model(tmp_path / "m.onnx", np.array([[GOOD]]))
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"names": "{0: 'Flame', 1: 'smog'}"})
    path.write_bytes(model.SerializeToString())

    detector = OnnxDetector(path)

    assert detector.manifest.labels == ("Flame", "smog")
    assert _see(detector).fire == pytest.approx(0.9)


def _length(number: int) -> bytes:
    """A number as protocol buffers write it."""
    out = b""
    while number >= 0x80:
        out += struct.pack("B", number & 0x7F | 0x80)
        number >>= 7
    return out + struct.pack("B", number)
