"""Refusing ONNX files that reach outside themselves, before anything loads them.

Field numbers: onnx.proto of the ONNX project, version 1.17 (IR 10).
"""

import stat
from collections.abc import Iterator
from pathlib import Path

from embereye.model.errors import DetectorError

_LARGEST = 2 << 30  # bytes; formats.md, and what protocol buffers can hold
_KNOWN_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
_CONTROL_FLOW = frozenset({"If", "Loop", "Scan", "SequenceMap"})
_NODES = 50_000  # the largest detectors have some 5,000
_FIELDS = 1_000_000  # read in 1 s; a detector has some 20,000
_VALUES = 1 << 29  # of one tensor: what 2 GiB of 32-bit floats are

_MODEL_GRAPH, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 20, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE = 1, 5, 15
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE = (5, 10), (6, 11), (22, 23)
_TENSOR_DIMS, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 1, 13, 14
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class _Objection(Exception):
    """Why a model is refused, and what to do."""


def checked_model(path: Path) -> bytes:
    """The content of a model file that keeps to itself.

    Raises:
        DetectorError: the file cannot be read, is too large or malformed, keeps weights in other
            files, or uses operators of unknown make or control flow.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe or a device would never end
            raise DetectorError(f"{path.name} is no file. Choose an ONNX file.")
        if about.st_size > _LARGEST:
            raise DetectorError(
                f"The model {path.name} is larger than 2 GiB. Export a smaller one."
            )
        content = path.read_bytes()
    except OSError as error:
        raise DetectorError(
            f"The model {path.name} cannot be read: {error.strerror}. Copy the file again."
        ) from None
    try:
        _Screening().model(memoryview(content))
    except _Objection as objection:
        raise DetectorError(f"The model {path.name} is refused: {objection}") from None
    except (ValueError, IndexError):
        raise DetectorError(
            f"{path.name} is no usable ONNX model: it is malformed. Copy or export it again."
        ) from None
    return content


class _Screening:
    """Reads one file as far as needed to object to it."""

    def __init__(self) -> None:
        self._fields_left, self._nodes_left = _FIELDS, _NODES

    def model(self, model: memoryview) -> None:
        graphs = 0
        for number, value in self._fields(model):
            if number == _MODEL_GRAPH:
                graphs += 1
                self._graph(_part(value))
            elif number == _MODEL_FUNCTIONS:
                raise _Objection("it brings functions of its own. Export it with them inlined.")
            elif number == _MODEL_TRAINING:
                raise _Objection("it is made for training. Export it for inference.")
        if graphs != 1:
            raise ValueError("a model has one graph")

    def _graph(self, graph: memoryview) -> None:
        for number, value in self._fields(graph):
            if number == _GRAPH_NODE:
                self._node(_part(value))
            elif number == _GRAPH_INITIALIZER:
                self._tensor(_part(value))
            elif number == _GRAPH_SPARSE:
                raise _Objection("it has sparse weights. Export it with dense ones.")

    def _node(self, node: memoryview) -> None:
        self._nodes_left -= 1
        if self._nodes_left < 0:
            raise _Objection(f"it has more than {_NODES} operators. Export a smaller model.")
        for number, value in self._fields(node):
            if number == _NODE_OPERATOR and _text(value) in _CONTROL_FLOW:
                raise _Objection(
                    f"it uses control flow ({_text(value)}). Export it without, for one picture of "
                    "a fixed size."
                )
            if number == _NODE_DOMAIN and _text(value) not in _KNOWN_DOMAINS:
                raise _Objection(
                    f"it needs operators of {_text(value)[:80]}. Export it with standard ones."
                )
            if number == _NODE_ATTRIBUTE:
                self._attribute(_part(value))

    def _attribute(self, attribute: memoryview) -> None:
        for number, value in self._fields(attribute):
            if number in _ATTRIBUTE_TENSORS:
                self._tensor(_part(value))
            elif number in _ATTRIBUTE_GRAPHS:
                raise _Objection("it uses control flow. Export it without.")
            elif number in _ATTRIBUTE_SPARSE:
                raise _Objection("it has sparse weights. Export it with dense ones.")

    def _tensor(self, tensor: memoryview) -> None:
        values = 1
        for number, value in self._fields(tensor):
            if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value == 1):
                raise _Objection("it keeps weights in another file. Export it as one file.")
            if number == _TENSOR_DIMS:
                for side in _numbers(value):
                    values *= max(side, 1)
                    if values > _VALUES:
                        raise _Objection("one of its weights is larger than 2 GiB. Export it anew.")

    def _fields(self, message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
        """Numbers and values of one protocol buffers message (its documented wire format)."""
        at = 0
        while at < len(message):
            self._fields_left -= 1
            if self._fields_left < 0:
                raise _Objection("it consists of a million parts. Export it again.")
            key, at = _varint(message, at)
            value, at = _value(message, at, key & 7)
            if at > len(message):
                raise ValueError("cut short")
            yield key >> 3, value


def _value(message: memoryview, at: int, kind: int) -> tuple[int | memoryview, int]:
    if kind == _VARINT:
        return _varint(message, at)
    if kind == _BYTES:
        length, at = _varint(message, at)
    elif kind in (_FIXED64, _FIXED32):
        length = 8 if kind == _FIXED64 else 4
    else:
        raise ValueError("unknown wire type")
    return message[at : at + length], at + length


def _numbers(value: int | memoryview) -> Iterator[int]:
    """Repeated integers, packed or one at a time."""
    if isinstance(value, int):
        yield value
        return
    at = 0
    while at < len(value):
        number, at = _varint(value, at)
        yield number


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
