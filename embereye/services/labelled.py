"""Reading a manifest of labelled pictures and clips."""

import csv
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embereye.model.detection import FIRE, SMOKE
from embereye.model.errors import EmberEyeError
from embereye.rules.box_accuracy import Area

_LARGEST = 64 * 2**20  # bytes; 3,000 rows with boxes are 2 MB
_TOLD = 20  # problems that one message names
_COLUMNS = ("path", "kind", "set", "group", "fire", "smoke")
_KINDS = ("image", "video")
_LABELS: dict[str, bool | None] = {"1": True, "0": False, "-1": None, "": None}
_EDGE = 0.02  # by which a drawn box may pass the edge of the picture: tools round and clip


class ManifestError(EmberEyeError):
    """A manifest cannot be used. `problems` holds one message per wrong row."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Span:
    """Something that happens in a clip, from `start` to `end` seconds."""

    label: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture or clip and what people saw in it.

    Attributes:
        path: The file, below the folder of the manifest.
        kind: "image" or "video".
        set_name, group: Where it comes from; pictures of one group are no independent evidence.
        fire, smoke: Whether it shows that; None: nobody looked.
        boxes: Label and box of each; empty: nothing there; None: nobody drew any.
        events: When what happens in a clip.
    """

    path: Path
    kind: str
    set_name: str
    group: str
    fire: bool | None
    smoke: bool | None
    boxes: tuple[tuple[str, Area], ...] | None = None
    events: tuple[Span, ...] = ()

    def truth(self, label: str) -> bool | None:
        """Whether it shows `label` (fire or smoke); None: not labelled."""
        return self.fire if label == FIRE else self.smoke


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows count. Empty sets and groups: all. `without` names sets or groups left out."""

    kind: str = "image"
    sets: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    without: frozenset[str] = field(default_factory=frozenset)

    def takes(self, row: Labelled) -> bool:
        """Whether the row counts."""
        named = {row.set_name, row.group}
        return (
            row.kind == self.kind
            and (not self.sets or row.set_name in self.sets)
            and (not self.groups or row.group in self.groups)
            and not named & self.without
        )


def read_manifest(path: Path, choice: Choice) -> list[Labelled]:
    """The rows that `choice` takes, in the manifest's order. Nothing is decoded yet.

    Raises:
        ManifestError: the file is unreadable, a column is missing, a row is wrong (also one that
            is not taken), a path leaves the manifest's folder, or no row is taken.
    """
    rows = _rows(path)
    folder = path.resolve().parent
    found: list[Labelled] = []
    problems: list[str] = []
    for number, row in enumerate(rows, start=2):  # the first line names the columns
        try:
            found.append(_labelled(row, folder))
        except ManifestError as error:
            problems.append(f"row {number}: {error}")
    if problems:
        more = [f"and {len(problems) - _TOLD} more"] if len(problems) > _TOLD else []
        message = f"{path.name} has wrong rows ({len(problems)}). Correct them and try again."
        raise ManifestError(message, (*problems[:_TOLD], *more))
    taken = [row for row in found if choice.takes(row)]
    if not taken:
        known = sorted({row.set_name for row in found if row.kind == choice.kind})
        there = f"Its sets are: {', '.join(known)}." if known else f"It names no {choice.kind}."
        raise ManifestError(f"No {choice.kind} of {path.name} is chosen. {there}")
    return taken


def _rows(path: Path) -> list[Mapping[str, str]]:
    try:
        if path.stat().st_size > _LARGEST:
            raise ManifestError(f"{path.name} is larger than {_LARGEST // 2**20} MiB.")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True, restval="", restkey="")
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise ManifestError(f"{path.name} has no column {', '.join(missing)}.")
            return list(reader)
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"{path.name} is no CSV file in UTF-8: {error}.") from None


def _labelled(row: Mapping[str, str], folder: Path) -> Labelled:
    kind = row["kind"].strip()
    if kind not in _KINDS:
        raise ManifestError(f"kind “{kind[:40]}” is none of {', '.join(_KINDS)}")
    boxes = row.get("boxes", "").strip()
    return Labelled(
        path=_inside(row["path"].strip(), folder),
        kind=kind,
        set_name=row["set"].strip(),
        group=row["group"].strip(),
        fire=_label(FIRE, row["fire"]),
        smoke=_label(SMOKE, row["smoke"]),
        boxes=tuple(_box(item) for item in _list("boxes", boxes)) if boxes else None,
        events=tuple(_span(item) for item in _list("events", row.get("events", "").strip())),
    )


def _inside(text: str, folder: Path) -> Path:
    try:
        path = (folder / text).resolve()
    except (ValueError, OSError, RuntimeError):  # a NUL byte; a ring of links
        raise ManifestError("the path is none") from None
    if not text or not path.is_relative_to(folder) or path == folder:
        raise ManifestError(f"the path “{text[:80]}” leaves the folder of the manifest")
    return path


def _label(name: str, text: str) -> bool | None:
    try:
        return _LABELS[text.strip()]
    except KeyError:
        raise ManifestError(f"{name} is “{text[:20]}”, not 1, 0 or -1") from None


def _list(name: str, text: str) -> list[object]:
    try:
        found = json.loads(text) if text else []
    except (ValueError, RecursionError):
        raise ManifestError(f"{name} is no JSON list") from None
    if not isinstance(found, list):
        raise ManifestError(f"{name} is no JSON list")
    return found


def _box(item: object) -> tuple[str, Area]:
    label, (x, y, width, height) = _numbers("box", item, 4)
    area = Area(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    ends = (area.left, area.top, area.right, area.bottom)
    if width <= 0 or height <= 0 or min(ends) < -_EDGE or max(ends) > 1 + _EDGE:
        raise ManifestError("a box lies outside the picture or has no size")
    return label, area


def _span(item: object) -> Span:
    label, (start, end) = _numbers("event", item, 2)
    if not 0 <= start <= end:
        raise ManifestError("an event ends before it starts")
    return Span(label, start, end)


def _numbers(name: str, item: object, count: int) -> tuple[str, Iterable[float]]:
    if not isinstance(item, list) or len(item) != count + 1 or not isinstance(item[0], str):
        raise ManifestError(f"a {name} is no list of a class and {count} numbers")
    values = item[1:]
    if any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
        raise ManifestError(f"a {name} has something else than numbers")
    try:
        numbers = [float(value) for value in values]
    except OverflowError:
        raise ManifestError(f"a {name} has a number that is too large") from None
    if not all(map(math.isfinite, numbers)):
        raise ManifestError(f"a {name} has a number that is not finite")
    return item[0], numbers
