"""The network: a small residual net with a heat map of fire and smoke and a score of the picture.

Plain 3×3 convolutions rather than depth-wise ones: on a CPU they reach five times the arithmetic
rate, so that the same time buys more capacity.
"""

import torch
from torch import Tensor, nn

WIDTHS = (24, 32, 72, 128, 192)  # channels at strides 2, 4, 8, 16, 32: 9 ms at 320×256
_NECK = 64  # channels where the scales are joined
_PEAK = 0.01  # share of the cells whose mean stands for the picture: 13 of 1,280


class Block(nn.Module):
    """Two 3×3 convolutions beside a short cut."""

    def __init__(self, into: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.first, self.second = _conv(into, out, 3, stride), _conv(out, out, 3)
        same = into == out and stride == 1
        self.past = nn.Identity() if same else _conv(into, out, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(n, into, h, w) → (n, out, h / stride, w / stride)."""
        return torch.relu(self.past(x) + self.second(torch.relu(self.first(x))))


class FireNet(nn.Module):
    """Input (n, 3, h, w), RGB 0–1, h and w multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d, e = WIDTHS
        self.stem = nn.Sequential(_conv(3, a, 3, 2), nn.ReLU(), Block(a, b, 2))
        self.eighth = nn.Sequential(Block(b, c, 2), Block(c, c))
        self.sixteenth = nn.Sequential(Block(c, d, 2), Block(d, d))
        self.thirtysecond = nn.Sequential(Block(d, e, 2), Block(e, e))
        self.lateral = nn.ModuleList(_conv(width, _NECK, 1) for width in (c, d, e))
        self.joined = nn.Sequential(_conv(_NECK, _NECK, 3), nn.ReLU())
        self.last = nn.Sequential(_conv(_NECK, _NECK, 3), nn.ReLU())
        self.heat = nn.Conv2d(_NECK, 2, 1)
        self.context = nn.Linear(2 * e, 2)
        self.share = nn.Parameter(torch.full((2,), 0.5))
        self.drop = nn.Dropout(0.2)
        nn.init.constant_(self.heat.bias, -3.0)  # 5 % of the cells burn at the start

    def features(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Maps at strides 8, 16 and 32."""
        eighth = self.eighth(self.stem((x - 0.45) * 4.0))
        sixteenth = self.sixteenth(eighth)
        return eighth, sixteenth, self.thirtysecond(sixteenth)

    def judged(self, maps: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Logits of the cells (n, 2, h/8, w/8) and of the picture (n, 2)."""
        eighth, sixteenth, deep = maps
        up = nn.functional.interpolate
        middle = self.lateral[1](sixteenth) + up(self.lateral[2](deep), scale_factor=2.0)
        fine = self.lateral[0](eighth) + up(self.joined(middle), scale_factor=2.0)
        heat = self.heat(self.last(torch.relu(fine)))
        cells = heat.flatten(2)
        peak = cells.topk(max(1, int(_PEAK * cells.shape[2])), dim=2).values.mean(2)
        pooled = torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)
        return heat, self.context(self.drop(pooled)) + self.share * peak

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """As `judged`."""
        return self.judged(self.features(x))


class Finished(nn.Module):
    """What is shipped: probabilities, the picture's from `scale` × logit + `shift`."""

    def __init__(
        self, net: FireNet, scale: tuple[float, float], shift: tuple[float, float]
    ) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("scale", torch.tensor(scale))
        self.register_buffer("shift", torch.tensor(shift))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Cells (n, 2, h/8, w/8) and picture (n, 2), 0–1."""
        heat, score = self.net(x)
        return torch.sigmoid(heat), torch.sigmoid(score * self.scale + self.shift)


def _conv(into: int, out: int, size: int, stride: int = 1) -> nn.Sequential:
    layer = nn.Conv2d(into, out, size, stride, size // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(out))
