"""What one camera may do over FTP: write files and make folders below its own folder.

Classes for pyftpdlib, which makes one of each for each connection, in the thread of its loop.
"""

import hmac
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

# First, since it silences the warning of Python 3.11 about asyncore, which the others import too.
from pyftpdlib import ioloop as _  # type: ignore[import-untyped]  # noqa: F401 - as said above
from pyftpdlib.exceptions import (  # type: ignore[import-untyped]
    AuthenticationFailed,
    AuthorizerError,
    FilesystemError,
)
from pyftpdlib.filesystems import AbstractedFS  # type: ignore[import-untyped]
from pyftpdlib.handlers import DTPHandler, FTPHandler  # type: ignore[import-untyped]

from embereye.ingest.ftp_account import FtpAccount
from embereye.ingest.ftp_tls import TlsChannel, TlsCommands, with_tls_commands

_ALLOWED = "emwf"  # change folder, make folder, write, rename (many cameras do after writing)
_LONGEST = 255  # bytes of a name; ext4, NTFS and APFS take no more
_DEEPEST = 16  # folders below the camera's, as `folder_scan` reads
_MOST_FOLDERS = 1000  # made by one connection; a camera makes one a day or an hour


class Accounts:
    """pyftpdlib's "authorizer". `replace` may be called by any thread, the rest by the loop."""

    def __init__(self, root: Path, accounts: Mapping[str, FtpAccount]) -> None:
        self._root = root
        self._accounts = accounts

    def replace(self, accounts: Mapping[str, FtpAccount]) -> None:
        self._accounts = accounts

    def validate_authentication(self, user: str, password: str, handler: object) -> None:
        account = self._accounts.get(user)
        stored = account.password if account is not None else ""
        # Compared also for a stranger, so that the time tells nobody which names exist.
        equal = hmac.compare_digest(stored.encode(), password.encode("utf-8", "replace"))
        if account is None or not stored or not equal:
            raise AuthenticationFailed("Wrong user name or password.")

    def get_home_dir(self, user: str) -> str:
        home = self._root / self._accounts[user].folder
        try:
            home.mkdir(exist_ok=True)
            whole = not home.is_symlink() and home.resolve().parent == self._root.resolve()
        except OSError:
            whole = False
        if not whole:
            raise AuthorizerError("The folder of this camera cannot be used.")
        return str(home)

    def has_user(self, user: str) -> bool:
        return user in self._accounts

    def has_perm(self, user: str, perm: str, path: str | None = None) -> bool:
        return perm in _ALLOWED

    def get_perms(self, user: str) -> str:
        return _ALLOWED

    def get_msg_login(self, user: str) -> str:
        return "Welcome."

    def get_msg_quit(self, user: str) -> str:
        return "Goodbye."

    def impersonate_user(self, user: str, password: str) -> None:
        """Nothing: every file belongs to the account of this program."""

    def terminate_impersonation(self, user: str) -> None:
        """Nothing, as above."""


class CameraFolder(AbstractedFS):  # type: ignore[misc]
    """The folder of one connection; nothing outside it can be named."""

    def __init__(self, root: str, channel: Any) -> None:
        super().__init__(root, channel)
        self._made = 0

    def open(self, filename: str, mode: str) -> Any:
        self._check(filename)
        if not self.cmd_channel.has_room():
            raise FilesystemError("The disk is almost full")
        return super().open(filename, mode)

    def mkdir(self, path: str) -> None:
        self._check(path)
        self._made += 1
        if self._made > _MOST_FOLDERS:
            raise FilesystemError("Too many folders")
        super().mkdir(path)

    def rename(self, src: str, dst: str) -> None:
        self._check(dst)
        if os.path.lexists(dst) or not os.path.isfile(src) or os.path.islink(src):
            raise FilesystemError("Only files, and only to a name that is free")
        super().rename(src, dst)

    def _check(self, path: str) -> None:
        name = os.path.basename(path)
        if not name.isprintable() or len(os.fsencode(name)) > _LONGEST:
            raise FilesystemError("This name cannot be used")
        if os.path.islink(path) or not self.validpath(path):
            raise FilesystemError("This leads out of the folder")
        if len(Path(path).relative_to(self.root).parts) > _DEEPEST:
            raise FilesystemError("The folders are too deep")


class FileChannel(TlsChannel, DTPHandler):  # type: ignore[misc]
    """Receives one file, up to a size, while the disk has room."""

    def __init__(self, sock: Any, control: Any) -> None:
        super().__init__(sock, control)
        if control.protects_files:
            self.secure(control.tls_context)

    def handle_read(self) -> None:
        super().handle_read()
        if self._closed or self.file_obj is None or self.file_obj.closed:
            return
        if self.file_obj.tell() > self.cmd_channel.largest:
            self._refuse("552 The file is larger than allowed.")
        elif not self.cmd_channel.has_room():
            self._refuse("452 The disk is almost full.")

    def handle_read_event(self) -> None:
        if self._handshaking:
            self._shake_hands()
        else:
            self.handle_read()

    def _refuse(self, text: str) -> None:
        """What came so far is removed: it is half a file of our own making."""
        name = self.file_obj.name
        self._resp = (text, self.cmd_channel.log)
        self.close()
        self.cmd_channel.refused(text)
        os.unlink(name)


class CameraSession(TlsCommands, TlsChannel, FTPHandler):  # type: ignore[misc]
    """One connection. The class is derived once for each server, with its limits.

    Attributes:
        largest: Bytes of one file.
        reserve: Bytes of the disk that stay free.
        root: The upload root.
    """

    largest: ClassVar[int] = 200_000_000
    reserve: ClassVar[int] = 0
    root: ClassVar[Path] = Path()

    banner = "EmberEye takes pictures."
    abstracted_fs = CameraFolder
    dtp_handler = FileChannel
    proto_cmds: ClassVar[dict[str, Any]] = with_tls_commands(FTPHandler.proto_cmds)
    use_sendfile = False

    def __init__(self, conn: Any, server: Any, ioloop: Any = None) -> None:
        super().__init__(conn, server, ioloop)
        self._current_type = "i"
        if self.connected and self.tls_context is not None:
            self._extra_feats = ["AUTH TLS", "PBSZ", "PROT"]

    def ftp_TYPE(self, line: str) -> None:  # noqa: N802 - pyftpdlib finds commands by this name
        """Text does not exist here: line ends exchanged in a picture would destroy it."""
        super().ftp_TYPE(line)
        self._current_type = "i"

    def count(self, what: str) -> None:
        """Told "logins", "failed_logins", "files", "broken" or "refused"; for the server."""

    def has_room(self) -> bool:
        """Whether the disk has more than its reserve; also while that cannot be told."""
        try:
            return shutil.disk_usage(self.root).free > self.reserve
        except OSError:
            return True

    def refused(self, text: str) -> None:
        """An upload was broken off by us."""
        self.log(f"upload refused: {text}")
        self.count("refused")

    def on_login(self, username: str) -> None:
        self.count("logins")

    def on_login_failed(self, username: str, password: str) -> None:
        self.count("failed_logins")

    def on_file_received(self, file: str) -> None:
        self.count("files")

    def on_incomplete_file_received(self, file: str) -> None:
        self.count("broken")
