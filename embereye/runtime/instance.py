"""One owner per data directory; a second start raises the first."""

import contextlib
import hmac
import json
import logging
import os
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import IO

from embereye.model.errors import AlreadyRunning, StorageError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_log = logging.getLogger(__name__)

_TIMEOUT = 2.0  # s; both ends are on this machine
_LARGEST = 4096  # bytes of one request


class Ownership:
    """Holds the lock of a data directory until `release()`. Also a worker: answers second starts.

    The lock is the operating system's (released by any death of the process); `run.json` (mode
    0600) tells the loopback port and the token with which the owner may be asked to show itself.
    """

    def __init__(self, folder: Path, on_raise: Callable[[], None]) -> None:
        """Take the lock, or ask the owner to show its window and raise AlreadyRunning."""
        self._folder = folder
        self._on_raise = on_raise
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / "embereye.lock").open("a+b")
        except OSError as error:
            raise StorageError(
                f"cannot use the data folder {folder}: {error.strerror or error}"
            ) from None
        if not _lock(self._lock):
            self._lock.close()
            shown = ask_to_show(folder)
            raise AlreadyRunning(
                f"EmberEye runs already on {folder}"
                + (": its window was raised" if shown else "; it did not answer")
            )
        self._token = secrets.token_hex(16)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.25)
        try:
            self._tell()
        except OSError as error:
            # A full disk must not keep the console from starting; the lock alone keeps others out.
            _log.warning("a second start cannot raise this window: %s", error)

    def run(self, stop: Event) -> None:
        """Answer requests until stopped."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._socket.accept()
                with connection:
                    self._answer(connection)

    def release(self) -> None:
        """Give the data directory back."""
        with contextlib.suppress(OSError):  # the folder may be gone or read-only by now
            (self._folder / "run.json").unlink(missing_ok=True)
        self._socket.close()
        self._lock.close()

    def _tell(self) -> None:
        path = self._folder / "run.json"
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(
                {"port": self._socket.getsockname()[1], "token": self._token, "pid": os.getpid()},
                file,
            )

    def _answer(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(_TIMEOUT)
            request = json.loads(connection.recv(_LARGEST))
            token = str(request.get("token", "")) if isinstance(request, dict) else ""
            if not hmac.compare_digest(token.encode(), self._token.encode()):
                connection.sendall(b'{"ok": false}')
                return
            if request.get("ask") == "show":
                self._on_raise()
            connection.sendall(b'{"ok": true}')
        except (OSError, ValueError, RecursionError) as error:
            _log.info("a request on the loopback port was unusable: %s", error)


def ask_to_show(folder: Path, ask: str = "show") -> bool:
    """Ask the owner of `folder` to raise its window ("show"), or only whether it is there."""
    try:
        told = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        with socket.create_connection(("127.0.0.1", int(told["port"])), _TIMEOUT) as connection:
            connection.sendall(json.dumps({"token": told["token"], "ask": ask}).encode())
            answer = json.loads(connection.recv(_LARGEST))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return isinstance(answer, dict) and bool(answer.get("ok"))


def owner_of(folder: Path) -> int | None:
    """Process id of the running owner of `folder`; None when nobody answers there."""
    if not ask_to_show(folder, ask="who"):
        return None
    try:
        return int(json.loads((folder / "run.json").read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
