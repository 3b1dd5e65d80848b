"""The legacy wire format: bytes in, packets out. Pure, incremental, made for floods."""

import re
from binascii import Error as HexError
from binascii import unhexlify
from typing import NamedTuple

from embereye.rules.gas import ADC_FULL

CAP = 4096  # bytes of one packet, "#" and "!" included (sensor protocol, section 1)
FRAME_BYTES = 1668  # 834 words: 768 pixels, 64 auxiliary words, control, status
PIXEL_BYTES = 1536  # 768 words: pixels alone
EEPROM_BYTES = 1664  # 832 words

_NAME_MAX = 64  # characters of an id, location or serial number; longer ones are no names


class SensorPacket(NamedTuple):
    """`#Sensor…!`: ADC values 0–4095 and the digital flame input, None when absent."""

    ident: str
    location: str
    adc1: int | None
    adc2: int | None
    adc3: int | None
    flame: bool | None


class FramePacket(NamedTuple):
    """`#frame…!`: the digits of 834 or 768 words, checked, as they came."""

    ident: str
    location: str
    digits: bytes


class EepromPacket(NamedTuple):
    """`#EEPROM…!`: 832 words of 16 bit, big-endian, as 1664 bytes."""

    ident: str
    location: str
    words: bytes


class LocationPacket(NamedTuple):
    """`#locid:…!`: where the connection's device hangs."""

    location: str


class SerialPacket(NamedTuple):
    """`#serialno:…!`"""

    serial: str


class FirmwarePacket(NamedTuple):
    """`FW:…` inside a sealed packet: what a device says about an update, without the prefix."""

    text: str


class Corrupt(NamedTuple):
    """Something between two ends of packets that cannot be used; `reason` is for counting."""

    reason: str


class SecurePacket(NamedTuple):
    """A packet of the authenticated protocol: what stood between `#` and `!`, unchecked."""

    body: bytes


Packet = (
    SensorPacket
    | FramePacket
    | EepromPacket
    | LocationPacket
    | SerialPacket
    | SecurePacket
    | FirmwarePacket
    | Corrupt
)

_CUT = Corrupt("cut or foreign bytes before a packet")
_LONG = Corrupt("longer than 4 KiB")
_UNPRINTABLE = Corrupt("bytes outside printable ASCII")
_UNKNOWN = Corrupt("unknown kind of packet")
_BAD_NAME = Corrupt("a name that is empty or too long")
_BAD_VALUES = Corrupt("sensor values that are missing or out of range")
_BAD_WORDS = Corrupt("hexadecimal words that are missing, wrong or too many")

_FIRMWARE = b"FW:"
_SECURE = (b"m2:", b"hi2:")  # what a device says in the authenticated protocol
_BLANK = b"\r\n"  # may follow a packet
# One match reads the usual sensor packet; everything unusual takes the slow path below.
_USUAL = re.compile(
    rb"[\r\n]*#Sensor([\"$-9;-~]{0,64}):(?:([\"$-+\--9;<>-~]{1,64}):)?"
    rb"ADC1:?=(\d{1,4}),ADC2:?=(\d{1,4})(?:,ADC3:?=(\d{1,4}))?(?:,(?:MPY30|DIO):?=([01]))?"
)
_PRINTABLE = re.compile(rb"[ -~]*")
_KIND = re.compile(rb"(frame|sensor|eeprom|locid|serialno)([^:]*):(.*)", re.IGNORECASE)


class Splitter:
    """Cuts one connection's bytes into packets, however they were chunked.

    A packet starts at the last `#` before a `!`, so that the first good packet after a cut one is
    found. At most `CAP` bytes are kept between two calls. One thread.
    """

    def __init__(self) -> None:
        self._tail = b""
        self._dirty = False  # bytes of the unfinished packet's stretch were thrown away

    @property
    def waiting(self) -> int:
        """Bytes of an unfinished packet."""
        return len(self._tail)

    def feed(self, chunk: bytes) -> list[Packet]:
        """The packets that `chunk` completes, in order, damage as `Corrupt`. Never raises."""
        *stretches, tail = (self._tail + chunk).split(b"!")
        found: list[Packet] = []
        usual = _USUAL.fullmatch
        for stretch in stretches:
            match = usual(stretch)
            if match is None or self._dirty:
                self._unusual(stretch, found)
                continue
            found.append(_usual(match))
        self._keep(tail)
        return found

    def _unusual(self, stretch: bytes, found: list[Packet]) -> None:
        start = stretch.rfind(b"#")
        before = stretch if start < 0 else stretch[:start]
        if self._dirty or before.strip(_BLANK):
            found.append(_CUT)
        self._dirty = False
        if start < 0:
            return
        if len(stretch) - start >= CAP:
            found.append(_LONG)
            return
        body = stretch[start + 1 :]
        found.append(SecurePacket(body) if body.startswith(_SECURE) else parse(body))

    def _keep(self, tail: bytes) -> None:
        start = tail.rfind(b"#")
        before = tail if start < 0 else tail[:start]
        if before.strip(_BLANK):
            self._dirty = True
        kept = b"" if start < 0 else tail[start:]
        if len(kept) >= CAP:
            self._dirty, kept = True, b""
        self._tail = kept


