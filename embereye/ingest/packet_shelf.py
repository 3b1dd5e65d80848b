"""Packets that are not decoded for the moment, kept so that decoding can go on at any time."""

from typing import Any

_MOST = 750  # packets; 30 s at 25 pictures a second: "H.264+" sends a key frame in 20 s
_LARGEST = 8 << 20  # bytes; 30 s of a stream of 2 Mbit/s


class PacketShelf:
    """The undecoded packets since the last key frame. Lives in one thread.

    Whoever begins to look at a camera sees its present picture at once: decoding what lies here
    takes some milliseconds, waiting for the next key frame takes seconds.
    """

    def __init__(self) -> None:
        self._packets: list[Any] = []
        self._bytes = 0
        self._spoiled = False

    def begin(self, key: Any) -> None:
        """A key frame: nothing before it is needed any more."""
        self.clear()
        self.add(key)

    def add(self, packet: Any) -> bool:
        """Keep one more; False when it is too much, and only a key frame helps."""
        self._packets.append(packet)
        self._bytes += packet.size
        if self._spoiled or len(self._packets) > _MOST or self._bytes > _LARGEST:
            self.clear()
            self._spoiled = True
        return not self._spoiled

    def take(self) -> list[Any]:
        """What is to be decoded before the next packet, in order."""
        packets = self._packets
        self.clear()
        return packets

    def clear(self) -> None:
        """Everything up to here is decoded, or a key frame comes."""
        self._packets, self._bytes, self._spoiled = [], 0, False
