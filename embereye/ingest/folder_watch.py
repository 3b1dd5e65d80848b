"""Tells which files of the upload folders changed, by events of the system where they work.

Events come from inotify, FSEvents or ReadDirectoryChangesW (through watchdog). They do not come
from network drives that another machine writes to, nor from some container set-ups: there the
folders are polled by their sources, which need no worker at all.
"""

import logging
import sys
from collections import deque
from pathlib import Path, PurePath
from threading import Event
from typing import Literal

import psutil
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from embereye.ingest.upload_name import folder_name

_log = logging.getLogger(__name__)

Watch = Literal["auto", "events", "polling"]

_LOOK = 1.0  # s between looks whether the root is there and the events still come
_KEPT = 20_000  # paths of one camera; beyond that it is told to look at everything
_PERIOD = 0.5  # s that the thread of the system's events waits at most
# Source: Linux statfs(2) and mount(8); the others are what psutil reports on macOS and Windows.
_NETWORK = frozenset(
    ("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "ncpfs")
) | {"9p", "afs", "ceph", "glusterfs", "lustre", "virtiofs", "vboxsf", "fuse.sshfs", "osxfs"}
# Our own reading makes the first two; what is gone is of no interest.
_QUIET_KINDS = frozenset(("opened", "closed_no_write", "deleted"))


class FolderWatch:
    """Collects events below `root`. `run` has a thread of its own, `take` is for any other.

    Attributes:
        active: Whether events come; while they do not, sources poll.
    """

    def __init__(self, root: Path, watch: Watch = "auto") -> None:
        self.active = False
        self._root = root
        self._watch = watch
        self._changed: dict[str, deque[str]] = {}  # deques: the threads need no lock

    def run(self, stop: Event) -> None:
        """Watch until `stop`; returns at once where polling is wanted or suggested."""
        if self._watch == "polling" or (self._watch == "auto" and is_network(self._root)):
            _log.info("upload folders are polled")
            return
        while not stop.is_set():
            if self._root.is_dir():
                self._observe(stop)
            stop.wait(_LOOK)

    def take(self, folder: str) -> list[str] | None:
        """The paths that changed in the camera folder `folder` (its normal form) since last time.

        None: events may be lost or do not come, so look at everything.
        """
        if not self.active:
            return None
        waiting = self._changed.get(folder)
        if waiting is None:
            self._changed[folder] = deque(maxlen=_KEPT)  # from now on, so look once more
            return None
        found: dict[str, None] = {}
        lost = len(waiting) == _KEPT
        for _ in range(len(waiting)):
            found[waiting.popleft()] = None
        return None if lost else list(found)

    def _observe(self, stop: Event) -> None:
        observer = Observer(timeout=_PERIOD)
        try:
            root = self._root.resolve(strict=True)
            observer.schedule(_Handler(self._root, root, self._changed), str(root), recursive=True)
            observer.start()
            self.active = True
            self._stay(observer, root, stop)
        except OSError as error:  # too many watches, or the root went away just now
            _log.warning("events of upload folders do not come (%s); they are polled", error)
            stop.wait(30 * _LOOK)
        finally:
            self.active = False
            self._changed.clear()
            if observer.is_alive():
                observer.stop()
                observer.join(2 * _PERIOD)

    def _stay(self, observer: BaseObserver, root: Path, stop: Event) -> None:
        identity = _identity(root)
        while not stop.wait(_LOOK):
            if not observer.is_alive() or _identity(self._root) != identity:
                _log.info("the upload root went away or was mounted anew")
                return


class _Handler(FileSystemEventHandler):
    """Sorts events by camera. Thread of the observer."""

    def __init__(self, root: Path, real: Path, changed: dict[str, deque[str]]) -> None:
        self._root, self._real = root, real
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in _QUIET_KINDS:
            return
        if event.is_directory and event.event_type == "modified":  # what is in it tells for itself
            return
        self._note(event.dest_path or event.src_path)

    def _note(self, found: str | bytes) -> None:
        text = found if isinstance(found, str) else found.decode("utf-8", "surrogateescape")
        try:
            inside = PurePath(text).relative_to(self._real)
        except ValueError:  # moved out of the root
            return
        if inside.parts:
            waiting = self._changed.get(folder_name(inside.parts[0]))
            if waiting is not None:
                waiting.append(str(self._root / inside))


def is_network(path: Path) -> bool:
    """Whether `path` lies on a drive of another machine, so that polling is to be suggested."""
    text = str(path)
    if text.startswith(("\\\\", "//")):
        return True
    try:
        real = path.resolve()
        drives = psutil.disk_partitions(all=True)
    except (OSError, RuntimeError):
        return False
    holding = [drive for drive in drives if real.is_relative_to(drive.mountpoint)]
    if not holding:
        return False
    drive = max(holding, key=lambda found: len(found.mountpoint))
    remote = sys.platform == "win32" and "remote" in drive.opts
    return remote or drive.fstype.lower() in _NETWORK


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
