"""From a camera's settings to something that can be opened."""

from collections.abc import Callable, Iterable
from pathlib import Path

from embereye.config.schema import Camera
from embereye.ingest.capture import Opener
from embereye.ingest.files import FileSource
from embereye.ingest.picture import Deadlines, PictureSource
from embereye.ingest.rtsp import NetworkSource
from embereye.ingest.source import Kind, Login, Source, parse
from embereye.ingest.usb import UsbSource
from embereye.model.errors import CameraRefused
from embereye.runtime.clock import Clock

Passwords = Callable[[str], str | None]


def opener_of(
    camera: Camera, folders: Iterable[Path], passwords: Passwords, clock: Clock
) -> tuple[Source, Opener]:
    """The checked source of `camera` and how to open it.

    `passwords` maps a camera id to its password, or None. It is asked in the capture thread at
    each connection, since a key ring may take seconds and passwords change.

    Raises:
        SourceError: the source cannot be used as written.
    """
    source, written = parse(camera.source, folders, login_known=True)

    def login() -> Login | None:
        if not camera.user:
            return written
        password = passwords(camera.id)
        if password is None and written is None:
            # Trying without one would count as a wrong login and may lock the account.
            raise CameraRefused(f"No password is stored for {camera.name}. Enter it.")
        return written if password is None else Login(camera.user, password)

    def build(wait: Callable[[float], object]) -> PictureSource:
        if source.kind is Kind.FILE:
            return FileSource(source, clock, wait)
        if source.kind is Kind.USB:
            return UsbSource(source, clock)
        deadlines = Deadlines(camera.open_timeout, camera.read_timeout)
        return NetworkSource(source, login, clock, deadlines, camera.transport)

    return source, build
