"""Checks the session description a WHEP server answers with, before anything acts on it. Pure.

A description names addresses that will be sent to. Only numeric ones of UDP are kept, and none of
this machine unless the server itself is on it, so that a server in the network cannot make the
console ask other names, or probe what only this machine may reach.
"""

import ipaddress
import re
from dataclasses import dataclass

from embereye.model.errors import CameraUnsupported

LARGEST = 64 << 10  # bytes; a usual answer has 1–4 KiB
_MOST_CANDIDATES = 16  # a server with eight networks; each costs some packets
_MOST_MEDIA = 8
_RTPMAP = re.compile(r"a=rtpmap:([0-9]{1,3}) ([A-Za-z0-9._-]{1,32})/")
_FMTP = re.compile(r"a=fmtp:([0-9]{1,3}) ")
# aiortc compares the profile with the ones it offered, but decodes all of them.
_OFFERED = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
_CODECS = {"H264": "h264", "VP8": "vp8"}  # what aiortc decodes; the rest is for repair


@dataclass(frozen=True, slots=True)
class Checked:
    """A description that may be acted on.

    Attributes:
        codec: As FFmpeg names it: "h264" or "vp8".
    """

    text: str
    codec: str


def check(body: bytes, place: str, peer: str) -> Checked:
    """The description in `body`, which came from `peer`, a numeric address.

    Raises:
        CameraUnsupported: it is none, has no video, or none that can be reached or decoded.
    """
    lines = _lines(body, place)
    sections = _sections(lines)
    video = [section for section in sections if _sends_video(section)]
    if not video or len(sections) - 1 > _MOST_MEDIA:
        raise CameraUnsupported(f"{place} answers, but offers no video. Check its stream.")
    codec = _codec(video[0])
    if codec is None:
        raise CameraUnsupported(
            f"{place} offers no video that can be decoded. Set the stream to H.264 or VP8."
        )
    kept = [line for line in lines if _keeps(line, peer)]
    candidates = [line for line in kept if line.startswith("a=candidate:")]
    if not candidates:
        raise CameraUnsupported(
            f"{place} names no address that video can come from. Check its ICE settings."
        )
    for line in candidates[_MOST_CANDIDATES:]:
        kept.remove(line)
    return Checked("\r\n".join(_any_profile(kept)) + "\r\n", codec)


def _lines(body: bytes, place: str) -> list[str]:
    wrong = CameraUnsupported(f"{place} does not answer with a session description (WHEP).")
    if len(body) > LARGEST:
        raise wrong
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise wrong from None
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    if not lines or lines[0] != "v=0" or not all(re.match(r"[a-z]=", line) for line in lines):
        raise wrong
    return lines


def _sections(lines: list[str]) -> list[list[str]]:
    """The session's own lines, then those of each medium."""
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    return sections


def _sends_video(section: list[str]) -> bool:
    words = section[0].split(" ") if section else []
    refused = len(words) < 4 or words[1] == "0"
    return (
        words[:1] == ["m=video"]
        and not refused
        and "a=inactive" not in section
        and "a=recvonly" not in section
    )


def _codec(section: list[str]) -> str | None:
    """What the first payload number is that can be decoded."""
    found = (_RTPMAP.match(line) for line in section)
    names = {match[1]: _CODECS.get(match[2].upper()) for match in found if match is not None}
    return next((name for number in section[0].split(" ")[3:] if (name := names.get(number))), None)


def _any_profile(lines: list[str]) -> list[str]:
    """The same with every H.264 payload called what was offered."""
    maps = (_RTPMAP.match(line) for line in lines)
    numbers = {found[1] for found in maps if found is not None and found[2].upper() == "H264"}
    made = []
    for line in lines:
        number = found[1] if (found := _FMTP.match(line)) else ""
        if number not in numbers:
            made.append(line)
        if (found := _RTPMAP.match(line)) is not None and found[1] in numbers:
            made.append(f"a=fmtp:{found[1]} {_OFFERED}")
    return made


def _keeps(line: str, peer: str) -> bool:
    if not line.startswith("a=candidate:"):
        return True
    words = line.split(" ")
    if len(words) < 8 or words[2].lower() != "udp" or words[6] != "typ":
        return False
    try:
        address, server = ipaddress.ip_address(words[4]), ipaddress.ip_address(peer)
    except ValueError:
        return False
    if address.is_multicast or address.is_unspecified or words[5] == "0":
        return False
    return server.is_loopback or not address.is_loopback
