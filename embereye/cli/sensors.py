"""`embereye sensors`: decode captured streams, simulate devices."""

import argparse
import math
import sys
from pathlib import Path
from typing import Any

from embereye.cli import sensor_simulation
from embereye.cli.arguments import positive
from embereye.cli.output import Exit, print_json, print_table
from embereye.ingest.recording import DecodedStream, decode_stream, read_calibration
from embereye.ingest.simulate_device import read_bytes
from embereye.model.errors import CalibrationError, SourceError
from embereye.model.reading import ThermalFrame
from embereye.rules.radiometry import DEFAULT_EMISSIVITY
from embereye.runtime.clock import SystemClock


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command group."""
    group = commands.add_parser("sensors", help="sensor devices: decode a capture, simulate")
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    decode = actions.add_parser("decode", help="decode the captured byte stream of a device")
    decode.add_argument("file", type=Path)
    decode.add_argument("--eeprom", type=Path, help="calibration memory: hex digits or a capture")
    decode.add_argument(
        "--emissivity", type=_emissivity, default=DEFAULT_EMISSIVITY, help="0.1–1, default 0.95"
    )
    decode.add_argument("--json", action="store_true")
    decode.set_defaults(run=_decode)
    sensor_simulation.register(actions)


def _decode(args: argparse.Namespace) -> int:
    try:
        given = read_calibration(args.eeprom) if args.eeprom else None
        stream = decode_stream(read_bytes(args.file), given, args.emissivity, SystemClock().now())
    except (SourceError, CalibrationError) as error:
        print(f"embereye: {error}", file=sys.stderr)
        return Exit.USAGE
    if args.json:
        print_json(_document(stream))
    else:
        _print(stream)
    return Exit.OK


def _document(stream: DecodedStream) -> dict[str, Any]:
    sensors = [
        {"device": r.device, "adc1": r.adc1, "adc2": r.adc2, "adc3": r.adc3, "flame": r.flame}
        for r in stream.readings
    ]
    frames = [_frame(frame) for frame in stream.frames]
    return {"packets": stream.counts, "frames": frames, "sensors": sensors, "notes": stream.notes}


def _frame(frame: ThermalFrame) -> dict[str, Any]:
    celsius = frame.celsius
    return {
        "device": frame.device,
        "profile": frame.profile.value,
        "vdd_volt": _number(frame.vdd_volt, 4),
        "ta_celsius": _number(frame.ta_celsius, 3),
        "min": _number(frame.min_celsius, 3),
        "max": _number(frame.max_celsius, 3),
        "mean": _number(frame.mean_celsius, 3),
        "celsius": None
        if celsius is None
        else [_number(value, 3) for value in celsius.ravel().tolist()],
    }


def _number(value: float | None, digits: int) -> float | None:
    """Rounded far below the sensor's resolution; null for what is unknown."""
    return None if value is None or not math.isfinite(value) else round(value, digits)


def _print(stream: DecodedStream) -> None:
    rows: list[tuple[object, ...]] = []
    for number, frame in enumerate(stream.frames, 1):
        facts = (frame.ta_celsius, frame.min_celsius, frame.max_celsius, frame.mean_celsius)
        rows.append((number, frame.device, frame.profile.value, *facts))
    if rows:
        print_table(("frame", "device", "profile", "Ta °C", "min °C", "max °C", "mean °C"), rows)
        print()
    columns = ("sensor", "device", "ADC1", "ADC2", "ADC3", "flame")
    values = [
        (n, r.device, r.adc1, r.adc2, r.adc3, r.flame) for n, r in enumerate(stream.readings, 1)
    ]
    if values:
        print_table(columns, values)
        print()
    print(", ".join(f"{count} {kind}" for kind, count in stream.counts.items()))
    for note in stream.notes:
        print(note)


def _emissivity(text: str) -> float:
    value = positive(text)
    if not 0.1 <= value <= 1:
        raise argparse.ArgumentTypeError("the emissivity must lie between 0.1 and 1")
    return value
