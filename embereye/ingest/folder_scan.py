"""Finds what is new in the folders of one upload camera."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from embereye.ingest.upload_file import signature_of
from embereye.ingest.upload_name import folder_name, kind_of
from embereye.ingest.upload_settle import Signature
from embereye.model.errors import CameraUnreachable

_DEEPEST = 16  # folders below the camera's; Foscam trees have five
_MOST_FOLDERS = 20_000  # five years of one folder a day, and ten times that
_MOST_FILES = 200_000  # some 40 MB of memory for one camera


class FolderScan:
    """The files of one camera and which of them were dealt with. One thread.

    Attributes:
        crowded: Whether there was more than can be watched, at the last full scan.
    """

    def __init__(self, root: Path, folder: str) -> None:
        """`folder`: the camera's folder below `root` in its normal form."""
        self.crowded = False
        self._root = root
        self._folder = folder
        self._known: dict[str, Signature] = {}
        self._whole = True  # every folder could be listed at the last scan

    def begin(self, since: float) -> list[str]:
        """Take note of what is there; what came after `since` (UTC s) is new.

        Raises:
            CameraUnreachable: with what to do.
        """
        new = []
        for path, signature, changed in self._walk(self._tops()):
            if changed > since:
                new.append(path)
            else:
                self._known[path] = signature
        return new

    def look(self) -> list[str]:
        """Everything that is new or changed since it was done. Raises CameraUnreachable."""
        present: dict[str, Signature] = {}
        new = []
        for path, signature, _ in self._walk(self._tops()):
            known = self._known.get(path)
            if known != signature:
                new.append(path)
            if known is not None:
                present[path] = known
        if self._whole and not self.crowded:
            self._known = present  # what is gone need not be known any more
        return new

    def look_at(self, paths: Iterable[str]) -> list[str]:
        """Those of `paths` that are new or changed, and what is new in the folders among them."""
        new = []
        for text in paths:
            path = Path(text)
            if path.is_dir() and not path.is_symlink():
                found = self._walk([path])
                new += [inner for inner, signature, _ in found if self._is_new(inner, signature)]
            elif kind_of(path.name) is not None:
                signature = signature_of(text)
                if signature is not None and self._is_new(text, signature):
                    new.append(text)
        return new

    def done(self, path: str, signature: Signature) -> None:
        """`path` was taken or refused as it is; only a change makes it new again."""
        if len(self._known) < _MOST_FILES:
            self._known[path] = signature

    def _is_new(self, path: str, signature: Signature) -> bool:
        return self._known.get(path) != signature

    def _tops(self) -> list[Path]:
        """The camera's folders: two whose names differ only in case or blanks are one camera."""
        try:
            with os.scandir(self._root) as entries:
                found = [
                    Path(entry.path)
                    for entry in entries
                    if folder_name(entry.name) == self._folder
                    and entry.is_dir(follow_symlinks=False)
                ]
        except OSError as error:
            raise CameraUnreachable(
                f"The upload root {self._root} cannot be read ({error.strerror or error}). "
                "Check that it exists, is mounted and may be read."
            ) from None
        if not found:
            raise CameraUnreachable(
                f"There is no folder {self._folder} below the upload root {self._root}. "
                "Check the name, or make the folder; links are not followed."
            )
        return sorted(found)

    def _walk(self, tops: Iterable[Path]) -> Iterator[tuple[str, Signature, float]]:
        """Path, signature and time of the last change (UTC s) of each file of ours."""
        waiting = deque((str(top), 0) for top in tops)
        folders = files = 0
        self.crowded, self._whole = False, True
        while waiting:
            folder, depth = waiting.popleft()
            folders += 1
            for entry in self._entries(folder):
                if files >= _MOST_FILES or folders + len(waiting) >= _MOST_FOLDERS:
                    self.crowded = True
                    return
                if _is_folder(entry):
                    self.crowded |= depth >= _DEEPEST
                    if depth < _DEEPEST:
                        waiting.append((entry.path, depth + 1))
                elif kind_of(entry.name) is not None:
                    files += 1
                    yield from _described(entry)

    def _entries(self, folder: str) -> list["os.DirEntry[str]"]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except (FileNotFoundError, NotADirectoryError):  # removed meanwhile
            return []
        except OSError:  # not for us, or a network drive with a moment of weakness
            self._whole = False
            return []


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _described(entry: "os.DirEntry[str]") -> Iterator[tuple[str, Signature, float]]:
    try:
        found = os.stat(entry.path, follow_symlinks=False)
    except (OSError, ValueError):
        return
    # A file that is moved here keeps its modification time; its status changes on POSIX.
    changed = max(found.st_mtime, found.st_ctime)
    yield entry.path, Signature(found.st_size, found.st_mtime_ns), changed
