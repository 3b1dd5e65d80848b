"""The authenticated protocol, version 2, on the wire: texts and codes, both directions. Pure.

Source: sensor protocol, section 4. Both ends use this module, the server's session and the
device-side reference client; `docs/device-protocol.md` has it in words with test vectors.

A code ("mac") covers everything before it, a colon, and the body: of the packet
`#m2:42:1763629000123:<mac>:Sensor17:ADC1=5!` the bytes `#m2:42:1763629000123:Sensor17:ADC1=5`; of
one without a body, `#a2:42:<mac>!`, the bytes `#a2:42:`.
"""

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256

NONCE_BYTES = 8  # 16 hex digits
MAC_BYTES = 16  # 32 hex digits: 2**-128 for a guess
WINDOW = 64  # packets that may overtake each other
KEY_BYTES = 32  # of a device key
MOST_NUMBER = 2**63 - 1  # what fits into a database column; boots, sequence numbers, milliseconds

MOST_BODY = 4000  # bytes; with the largest numbers, code and delimiters below the 4,096 of a packet

_NAME = rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_KID = rb"[A-Za-z0-9]{1,16}"
_NUMBER = rb"0|[1-9][0-9]{0,18}"
_HELLO = re.compile(
    rb"hi2:(%s):(%s):(%s):([0-9a-f]{16}):([\"$-9;-~]{0,32})" % (_NAME, _KID, _NUMBER)
)
_CHALLENGE = re.compile(rb"(ch2:([0-9a-f]{16}):(%s):(%s):(%s)):([0-9a-f]{32})" % ((_NUMBER,) * 3))
_MESSAGE = re.compile(rb"(m2:(%s):(%s)):([0-9a-f]{32}):([ \"$-~]*)" % (_NUMBER, _NUMBER))
_BODY = re.compile(rb"[ \"$-~]{1,%d}" % MOST_BODY)
_ACKNOWLEDGEMENT = re.compile(rb"(a2:(%s)):([0-9a-f]{32})" % _NUMBER)
_RECEIPT = re.compile(rb"(r2:(%s)):([0-9a-f]{32})" % _NUMBER)
_COMMAND = re.compile(rb"(c2:(%s):(%s)):([0-9a-f]{32}):([ \"$-~]+)" % (_NUMBER, _NUMBER))
_KEY = re.compile(rb"KEY:(%s):([0-9a-f]{%d})" % (_KID, 2 * KEY_BYTES))


