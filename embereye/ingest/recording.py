"""A captured byte stream of devices, decoded as a whole."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embereye.ingest import secure_packet
from embereye.ingest.identity import ConnectionIdentity, Register
from embereye.ingest.packet import (
    Corrupt,
    EepromPacket,
    FirmwarePacket,
    FramePacket,
    LocationPacket,
    Packet,
    SecurePacket,
    SensorPacket,
    SerialPacket,
    Splitter,
    parse,
)
from embereye.ingest.simulate_device import read_bytes
from embereye.ingest.thermal_decode import (
    RefusedFrame,
    ThermalDecoder,
    ThermalPacket,
    decode_batch,
)
from embereye.ingest.thermal_words import eeprom_bytes
from embereye.model.errors import CalibrationError, SourceError
from embereye.model.ids import DeviceId
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.mlx90640_eeprom import Calibration

_KINDS = {
    FramePacket: "frame",
    SensorPacket: "sensor",
    EepromPacket: "eeprom",
    LocationPacket: "location",
    SerialPacket: "serial",
    Corrupt: "corrupt",
}
_Plain = (
    SensorPacket | FramePacket | EepromPacket | LocationPacket | SerialPacket | Corrupt
)  # all but sealed ones
_UNNAMED = "unnamed"  # a device that shows neither id nor location


@dataclass(frozen=True, slots=True)
class DecodedStream:
    """What a captured stream holds.

    Attributes:
        counts: Packets by kind: frame, sensor, eeprom, location, serial, corrupt; "refused" are
            the frames among them that could not be decoded.
        notes: What could not be used and why, in words.
    """

    counts: dict[str, int]
    frames: list[ThermalFrame]
    readings: list[SensorReading]
    notes: list[str]


def read_calibration(path: Path) -> bytes:
    """The 832 big-endian words in a file of hex digits, or of a stream that holds an `#EEPROM`.

    SourceError when the file cannot be read, CalibrationError when it is no calibration.
    """
    content = read_bytes(path)
    for packet in _opened(Splitter().feed(content), []):
        if isinstance(packet, EepromPacket):
            words = packet.words
            break
    else:
        words = eeprom_bytes(b"".join(content.split()))
    try:
        Calibration.from_bytes(words)
    except CalibrationError as error:
        raise CalibrationError(f"{path} holds no usable calibration: {error}") from error
    return words


def decode_stream(
    content: bytes, calibration: bytes | None, emissivity: float, at: Stamp
) -> DecodedStream:
    """Decode all packets; a calibration found anywhere, or given, applies to all frames.

    Packets of the authenticated protocol are opened without their keys: not checked, and so noted.
    With several devices in the stream each has its own, others take the first. SourceError when
    there is no packet at all.
    """
    splitter = Splitter()
    sealed: list[str] = []
    packets = _opened(splitter.feed(content), sealed)
    if splitter.waiting:
        packets.append(Corrupt("the last packet is cut"))
    counts = Counter(_KINDS[type(packet)] for packet in packets)
    if not packets and not sealed:
        raise SourceError("The file holds no packet: none of its bytes lie between “#” and “!”.")
    notes = [f"corrupt: {packet.reason}" for packet in packets if isinstance(packet, Corrupt)]
    notes += sealed
    devices = _devices(packets)
    decoders = _decoders(packets, devices, calibration, emissivity, notes)
    thermal = [
        ThermalPacket(decoders[device], packet.digits, at)
        for packet, device in zip(packets, devices, strict=True)
        if isinstance(packet, FramePacket)
    ]
    results = decode_batch(thermal)
    frames = [result for result in results if isinstance(result, ThermalFrame)]
    refused = [result.reason for result in results if isinstance(result, RefusedFrame)]
    notes += [f"refused: {reason}" for reason in refused]
    if any(f.celsius is None and f.profile is Profile.MLX90640 for f in frames):
        notes.append("Frames without calibration have no temperatures; give one with --eeprom.")
    readings = [
        SensorReading(device, at, *packet[2:])
        for packet, device in zip(packets, devices, strict=True)
        if isinstance(packet, SensorPacket)
    ]
    order = {kind: counts[kind] for kind in _KINDS.values()}
    return DecodedStream(order | {"refused": len(refused)}, frames, readings, _once(notes))


def _opened(packets: Sequence[Packet], notes: list[str]) -> list[_Plain]:
    """The packets, those of the authenticated protocol replaced by what is inside."""
    found: list[_Plain] = []
    for packet in packets:
        if isinstance(packet, FirmwarePacket):
            continue  # about an update; no measurement
        if not isinstance(packet, SecurePacket):
            found.append(packet)
            continue
        message = secure_packet.read_message(packet.body)
        said = secure_packet.read_hello(packet.body)
        if message is not None:
            inside = parse(message.body)
            if not isinstance(inside, SecurePacket | FirmwarePacket):
                found.append(inside)
        elif said is not None:
            firmware = said.firmware or "unknown"
            notes.append(
                f"hello of device {said.device}, firmware {firmware}; codes are not checked here"
            )
        else:
            found.append(Corrupt("a malformed packet of the authenticated protocol"))
    return found


def _devices(packets: Sequence[_Plain]) -> list[DeviceId]:
    """The device of each packet, as one connection would show them."""
    first = ConnectionIdentity(Register(()), "", _UNNAMED)
    _resolve(first, packets, counting=False)
    # A counter shows itself only after a few packets; the second pass knows it from the start.
    again = ConnectionIdentity(Register(()), "", _UNNAMED)
    return _resolve(again, packets, counting=first.counting)


def _resolve(
    identity: ConnectionIdentity, packets: Sequence[_Plain], *, counting: bool
) -> list[DeviceId]:
    found: list[DeviceId] = []
    for packet in packets:
        ident = location = ""
        if isinstance(packet, LocationPacket):
            identity.location = identity.location or packet.location
        elif isinstance(packet, SerialPacket):
            identity.serial = identity.serial or packet.serial
        elif not isinstance(packet, Corrupt):
            ident, location = packet.ident, packet.location
        if counting and ident.isdecimal():
            ident = ""
        found.append(identity.resolve(ident, location).device)
    return found


def _decoders(
    packets: Sequence[_Plain],
    devices: Sequence[DeviceId],
    given: bytes | None,
    emissivity: float,
    notes: list[str],
) -> dict[DeviceId, ThermalDecoder]:
    decoders = {device: ThermalDecoder(device, emissivity=emissivity) for device in set(devices)}
    found: dict[DeviceId, bytes] = {}
    for packet, device in zip(packets, devices, strict=True):
        if isinstance(packet, EepromPacket) and device not in found:
            try:
                decoders[device].calibrate(packet.words)
            except CalibrationError as error:
                notes.append(f"calibration of {device} not used: {error}")
            else:
                found[device] = packet.words
    common = given if given is not None else next(iter(found.values()), None)
    for device, decoder in decoders.items():
        if common is not None and (given is not None or device not in found):
            decoder.calibrate(common)
    return decoders


def _once(notes: list[str]) -> list[str]:
    """Each note once, with how often it came."""
    return [note if n == 1 else f"{note} ({n} times)" for note, n in Counter(notes).items()]
