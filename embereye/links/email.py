"""Sends one plain-text e-mail to a mail server that may hang, lie or never end.

Source: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 5322 (message format).
"""

import io
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from embereye.links.failure import DeliveryFailed
from embereye.rules.notice_text import clean_line, clean_text
from embereye.runtime.http_exchange import Allowance, BoundedReader, Peer, TooMuch, connected

_LARGEST = 256 << 10  # bytes of all answers of a server; a talkative one says some KB
# s; longest wait for a connection to one of its addresses: three tries of TCP at 0, 1 and 3 s
# (RFC 6298), and less than a stop of the program may take
_CONNECT = 4.0
_PERMANENT = 500  # codes from here on are permanent; source: RFC 5321 section 4.2.1


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over.

    Attributes:
        security: "starttls", "tls" or "none".
        context: What is trusted; None: what this machine trusts.
        password: Not in `repr`.
    """

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent; cleaned here, whatever it contains.

    Attributes:
        key: Becomes the Message-ID: letters and digits.
        at_utc: When it happened, s.
    """

    sender: str
    recipients: tuple[str, ...]
    subject: str
    body: str
    key: str
    at_utc: float


def send_mail(server: MailServer, mail: Mail, allowance: Allowance) -> None:
    """Hand a mail over to the server.

    Raises:
        DeliveryFailed: not all have it; `rest` names who lacks it where some have it.
    """
    if not mail.recipients:
        raise DeliveryFailed("Nobody is named as a recipient. Enter one.", final=True)
    content = message_of(mail).as_bytes()
    try:
        refused = _handed_over(server, mail, content, allowance)
    except DeliveryFailed:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        raise _none_taken(error.recipients) from None
    except smtplib.SMTPException as error:
        raise _refusal(server, error) from None
    except TooMuch:
        raise DeliveryFailed(f"{_named(server)} does not stop talking. Check it.") from None
    except TimeoutError:
        raise DeliveryFailed(
            f"{_named(server)} does not answer in time. Check that it is running."
        ) from None
    except ssl.SSLError as error:
        raise DeliveryFailed(_untrusted(server, error)) from None
    except (OSError, ValueError, UnicodeError) as error:
        raise DeliveryFailed(
            f"{_named(server)} cannot be reached, or broke the connection "
            f"({clean_line(str(error), 80)}). Check the address, the server and the network."
        ) from None
    if refused:
        raise _some_refused(refused)


def message_of(mail: Mail) -> EmailMessage:
    """The message: plain text in UTF-8, no header that a value could add."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.recipients)
    message["Subject"] = clean_line(mail.subject)
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.at_utc, UTC))
    message["Message-ID"] = f"<{mail.key}@{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers with a holiday
    message.set_content(clean_text(mail.body))
    return message


class _Session(smtplib.SMTP):
    """One conversation, bounded in time and bytes."""

    def __init__(self, peer: Peer, allowance: Allowance) -> None:
        # A name of this machine would need a lookup that can hang; the address says it as well.
        super().__init__(local_hostname="[127.0.0.1]", timeout=peer.connect)
        self._peer, self._allowance = peer, allowance

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = connected(self._peer, self._allowance)
        address = connection.getsockname()[0]
        prefix = "IPv6:" if ":" in address else ""  # source: RFC 5321 section 4.1.3
        self.local_hostname = f"[{prefix}{address.partition('%')[0]}]"
        return connection

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            wire = BoundedReader(self.sock, self._allowance, _LARGEST)
            self.file = io.BufferedReader(wire)
        answer = super().getreply()
        if self.sock is not None:  # a handshake may follow, which no stop interrupts
            self.sock.settimeout(min(_CONNECT, self._allowance.left()))
        return answer

    def send(self, s: object) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._allowance.left())
        super().send(s)  # type: ignore[arg-type]


def _handed_over(
    server: MailServer, mail: Mail, content: bytes, allowance: Allowance
) -> dict[str, tuple[int, bytes]]:
    """Who was refused; each raises what `smtplib` raises."""
    context = server.context or ssl.create_default_context()
    implicit = context if server.security == "tls" else None
    session = _Session(Peer(server.host, server.port, implicit, _CONNECT, _LARGEST), allowance)
    try:
        session.connect(server.host, server.port)
        session.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            session._host = server.host  # type: ignore[attr-defined]  # whom the certificate names
            session.starttls(context=context)
            session.ehlo()
        if server.user:
            session.login(server.user, server.password)
        options = ["BODY=8BITMIME"] if session.has_extn("8bitmime") else []
        refused = session.sendmail(mail.sender, list(mail.recipients), content, options)
        _part(session)
        return refused
    finally:
        session.close()


def _part(session: smtplib.SMTP) -> None:
    """Say good-bye; the mail is taken already, whatever becomes of that."""
    try:
        session.quit()
    except (smtplib.SMTPException, TooMuch, OSError):
        return


def _refusal(server: MailServer, error: smtplib.SMTPException) -> DeliveryFailed:
    name = _named(server)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return DeliveryFailed(f"{name} rejects the user name or password. Enter them again.")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DeliveryFailed(
            f"{name} offers no such encryption or login. Check the port and the encryption."
        )
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return DeliveryFailed(
            f"{name} does not answer in time, or broke the connection. Check that it is running."
        )
    if isinstance(error, smtplib.SMTPResponseException):
        said = clean_line(_text(error.smtp_error), 120)
        # Only what it says about this very mail is final; a greeting with 554 may be over soon.
        final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= _PERMANENT
        return DeliveryFailed(f"{name} refuses ({error.smtp_code} {said}).", final=final)
    return DeliveryFailed(f"{name} does not speak SMTP. Check the address and the port.")


def _none_taken(refused: dict[str, tuple[int, bytes]]) -> DeliveryFailed:
    final = all(code >= _PERMANENT for code, _ in refused.values())
    return DeliveryFailed(f"Nobody could be reached: {_who(refused)}.", final=final)


def _some_refused(refused: dict[str, tuple[int, bytes]]) -> DeliveryFailed:
    rest = [name for name, (code, _) in refused.items() if code < _PERMANENT]
    text = f"Not all could be reached: {_who(refused)}."
    return DeliveryFailed(text, final=not rest, partly=True, rest=rest)


def _who(refused: dict[str, tuple[int, bytes]]) -> str:
    first = list(refused.items())[:3]
    named = "; ".join(f"{name} ({code} {clean_line(_text(t), 60)})" for name, (code, t) in first)
    return named + (f" and {len(refused) - 3} more" if len(refused) > 3 else "")


def _untrusted(server: MailServer, error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"{_named(server)} shows a certificate that this machine does not trust "
            f"({error.verify_message}). Install its authority here, or correct the address."
        )
    return f"{_named(server)} cannot be encrypted to. Check the port and the encryption."


def _named(server: MailServer) -> str:
    return f"The mail server {server.host}:{server.port}"


def _text(said: object) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
