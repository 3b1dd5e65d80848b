"""Batches for training, made in a process of its own while the network learns."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from tools.train.augment import Example, Maker
from tools.train.insets import cuttings
from tools.train.losses import Batch
from tools.train.pictures import Picture

# Share of each source in a batch: diverse sources count more than near twins, negatives of rooms
# and streets more than their number, since a console sees those all day.
SHARES = {
    "fire8": 0.24, "firenet": 0.17, "mendeley": 0.24, "cair": 0.14, "usmoke": 0.09, "video": 0.12,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """All that examples are made of.

    Attributes:
        goals: Of the teachers, in the order of the pictures.
    """

    pictures: list[Picture]
    goals: tuple[NDArray[np.float16], NDArray[np.float16]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which batches: `first` to `last`, of `count` pictures of `size` (width, height) px;
    `part` as in `augment.Maker`.
    """

    size: tuple[int, int]
    part: int
    count: int
    first: int
    last: int
    seed: int


def batches(lessons: Lessons, plan: Plan) -> Iterator[Batch]:
    """The batches of the plan; the same ones each time."""
    loader = DataLoader(_Examples(lessons, plan), batch_size=None, num_workers=1, prefetch_factor=6)
    for numbers, examples in loader:
        yield _batch(lessons, numbers, examples)


class _Examples(IterableDataset):  # type: ignore[type-arg]
    def __init__(self, lessons: Lessons, plan: Plan) -> None:
        self._lessons, self._plan = lessons, plan

    def __iter__(self) -> Iterator[tuple[list[int], list[Example]]]:
        assert get_worker_info() is not None
        plan, pictures = self._plan, self._lessons.pictures
        flames = cuttings(pictures)
        harmless = [p for p in pictures if p.fire == 0.0 and p.smoke == 0.0]
        by_source = _numbers(pictures)
        names = [name for name in SHARES if by_source[name]]
        chances = np.array([SHARES[name] for name in names])
        for step in range(plan.first, plan.last):
            random = np.random.default_rng((plan.seed, step))
            seed = int(random.integers(2**31))
            maker = Maker(plan.size, flames, harmless, seed, part=plan.part)
            drawn = random.choice(names, plan.count, p=chances / chances.sum())
            numbers = [int(random.choice(by_source[name])) for name in drawn]
            yield numbers, [maker.example(pictures[number]) for number in numbers]


def _numbers(pictures: list[Picture]) -> dict[str, list[int]]:
    found = defaultdict(list)
    for number, picture in enumerate(pictures):
        found[picture.source if picture.source in SHARES else "video"].append(number)
    return found


def _batch(lessons: Lessons, numbers: list[int], examples: list[Example]) -> Batch:
    pixels = torch.from_numpy(np.stack([e.pixels for e in examples])).permute(0, 3, 1, 2)
    teachable = [n for n, example in enumerate(examples) if example.whole]
    goals = tuple(_goals(level, numbers, examples, teachable) for level in lessons.goals)
    return Batch(
        pixels=pixels.float().div(255).contiguous(memory_format=torch.channels_last),
        label=torch.from_numpy(np.stack([e.label for e in examples])),
        heat=torch.from_numpy(np.stack([e.heat for e in examples])),
        inside=torch.from_numpy(np.stack([e.inside for e in examples])),
        teachable=torch.tensor(teachable, dtype=torch.long),
        goals=(goals[0], goals[1]),
    )


def _goals(
    level: NDArray[np.float16], numbers: list[int], examples: list[Example], chosen: list[int]
) -> torch.Tensor:
    values = [
        level[numbers[n]][..., ::-1] if examples[n].mirrored else level[numbers[n]] for n in chosen
    ]
    shape = (0, *level.shape[1:])
    stacked = np.stack(values) if values else np.zeros(shape, np.float16)
    return torch.from_numpy(stacked.astype(np.float32))
