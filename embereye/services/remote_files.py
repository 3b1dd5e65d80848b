"""The detector on another machine asked about the pictures of files, before the others look."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from threading import Event

from embereye.config.vision_options import RemoteDetector
from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.runtime.clock import Clock
from embereye.services.remote_setup import endpoint_of
from embereye.vision.remote_client import as_sent
from embereye.vision.remote_files import Patience, detect_pictures

_PORTION = 32  # pictures in memory; 2.4 s of a clip, 30 MB at 640×480


class RemoteFiles:
    """Adds opinions to frames, in their order. Blocks; lives in one thread."""

    def __init__(self, section: RemoteDetector, key: str, clock: Clock, stop: Event) -> None:
        """`stop` ends the wait between two tries.

        Raises:
            DetectorError: it is switched off.
            ConfigError: its address cannot be used.
        """
        if not section.enabled:
            raise DetectorError(
                "The detector on another machine is off. Switch it on (detection.remote.enabled)."
            )
        self._endpoint = replace(endpoint_of(section), key=key)
        self._patience = Patience(clock, section.read_timeout, stop.wait, stop.is_set)

    def consulted(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Each frame with the opinion on it; DetectorError when there is none to be had."""
        rest = iter(frames)
        while portion := list(islice(rest, _PORTION)):
            pictures = [as_sent(f.pixels, (f.source_width, f.source_height)) for f in portion]
            found = detect_pictures(self._endpoint, pictures, self._patience)
            for frame, verdict in zip(portion, found, strict=True):
                yield replace(frame, opinion=verdict.detections)
