"""Refusing ONNX files that reach outside themselves, before anything loads them.

Field numbers: onnx.proto of the ONNX project, version 1.17 (IR 10).
"""

from collections.abc import Iterator
from pathlib import Path

from embereye.model.errors import DetectorError

_LARGEST = 2 << 30  # bytes; formats.md, and what protocol buffers can hold
_KNOWN_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
_CONTROL_FLOW = frozenset({"If", "Loop", "Scan", "SequenceMap"})

_MODEL_GRAPH, _MODEL_FUNCTIONS = 7, 25
_GRAPH_NODE, _GRAPH_INITIALIZER = 1, 5
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS = 5, 10
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def checked_model(path: Path) -> bytes:
    """The content of a model file that keeps to itself.

    Raises:
        DetectorError: the file cannot be read, is too large or malformed, keeps weights in other
            files, or uses operators of unknown make or control flow.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise DetectorError(f"The model {path.name} is larger than 2 GiB.")
        content = path.read_bytes()
    except OSError as error:
        raise DetectorError(f"The model {path.name} cannot be read: {error.strerror}.") from None
    try:
        reasons = _objections(memoryview(content))
    except (ValueError, IndexError):
        raise DetectorError(f"{path.name} is no usable ONNX model: it is malformed.") from None
    if reasons:
        raise DetectorError(f"The model {path.name} is refused: {reasons[0]}.")
    return content


def _objections(model: memoryview) -> list[str]:
    reasons: list[str] = []
    graphs = 0
    for number, value in _fields(model):
        if number == _MODEL_GRAPH:
            graphs += 1
            reasons += _in_graph(_part(value))
        elif number == _MODEL_FUNCTIONS:
            reasons.append("it brings functions of its own")
    if graphs != 1:
        raise ValueError("a model has one graph")
    return reasons


def _in_graph(graph: memoryview) -> Iterator[str]:
    for number, value in _fields(graph):
        if number == _GRAPH_NODE:
            yield from _in_node(_part(value))
        elif number == _GRAPH_INITIALIZER:
            yield from _in_tensor(_part(value))


def _in_node(node: memoryview) -> Iterator[str]:
    for number, value in _fields(node):
        if number == _NODE_OPERATOR and _text(value) in _CONTROL_FLOW:
            yield f"it uses control flow ({_text(value)})"
        elif number == _NODE_DOMAIN and _text(value) not in _KNOWN_DOMAINS:
            yield f"it needs operators of {_text(value)}"
        elif number == _NODE_ATTRIBUTE:
            for inner, tensor in _fields(_part(value)):
                if inner in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
                    yield from _in_tensor(_part(tensor))


def _in_tensor(tensor: memoryview) -> Iterator[str]:
    for number, value in _fields(tensor):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value == 1):
            yield "it keeps weights in another file"


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Field numbers and values of one protocol buffers message (its documented wire format)."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        value: int | memoryview
        if kind == _VARINT:
            value, at = _varint(message, at)
        elif kind == _BYTES:
            length, at = _varint(message, at)
            value, at = message[at : at + length], at + length
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
            value, at = message[at : at + size], at + size
        else:
            raise ValueError("unknown wire type")
        if at > len(message):
            raise ValueError("cut short")
        yield key >> 3, value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number of more than ten bytes")


def _part(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a message was expected")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_part(value)).decode("utf-8", "replace")
