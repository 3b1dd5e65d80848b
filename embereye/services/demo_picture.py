"""One photograph-like picture that ships with the program, to try detectors on."""

import av
import numpy as np

from embereye.model.frame import Pixels
from embereye.runtime.resources import resource

_CLIP = "paint_store_fire.mp4"  # a hall with shelves and a fire, 640 × 360


def demo_picture() -> Pixels:
    """A picture of an embedded clip, BGR.

    Raises:
        ResourceMissing: the program is not installed as a whole.
    """
    with av.open(str(resource("demo", _CLIP))) as container:
        picture = next(container.decode(video=0))
        return np.ascontiguousarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8)
