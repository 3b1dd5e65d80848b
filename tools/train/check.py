"""How well the network does on pictures that it does not learn from."""

from collections.abc import Iterable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from tools.train.augment import fitting
from tools.train.network import FireNet
from tools.train.pictures import Picture, Pixels


def scores(
    net: FireNet, pictures: Iterable[Pixels], size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits of the pictures (n, 2) and strongest cells (n, 2), as the detector feeds them."""
    told, peaks = [], []
    with torch.no_grad():
        for pixels in pictures:
            fitted = cv2.warpAffine(
                pixels, fitting(pixels.shape, size), size, flags=cv2.INTER_AREA,
                borderMode=cv2.BORDER_CONSTANT, borderValue=(114, 114, 114),
            )  # fmt: skip
            rgb = np.ascontiguousarray(fitted[..., ::-1].transpose(2, 0, 1))
            heat, score = net(torch.from_numpy(rgb)[None].float().div(255))
            told.append(score[0].numpy())
            peaks.append(heat[0].flatten(1).amax(1).numpy())
    return np.array(told), np.array(peaks)


def area(values: NDArray[np.float32], labels: NDArray[np.float32]) -> float:
    """Area under the curve: the chance that a picture with scores above one without."""
    with_, without = values[labels == 1], values[labels == 0]
    if not len(with_) or not len(without):
        return float("nan")
    return float(np.mean(with_[:, None] > without) + 0.5 * np.mean(with_[:, None] == without))


def recall_at(values: NDArray[np.float32], labels: NDArray[np.float32], false: float) -> float:
    """Share of the pictures found when `false` of those without score above the threshold."""
    without = np.sort(values[labels == 0])
    if not len(without):
        return float("nan")
    threshold = without[min(len(without) - 1, int(np.ceil((1 - false) * len(without))))]
    return float(np.mean(values[labels == 1] > threshold))


def checked(net: FireNet, pictures: list[Picture], size: tuple[int, int]) -> str:
    """One line about the checking pictures."""
    told, _ = scores(net, [picture.pixels for picture in pictures], size)
    fire = np.array([picture.fire for picture in pictures])
    smoke = np.array([picture.smoke for picture in pictures])
    found = recall_at(told[:, 0], fire, 0.03)
    return (
        f"check: fire AUC {area(told[:, 0], fire):.4f}, recall at 3 % {found:.3f}; "
        f"smoke AUC {area(told[:, 1], smoke):.4f} ({len(pictures)} pictures)"
    )