def read(body: bytes) -> Packet:
    """As `parse`, faster for the usual sensor packet."""
    match = _USUAL.fullmatch(b"#" + body)
    return parse(body) if match is None else _usual(match)


def read_sealed(body: bytes) -> Packet:
    """As `read`, of a body whose authentication code is right: it may speak of firmware too."""
    if body.startswith(_FIRMWARE) and _PRINTABLE.fullmatch(body) is not None:
        return FirmwarePacket(body[len(_FIRMWARE) :].decode())
    return read(body)


def parse(body: bytes) -> Packet:
    """The legacy packet between `#` and `!`; `Corrupt` when it is none. Never raises."""
    if _PRINTABLE.fullmatch(body) is None:
        return _UNPRINTABLE
    match = _KIND.fullmatch(body)
    if match is None:
        return _UNKNOWN
    kind, ident, rest = match[1].lower(), match[2].decode().strip(), match[3]
    if kind in (b"locid", b"serialno"):
        return _named(kind, ident, rest.decode().strip())
    if kind == b"sensor":
        location, values = _location_and_values(rest)
    else:
        place, _, values = rest.rpartition(b":")
        location = place.decode().strip()
    if len(ident) > _NAME_MAX or len(location) > _NAME_MAX or ":" in location:
        return _BAD_NAME
    if kind == b"sensor":
        return _sensor(ident, location, values)
    if kind == b"frame":
        words = _words(values)
        usable = words is not None and len(words) in (FRAME_BYTES, PIXEL_BYTES)
        return FramePacket(ident, location, values) if usable else _BAD_WORDS
    words = _words(values)
    if words is None or len(words) != EEPROM_BYTES:
        return _BAD_WORDS
    return EepromPacket(ident, location, words)


def _usual(match: re.Match[bytes]) -> SensorPacket | Corrupt:
    ident, location, a1, a2, a3, flame = match.groups()
    adc1, adc2 = int(a1), int(a2)
    adc3 = None if a3 is None else int(a3)
    if adc1 > ADC_FULL or adc2 > ADC_FULL or (adc3 is not None and adc3 > ADC_FULL):
        return _BAD_VALUES
    return SensorPacket(
        ident.decode(),
        "" if location is None else location.decode(),
        adc1,
        adc2,
        adc3,
        None if flame is None else flame == b"1",
    )


def _named(kind: bytes, ident: str, name: str) -> Packet:
    if ident or not name or len(name) > _NAME_MAX or ":" in name:
        return _BAD_NAME
    return LocationPacket(name) if kind == b"locid" else SerialPacket(name)


def _location_and_values(rest: bytes) -> tuple[str, bytes]:
    """Split `<loc>:k=v,…`; a colon after the first `=` or before one is the stray `ADC3:=1`."""
    head, equals, _ = rest.partition(b"=")
    place, colon, key = head.rstrip(b": ").rpartition(b":")
    if not equals or not colon:
        return "", rest
    return place.decode().strip(), key + rest[len(head.rstrip(b": ")) :]


def _sensor(ident: str, location: str, values: bytes) -> Packet:
    adc: dict[str, int] = {}
    flame: bool | None = None
    for pair in values.decode().split(","):
        key, _, text = pair.partition("=")
        key, text = key.strip(" :").upper(), text.strip()
        if key in ("ADC1", "ADC2", "ADC3"):
            if not _is_number(text) or int(text) > ADC_FULL:
                return _BAD_VALUES
            adc[key] = int(text)
        elif key in ("MPY30", "DIO"):
            if text not in ("0", "1"):
                return _BAD_VALUES
            flame = bool(flame) or text == "1"
    if not adc and flame is None:
        return _BAD_VALUES
    return SensorPacket(ident, location, adc.get("ADC1"), adc.get("ADC2"), adc.get("ADC3"), flame)


def _is_number(text: str) -> bool:
    return len(text) <= 4 and text.isascii() and text.isdigit()


def _words(text: bytes) -> bytes | None:
    """Words of 4 hex digits, joined or apart by spaces, as big-endian bytes; None if unusable."""
    if b" " in text:
        parts = text.split()
        if any(len(part) != 4 for part in parts):
            return None
        text = b"".join(parts)
    try:
        return unhexlify(text)
    except HexError:
        return None
