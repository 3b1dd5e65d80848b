"""An FTP server in a worker thread of its own, so that cameras can put files into their folders."""

import contextlib
import errno
import logging
import ssl
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from pyftpdlib.ioloop import IOLoop  # type: ignore[import-untyped]
from pyftpdlib.servers import FTPServer  # type: ignore[import-untyped]

from embereye.config.sensor_options import Tls
from embereye.config.upload_options import Ftp, Uploads
from embereye.ingest.ftp_account import FtpAccount
from embereye.ingest.ftp_session import Accounts, CameraSession
from embereye.ingest.tls import server_context
from embereye.model.errors import ConfigError, PortInUse
from embereye.model.messages import WorkerFailed
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)
_LIBRARY = logging.getLogger("pyftpdlib")  # one line for each command: cameras send many
_LIBRARY.addHandler(logging.NullHandler())  # else it writes to standard error of its own accord

_NAME = "FTP uploads"
_BACKOFF = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # s before it is tried again; the last repeats
_TURN = 0.2  # s that the loop waits at most: a stop is seen that soon

AccountsOf = Callable[[], Mapping[str, FtpAccount]]


@dataclass(frozen=True, slots=True)
class FtpStatus:
    """What the server does; replaced as a whole, for any thread.

    Attributes:
        address: "127.0.0.1:2121", "" while it does not listen.
        connections: At the moment.
        logins, failed_logins: Since the start.
        files: Received to their end.
        broken: Broken off by the camera.
        refused: Broken off here, being too large or for want of room.
    """

    address: str = ""
    connections: int = 0
    logins: int = 0
    failed_logins: int = 0
    files: int = 0
    broken: int = 0
    refused: int = 0