@dataclass(frozen=True, slots=True)
class Hello:
    """`#hi2`: who connects; proves nothing yet."""

    device: str
    kid: str
    boot: int
    nonce: str
    firmware: str


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """The two keys of one connection; never logged."""

    to_server: bytes
    to_device: bytes

    def __repr__(self) -> str:
        return "SessionKeys(…)"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A packet with a code that is not checked yet; see `genuine`.

    Attributes:
        numbers: ch2: (server ms, last boot, last seq); m2 and c2: (seq, ms); a2 and r2: (seq,).
        covered: What the code covers.
        mac: As it came, 32 hex digits.
        nonce: The server's, 16 hex digits; ch2 only.
    """

    numbers: tuple[int, ...]
    covered: bytes
    mac: bytes
    body: bytes = b""
    nonce: str = ""


def session_keys(secret: bytes, hello: Hello, server_nonce: str) -> SessionKeys:
    """The keys of the connection that began with `hello`."""
    context = _context(hello, server_nonce)
    return SessionKeys(
        hmac.digest(secret, b"ee2|c2s|" + context, sha256),
        hmac.digest(secret, b"ee2|s2c|" + context, sha256),
    )


def is_body(body: bytes) -> bool:
    """Whether a message can carry it: 1–4,000 printable ASCII characters, neither "#" nor "!"."""
    return _BODY.fullmatch(body) is not None


def mac(key: bytes, covered: bytes) -> bytes:
    """32 hex digits of the code."""
    return hmac.digest(key, covered, sha256)[:MAC_BYTES].hex().encode()


def genuine(key: bytes, sealed: Sealed) -> bool:
    """Whether the code is right; takes the same time whatever is wrong."""
    return hmac.compare_digest(mac(key, sealed.covered), sealed.mac)


def hello(said: Hello) -> bytes:
    """`#hi2:…!`"""
    fields = (said.device, said.kid, said.boot, said.nonce, said.firmware)
    return "#hi2:{}:{}:{}:{}:{}!".format(*fields).encode()


def challenge(key: bytes, nonce: str, server_ms: int, boot: int, seq: int) -> bytes:
    """`#ch2:…!`, which proves that the server has the key; boot and seq are stored already."""
    return _seal(key, f"#ch2:{nonce}:{server_ms}:{boot}:{seq}".encode())


def message(key: bytes, seq: int, device_ms: int, body: bytes) -> bytes:
    """`#m2:…!` around any legacy body (without "#" and "!")."""
    return _seal(key, b"#m2:%d:%d" % (seq, device_ms), body)


def acknowledgement(key: bytes, seq: int) -> bytes:
    """`#a2:…!`: everything up to `seq` is on the disk."""
    return _seal(key, b"#a2:%d" % seq)


def receipt(key: bytes, seq: int) -> bytes:
    """`#r2:…!`: everything up to `seq` was judged, but cannot be put on the disk now."""
    return _seal(key, b"#r2:%d" % seq)


def command(key: bytes, seq: int, server_ms: int, body: bytes) -> bytes:
    """`#c2:…!` around a command."""
    return _seal(key, b"#c2:%d:%d" % (seq, server_ms), body)


def read_hello(body: bytes) -> Hello | None:
    """The hello in what stood between "#" and "!"; None when it is none."""
    match = _HELLO.fullmatch(body)
    if match is None or int(match[3]) > MOST_NUMBER:
        return None
    device, kid, boot, nonce, firmware = match.groups()
    return Hello(device.decode(), kid.decode(), int(boot), nonce.decode(), firmware.decode())


def read_challenge(body: bytes) -> Sealed | None:
    """The challenge in what stood between "#" and "!"; None when it is none."""
    match = _CHALLENGE.fullmatch(body)
    if match is None:
        return None
    sealed = _sealed(match[1], (match[3], match[4], match[5]), match[6], b"")
    return None if sealed is None else Sealed(*_fields(sealed), nonce=match[2].decode())


def read_message(body: bytes) -> Sealed | None:
    """The message in what stood between "#" and "!"; None when it is none."""
    match = _MESSAGE.fullmatch(body)
    return None if match is None else _sealed(match[1], (match[2], match[3]), match[4], match[5])


def read_acknowledgement(body: bytes) -> Sealed | None:
    """The acknowledgement in what stood between "#" and "!"; None when it is none."""
    match = _ACKNOWLEDGEMENT.fullmatch(body)
    return None if match is None else _sealed(match[1], (match[2],), match[3], b"")


def read_receipt(body: bytes) -> Sealed | None:
    """The receipt in what stood between "#" and "!"; None when it is none."""
    match = _RECEIPT.fullmatch(body)
    return None if match is None else _sealed(match[1], (match[2],), match[3], b"")


def read_command(body: bytes) -> Sealed | None:
    """The command in what stood between "#" and "!"; None when it is none."""
    match = _COMMAND.fullmatch(body)
    return None if match is None else _sealed(match[1], (match[2], match[3]), match[4], match[5])


def wrap_key(secret: bytes, said: Hello, server_nonce: str, kid: str, new_secret: bytes) -> bytes:
    """`KEY:…`, the body of a command that hands over a new key, unreadable without `secret`.

    `secret` is the key that the connection began with. One session must not carry two keys of
    one name: the same mask would cover both.
    """
    mask = _key_mask(secret, said, server_nonce, kid)
    return f"KEY:{kid}:{_xor(new_secret, mask).hex()}".encode()


def unwrap_key(
    secret: bytes, said: Hello, server_nonce: str, body: bytes
) -> tuple[str, bytes] | None:
    """Name and secret of the key in a command that was found `genuine`; None when it is none."""
    match = _KEY.fullmatch(body)
    if match is None:
        return None
    kid = match[1].decode()
    mask = _key_mask(secret, said, server_nonce, kid)
    return kid, _xor(bytes.fromhex(match[2].decode()), mask)


def _key_mask(secret: bytes, said: Hello, server_nonce: str, kid: str) -> bytes:
    context = _context(said, server_nonce) + b"|" + kid.encode()
    return hmac.digest(secret, b"ee2|key|" + context, sha256)


def _context(said: Hello, server_nonce: str) -> bytes:
    return "|".join((said.device, said.kid, str(said.boot), said.nonce, server_nonce)).encode()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _seal(key: bytes, head: bytes, body: bytes = b"") -> bytes:
    code = mac(key, head + b":" + body)
    return b"%s:%s:%s!" % (head, code, body) if body else b"%s:%s!" % (head, code)


def _sealed(head: bytes, numbers: tuple[bytes, ...], code: bytes, body: bytes) -> Sealed | None:
    values = tuple(int(number) for number in numbers)
    if max(values) > MOST_NUMBER:
        return None
    return Sealed(values, b"#" + head + b":" + body, code, body)


def _fields(sealed: Sealed) -> tuple[tuple[int, ...], bytes, bytes, bytes]:
    return sealed.numbers, sealed.covered, sealed.mac, sealed.body
