"""Video files as pictures, with limits that hold before anything is decoded."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from embereye.model.errors import SourceError
from embereye.services.picture_file import MOST_PIXELS

# How PyAV opens clips of people: containers of video only, no play list, script or address.
CLIP_FILES = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,matroska,webm,avi,mpegts,mpeg,h264,hevc,mjpeg,m4v,gif",
}


@contextmanager
def opened_clip(path: Path) -> Iterator[Iterator[tuple[int, float, Any]]]:
    """The pictures of a clip as (number from 0, seconds of the file, PyAV's picture).

    They are decoded one by one. What goes wrong while they are used inside the `with`, converting
    them too, counts as the file's fault.

    Raises:
        SourceError: the file cannot be read or decoded, is too large or has no video.
    """
    try:
        with av.open(f"file:{path}", container_options=CLIP_FILES) as container:
            if not container.streams.video:
                raise SourceError(f"{path} has no video.")
            stream = container.streams.video[0]
            if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
                raise SourceError(f"{path} is too large.")
            yield _timed(container, stream)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error  # without numbers of libav
        raise SourceError(f"{path} is no clip that can be decoded: {reason}") from None


def _timed(container: Any, stream: Any) -> Iterator[tuple[int, float, Any]]:
    rate = float(stream.average_rate or 25)
    for number, picture in enumerate(container.decode(stream)):
        yield number, number / rate if picture.time is None else float(picture.time), picture
