"""`embereye sensors`: decode captured streams, simulate devices."""

import argparse
import contextlib
import math
import sys
from pathlib import Path
from threading import Event
from typing import Any

from embereye.cli.output import Exit, print_json, print_table
from embereye.ingest.recording import DecodedStream, decode_stream, read_calibration
from embereye.ingest.simulate import DeviceSimulator
from embereye.ingest.simulate_device import CYCLE, SimulatedDevice, read_bytes
from embereye.model.errors import CalibrationError, ConfigError, SourceError
from embereye.model.reading import ThermalFrame
from embereye.rules.radiometry import DEFAULT_EMISSIVITY
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads

_MOST_DEVICES = 1000  # connections of one process, below the usual limit of 1024 descriptors
_REPORT = 5.0  # s between two lines about what was sent
_STOP = 2.0  # s; the simulator ends within 1 s


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
    simulate = actions.add_parser("simulate", help="play devices that connect to a listener")
    simulate.add_argument("--host", default="127.0.0.1")
    simulate.add_argument("--port", type=_port, required=True)
    simulate.add_argument("--devices", type=_count, default=1, help="how many (default 1)")
    simulate.add_argument(
        "--rate",
        type=_positive,
        default=1 / CYCLE,
        help="cycles a second (default 0.245)",
    )
    simulate.add_argument("--profile", choices=("mlx90640", "centi27"), default="mlx90640")
    simulate.add_argument("--scenario", default="idle", help="fire, idle or replay:FILE")
    simulate.add_argument("--seconds", type=_positive, help="end after this time (default: never)")
    simulate.set_defaults(run=_simulate)


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


def _simulate(args: argparse.Namespace) -> int:
    devices = [
        SimulatedDevice(f"sim{n:03d}", args.profile, args.scenario, args.rate, seed=n)
        for n in range(1, args.devices + 1)
    ]
    try:
        simulator = DeviceSimulator(args.host, args.port, devices, SystemClock())
    except (ConfigError, SourceError) as error:
        print(f"embereye: {error}", file=sys.stderr)
        return Exit.USAGE
    stop = Event()
    hosted = PlainThreads().start("simulator", lambda: simulator.run(stop))
    left = args.seconds if args.seconds else math.inf
    print(f"{len(devices)} devices send to {args.host} port {args.port}; Ctrl+C ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        while left > 0 and not hosted.join(min(left, _REPORT)):
            left -= _REPORT
            print(f"{simulator.sent} packets sent, {len(simulator.commands)} commands received")
    stop.set()
    hosted.join(_STOP)
    return Exit.OK


def _emissivity(text: str) -> float:
    value = _positive(text)
    if not 0.1 <= value <= 1:
        raise argparse.ArgumentTypeError("the emissivity must lie between 0.1 and 1")
    return value


def _port(text: str) -> int:
    return _whole(text, 65535, "a port between 1 and 65535")


def _count(text: str) -> int:
    return _whole(text, _MOST_DEVICES, f"a number between 1 and {_MOST_DEVICES}")


def _whole(text: str, most: int, words: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"give {words}")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1e6:
        raise argparse.ArgumentTypeError("give a number above 0")
    return value
