"""Firmware images that are signed by their maker: The Update Framework, on the console's side.

The data directory has `firmware/trusted` (the metadata believed so far: it makes roll-backs and
replays of old metadata impossible) and `firmware/images`. A repository comes as a folder with
`metadata` and `targets`, for example on a USB stick. Source: TUF specification, section 5.
"""

import logging
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, TargetFile, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater

from embereye.model.errors import FirmwareError
from embereye.model.firmware import FirmwareImage
from embereye.rules.firmware_policy import version_of
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

_LARGEST = 8 * 2**20  # bytes of an image; sensor devices have flash of 0.5–4 MiB
_MOST = 200  # images of one repository
_PIECE = 65_536  # bytes read at a time
_HTTP_MISSING = 404  # how the library says that a file of a repository is not there


class FirmwareLibrary:
    """The images of one data directory. Any one thread; every call may wait for the disk."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """`folder`: `firmware` in the data directory; made when something is kept."""
        self._trusted = folder / "trusted"
        self._images = folder / "images"
        self._clock = clock

    def trust(self, root: Path) -> tuple[str, ...]:
        """Believe the maker whose `root.json` this is, from now on; the ids of its keys.

        Raises:
            FirmwareError: It is no root file, or another maker is believed already.
        """
        try:
            content = root.read_bytes()
            made = Metadata.from_bytes(content)
            made.verify_delegate("root", made)
            keys = tuple(made.signed.roles["root"].keyids)
        except (OSError, RepositoryError, ValueError, KeyError, AttributeError) as error:
            raise FirmwareError(
                f"{root} is no root file of a firmware repository ({type(error).__name__}). Ask the"
                " maker of the devices for root.json."
            ) from None
        if (self._trusted / "root.json").exists():
            raise FirmwareError(
                "A maker is believed already. Remove the folder firmware/trusted in the data"
                " folder first if its signing keys were really replaced."
            )
        self._keep(self._trusted / "root.json", content)
        return keys

    def take(self, source: Path) -> tuple[FirmwareImage, ...]:
        """Check a repository and keep its images; those it has now.

        Nothing is taken of a repository that fails one check.

        Raises:
            FirmwareError: With what is wrong and what to do.
        """
        if not (self._trusted / "root.json").exists():
            raise FirmwareError(
                "No maker is believed yet: give the root.json that came with the devices first"
                " (embereye devices firmware trust root.json)."
            )
        if not (source / "metadata").is_dir():
            raise FirmwareError(f"{source} is no firmware repository: it has no folder metadata.")
        try:
            found = self._fetch(source)
        except (RepositoryError, DownloadError, OSError, ValueError) as error:
            raise FirmwareError(_words(error)) from error
        self._drop_others(found)
        return found

    def images(self) -> tuple[FirmwareImage, ...]:
        """What may be rolled out, oldest version first; empty before anything was taken."""
        path = self._trusted / "targets.json"
        if not path.exists():
            return ()
        try:
            targets = Metadata[Targets].from_file(str(path)).signed
        except (OSError, RepositoryError, ValueError):
            return ()
        images = [_image(path, target) for path, target in targets.targets.items()]
        usable = [image for image in images if image and self._path(image).is_file()]
        return tuple(sorted(usable, key=lambda image: _order(image.version)))

    def read(self, version: str) -> bytes:
        """The image of a version, checked once more.

        Raises:
            FirmwareError: There is none, it was changed on the disk, or the maker's word that it
                is current has expired.
        """
        image = next((i for i in self.images() if i.version == version), None)
        if image is None:
            raise FirmwareError(f"There is no firmware {version}; import its repository first.")
        self._check_fresh()
        try:
            content = self._path(image).read_bytes()
        except OSError as error:
            raise FirmwareError(f"Firmware {version} cannot be read: {error.strerror}.") from None
        if len(content) != image.size or sha256(content).hexdigest() != image.sha256:
            raise FirmwareError(
                f"Firmware {version} was changed on the disk and is not used; import it again."
            )
        return content

    def _fetch(self, source: Path) -> tuple[FirmwareImage, ...]:
        base = source.resolve().as_uri()
        updater = Updater(
            str(self._trusted),
            f"{base}/metadata/",
            target_base_url=f"{base}/targets/",
            fetcher=_FolderFetcher(source.resolve()),
            bootstrap=None,  # the root that is believed already
        )
        updater.refresh()
        self._images.mkdir(parents=True, exist_ok=True)
        targets = Metadata[Targets].from_file(str(self._trusted / "targets.json")).signed.targets
        if len(targets) > _MOST:
            raise FirmwareError(f"The repository has {len(targets)} images; {_MOST} are allowed.")
        found = []
        for path, target in targets.items():
            image = _image(path, target)
            if image is None:
                raise FirmwareError(f"The repository describes {path} wrongly: ask its maker.")
            self._download(updater, target, image)
            found.append(image)
        return tuple(sorted(found, key=lambda image: _order(image.version)))

    def _download(self, updater: Updater, target: TargetFile, image: FirmwareImage) -> None:
        fresh = self._path(image).with_suffix(".new")
        updater.download_target(target, str(fresh))
        fresh.replace(self._path(image))

    def _check_fresh(self) -> None:
        try:
            path = self._trusted / "timestamp.json"
            expires = Metadata[Timestamp].from_file(str(path)).signed.expires.timestamp()
        except (OSError, RepositoryError, ValueError) as error:
            raise FirmwareError(_words(error)) from None
        if self._clock.now().utc >= expires:
            raise FirmwareError(
                "The maker's word that this firmware is current has expired: import a fresh copy"
                " of the repository, and check this computer's clock."
            )

    def _path(self, image: FirmwareImage) -> Path:
        return self._images / f"{image.sha256}.bin"  # no name from outside becomes a path

    def _drop_others(self, found: tuple[FirmwareImage, ...]) -> None:
        kept = {self._path(image) for image in found}
        for path in self._images.iterdir():
            if path not in kept:
                path.unlink(missing_ok=True)

    def _keep(self, path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise FirmwareError(f"{path} cannot be written: {error.strerror}.") from None


class _FolderFetcher(FetcherInterface):
    """Reads a repository from a folder; never outside of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = Path(unquote(urlsplit(url).path)).resolve()
        if not path.is_relative_to(self._folder):
            raise DownloadError(f"{path} lies outside the repository")
        if not path.is_file():
            raise DownloadHTTPError(f"{path.name} is not there", _HTTP_MISSING)
        return self._pieces(path)

    def _pieces(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _image(path: str, target: TargetFile) -> FirmwareImage | None:
    """The image that signed metadata describe; None when they describe none."""
    custom: Any = target.custom or {}
    version = custom.get("version") if isinstance(custom, dict) else None
    digest = target.hashes.get("sha256", "")
    if not isinstance(version, str) or version_of(version) is None or len(digest) != 64:
        return None
    return (
        FirmwareImage(version, path, target.length, digest) if target.length <= _LARGEST else None
    )


def _order(version: str) -> tuple[int, ...]:
    return version_of(version) or ()


def _words(error: Exception) -> str:
    if isinstance(error, ExpiredMetadataError):
        what = "its maker's word that it is current has expired (an old copy, or a wrong clock)"
    elif isinstance(error, UnsignedMetadataError):
        what = "it is not signed by the maker that is believed"
    elif isinstance(error, LengthOrHashMismatchError):
        what = "a file was changed after it was signed"
    elif isinstance(error, RepositoryError):
        what = "it is older than what was seen before, or inconsistent"
    else:
        what = "a file is missing or unreadable"
    return f"The firmware repository is refused: {what} ({error}). Nothing was taken of it."
