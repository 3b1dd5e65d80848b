"""H.264 files as a camera's sub-stream would be."""

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

KEY_EVERY = 30  # frames: a key frame each 2 s at 15 fps, as most cameras are delivered
_RATE = 165_000  # bit/s ceiling; 24 s then stay under 600 kB with the container


def write(path: Path, frames: Iterable[NDArray[np.uint8]], size: tuple[int, int], fps: int) -> int:
    """Encode RGB pictures (height, width, 3) to `path`; returns how many."""
    count = 0
    with av.open(
        str(path), "w", format="mp4", options={"movflags": "faststart", "fflags": "bitexact"}
    ) as out:
        stream = out.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.gop_size = KEY_EVERY
        stream.codec_context.max_b_frames = 0  # cameras send none, and decoding then adds no delay
        stream.codec_context.thread_count = 1  # the same bytes on every machine
        stream.options = {
            "crf": "25", "preset": "slow", "tune": "film", "profile": "main",
            "maxrate": str(_RATE), "bufsize": str(2 * _RATE),
            "x264-params": f"keyint={KEY_EVERY}:min-keyint={KEY_EVERY}:scenecut=0",
        }  # fmt: skip
        for picture in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            count += 1
        out.mux(stream.encode(None))
    return count
