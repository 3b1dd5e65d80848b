"""How well the network does on pictures that it does not learn from."""

from collections.abc import Iterable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from embereye.rules.accuracy import auc
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
            heat, score = net(torch.from_numpy(tensor_of(pixels, size)))
            told.append(score[0].numpy())
            peaks.append(heat[0].flatten(1).amax(1).numpy())
    return np.array(told), np.array(peaks)


def tensor_of(pixels: Pixels, size: tuple[int, int]) -> NDArray[np.float32]:
    """The input as the detector makes it, (1, 3, height, width)."""
    fitted = cv2.warpAffine(
        pixels, fitting(pixels.shape, size), size, flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(114, 114, 114),
    )  # fmt: skip
    rgb = fitted[..., ::-1].transpose(2, 0, 1).astype(np.float32)
    return np.ascontiguousarray(rgb[None] / 255)


def area(values: NDArray[np.float32], labels: NDArray[np.float32]) -> float:
    """Area under the curve of the labels that are known; nan where only one kind is."""
    known = labels >= 0
    found = auc(values[known], labels[known] == 1)
    return float("nan") if found is None else found


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
