"""Reads XML from cameras: no document types, no entities, bounded depth and size. Pure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from embereye.model.errors import CameraUnsupported

LARGEST = 2 << 20  # bytes; GetProfiles of a recorder with 64 channels is about 0.5 MiB
_DEEPEST = 64  # elements inside each other; ONVIF's schemas need about 15
_MOST = 40_000  # elements; 64 channels need about 10,000
_LONGEST = 120  # characters of a text that people read
_TOKEN = 256  # characters; ReferenceToken has at most 64 (onvif.xsd), some cameras exceed it


@dataclass(slots=True)
class Node:
    """One element. Names are local names: cameras mix up the name spaces of ONVIF's versions.

    Attributes:
        attributes: By local name.
        content: Its text, stripped.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    content: str = ""

    def find(self, *path: str) -> "Node | None":
        """The first element at that path below this one."""
        found = self
        for name in path:
            child = next((child for child in found.children if child.name == name), None)
            if child is None:
                return None
            found = child
        return found

    def all(self, name: str) -> list["Node"]:
        """Every direct child of that name."""
        return [child for child in self.children if child.name == name]

    def deep(self, name: str) -> Iterator["Node"]:
        """Every element of that name below this one, in document order."""
        waiting = list(reversed(self.children))
        while waiting:
            node = waiting.pop()
            if node.name == name:
                yield node
            waiting.extend(reversed(node.children))

    def raw(self, *path: str) -> str:
        """The text at that path, "" when absent; of any length."""
        found = self.find(*path)
        return found.content if found is not None else ""

    def words(self, *path: str) -> str:
        """The text at that path for people: one line, printable, at most 120 characters."""
        return readable(self.raw(*path))

    def whole(self, *path: str, most: int = 1 << 31) -> int:
        """A whole number from 0 to `most`; 0 when absent or anything else."""
        value = self.number(*path)
        return int(value) if value is not None and 0 <= value <= most else 0

    def number(self, *path: str) -> float | None:
        """A finite number; None when absent or anything else."""
        return as_number(self.raw(*path))

    @property
    def token(self) -> str:
        """The `token` attribute; "" when absent or unusable."""
        text = self.attributes.get("token", "")
        return text if text.isprintable() and len(text) <= _TOKEN else ""


def parse(content: bytes) -> Node:
    """The root of a document.

    Raises:
        CameraUnsupported: it is no XML, is too large or deep, or brings a document type (which is
            where entities come from; SOAP 1.2 part 1, section 5, forbids it).
    """
    if len(content) > LARGEST:
        raise CameraUnsupported("The camera's answer is too large.")
    builder = _Builder()
    reader = expat.ParserCreate(namespace_separator=" ")
    reader.buffer_text = True
    reader.StartDoctypeDeclHandler = _refuse
    reader.EntityDeclHandler = _refuse
    reader.StartElementHandler = builder.start
    reader.EndElementHandler = builder.end
    reader.CharacterDataHandler = builder.text
    try:
        reader.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError):  # broken, unknown encoding, bad encoding
        raise CameraUnsupported("The camera's answer is no XML.") from None
    return builder.root()


def readable(text: str) -> str:
    """One printable line of at most 120 characters."""
    line = " ".join(text[: 4 * _LONGEST].split())
    return "".join(sign for sign in line if sign.isprintable())[:_LONGEST]


def as_number(text: str) -> float | None:
    """A finite number in XML Schema's plain notation; None for anything else."""
    if len(text) > 40 or "_" in text or not text.isascii():
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _refuse(*_: object) -> None:
    raise CameraUnsupported("The camera's answer contains a document type, which SOAP forbids.")


class _Builder:
    """Builds the tree while expat reads."""

    def __init__(self) -> None:
        self._open: list[Node] = []
        self._texts: list[list[str]] = []  # joined once: adding up each piece would be quadratic
        self._root: Node | None = None
        self._count = 0

    def root(self) -> Node:
        assert self._root is not None, "expat accepts no document without a root"
        return self._root

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST or len(self._open) >= _DEEPEST:
            raise CameraUnsupported("The camera's answer has too many elements.")
        node = Node(_local(name), {_local(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node
        self._open.append(node)
        self._texts.append([])

    def end(self, _name: str) -> None:
        self._open.pop().content = "".join(self._texts.pop()).strip()

    def text(self, text: str) -> None:
        self._texts[-1].append(text)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
