"""A snapshot taken by a command, with a connection to the camera of its own."""

from dataclasses import asdict
from pathlib import Path
from threading import Event

from embereye.config.schema import Camera
from embereye.ingest.picture import PictureSource
from embereye.ingest.views import limited
from embereye.model.camera_messages import SnapshotSaved
from embereye.model.errors import AlreadyRunning, CameraUnreachable, StorageError
from embereye.model.ids import CameraId
from embereye.runtime.clock import Clock
from embereye.runtime.instance import ask_owner
from embereye.services.alone import alone
from embereye.services.snapshot import Snapshot
from embereye.services.snapshot_log import KIND, told
from embereye.storage.audit import AuditStore

ASK = "snapshot"  # the "ask" of these requests on the owner's port

_FIRST = 10.0  # s from the connection to the first picture: two long key frame distances
_READ_WAIT = 0.5  # s
_ANSWER = 5.0  # s; it only hands a message on
_BUSY = 5.0  # s for which another command may hold the folder
_TURN = 0.1  # s between two tries


def snapshot_from(camera: Camera, source: PictureSource, clock: Clock) -> Snapshot:
    """The first picture of `source` at full size; it is opened and closed. Blocks.

    Raises:
        SourceError and its kind: it cannot be opened, or sends no picture within 10 s.
    """
    try:
        source.open()
        end = clock.mono() + _FIRST
        while (picture := source.read(_READ_WAIT)) is None:
            if clock.mono() > end:
                raise CameraUnreachable(
                    f"{camera.name} is connected, but sent no picture in {_FIRST:.0f} s."
                )
        at = clock.now()
        size = picture.width, picture.height
        pixels = picture.bgr(*limited(size, picture.shape, 0))
        return Snapshot(CameraId(camera.id), camera.name, pixels, at.utc, *size)
    finally:
        source.close()


def note(folder: Path, clock: Clock, saved: SnapshotSaved) -> None:
    """Write the audit row, through the program that owns the folder or directly.

    Raises:
        AlreadyRunning: Another command holds the folder for too long.
        StorageError: The folder cannot be used, or its owner does not do it.
    """
    end = clock.mono() + _BUSY
    while (answer := ask_owner(folder, {"ask": ASK, **asdict(saved)}, _ANSWER)) is None:
        try:
            with alone(folder, clock, lambda storage, _note: _Recorder(storage.audit)) as recorder:
                row = KIND, saved.camera, saved.actor, told(saved), clock.now()
                recorder.audit.record(*row)
                return
        except AlreadyRunning:
            if clock.mono() > end:
                raise
            Event().wait(_TURN)
    if not answer.get("ok"):
        raise StorageError(str(answer.get("problem") or "The running program refused it."))


class _Recorder:
    """Gives the audit to whoever asks, as long as the folder is held."""

    def __init__(self, audit: AuditStore) -> None:
        self.audit = audit

    def run(self, stop: Event) -> None:
        """Until stopped."""
        stop.wait()
