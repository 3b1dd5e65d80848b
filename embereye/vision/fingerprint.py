"""Fingerprints of pictures that tell near-duplicates, such as two frames of one video.

The 64 bits are those of the DCT hash of the pHash library (Zauner, "Implementation and
Benchmarking of Perceptual Image Hash Functions", 2010, section 3.2.1): brightness averaged to
32×32, the 8×8 cosine terms after the constant ones, each above or below their median.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels

NEAR = 6  # bits; recompressed and rescaled twins differ by 0–4, other pictures by 32 on average
_SIDE = 32  # px of the averaged picture
_TERMS = slice(1, 9)
_NOTHING = 1e-3  # grey levels; rounding errors of a flat picture must not decide bits


def fingerprint(pixels: Pixels) -> int:
    """64 bits that hardly change with size, compression and brightness.

    `pixels` is (height, width, 3) BGR or (height, width) grey, uint8, of any size above zero.
    """
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    terms = np.asarray(cv2.dct(small.astype(np.float32)))[_TERMS, _TERMS].ravel()
    terms[np.abs(terms) < _NOTHING] = 0.0
    bits = np.packbits(terms > np.median(terms))
    return int.from_bytes(bits.tobytes(), "big")


def distance(one: int, other: int) -> int:
    """In how many of the 64 bits two fingerprints differ."""
    return (one ^ other).bit_count()


def firsts(prints: Sequence[int], near: int = NEAR) -> list[int]:
    """For each picture the place of the first one that it repeats, its own where it is new.

    A picture is compared with the new ones before it only, so a slow pan does not become one
    picture: each result is at most `near` bits from the first that stands for it.
    """
    kept = np.zeros(len(prints), dtype=np.uint64)
    places: list[int] = []
    found: list[int] = []
    for place, one in enumerate(prints):
        match = _first_near(kept[: len(places)], one, near)
        if match is None:
            kept[len(places)] = one
            places.append(place)
        found.append(place if match is None else places[match])
    return found


def _first_near(kept: NDArray[np.uint64], one: int, near: int) -> int | None:
    close = np.flatnonzero(np.bitwise_count(kept ^ np.uint64(one)) <= near)
    return int(close[0]) if close.size else None
