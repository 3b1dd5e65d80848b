"""From settings to upload folders and FTP accounts."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from embereye.config.schema import Camera
from embereye.config.upload_options import Uploads
from embereye.ingest.folder_watch import FolderWatch
from embereye.ingest.ftp_account import FtpAccount
from embereye.ingest.source import Kind, parse
from embereye.ingest.upload_site import UploadSite
from embereye.ingest.views import Views
from embereye.model.errors import SourceError
from embereye.model.ids import CameraId

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UploadParts:
    """The site for sources and the worker to be supervised beside it."""

    site: UploadSite
    watch: FolderWatch


def upload_parts(
    section: Uploads,
    folder: Path,
    views: Views,
    hurry: Callable[[CameraId], None],
    post: Callable[[object], None],
) -> UploadParts | None:
    """What upload cameras need; None while no root is set. `folder`: the data directory.

    `hurry` asks detection to look with the full rate, `post` takes messages; both are called in
    the threads of cameras.
    """
    if not section.root:
        return None
    root = Path(section.root)
    watch = FolderWatch(root, section.watch)

    def examined(camera: str) -> bool:
        view = views.of(CameraId(camera))
        return view is None or view.detecting.rate <= 0 or not view.frames.fresh

    site = UploadSite(
        root,
        folder / "uploads",
        watch,
        poll_interval=section.poll_interval,
        duplicates=section.duplicates,
        largest=section.largest_file * 1_000_000,
        examined=examined,
        hurry=lambda camera: hurry(CameraId(camera)),
        post=post,
    )
    return UploadParts(site, watch)


def ftp_accounts(
    cameras: Iterable[Camera], password: Callable[[str], str | None]
) -> dict[str, FtpAccount]:
    """One account for each upload camera, by user name: the camera's user, else its id.

    `password` maps a camera id to its stored password; a camera without one has no account. It may
    block for seconds (key ring).
    """
    found: dict[str, FtpAccount] = {}
    for camera in cameras:
        folder = upload_folder(camera)
        secret = password(camera.id) if folder is not None else None
        if folder is None or not secret:
            continue
        user = camera.user or camera.id
        if user in found:
            _log.error("camera %s has the FTP user name of another one; change it", camera.id)
            continue
        found[user] = FtpAccount(user, folder, secret)
    return found


def upload_folder(camera: Camera) -> str | None:
    """The folder of an upload camera in its normal form; None for every other camera."""
    try:
        source, _ = parse(camera.source, (), login_known=True)
    except SourceError:
        return None
    return source.text if source.kind is Kind.FOLDER else None
