"""One training example: cut, set in, toned, compressed, and what the network should say of it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.train.figures import figure, figure_shares
from tools.train.insets import Cutting, lookalike, set_in, shares
from tools.train.pictures import Picture, Pixels
from tools.train.plumes import with_fog, with_plume
from tools.train.skies import with_sunset

CELL = 8  # px of the network's heat map
_PADDING = 114  # grey level beside the picture, as in the manifest's default
# Share of harmless pictures into which these are set; flames and look-alikes first and last.
_FLAME, _PLUME, _FOG, _SKY, _FIGURES = (0.15, 0.35), 0.12, 0.08, 0.12, 0.3
_BURNS = (0.5, 0.35)  # share of flames among what is set in, first and last
# Planes that go through every cut with the picture: boxes of fire (0) and of smoke (1), set-in
# flames and plumes, and the picture itself.
_FLAMES, _PLUMES, _SHOWN = 2, 3, 4
_SEEN = (8, 40)  # px of a set-in flame, of a plume, that can be seen
_PART = 0.003  # share of the canvas that boxes must still fill
_REST = 0.35  # share of the canvas; with less of a picture without boxes nobody knows what is left


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One input and its targets.

    Attributes:
        pixels: (height, width, 3) uint8 RGB.
        label: (2,) fire, smoke; 1, 0, −1 unknown.
        heat: (2, rows, columns) what each cell must be: 1, 0, −1 nobody knows.
        inside: (2, rows, columns) 1 where a cell lies in a labelled box: some of these burn.
        whole: Whether this is the picture as it is (mirrored at most), for the teachers.
        mirrored: Whether left is right.
    """

    pixels: Pixels
    label: NDArray[np.float32]
    heat: NDArray[np.float32]
    inside: NDArray[np.uint8]
    whole: bool
    mirrored: bool


