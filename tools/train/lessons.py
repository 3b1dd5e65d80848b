"""Everything that training needs, read once and kept for the next start."""

from pathlib import Path

import numpy as np

from tools.train.loader import Lessons
from tools.train.pictures import Picture, from_clip, from_images
from tools.train.split import Use, clips, images
from tools.train.teachers import goals


def lessons_of(media: Path, kept: Path) -> tuple[Lessons, list[Picture]]:
    """What is trained on, and what only checks; the teachers' goals are kept in `kept`."""
    items = images(media)
    taught = from_images([item for item in items if item.use is Use.TRAIN])
    for clip in clips(media):
        if clip.use is Use.TRAIN:
            taught += from_clip(clip)
    checks = from_images([item for item in items if item.use is Use.CHECK])
    print(f"{len(taught)} pictures to learn from, {len(checks)} to check with", flush=True)
    return Lessons(taught, _goals(media, taught, kept)), checks


def _goals(media: Path, pictures: list[Picture], kept: Path) -> tuple[np.ndarray, np.ndarray]:
    path = kept / "goals.npz"
    if path.exists():
        with np.load(path) as stored:
            if len(stored["sixteenth"]) == len(pictures):
                return stored["sixteenth"], stored["thirtysecond"]
    found = goals(media / "models", pictures)
    np.savez(path, sixteenth=found[0], thirtysecond=found[1])
    return found
