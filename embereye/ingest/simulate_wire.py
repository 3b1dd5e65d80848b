"""A simulated device's end of its line, as strict as that of a real one if asked to be."""

import asyncio

# A real device: s from the start of the frame to its end and to #Sensor, and from #Sensor to an
# asked #EEPROM (sensor protocol, section 1). Faster devices are the same picture, scaled down.
BURST, SENSOR_AT, EEPROM_AFTER = 0.17, 0.48, 0.63

_PIECES = 8  # in which the burst of a half-duplex frame is sent


class Wire:
    """The line of one device. One event loop.

    Attributes:
        scale: Of the times above, at most 1.
        half_duplex: What comes while a frame is sent spoils the frame, and is lost.
        spoilt: Frames that were spoilt.
    """

    def __init__(self, scale: float, *, half_duplex: bool) -> None:
        self.scale = scale
        self.half_duplex = half_duplex
        self.spoilt = 0
        self._in_frame = self._hit = False

    def hears(self) -> bool:
        """Bytes have come: whether the device can take them."""
        if self.half_duplex and self._in_frame:
            self._hit = True
            return False
        return True

    async def send_frame(self, writer: asyncio.StreamWriter, frame: bytes) -> None:
        """Send a frame at once, or as a burst that can be spoilt."""
        if not self.half_duplex:
            writer.write(frame)
            return
        self._in_frame, self._hit = True, False
        size = max(1, -(-len(frame) // _PIECES))
        try:
            for start in range(0, len(frame), size):
                if start > 0:  # the line is free again with the last byte
                    await self.rest(BURST / (_PIECES - 1))
                piece = frame[start : start + size]
                writer.write(b"\xff" * len(piece) if self._hit else piece)
        finally:
            self._in_frame = False
            self.spoilt += self._hit

    async def rest(self, seconds: float) -> None:
        """Wait, in a half-duplex device and at its scale."""
        if self.half_duplex:
            await asyncio.sleep(seconds * self.scale)
