"""A clip as RTP packets, made once; each client only gets other counters and times.

Sources: RFC 3550 (header), RFC 6184 (H.264: single NAL units and FU-A), RFC 7798 (H.265: single
NAL units and FU), RFC 2326 section 10.12 (interleaved in the RTSP connection).
"""

import base64
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.bitstream import BitStreamFilterContext

CLOCK = 90_000  # ticks/s of every video payload
_PAYLOAD_TYPE = 96  # the first dynamic one
_MTU = 1400  # bytes of one RTP payload, as cameras send them on Ethernet
_HEADER = struct.Struct("!BBHII")
_COUNTERS = struct.Struct("!HII")  # sequence number, time stamp, source
_START = re.compile(b"\x00\x00\x00?\x01")
_H264_SETS = {7: "sps", 8: "pps"}
_H265_SETS = {32: "vps", 33: "sps", 34: "pps"}


@dataclass(frozen=True, slots=True)
class Picture:
    """One encoded picture as it is sent.

    Attributes:
        packets: All its packets with their interleaved framing, counters still zero.
        headers: Where each packet's sequence number lies.
        shown: Seconds from the beginning of the clip.
        key: Whether decoding can begin with it.
    """

    packets: bytes
    headers: tuple[int, ...]
    shown: float
    key: bool

    def stamped(self, first: int, ticks: int, source: int) -> bytearray:
        """The packets with sequence numbers from `first` on, time stamp and source."""
        made = bytearray(self.packets)
        stamp = ticks & 0xFFFFFFFF
        for number, place in enumerate(self.headers, first):
            _COUNTERS.pack_into(made, place, number & 0xFFFF, stamp, source)
        return made


@dataclass(frozen=True, slots=True)
class Stream:
    """A clip ready to be sent in a loop.

    Attributes:
        interval: Seconds between pictures.
        seconds: Length of one round.
        sdp: The media part of the session description.
        keys: Numbers of the pictures that decoding can begin with.
    """

    pictures: tuple[Picture, ...]
    interval: float
    seconds: float
    sdp: str
    keys: tuple[int, ...]


def stream_of(path: Path) -> Stream:
    """Read and cut a clip of H.264 or H.265; ValueError for anything else."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = str(stream.codec_context.name)
        if codec not in ("h264", "hevc"):
            raise ValueError(f"{path.name} is {codec}; H.264 or H.265 can be sent")
        units = _units(container, stream, codec)
        interval = float(1 / (stream.average_rate or 25))
    hevc = codec == "hevc"
    pictures = tuple(_picture(nals, shown, key, hevc) for nals, shown, key in units)
    sets = _parameter_sets([nal for nals, _, _ in units[:2] for nal in nals], hevc)
    keys = tuple(number for number, picture in enumerate(pictures) if picture.key)
    return Stream(pictures, interval, len(pictures) * interval, _sdp(sets, hevc), keys)


def _units(container: Any, stream: Any, codec: str) -> list[tuple[list[bytes], float, bool]]:
    """NAL units, time and kind of each picture, in the order of decoding."""
    annex_b = BitStreamFilterContext(f"{codec}_mp4toannexb", stream)
    found = []
    for packet in container.demux(stream):
        for part in annex_b.filter(packet if packet.size else None):
            shown = float((part.pts or 0) * part.time_base)
            nals = [nal for nal in _START.split(bytes(part)) if nal]
            found.append((nals, shown, bool(part.is_keyframe)))
    return found


def _picture(nals: list[bytes], shown: float, key: bool, hevc: bool) -> Picture:
    payloads = [piece for nal in nals for piece in _payloads(nal, hevc)]
    made, headers = bytearray(), []
    for number, payload in enumerate(payloads):
        last = number == len(payloads) - 1
        made += struct.pack("!cBH", b"$", 0, _HEADER.size + len(payload))
        headers.append(len(made) + 2)
        made += _HEADER.pack(0x80, _PAYLOAD_TYPE | last << 7, 0, 0, 0) + payload
    return Picture(bytes(made), tuple(headers), shown, key)


def _payloads(nal: bytes, hevc: bool) -> list[bytes]:
    if len(nal) <= _MTU:
        return [nal]
    if hevc:
        front, kind, skipped = bytes((nal[0] & 0x81 | 49 << 1, nal[1])), nal[0] >> 1 & 63, 2
    else:
        front, kind, skipped = bytes((nal[0] & 0xE0 | 28,)), nal[0] & 31, 1
    pieces = [nal[i : i + _MTU] for i in range(skipped, len(nal), _MTU)]
    return [
        front + bytes((0x80 * (i == 0) | 0x40 * (i == len(pieces) - 1) | kind,)) + piece
        for i, piece in enumerate(pieces)
    ]


def _parameter_sets(nals: list[bytes], hevc: bool) -> dict[str, bytes]:
    known = _H265_SETS if hevc else _H264_SETS
    kinds = ((nal[0] >> 1 & 63 if hevc else nal[0] & 31, nal) for nal in nals)
    return {known[kind]: nal for kind, nal in kinds if kind in known}


def _sdp(sets: dict[str, bytes], hevc: bool) -> str:
    coded = {name: base64.b64encode(nal).decode() for name, nal in sets.items()}
    if hevc:
        words = ";".join(f"sprop-{name}={coded[name]}" for name in ("vps", "sps", "pps"))
    else:
        words = f"packetization-mode=1;profile-level-id={sets['sps'][1:4].hex()};"
        words += f"sprop-parameter-sets={coded['sps']},{coded['pps']}"
    lines = [
        f"m=video 0 RTP/AVP {_PAYLOAD_TYPE}",
        f"a=rtpmap:{_PAYLOAD_TYPE} {'H265' if hevc else 'H264'}/{CLOCK}",
        f"a=fmtp:{_PAYLOAD_TYPE} {words}",
        "a=control:track0",
    ]
    return "\r\n".join(lines) + "\r\n"
