"""One owner per data directory; a second start raises the first, commands send it requests.

On the loopback port: one JSON object and a line feed in each direction, at most 64 KiB. The
request names the token of `run.json`, which only this account can read.
"""

import contextlib
import hmac
import json
import logging
import os
import secrets
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import IO, Any

from embereye.model.errors import AlreadyRunning, StorageError
from embereye.runtime.clock import SystemClock

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_log = logging.getLogger(__name__)

_TIMEOUT = 2.0  # s; both ends are on this machine
_LARGEST = 64 * 1024  # bytes of one request or answer
_AT_ONCE = 4  # requests answered side by side: one that waits for a disk must not hold up "show"

OnRequest = Callable[[dict[str, Any]], dict[str, Any]]


class FolderLock:
    """The lock of a data directory until `release()`; the operating system's, so that any death of
    the process releases it."""

    def __init__(self, folder: Path) -> None:
        """Take it; AlreadyRunning when another process has it, StorageError without a folder."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = (folder / "embereye.lock").open("a+b")
        except OSError as error:
            raise StorageError(
                f"cannot use the data folder {folder}: {error.strerror or error}"
            ) from None
        if not _lock(self._file):
            self._file.close()
            raise AlreadyRunning(f"EmberEye runs already on {folder}")

    def release(self) -> None:
        """Give the data directory back."""
        self._file.close()


class Ownership:
    """Holds a data directory until `release()`. Also a worker: answers second starts and commands.

    `run.json` (mode 0600) tells the loopback port and the token for that.
    """

    def __init__(
        self, folder: Path, on_raise: Callable[[], None], on_request: OnRequest | None = None
    ) -> None:
        """Take the lock, or ask the owner to show its window and raise AlreadyRunning.

        `on_request` gets what commands ask ("ask" and its arguments, without the token) and
        returns the answer, both fit for JSON. It runs in threads of its own, up to four at once,
        and must return within some seconds.
        """
        self._folder = folder
        self._on_raise = on_raise
        self.on_request = on_request
        try:
            self._lock = FolderLock(folder)
        except AlreadyRunning as error:
            shown = ask_to_show(folder)
            raise AlreadyRunning(
                f"{error}" + (": its window was raised" if shown else "; it did not answer")
            ) from None
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
        helpers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="owner")
        try:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = self._socket.accept()
                    helpers.submit(self._serve, connection)
        finally:
            helpers.shutdown(wait=False, cancel_futures=True)

    def release(self) -> None:
        """Give the data directory back."""
        with contextlib.suppress(OSError):  # the folder may be gone or read-only by now
            (self._folder / "run.json").unlink(missing_ok=True)
        self._socket.close()
        self._lock.release()

    def _tell(self) -> None:
        path = self._folder / "run.json"
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(
                {"port": self._socket.getsockname()[1], "token": self._token, "pid": os.getpid()},
                file,
            )

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                _send(connection, self._answer(_receive(connection, _TIMEOUT)))
            except (OSError, ValueError, RecursionError, StorageError) as error:
                _log.info("a request on the loopback port was unusable: %s", error)
            except Exception:  # noqa: BLE001 - outermost frame of this thread's task
                _log.exception("bug while answering a request on the loopback port")

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        token = str(request.pop("token", ""))
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return {"ok": False}
        asked = request.get("ask")
        if asked == "show":
            self._on_raise()
        elif asked != "who":
            if self.on_request is None:
                return {"ok": False, "problem": "This program takes no such request."}
            return self.on_request(request)
        return {"ok": True}


def ask_owner(folder: Path, request: dict[str, Any], timeout: float) -> dict[str, Any] | None:
    """What the owner of `folder` answers within `timeout` s; None when nobody is there.

    Raises:
        StorageError: It is there and did not answer, or the request is larger than 64 KiB.
    """
    try:
        told = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        connection = socket.create_connection(("127.0.0.1", int(told["port"])), _TIMEOUT)
        token = str(told["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    with connection:
        try:
            _send(connection, {**request, "token": token})
            return _receive(connection, timeout)
        except (OSError, ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, OSError) and str(error) else "no answer"
            raise StorageError(
                f"The program that runs on {folder} did not answer ({reason}). Whether it did what"
                " was asked is not known: look first, then try again."
            ) from None


def ask_to_show(folder: Path, ask: str = "show") -> bool:
    """Ask the owner of `folder` to raise its window ("show"), or only whether it is there."""
    try:
        answer = ask_owner(folder, {"ask": ask}, _TIMEOUT)
    except StorageError:
        return False
    return answer is not None and bool(answer.get("ok"))


def owner_of(folder: Path) -> int | None:
    """Process id of the running owner of `folder`; None when nobody answers there."""
    if not ask_to_show(folder, ask="who"):
        return None
    try:
        return int(json.loads((folder / "run.json").read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _send(connection: socket.socket, document: dict[str, Any]) -> None:
    body = json.dumps(document).encode() + b"\n"
    if len(body) > _LARGEST:
        raise StorageError(
            "This is more than the running program takes at once (64 KiB): give it in smaller"
            " parts, or stop the program first."
        )
    connection.settimeout(_TIMEOUT)
    connection.sendall(body)


def _receive(connection: socket.socket, timeout: float) -> dict[str, Any]:
    """One object, up to a line feed or the end; OSError or ValueError when none comes in time."""
    clock, body = SystemClock(), b""
    end = clock.mono() + timeout
    while not body.endswith(b"\n") and len(body) < _LARGEST:
        connection.settimeout(max(0.001, end - clock.mono()))
        part = connection.recv(_LARGEST - len(body))
        if not part or clock.mono() > end:
            break
        body += part
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("no JSON object")
    return document


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
