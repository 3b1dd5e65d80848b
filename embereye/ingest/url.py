"""Checks the parts of a network address. Pure; every failure says what to write instead."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from embereye.model.errors import SourceError

# Source: RFC 2326 section 3.2 (554), RFC 7826 section 4.2 (322), RFC 9110 section 4.2
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "whep": 80, "wheps": 443}
SCHEMES = "rtsp://, rtsps://, http://, https://, whep:// or wheps://"
HIDDEN = "***"  # what a screen shows instead of credentials

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_USERINFO = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:%-]*\Z")  # RFC 3986 section 3.2.1
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*\Z")  # RFC 3986 sections 3.3, 3.4
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\Z")
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)\Z")
_PORT = re.compile(r"[0-9]{1,5}\Z")
_SECRET = re.compile(
    r"(?i)(?<![a-z])(passw(?:or)?d|passwd|pass|pwd|token|secret|api_?key)=([^&/?;\s]*)"
)
_LOGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)\S*@")


@dataclass(frozen=True, slots=True)
class Login:
    """User name and password, decoded."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Login(***)"


@dataclass(frozen=True, slots=True)
class Url:
    """A checked network address without credentials.

    Attributes:
        host: Lower case; IPv6 without brackets.
        target: Path and query, percent-encoded, starting with "/".
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def place(self) -> str:
        """ "10.1.2.3:554", for errors and headers."""
        return f"{self._host}:{self.port}"

    @property
    def _host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def text(self, login: Login | None = None) -> str:
        """The normal form. With `login` it carries a secret: hand it to the decoder only."""
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{_userinfo_text(login)}{self._host}{port}{self.target}"


def split(text: str, *, login_known: bool) -> tuple[Url, Login | None]:
    """Check an address and take its credentials out.

    `login_known`: a login is stored already, so that "***" in the place of one means "as before".

    Raises:
        SourceError: with what to write instead; the text never contains credentials.
    """
    scheme, rest = _scheme(text)
    authority, target = _cut(rest)
    userinfo, at, host_port = authority.rpartition("@")
    if "@" in userinfo:
        raise SourceError("The address has two @. Write an @ of the password as %40.")
    host, port = _host_and_port(host_port, DEFAULT_PORTS[scheme])
    url = Url(scheme, host, port, _target(target))
    return url, _login(userinfo, login_known) if at else None


def redact(text: str) -> str:
    """`text` without credentials, for logs and screens; works on any text, also on wrong ones."""
    return _SECRET.sub(rf"\1={HIDDEN}", _LOGIN.sub(rf"\1{HIDDEN}@", text))


def beside(url: Url, reference: str) -> Url | None:
    """What the server at `url` (http or https) names; None when that is not on the same server."""
    try:
        parts = urlsplit(urljoin(url.text(), reference))
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
        target = _target(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    except (ValueError, SourceError):
        return None
    same = (parts.scheme, parts.hostname, port) == (url.scheme, url.host, url.port)
    return Url(url.scheme, url.host, url.port, target) if same and not parts.username else None


def is_url(text: str) -> bool:
    """Whether `text` claims to be a network address (not whether it is a good one)."""
    return "://" in text


def _scheme(text: str) -> tuple[str, str]:
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    if found is None or scheme not in DEFAULT_PORTS:
        raise SourceError(
            f"The address must start with {SCHEMES}, or be a video file or a USB camera number."
        )
    return scheme, text[found.end() :]


def _cut(rest: str) -> tuple[str, str]:
    if "#" in rest:
        raise SourceError("The address contains #. Write it as %23, or leave it out.")
    found = re.search(r"[/?]", rest)
    authority, target = (rest[: found.start()], rest[found.start() :]) if found else (rest, "")
    if "@" not in authority and re.match(r"[^?]*:[^?]*@", target):
        raise SourceError("Write a / of the user name or password as %2F, and a ? as %3F.")
    return authority, target


def _userinfo_text(login: Login | None) -> str:
    if login is None:
        return ""
    return f"{quote(login.user, safe='')}:{quote(login.password, safe='')}@"


def _login(userinfo: str, login_known: bool) -> Login | None:
    user, _, password = userinfo.partition(":")
    if HIDDEN in (user, password):
        if login_known:
            return None
        raise SourceError("The password is hidden (***). Enter it again.")
    if not _USERINFO.match(userinfo):
        raise SourceError(
            "Write special characters of the user name and password percent-encoded, such as %40."
        )
    if not user:
        raise SourceError("The user name before the password is missing.")
    return Login(_decoded(user, "user name"), _decoded(password, "password"))


def _decoded(text: str, what: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise SourceError(f"A % in the {what} must be written as %25.")
    try:
        decoded = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise SourceError(f"The percent-encoding in the {what} is not UTF-8.") from None
    if not decoded.isprintable():
        raise SourceError(f"The {what} contains a control character. Remove it.")
    return decoded


def _host_and_port(text: str, default: int) -> tuple[str, int]:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise SourceError("An IPv6 address stands in brackets, such as [fe80::1]:554.")
        return _ipv6(host), _port(rest[1:], default) if rest else default
    host, colon, port = text.partition(":")
    return _host(host), _port(port, default) if colon else default


def _port(text: str, default: int) -> int:
    if not _PORT.match(text) or not 1 <= int(text) <= 65535:
        raise SourceError(f"The port must be a number from 1 to 65535, such as {default}.")
    return int(text)


def _ipv6(text: str) -> str:
    try:
        if "%" in text:
            raise ValueError
        return ipaddress.IPv6Address(text).compressed
    except ValueError:
        raise SourceError("The IPv6 address in brackets is not valid.") from None


def _host(text: str) -> str:
    labels = text.lower().split(".")
    if not text or len(text) > 253 or not all(_LABEL.match(label) for label in labels):
        raise SourceError("The host must be a name or an address such as 192.168.1.20.")
    if _NUMBER.match(labels[-1]):  # 127.1, 0x7f.0.0.1 and 2130706433 are read differently by each
        try:
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            raise SourceError("Write the IPv4 address as four numbers from 0 to 255.") from None
    return ".".join(labels)


def _target(text: str) -> str:
    if not _PATH.match(text):
        raise SourceError("Write special characters and blanks of the path percent-encoded (%20).")
    _decoded(text, "path")
    if any(found[2] for found in _SECRET.finditer(text)):
        raise SourceError(
            "A password in the path cannot be kept secret. "
            "Write it before the host, as in rtsp://user:password@host/live."
        )
    normal = re.sub(r"%[0-9A-Fa-f]{2}", lambda found: found[0].upper(), text)
    return normal if normal.startswith("/") else "/" + normal
