"""From a camera's settings to something that can be opened."""

from collections.abc import Callable, Iterable
from pathlib import Path

from embereye.config.schema import Camera
from embereye.ingest.capture import Opener
from embereye.ingest.files import FileSource
from embereye.ingest.folder import FolderSource
from embereye.ingest.hardware import Chip
from embereye.ingest.mjpeg import HttpSource
from embereye.ingest.picture import Deadlines, PictureSource
from embereye.ingest.privacy import masked
from embereye.ingest.rtsp import NetworkSource
from embereye.ingest.sequence import SequenceSource
from embereye.ingest.source import Kind, Login, Source, parse
from embereye.ingest.test_card import CardSource
from embereye.ingest.upload_site import UploadSite
from embereye.ingest.usb import UsbSource
from embereye.ingest.whep import WhepSource
from embereye.model.errors import CameraRefused, SourceError
from embereye.runtime.clock import Clock

Passwords = Callable[[str], str | None]


def opener_of(
    camera: Camera,
    folders: Iterable[Path],
    passwords: Passwords,
    clock: Clock,
    uploads: UploadSite | None = None,
) -> tuple[Source, Opener]:
    """The checked source of `camera` and how to open it.

    `passwords` maps a camera id to its password, or None. It is asked in the capture thread at
    each connection, since a key ring may take seconds and passwords change. `uploads`: None where
    upload folders are not set up.

    Raises:
        SourceError: the source cannot be used as written.
    """
    source, written = parse(camera.source, folders, login_known=True)
    if source.kind is Kind.FOLDER and uploads is None:
        raise SourceError(
            "Upload folders are not set up. Enter their root folder in the settings (uploads.root)."
        )

    def login() -> Login | None:
        if not camera.user:
            return written
        password = passwords(camera.id)
        if password is None and written is None:
            # Trying without one would count as a wrong login and may lock the account.
            raise CameraRefused(f"No password is stored for {camera.name}. Enter it.")
        return written if password is None else Login(camera.user, password)

    chip = Chip(camera.hardware, clock, camera.id)  # it remembers failures over connections

    def build(wait: Callable[[float], object]) -> PictureSource:
        if source.kind is Kind.FOLDER and uploads is not None:
            return FolderSource(source, camera.id, uploads, clock, wait)
        if source.url is None:
            return _LOCAL[source.kind](source, clock, wait, chip)
        deadlines = Deadlines(camera.open_timeout, camera.read_timeout)
        if source.kind is Kind.WHEP:
            return WhepSource(source, login, clock, deadlines)
        if source.kind is Kind.HTTP:
            return HttpSource(source, login, clock, deadlines, wait, chip)
        return NetworkSource(source, login, clock, deadlines, camera.transport, chip)

    return source, lambda wait: masked(build(wait), camera.privacy)


_Local = Callable[[Source, Clock, Callable[[float], object], Chip], PictureSource]
_LOCAL: dict[Kind, _Local] = {
    Kind.FILE: FileSource,
    Kind.SEQUENCE: lambda source, clock, wait, _chip: SequenceSource(source, clock, wait),
    Kind.TEST_CARD: lambda source, clock, wait, _chip: CardSource(source, clock, wait),
    Kind.USB: lambda source, clock, _wait, _chip: UsbSource(source, clock),
}
