"""FTP over TLS (AUTH TLS, RFC 4217) for pyftpdlib, with contexts of the standard library.

pyftpdlib's own needs PyOpenSSL; contexts of `ingest.tls` are of Python's own `ssl`. Everything
runs in the thread of the server's loop, without blocking.
"""

import contextlib
import logging
import ssl
from typing import Any, ClassVar

from pyftpdlib.exceptions import _RetryError  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)

_COMMANDS = {
    "AUTH": "Syntax: AUTH <SP> TLS (encrypt the control connection).",
    "PBSZ": "Syntax: PBSZ <SP> 0 (needed before PROT).",
    "PROT": "Syntax: PROT <SP> P|C (encrypt data connections, or not).",
}


def with_tls_commands(commands: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """pyftpdlib's table of commands with those of RFC 4217."""
    added = {
        name: {"perm": None, "auth": False, "arg": True, "help": text}
        for name, text in _COMMANDS.items()
    }
    return {**commands, **added}


class TlsChannel:
    """Makes a channel of pyftpdlib (control or data) able to encrypt. Put it first in the bases."""

    _handshaking = False
    _encrypted = False

    socket: Any
    ioloop: Any

    def secure(self, context: ssl.SSLContext) -> None:
        """Encrypt from now on; the handshake goes on with the events of the loop."""
        try:
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
        except (OSError, ValueError):  # the other side is gone already
            self.close()
        else:
            self._handshaking = True

    def readable(self) -> bool:
        return self._handshaking or bool(super().readable())  # type: ignore[misc]

    def writable(self) -> bool:
        return self._handshaking or bool(super().writable())  # type: ignore[misc]

    def handle_read_event(self) -> None:
        if self._handshaking:
            self._shake_hands()
        else:
            super().handle_read_event()  # type: ignore[misc]

    def handle_write_event(self) -> None:
        if self._handshaking:
            self._shake_hands()
        else:
            super().handle_write_event()  # type: ignore[misc]

    def handle_timeout(self) -> None:
        if self._handshaking:
            self.close()  # nothing can be said to the other side yet
        else:
            super().handle_timeout()  # type: ignore[misc]

    def recv(self, size: int) -> bytes:
        try:
            found: bytes = super().recv(size)  # type: ignore[misc]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            raise _RetryError from error
        except ssl.SSLError:
            self._encrypted = False  # nothing more can be said through it
            super().handle_close()  # type: ignore[misc]
            return b""
        return found

    def send(self, content: bytes) -> int:
        try:
            sent: int = super().send(content)  # type: ignore[misc]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except ssl.SSLError:
            self._encrypted = False
            super().handle_close()  # type: ignore[misc]
            return 0
        return sent

    def close(self) -> None:
        if self._encrypted:
            self._encrypted = False
            with contextlib.suppress(OSError, ValueError):
                self.socket.unwrap()  # clients wait for this farewell; we do not for theirs
        super().close()  # type: ignore[misc]

    def _shake_hands(self) -> None:
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            self._listen(self.ioloop.READ)
        except ssl.SSLWantWriteError:
            self._listen(self.ioloop.READ | self.ioloop.WRITE)
        except OSError as error:  # also every error of TLS
            _log.info("an FTP client failed to encrypt (%s)", type(error).__name__)
            self._handshaking = False
            self.close()
        else:
            self._handshaking, self._encrypted = False, True
            self._listen(self.ioloop.READ)

    def _listen(self, events: int) -> None:
        self.modify_ioloop_events(events)  # type: ignore[attr-defined]


class TlsCommands:
    """AUTH, PBSZ and PROT for a control channel that is a `TlsChannel`.

    Attributes:
        tls_context: None: neither offered nor accepted.
        tls_required: Whether nobody may log in, nor send a file, without encryption.
    """

    tls_context: ClassVar[ssl.SSLContext | None] = None
    tls_required: ClassVar[bool] = False
    protects_files = False
    _sized = False

    def process_command(self, command: str, *args: Any, **options: Any) -> None:
        if self.tls_required and command in ("USER", "PASS") and not self._is_secure():
            self._answer("550 Encrypt the connection first (AUTH TLS).")
        elif (
            self.tls_required
            and command in ("PASV", "EPSV", "PORT", "EPRT")
            and not self.protects_files
        ):
            self._answer("550 Encrypt data connections first (PROT P).")
        else:
            super().process_command(command, *args, **options)  # type: ignore[misc]

    def ftp_AUTH(self, line: str) -> None:  # noqa: N802 - pyftpdlib finds commands by this name
        if self.tls_context is None:
            self._answer("502 This server does not encrypt.")
        elif self._is_secure():
            self._answer("503 The connection is encrypted already.")
        elif line.upper() in ("TLS", "TLS-C", "SSL", "TLS-P"):
            self._answer("234 Go on with TLS.")
            # What was sent before encryption must not be taken for what comes after it.
            self._in_buffer: list[bytes] = []
            self._in_buffer_len = 0
            self.ac_in_buffer = b""
            self.secure(self.tls_context)  # type: ignore[attr-defined]
        else:
            self._answer("504 Use AUTH TLS.")

    def ftp_PBSZ(self, line: str) -> None:  # noqa: N802 - as above
        if not self._is_secure():
            self._answer("503 Encrypt the connection first (AUTH TLS).")
            return
        self._sized = True
        self._answer("200 PBSZ=0")

    def ftp_PROT(self, line: str) -> None:  # noqa: N802 - as above
        level = line.upper()
        if not self._sized:
            self._answer("503 Send PBSZ 0 first.")
        elif level in ("P", "C"):
            self.protects_files = level == "P"
            self._answer(f"200 Data connections: {level}.")
        else:
            self._answer("536 Use PROT P or PROT C.")

    def _is_secure(self) -> bool:
        return isinstance(self.socket, ssl.SSLSocket)  # type: ignore[attr-defined]

    def _answer(self, text: str) -> None:
        self.respond(text)  # type: ignore[attr-defined]
