"""Which pictures and clips are for what: decided by whole sources, before any result was seen.

- Held out (never seen in any form by training): the image sets phylake, coco and hpwren, and the
  clips of eight groups, four with and four without fire.
- Checked (from sets that are trained on, but other pictures): a tenth of the pictures whose set has
  a group for each picture, a fifth of firenet's, which alone has boxes of everyday fires. They
  choose the threshold, the calibration and the moment to stop, and show boxes.
- Everything else is trained on. Pictures that look like a held out or checked one are left out.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from embereye.vision.fingerprint import NEAR, fingerprint

HELD_OUT_SETS = frozenset({"phylake", "coco", "hpwren"})
HELD_OUT_CLIPS = frozenset(
    {
        "ngan_tank", "ngan_jar", "campfire", "ultimatechase",
        "square", "bgs03", "intel_store-aisle-detection.gif", "weather_haze",
    }
)  # fmt: skip
_CHECKED = {"firenet": 5, "mendeley": 10, "cair": 10}  # one of so many groups
UNKNOWN = -1.0  # label: nobody said


class Use(StrEnum):
    """What a picture is for."""

    TRAIN = "train"
    CHECK = "check"
    HELD_OUT = "held out"


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled area; fractions of the picture. `kind` 0 is fire, 1 smoke."""

    kind: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the data's manifest.

    Attributes:
        fire, smoke: 1 yes, 0 no, −1 nobody said.
        boxes: None when nobody drew any.
        events: Of clips: (kind, start, end), seconds.
    """

    path: Path
    source: str
    group: str
    use: Use
    fire: float
    smoke: float
    boxes: tuple[Box, ...] | None
    events: tuple[tuple[int, float, float], ...] = field(default=())


def images(media: Path) -> list[Item]:
    """All pictures of the manifest in `media`, near twins across uses left out of training."""
    items = [_item(media, row) for row in _rows(media) if row["kind"] == "image"]
    return _without_twins(items)


def clips(media: Path) -> list[Item]:
    """All clips of the manifest in `media`."""
    return [_item(media, row) for row in _rows(media) if row["kind"] == "video"]


def _rows(media: Path) -> list[dict[str, str]]:
    with (media / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _item(media: Path, row: dict[str, str]) -> Item:
    source, group = row["set"], row["group"]
    drawn = row["boxes"] not in ("", "null")
    fire, smoke = float(row["fire"]), float(row["smoke"])
    if source == "fire8" and fire == 1.0 and smoke == 0.0:
        smoke = UNKNOWN  # its note: "boxes may miss secondary smoke"
    return Item(
        path=media / row["path"],
        source=source,
        group=group,
        use=_use(source, group),
        fire=fire,
        smoke=smoke,
        boxes=_boxes(row["boxes"]) if drawn else None,
        events=tuple((_kind(e[0]), e[1], e[2]) for e in json.loads(row["events"] or "[]")),
    )


def _use(source: str, group: str) -> Use:
    if source in HELD_OUT_SETS or (source == "video" and group in HELD_OUT_CLIPS):
        return Use.HELD_OUT
    one_of = _CHECKED.get(source)
    if one_of and int(hashlib.sha256(group.encode()).hexdigest(), 16) % one_of == 0:
        return Use.CHECK
    return Use.TRAIN


def _boxes(text: str) -> tuple[Box, ...]:
    found = []
    for name, x, y, width, height in json.loads(text):
        left, top = max(0.0, x - width / 2), max(0.0, y - height / 2)
        found.append(Box(_kind(name), left, top, min(1.0, x + width / 2), min(1.0, y + height / 2)))
    return tuple(found)


def _kind(name: str) -> int:
    return {"fire": 0, "smoke": 1}[name]


def _without_twins(items: list[Item]) -> list[Item]:
    items = [item for item in items if print_of(item.path) is not None]
    kept: list[Item] = []
    dropped: Counter[str] = Counter()
    for use, rivals in (
        (Use.HELD_OUT, set[Use]()),
        (Use.CHECK, {Use.HELD_OUT}),
        (Use.TRAIN, {Use.HELD_OUT, Use.CHECK}),
    ):
        others = [item.path for item in kept if item.use in rivals]
        mine = [item for item in items if item.use is use]
        for item, twin in zip(mine, twins([item.path for item in mine], others), strict=True):
            if twin:
                dropped[item.source] += 1
            else:
                kept.append(item)
    told = ", ".join(f"{count} of {source}" for source, count in dropped.items())
    print(f"left out as near twins of held out or checked pictures: {told}", file=sys.stderr)
    return kept


def twins(paths: list[Path], others: list[Path]) -> list[bool]:
    """Which of `paths` look like any of `others`."""
    rivals = np.array([print_of(path) for path in others], dtype=np.uint64)
    mine = np.array([print_of(path) for path in paths], dtype=np.uint64)
    return [bool((np.bitwise_count(rivals ^ one) <= NEAR).any()) for one in mine]


@cache
def print_of(path: Path) -> int | None:
    """The fingerprint of an image file; None when it cannot be decoded."""
    picture = cv2.imread(str(path))
    return None if picture is None else fingerprint(picture)


def main() -> None:
    """Print the groups of a use, separated by commas, as `embereye vision evaluate` takes them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("media", type=Path)
    parser.add_argument("use", choices=[use.value for use in Use])
    parser.add_argument("--source", help="only this set")
    args = parser.parse_args()
    rows = [item for item in images(args.media) if item.use == args.use]
    groups = {item.group for item in rows if args.source in (None, item.source)}
    print(",".join(sorted(groups)))


if __name__ == "__main__":
    main()
