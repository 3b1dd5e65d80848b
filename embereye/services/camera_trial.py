"""Trying a camera before it is saved."""

from threading import Event
from typing import Protocol

from embereye.config.schema import Camera
from embereye.ingest.capture import Opener
from embereye.ingest.source import Kind, Source
from embereye.ingest.trial import Offer, watch_source
from embereye.model.errors import SourceError
from embereye.runtime.clock import Clock
from embereye.services.camera_configuration import ChangedCamera


class TrialOpener(Protocol):
    """Checks a camera's source and tells how to open it."""

    def __call__(self, camera: Camera, typed: str | None = None) -> tuple[Source, Opener]:
        """`typed`: a password in place of the stored one. SourceError."""


class CameraTrial:
    """One connection to a camera as it would be saved; nothing of it is kept."""

    def __init__(self, row: ChangedCamera, opener: TrialOpener, clock: Clock) -> None:
        self._row = row
        self._opener = opener
        self._clock = clock
        self._stop = Event()

    def run(self) -> Offer:
        """Connect and watch for 3 s; SourceError says what to do. Blocks: a thread of its own."""
        typed = self._row.login.password if self._row.login is not None else None
        source, opener = self._opener(self._row.camera, typed)
        if source.kind is Kind.FOLDER:
            raise SourceError(
                "An upload folder is tested by its camera: save it, let the camera upload a picture"
                " and look at its state here."
            )
        pictures = opener(self._stop.wait)
        return watch_source(source.written, pictures, self._clock, cancelled=self._stop.is_set)

    def cancel(self) -> None:
        """End `run` early, within the time that a connection may take. Any thread."""
        self._stop.set()
