"""One mount of the RTSP server of the tests and what goes wrong with it at the moment."""

import random
from collections.abc import Mapping

from rtsp_media import Media, Packetiser, Unit

# Faults of the answers that open a stream: present connections are cut, so that they are met.
AT_OPENING = frozenset(
    (
        "audio",
        "bare",
        "codec",
        "deny",
        "endless",
        "huge",
        "lie",
        "profile",
        "rate",
        "shut",
        "slow",
        "slower",
    )
)
_DAY = 86_400.0  # s
_LOST = 0.05  # share of packets
_OTHER_KIND = 97  # a payload type that no description announced


class Mount:
    """One camera: its video and its fault.

    Attributes:
        fault: The present fault, without its argument.
    """

    def __init__(self, media: Media, library: Mapping[str, Media]) -> None:
        self.fault = "ok"
        self._media = media
        self._library = library
        self._other = media

    def set_fault(self, words: str) -> None:
        """ "stall", or with an argument: "show:STEM"."""
        self.fault, _, name = words.partition(":")
        self._other = self._library[name] if name else self._media

    @property
    def media(self) -> Media:
        """What is sent."""
        return self._other if self.fault == "show" else self._media

    def description(self) -> str:
        """The SDP, true or not."""
        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=test", "c=IN IP4 0.0.0.0", "t=0 0"]
        return "\r\n".join([*lines, *self._stream_lines(), "a=control:track0"]) + "\r\n"

    def packets(self, packetiser: Packetiser, unit: Unit, stamp: float) -> list[bytes]:
        """The packets of one picture as this mount sends them; `stamp`: its time, s."""
        media = self.media
        if self.fault in ("stall", "blackhole"):
            return []
        if self.fault == "bare":
            unit = media.bare(unit)
        kind = _OTHER_KIND if self.fault == "unknown" else None
        made = packetiser.packets(unit, media.codec, self._stamped(stamp), kind)
        if self.fault == "garbage":
            return [packet[:12] + random.randbytes(len(packet) - 12) for packet in made]
        if self.fault == "loss":
            return [packet for packet in made if random.random() > _LOST]
        return made

    def framed(self, packet: bytes) -> bytes:
        """What is left of a packet on its way."""
        return packet[: len(packet) // 2] if self.fault == "truncate" else packet

    def _stamped(self, stamp: float) -> float:
        shifts = {"ahead": stamp + _DAY, "behind": stamp - _DAY, "backwards": _DAY - stamp}
        return shifts.get(self.fault, 0.0 if self.fault == "zero" else stamp)

    def _stream_lines(self) -> list[str]:
        if self.fault == "audio":
            return ["m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"]
        video = ["m=video 0 RTP/AVP 96"]
        if self.fault in ("codec", "unknown"):
            return [*video, "a=rtpmap:96 X-NOBODY/90000"]
        if self.fault == "lie":
            return [*video, *self._other.format_lines()]
        if self.fault == "profile":
            return [*video, *self._media.format_lines("f4ff10")]
        if self.fault == "rate":
            return [*video, *self._media.format_lines(), "a=framerate:0.001"]
        return [*video, *self.media.format_lines(sets=self.fault != "bare")]