class Maker:
    """Makes examples of `size` (width, height) px from pictures. One process."""

    def __init__(
        self,
        size: tuple[int, int],
        flames: list[Cutting],
        harmless: list[Picture],
        seed: int,
        *,
        part: int,
    ) -> None:
        """`part` of the course: smoke is set in from 1 on, skies and more look-alikes from 2,
        people in warning clothes from 3 on."""
        self._size, self._flames, self._harmless, self._part = size, flames, harmless, part
        self._random = np.random.default_rng(seed)

    def example(self, picture: Picture) -> Example:
        """A picture cut, changed and labelled at random."""
        random = self._random
        pixels, label = picture.pixels, np.array([picture.fire, picture.smoke], np.float32)
        planes = _planes(picture)
        if self._part > 1 and picture.fire == picture.smoke == 0.0 and random.random() < _SKY:
            pixels = with_sunset(pixels, random)
        if random.random() < _FLAME[self._part > 1] and picture.fire == 0.0:
            pixels, label = self._with_inset(pixels, label, planes)
        if self._part > 2 and picture.fire == 0.0 and random.random() < _FIGURES:
            for _ in range(int(random.integers(1, 4))):
                pixels, _ = set_in(pixels, figure(random), random, figure_shares(), lights=False)
        if self._part > 0 and picture.smoke == 0.0:
            pixels, label = self._with_smoke(pixels, label, planes)
        whole = random.random() < 0.35
        mirrored = random.random() < 0.5
        matrix = fitting(pixels.shape, self._size) if whole else self._cut(pixels.shape, picture)
        pixels = _warped(pixels, matrix, self._size, _PADDING)
        planes = [_warped(plane, matrix, self._size, 0) for plane in planes]
        if not whole and random.random() < 0.6:
            pixels = self._before_another(pixels, planes[_SHOWN])
        if mirrored:
            pixels, planes = pixels[:, ::-1], [plane[:, ::-1] for plane in planes]
        heat, inside = self._targets(label, planes, picture.boxes is not None)
        toned = self._toned(np.ascontiguousarray(pixels), bool(picture.fire == 1.0))
        rgb = np.ascontiguousarray(toned[..., ::-1])
        return Example(rgb, _seen(label, planes, picture), heat, inside, whole, mirrored)

    def _before_another(self, pixels: Pixels, shown: NDArray[np.float32]) -> Pixels:
        """A harmless picture where the canvas is empty: a fire becomes a small part of a scene."""
        if float(shown.mean()) > 0.95:
            return pixels
        other = self._harmless[int(self._random.integers(len(self._harmless)))].pixels
        behind = cv2.resize(other, self._size, interpolation=cv2.INTER_AREA)
        return np.where(shown[..., None] > 0.5, pixels, behind)

    def _with_inset(
        self, pixels: Pixels, label: NDArray[np.float32], planes: list[NDArray[np.float32]]
    ) -> tuple[Pixels, NDArray[np.float32]]:
        random = self._random
        flame = self._flames[int(random.integers(len(self._flames)))]
        if random.random() < 0.35:
            pixels = _darker(pixels, random.uniform(0.15, 0.6))  # night
        if random.random() < _BURNS[self._part > 1]:
            pixels, planes[_FLAMES] = set_in(pixels, flame, random, shares())
            return pixels, np.array([1.0, label[1]], np.float32)
        for _ in range(int(random.integers(1, 4))):
            other = self._harmless[int(random.integers(len(self._harmless)))].pixels
            thing = lookalike(flame, other, random)
            pixels, _ = set_in(pixels, thing, random, (shares()[0], 0.5))
        return pixels, label

    def _with_smoke(
        self, pixels: Pixels, label: NDArray[np.float32], planes: list[NDArray[np.float32]]
    ) -> tuple[Pixels, NDArray[np.float32]]:
        chance = self._random.random()
        if chance < _PLUME:
            pixels, planes[_PLUMES] = with_plume(pixels, self._random)
            return pixels, np.array([label[0], 1.0], np.float32)
        if chance < _PLUME + _FOG:
            pixels = with_fog(pixels, self._random)
        return pixels, label

    def _cut(self, shape: tuple[int, ...], picture: Picture) -> NDArray[np.float32]:
        """A zoom between half and nearly double, stretched a little, shifted, turned a little."""
        random = self._random
        height, width = shape[:2]
        fit = min(self._size[0] / width, self._size[1] / height)
        zoom = fit * np.exp(random.uniform(np.log(0.55), np.log(1.9)))
        stretch = np.exp(random.uniform(-0.2, 0.2))
        angle = np.radians(random.normal(0, 4))
        across, down = zoom * stretch, zoom / stretch
        turn = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        ) @ np.diag([across, down])
        room = np.array(self._size) - np.array([width * across, height * down])
        centre = turn @ np.array([width / 2, height / 2])
        shift = np.array(self._size) / 2 - centre + room / 2 * random.uniform(-1, 1, 2)
        return np.hstack([turn, shift[:, None]]).astype(np.float32)

    def _targets(
        self, label: NDArray[np.float32], planes: list[NDArray[np.float32]], drawn: bool
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        rows, columns = self._size[1] // CELL, self._size[0] // CELL
        heat = np.full((2, rows, columns), -1.0, np.float32)
        inside = np.zeros((2, rows, columns), np.uint8)
        for kind in (0, 1):
            boxed = _cells(planes[kind] > 0, columns, rows)
            if label[kind] == 0.0 or drawn:
                heat[kind][boxed == 0] = 0.0
            if label[kind] < 0.0:
                heat[kind] = -1.0
            heat[kind][_cells(planes[_SHOWN], columns, rows) == 0] = 0.0  # beside the picture
            inside[kind] = boxed > 0.6
            inset = _cells(planes[_FLAMES + kind], columns, rows)
            heat[kind][(inset > 0.02) & (inset <= 0.25)] = -1.0
            heat[kind][inset > 0.25] = 1.0
        return heat, inside

    def _toned(self, pixels: Pixels, burns: bool) -> Pixels:
        random = self._random
        values = pixels.astype(np.float32)
        if random.random() < 0.8:  # exposure, contrast, white balance
            gain = random.uniform(0.6, 1.35) * np.exp(random.normal(0, 0.06, 3))
            values = (values - 118) * random.uniform(0.75, 1.25) + 118
            values = values * gain.astype(np.float32) + random.uniform(-15, 15)
        values = np.clip(values, 0, 255)
        if random.random() < 0.35:  # darker shadows, or a washed-out picture
            values = 255 * (values / 255) ** random.uniform(0.6, 1.9)
        if random.random() < 0.5:
            values = _saturated(values, random.uniform(0.5, 1.4))
        if not burns and random.random() < 0.2:  # evening light: all is warm, nothing burns
            values = values * np.array([random.uniform(0.4, 0.8), random.uniform(0.7, 0.95), 1.1])
        values = self._degraded(np.clip(values, 0, 255).astype(np.uint8))
        return np.asarray(values, dtype=np.uint8)

    def _degraded(self, pixels: Pixels) -> Pixels:
        random = self._random
        if random.random() < 0.25:
            pixels = cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.4, 1.6))
        if random.random() < 0.2:
            scale = random.uniform(0.35, 0.8)
            small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            pixels = cv2.resize(small, (pixels.shape[1], pixels.shape[0]))
        if random.random() < 0.25:
            noise = random.normal(0, random.uniform(2, 12), pixels.shape[:2])[..., None]
            pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
        if random.random() < 0.5:
            quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 90))]
            pixels = cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], cv2.IMREAD_COLOR)
        return np.asarray(pixels, dtype=np.uint8)


