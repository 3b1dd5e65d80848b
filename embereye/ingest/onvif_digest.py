"""HTTP digest authentication as cameras use it. Source: RFC 7616, sections 3.3 and 3.4."""

import hashlib
import re
from collections.abc import Callable, Iterable

from embereye.ingest.url import Login

_PAIR = re.compile(r'([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.){0,512})"|([^\s,"]{1,512}))')
_PLAIN = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]{0,512}\Z")  # needs no quoting in a header
_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "MD5": hashlib.md5,
    "SHA-256": hashlib.sha256,
}


class Digest:
    """Answers one camera's challenge for as many requests as it lasts. One thread."""

    def __init__(self, realm: str, nonce: str, opaque: str, algorithm: str, qop: str) -> None:
        self._realm, self._nonce, self._opaque = realm, nonce, opaque
        self._algorithm, self._qop = algorithm, qop
        self._count = 0

    def header(self, login: Login, target: str, client_nonce: str) -> str:
        """The Authorization header of a POST to `target`."""
        self._count += 1
        count = f"{self._count:08x}"
        secret = self._hash(f"{login.user}:{self._realm}:{login.password}")
        request = self._hash(f"POST:{target}")
        between = f"{count}:{client_nonce}:auth:" if self._qop else ""
        response = self._hash(f"{secret}:{self._nonce}:{between}{request}")
        user = re.sub(r'(["\\])', r"\\\1", "".join(filter(str.isprintable, login.user)))
        text = (
            f'Digest username="{user}", realm="{self._realm}", nonce="{self._nonce}", '
            f'uri="{target}", response="{response}", algorithm={self._algorithm}'
        )
        if self._opaque:
            text += f', opaque="{self._opaque}"'
        return text + (f', qop=auth, nc={count}, cnonce="{client_nonce}"' if self._qop else "")

    def _hash(self, text: str) -> str:
        return _HASHES[self._algorithm](text.encode()).hexdigest()


def digest_of(challenges: Iterable[str]) -> Digest | None:
    """The best challenge that can be answered; None without one.

    Basic is not answered: it would hand the password to whoever answers at the address.
    """
    found = [digest for text in challenges if (digest := _digest(text)) is not None]
    return max(found, key=lambda digest: digest._algorithm == "SHA-256", default=None)


def _digest(text: str) -> Digest | None:
    kind, _, rest = text.strip().partition(" ")
    if kind.lower() != "digest":
        return None
    values = {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(rest[:4096])}
    algorithm = values.get("algorithm", "MD5").upper()
    offers = [offer.strip() for offer in values.get("qop", "").split(",") if offer.strip()]
    realm, nonce, opaque = (values.get(name, "") for name in ("realm", "nonce", "opaque"))
    if algorithm not in _HASHES or not nonce or not all(map(_PLAIN.match, (realm, nonce, opaque))):
        return None
    if offers and "auth" not in offers:
        return None
    return Digest(realm, nonce, opaque, algorithm, "auth" if offers else "")
