"""What the network is told: pictures, cells, boxes, and what the teachers see."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

_SMOOTHED = 0.02  # labels of pictures are wrong now and then
_BURNING = 4.0  # weight of a cell that burns against one that does not
_BOX_SHARE, _WHOLE_SHARE = 0.2, 0.03  # share of a box, of a picture, that burns at least
_PEAKS = 0.01  # share of the cells that must stay cold in a harmless picture even at their worst


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Examples on top of each other; see `augment.Example`.

    Attributes:
        teachable: Numbers (in the batch) of the examples that the teachers saw.
        goals: Their features at strides 16 and 32, mirrored as the examples are.
    """

    pixels: Tensor
    label: Tensor
    heat: Tensor
    inside: Tensor
    teachable: Tensor
    goals: tuple[Tensor, Tensor]


def of_pictures(score: Tensor, label: Tensor) -> Tensor:
    """Cross entropy of the pictures' scores where somebody said what is there."""
    known = (label >= 0).float()
    goal = label.clamp(0, 1) * (1 - 2 * _SMOOTHED) + _SMOOTHED
    loss = cross_entropy(score, goal, reduction="none")
    return (loss * known).sum() / known.sum().clamp(min=1)


def of_cells(heat: Tensor, batch: Batch) -> Tensor:
    """Known cells, boxes of which a part must burn, pictures of which some part must burn."""
    goal = batch.heat
    known = (goal >= 0).float()
    weight = known * torch.where(goal > 0.5, _BURNING, 1.0)
    loss = cross_entropy(heat, goal.clamp(0, 1), reduction="none")
    focus = (torch.sigmoid(heat) - goal.clamp(0, 1)).abs().detach()
    cells = (loss * weight * focus).sum() / weight.sum().clamp(min=1) * 4
    return cells + 0.5 * _bags(heat, batch)


def _bags(heat: Tensor, batch: Batch) -> Tensor:
    """Groups of cells of which only the strongest are told what they are."""
    losses = []
    for number in range(heat.shape[0]):
        for kind in (0, 1):
            label, cells = float(batch.label[number, kind]), heat[number, kind].flatten()
            if label == 0.0:
                losses.append(_strongest(cells, _PEAKS, 0.0))
            elif label == 1.0:
                inside = batch.inside[number, kind].flatten() > 0
                free = batch.heat[number, kind].flatten() < 0
                if bool(inside.any()):
                    losses.append(_strongest(cells[inside], _BOX_SHARE, 1.0))
                elif bool(free.any()):
                    losses.append(_strongest(cells[free], _WHOLE_SHARE, 1.0))
    return torch.stack(losses).mean() if losses else heat.sum() * 0


def _strongest(cells: Tensor, share: float, goal: float) -> Tensor:
    peak = cells.topk(max(1, int(share * cells.numel()))).values.mean()
    return cross_entropy(peak, torch.full_like(peak, goal))


class Likeness(nn.Module):
    """How near our features come to the teachers' through a linear map that is thrown away."""

    def __init__(self, ours: tuple[int, int], theirs: tuple[int, int]) -> None:
        super().__init__()
        self.maps = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in zip(ours, theirs, strict=True))

    def forward(self, features: tuple[Tensor, Tensor], batch: Batch) -> Tensor:
        """Mean squared difference at both strides; 1 is knowing nothing."""
        loss = torch.zeros(())
        if batch.teachable.numel() == 0:
            return loss
        for map_, ours, goal in zip(self.maps, features, batch.goals, strict=True):
            guess = map_(ours[batch.teachable])
            sized = nn.functional.interpolate(goal, guess.shape[2:], mode="bilinear")
            loss = loss + (guess.float() - sized).square().mean() / 2
        return loss
