"""Trains the fire and smoke model: python -m tools.train.train MEDIA OUT.

MEDIA is the folder with manifest.csv and models/. Progress is kept in OUT/state.pt: the same
command goes on where it was ended. With the same seed, library versions and processor the same
weights come out.
"""

import argparse
import copy
import math
import time
from itertools import accumulate
from pathlib import Path

import torch
from torch import Tensor, nn

from tools.train.check import checked
from tools.train.lessons import lessons_of
from tools.train.loader import Lessons, Plan, batches
from tools.train.losses import Batch, Likeness, of_cells, of_pictures
from tools.train.network import WIDTHS, FireNet
from tools.train.pictures import Picture

_SEED = 20261120
_COUNT = 32  # examples a batch
_RATE, _DECAY = 2e-3, 0.03  # AdamW
_WARM = 150  # batches with a growing rate
_MEAN_OVER = 0.998  # of the kept mean of the weights: about 500 batches
_SMALL, _FULL = (256, 192), (320, 256)  # px; the first part learns on smaller pictures
_SMALL_PART = 0.55
_LAST_RATE = 0.35  # of the highest rate; where the last part begins
_LIKENESS = (1.0, 0.2)  # weight of the teachers at the beginning and at the end
_LOOK, _KEEP = 400, 100  # batches between two checks, between two savings


class Course:
    """A network that learns, its mean that is shipped, and how far they are."""

    def __init__(self, lessons: Lessons, ends: tuple[int, ...]) -> None:
        """`ends`: after so many batches the parts end, in which the learning rate falls."""
        torch.manual_seed(_SEED)
        self.net = FireNet().to(memory_format=torch.channels_last)
        self.mean = copy.deepcopy(self.net).eval()
        goals = lessons.goals
        self.likeness = Likeness(WIDTHS[3:], (goals[0].shape[1], goals[1].shape[1]))
        parts = [*self.net.named_parameters(), *self.likeness.named_parameters()]
        heavy = [p for _, p in parts if p.ndim > 1]
        light = [p for _, p in parts if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": heavy, "weight_decay": _DECAY}, {"params": light, "weight_decay": 0.0}],
            lr=_RATE,
        )
        self.step, self.ends = 0, ends

    def learn(self, batch: Batch) -> dict[str, float]:
        """One batch; the losses."""
        rate, weight = self._rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.net.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            maps = self.net.features(batch.pixels)
            heat, score = self.net.judged(maps)
            like = self.likeness((maps[1], maps[2]), batch)
        losses = {
            "picture": of_pictures(score.float(), batch.label),
            "cells": of_cells(heat.float(), batch),
            "teachers": like,
        }
        total: Tensor = losses["picture"] + losses["cells"] + weight * losses["teachers"]
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        self._follow()
        return {name: float(value) for name, value in losses.items()}

    def _rate(self) -> tuple[float, float]:
        """The learning rate, falling as a cosine in both parts, and the teachers' weight."""
        part = sum(self.step >= end for end in self.ends[:-1])
        begin = self.ends[part - 1] if part else 0
        done = (self.step - begin) / (self.ends[part] - begin)
        if part:
            return _RATE * (_LAST_RATE * _half_cosine(done) + 0.005), _LIKENESS[1]
        rate = _RATE * min(1.0, (self.step + 1) / _WARM) * _half_cosine(done) + 0.01 * _RATE
        return rate, _LIKENESS[0] + (_LIKENESS[1] - _LIKENESS[0]) * done

    def _follow(self) -> None:
        keep = min(_MEAN_OVER, self.step / (self.step + 10))
        with torch.no_grad():
            for kept, new in zip(
                self.mean.state_dict().values(), self.net.state_dict().values(), strict=True
            ):
                if kept.dtype.is_floating_point:
                    kept.lerp_(new, 1 - keep)
                else:
                    kept.copy_(new)

    def save(self, path: Path) -> None:
        """Keep everything that going on needs; the old state stands until the new one does."""
        state = {name: getattr(self, name).state_dict() for name in _KEPT}
        fresh = path.with_suffix(".new")
        torch.save({**state, "step": self.step, "steps": self.ends[0]}, fresh)
        fresh.replace(path)

    def restore(self, path: Path) -> None:
        """Go on from a kept state."""
        state = torch.load(path, weights_only=True)
        if state["steps"] != self.ends[0]:
            raise SystemExit(f"{path} belongs to a course of {state['steps']} batches; remove it.")
        for name in _KEPT:
            getattr(self, name).load_state_dict(state[name])
        self.step = state["step"]


def _half_cosine(done: float) -> float:
    """From 1 to 0."""
    return 0.5 * (1 + math.cos(math.pi * done))


_KEPT = ("net", "mean", "likeness", "optimizer")


def run(media: Path, out: Path, steps: tuple[int, ...]) -> None:
    """Train to the end; `steps` batches in the parts."""
    out.mkdir(parents=True, exist_ok=True)
    lessons, checks = lessons_of(media, out)
    course = Course(lessons, tuple(accumulate(steps)))
    if (out / "state.pt").exists():
        course.restore(out / "state.pt")
    small = int(_SMALL_PART * steps[0])
    plans = [(_SMALL, 0, small), *((_FULL, part, end) for part, end in enumerate(course.ends))]
    for size, part, end in plans:
        if course.step < end:
            _part(course, lessons, Plan(size, part, _COUNT, course.step, end, _SEED), checks, out)


def _part(course: Course, lessons: Lessons, plan: Plan, checks: list[Picture], out: Path) -> None:
    began, sums = time.monotonic(), dict[str, float]()
    for batch in batches(lessons, plan):
        for name, value in course.learn(batch).items():
            sums[name] = 0.98 * sums.get(name, value) + 0.02 * value
        if course.step % _KEEP == 0 or course.step == plan.last:
            course.save(out / "state.pt")
            rate = _KEEP * plan.count / (time.monotonic() - began)
            began = time.monotonic()
            told = " ".join(f"{name} {value:.3f}" for name, value in sums.items())
            print(f"{course.step} {told} ({rate:.0f} pictures/s)", flush=True)
        if course.step % _LOOK == 0 or course.step == plan.last:
            print("   " + checked(course.mean, checks, _FULL), flush=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("media", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--steps", type=int, nargs=4, default=(6000, 1500, 900, 600),
        help="batches of 32 pictures: first, with smoke set in, with skies, with people set in",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    run(args.media, args.out, tuple(args.steps))


if __name__ == "__main__":
    main()