def fitting(shape: tuple[int, ...], size: tuple[int, int]) -> NDArray[np.float32]:
    """The transformation that puts the whole picture in the middle, as the detector does."""
    height, width = shape[:2]
    scale = min(size[0] / width, size[1] / height)
    left, top = (size[0] - width * scale) / 2, (size[1] - height * scale) / 2
    return np.array([[scale, 0, left], [0, scale, top]], np.float32)


def _planes(picture: Picture) -> list[NDArray[np.float32]]:
    height, width = picture.pixels.shape[:2]
    planes = [np.zeros((height, width), np.float32) for _ in range(_SHOWN)]
    for box in picture.boxes or ():
        corner = int(box.left * width), int(box.top * height)
        end = int(np.ceil(box.right * width)), int(np.ceil(box.bottom * height))
        planes[box.kind][corner[1] : end[1], corner[0] : end[0]] = 1.0
    return [*planes, np.ones((height, width), np.float32)]


def _seen(
    label: NDArray[np.float32], planes: list[NDArray[np.float32]], picture: Picture
) -> NDArray[np.float32]:
    """The labels that still hold after the cut: what was cut away is not there any more."""
    label = label.copy()
    for kind, named in ((0, picture.fire), (1, picture.smoke)):
        if label[kind] != 1.0:
            continue
        if named == 0.0:  # set in
            label[kind] = 1.0 if float(planes[_FLAMES + kind].sum()) > _SEEN[kind] else -1.0
        elif picture.boxes:
            part = float(planes[kind].mean())
            label[kind] = 1.0 if part > _PART else (0.0 if part == 0.0 else -1.0)
        elif float(planes[_SHOWN].mean()) < _REST:
            label[kind] = -1.0
    return label


def _cells(plane: NDArray[np.float32], columns: int, rows: int) -> NDArray[np.float32]:
    values = plane.astype(np.float32)
    return np.asarray(
        cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.float32
    )


def _warped(
    values: NDArray[np.generic], matrix: NDArray[np.float32], size: tuple[int, int], border: float
) -> NDArray[np.generic]:
    shrinks = float(np.sqrt(abs(np.linalg.det(matrix[:, :2])))) < 0.7
    if shrinks and values.ndim == 3:
        values = cv2.GaussianBlur(values, (0, 0), 0.8)
    return cv2.warpAffine(
        values, matrix, size, flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(border, border, border),
    )  # fmt: skip


def _saturated(values: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    grey = values @ np.array([0.114, 0.587, 0.299], np.float32)
    return grey[..., None] + (values - grey[..., None]) * np.float32(factor)


def _darker(pixels: Pixels, factor: float) -> Pixels:
    return np.asarray(np.clip(pixels * factor, 0, 255), dtype=np.uint8)
