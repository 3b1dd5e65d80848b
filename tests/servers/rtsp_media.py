"""Video files cut into network packets, for the RTSP server of the tests."""

import base64
import random
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

_MTU = 1400  # bytes of one RTP payload
_CLOCK = 90_000  # Hz; RFC 6184 section 8.2.1, RFC 7798 section 7.1
_PAYLOAD_TYPE = 96


@dataclass
class Unit:
    """One encoded picture: when it is shown within the file (s), and its NAL units."""

    shown: float
    nals: list[bytes]
    key: bool


class Media:
    """An H.264 or H.265 file cut into NAL units.

    Attributes:
        interval: Seconds between pictures.
        sets: The parameter sets, as a description announces them.
    """

    def __init__(self, path: Path) -> None:
        self.units: list[Unit] = []
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            self.codec = stream.codec_context.name
            if self.codec not in ("h264", "hevc"):
                raise SystemExit(f"{path} is neither H.264 nor H.265")
            annex_b = BitStreamFilterContext(f"{self.codec}_mp4toannexb", stream)
            self.interval = float(1 / stream.average_rate)
            for packet in container.demux(stream):
                for part in annex_b.filter(packet if packet.size else None):
                    at = len(self.units) * self.interval
                    shown = float((part.pts or 0) * part.time_base) if part.pts else at
                    self.units.append(self._unit(shown, split_nals(bytes(part))))
        self.seconds = len(self.units) * self.interval
        first = [nal for unit in self.units[:2] for nal in unit.nals]
        kinds = (7, 8) if self.codec == "h264" else (32, 33, 34)  # SPS, PPS; VPS, SPS, PPS
        self.sets = [next(nal for nal in first if self.kind(nal) == kind) for kind in kinds]

    def kind(self, nal: bytes) -> int:
        """The type of a NAL unit."""
        return nal[0] & 31 if self.codec == "h264" else nal[0] >> 1 & 63

    def bare(self, unit: Unit) -> Unit:
        """The same picture without parameter sets."""
        kept = [nal for nal in unit.nals if nal not in self.sets]
        return Unit(unit.shown, kept, unit.key)

    def format_lines(self, profile: str = "", *, sets: bool = True) -> list[str]:
        """How a description announces this video; `profile`: a false one in hex."""
        names = [base64.b64encode(nal).decode() for nal in self.sets]
        if self.codec == "hevc":
            form = ";".join(
                f"sprop-{kind}={name}"
                for kind, name in zip(("vps", "sps", "pps"), names, strict=True)
            )
            return [f"a=rtpmap:96 H265/{_CLOCK}", *([f"a=fmtp:96 {form}"] if sets else [])]
        form = f"packetization-mode=1;profile-level-id={profile or self.sets[0][1:4].hex()}"
        known = f";sprop-parameter-sets={','.join(names)}" if sets else ""
        return [f"a=rtpmap:96 H264/{_CLOCK}", f"a=fmtp:96 {form}{known}"]

    def _unit(self, shown: float, nals: list[bytes]) -> Unit:
        keys = (5,) if self.codec == "h264" else range(16, 22)  # IDR; IRAP
        return Unit(shown, nals, any(self.kind(nal) in keys for nal in nals))


def split_nals(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B byte stream."""
    parts = re.split(b"\x00\x00\x00?\x01", data)
    return [part for part in parts if part]


class Packetiser:
    """RTP packets of H.264 (RFC 6184: single NAL units and FU-A) and H.265 (RFC 7798: FU)."""

    def __init__(self) -> None:
        self._seq = random.randrange(1 << 15)
        self._ssrc = random.randrange(1 << 32)

    def packets(self, unit: Unit, codec: str, stamp: float, kind: int | None = None) -> list[bytes]:
        """`stamp`: presentation time, s; `kind`: payload type, 96 unless told otherwise."""
        ticks = round(stamp * _CLOCK) & 0xFFFFFFFF
        cut = _pieces_264 if codec == "h264" else _pieces_265
        payloads = [piece for nal in unit.nals for piece in cut(nal)]
        last = len(payloads) - 1
        kind = _PAYLOAD_TYPE if kind is None else kind
        return [
            self._packet(data, kind | (i == last) << 7, ticks) for i, data in enumerate(payloads)
        ]

    def _packet(self, payload: bytes, kind: int, ticks: int) -> bytes:
        self._seq = (self._seq + 1) & 0xFFFF
        return struct.pack("!BBHII", 0x80, kind, self._seq, ticks, self._ssrc) + payload


def _pieces_264(nal: bytes) -> list[bytes]:
    indicator, kind = (nal[0] & 0xE0) | 28, nal[0] & 31
    return _fragments(nal, 1, lambda edge: bytes((indicator, edge | kind)))


def _pieces_265(nal: bytes) -> list[bytes]:
    first, kind = (nal[0] & 0x81) | 49 << 1, nal[0] >> 1 & 63
    return _fragments(nal, 2, lambda edge: bytes((first, nal[1], edge | kind)))


def _fragments(nal: bytes, header: int, head_of: Callable[[int], bytes]) -> list[bytes]:
    """The unit itself where it fits, else its payload in pieces; the edges are marked."""
    if len(nal) <= _MTU:
        return [nal]
    pieces = [nal[i : i + _MTU] for i in range(header, len(nal), _MTU)]
    last = len(pieces) - 1
    return [head_of(0x80 * (i == 0) | 0x40 * (i == last)) + piece for i, piece in enumerate(pieces)]