class FtpUploads:
    """Receives files. `run` has a thread of its own; the rest is for any.

    Attributes:
        port: The bound TCP port, None while not listening.
        fault: Why it cannot listen, in words; "" while it can.

    Args:
        section: The settings.
        folder: The data directory, for a certificate of our own.
        accounts: Accounts by user name; asked in the server's thread at the start and after each
            `reload`, since a key ring may take seconds.
        post: Takes `WorkerFailed`, when it cannot listen and when it can again.
    """

    def __init__(
        self,
        section: Uploads,
        folder: Path,
        accounts: AccountsOf,
        clock: Clock,
        post: Callable[[object], None],
    ) -> None:
        self.status = FtpStatus()
        self.port: int | None = None
        self.fault = ""
        self._clock = clock
        self._post = post
        self._section = section
        self._folder = folder
        self._accounts_of = accounts
        self._reload = Event()
        self._counted = Counter[str]()

    def reload(self) -> None:
        """Ask for the accounts again, such as after a new password."""
        self._reload.set()

    def run(self, stop: Event) -> None:
        """Serve until `stop`; what hinders it is told once and tried again."""
        _LIBRARY.setLevel(logging.WARNING)
        tries = 0
        while not stop.is_set():
            try:
                self._serve(stop)
            except (PortInUse, ConfigError) as error:
                self._tell(str(error), recovered=False)
                stop.wait(_BACKOFF[min(tries, len(_BACKOFF) - 1)])
                tries += 1

    def _serve(self, stop: Event) -> None:
        root = self._root()
        accounts = Accounts(root, self._known_accounts(root))
        loop = IOLoop()
        server = None
        try:
            server = self._listening(loop, self._session(root, accounts))
            self.port = server.address[1]
            _log.info("FTP: listening on %s port %s", self._section.ftp.host, self.port)
            self._tell(f"FTP uploads are received again on port {self.port}.", recovered=True)
            while not stop.is_set():
                loop.loop(timeout=_TURN, blocking=False)
                self._look(server, accounts)
        finally:
            self.port, self.status = None, FtpStatus()
            if server is not None:
                server.close_all()
            loop.close()

    def _tell(self, text: str, *, recovered: bool) -> None:
        fault = "" if recovered else text
        if fault == self.fault:
            return
        self.fault = fault
        if fault:
            _log.error("%s", fault)
        self._post(WorkerFailed(_NAME, text, recovered, self._clock.now()))

    def _root(self) -> Path:
        root = Path(self._section.root)
        if not self._section.root or not root.is_dir():
            raise ConfigError(
                "The FTP server needs an upload root that exists. Enter it in the settings"
                " (uploads.root), or switch the server off."
            )
        return root

    def _known_accounts(self, root: Path) -> Mapping[str, FtpAccount]:
        """The accounts; their folders are made, so that a camera is watched before it uploads."""
        accounts = self._accounts_of()
        for account in accounts.values():
            with contextlib.suppress(OSError):  # told at its login
                (root / account.folder).mkdir(exist_ok=True)
        return accounts

    def _session(self, root: Path, accounts: Accounts) -> type[CameraSession]:
        ftp = self._section.ftp
        ports = range(ftp.passive_first, ftp.passive_last + 1) if ftp.passive_first else None
        limits: dict[str, Any] = {
            "authorizer": accounts,
            "timeout": ftp.idle,
            "dtp_handler": type(
                "Receiving", (CameraSession.dtp_handler,), {"timeout": int(ftp.idle)}
            ),
            "passive_ports": ports,
            "masquerade_address": ftp.public_address or None,
            "root": root,
            "largest": self._section.largest_file * 1_000_000,
            "reserve": ftp.disk_reserve << 20,
            "count": lambda _session, what: self._count(what),
            "tls_context": self._context(ftp),
            "tls_required": ftp.tls == "required",
        }
        return type("Session", (CameraSession,), limits)

    def _context(self, ftp: Ftp) -> ssl.SSLContext | None:
        if ftp.tls == "off":
            return None
        section = Tls(mode="self-signed")
        if ftp.certificate:
            section = Tls(mode="provided", certificate=ftp.certificate, key=ftp.key)
        return server_context(section, self._folder)

    def _listening(self, loop: Any, session: type[CameraSession]) -> "_Server":
        ftp = self._section.ftp
        try:
            server = _Server((ftp.host, ftp.port), session, ioloop=loop)
        except OSError as error:
            inner = error.args[0] if error.args else None  # pyftpdlib wraps it once more
            cause = inner if isinstance(inner, OSError) else error
            raise PortInUse(_cannot_listen(ftp, cause)) from error
        server.max_cons = ftp.connections
        server.max_cons_per_ip = ftp.connections_per_address
        return server

    def _look(self, server: "_Server", accounts: Accounts) -> None:
        if self._reload.is_set():
            self._reload.clear()
            accounts.replace(self._known_accounts(Path(self._section.root)))
        host = self._section.ftp.host
        status = FtpStatus(f"{host}:{self.port}", server.sessions, **self._counted)
        if status != self.status:
            self.status = status

    def _count(self, what: str) -> None:
        self._counted[what] += 1


class _Server(FTPServer):  # type: ignore[misc]
    """Counts connections of cameras, not the ones for their files as well."""

    @property
    def sessions(self) -> int:
        channels = list(self.ioloop.socket_map.values())
        return sum(isinstance(channel, CameraSession) for channel in channels)

    def _accept_new_cons(self) -> bool:
        return self.sessions <= int(self.max_cons)


def _cannot_listen(ftp: Ftp, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {ftp.port} for FTP uploads is in use by another program. Close that program, or"
            " choose another port in the settings (uploads.ftp.port)."
        )
    if error.errno == errno.EACCES:
        return (
            f"Port {ftp.port} for FTP uploads may not be used by this account. Choose a port above"
            " 1023 in the settings (uploads.ftp.port)."
        )
    return (
        f"FTP uploads cannot be received on {ftp.host} port {ftp.port} ({error.strerror or error})."
        " Correct uploads.ftp.host in the settings."
    )
