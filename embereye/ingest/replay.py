"""Packets that were stored as they came, decoded as live ones are."""

from collections.abc import Sequence

from embereye.ingest.packet import EepromPacket, FramePacket, SensorPacket, parse
from embereye.ingest.thermal_decode import ThermalDecoder, ThermalPacket, decode_batch
from embereye.model.errors import CalibrationError
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.model.stamp import Stamp

_BATCH = 64  # frames of one call, as the listener decodes them


def decoded(
    decoder: ThermalDecoder, bodies: Sequence[tuple[bytes, Stamp]]
) -> list[SensorReading | ThermalFrame | None]:
    """One result for each body of one device, in order; None where it holds no measurement.

    Args:
        decoder: Of that device, with its calibration; a calibration memory among the bodies is
            used from there on if it has none.
        bodies: Legacy packets without "#" and "!", with their arrival. A location or an id inside
            is not looked at: whose packet it is was proved when it came.
    """
    results: list[SensorReading | ThermalFrame | None] = [None] * len(bodies)
    frames: dict[int, ThermalPacket] = {}
    for index, (body, at) in enumerate(bodies):
        packet = parse(body)
        if isinstance(packet, SensorPacket):
            results[index] = SensorReading(decoder.device, at, *packet[2:])
        elif isinstance(packet, FramePacket):
            frames[index] = ThermalPacket(decoder, packet.digits, at)
        elif isinstance(packet, EepromPacket) and decoder.calibration is None:
            _decode(frames, results)
            _calibrate(decoder, packet.words)
        if len(frames) >= _BATCH:
            _decode(frames, results)
    _decode(frames, results)
    return results


def _decode(
    frames: dict[int, ThermalPacket], results: list[SensorReading | ThermalFrame | None]
) -> None:
    """Put the frames that wait into their places; refused ones stay None."""
    for index, frame in zip(frames, decode_batch(list(frames.values())), strict=True):
        if isinstance(frame, ThermalFrame):
            results[index] = frame
    frames.clear()


def _calibrate(decoder: ThermalDecoder, words: bytes) -> None:
    try:
        decoder.calibrate(words)
    except CalibrationError:
        return  # counted when it came; the device is asked again
