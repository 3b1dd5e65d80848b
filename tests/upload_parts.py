"""Parts for tests of uploads: pictures, an upload root, a source that is read to its end."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from embereye.ingest.folder import FolderSource
from embereye.ingest.picture import Picture
from embereye.ingest.source import parse
from embereye.ingest.upload_site import UploadSite, UploadTaken
from embereye.runtime.clock import Clock


def jpeg(number: int, width: int = 320, height: int = 240) -> bytes:
    """A noisy picture of about 30 KB; each number makes another content."""
    noise = np.random.default_rng(number).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", noise)[1].tobytes()


def png(number: int, width: int = 320, height: int = 240) -> bytes:
    noise = np.random.default_rng(number).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".png", noise)[1].tobytes()


class UploadRig:
    """A root with the folder of one camera, and its source; `now` is moved by `wait`.

    With a `FakeClock` a wait moves the clock; with the real one it sleeps.
    """

    def __init__(self, path: Path, clock: Clock, **changes: object) -> None:
        self.root = path / "uploads"
        self.folder = self.root / "Front Door"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        self.posts: list[object] = []
        site = UploadSite(self.root, path / "memory", post=self.posts.append)
        self.site = replace(site, **changes)  # type: ignore[arg-type]
        self.source = self.restarted()

    def restarted(self) -> FolderSource:
        """A new source on the same files, as after a restart of the program."""
        source, _ = parse("folder:front door")
        self.source = FolderSource(source, "gate", self.site, self.clock, self.wait)
        return self.source

    def wait(self, seconds: float) -> None:
        advance: Callable[[float], object] = getattr(self.clock, "advance", time.sleep)
        advance(seconds)

    def read(self, seconds: float, until: int | None = None) -> list[Picture]:
        """Every picture of `seconds`, or the first `until` ones."""
        end = self.clock.mono() + seconds
        found: list[Picture] = []
        while self.clock.mono() < end and (until is None or len(found) < until):
            picture = self.source.read(0.5)
            if picture is not None:
                found.append(picture)
        return found

    def taken(self) -> list[str]:
        return [post.upload.name for post in self.posts if isinstance(post, UploadTaken)]
