"""`embereye sensors simulate`: devices that connect to a listener."""

import argparse
import contextlib
import math
import sys
from functools import partial
from pathlib import Path
from threading import Event

from embereye.cli.arguments import port, positive, whole
from embereye.cli.output import Exit
from embereye.cli.paths import data_folder
from embereye.config.secrets import open_secrets
from embereye.ingest import tls
from embereye.ingest.simulate import DeviceSimulator, Encryption
from embereye.ingest.simulate_device import CYCLE, SimulatedDevice
from embereye.ingest.simulate_firmware import FirmwareReceiver
from embereye.model.errors import AlreadyRunning, ConfigError, EnrolmentRefused, SourceError
from embereye.rules.firmware_policy import version_of
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads
from embereye.services.simulated_keys import SimulatedKeys, enrol_simulated

_MOST_DEVICES = 1000  # connections of one process, below the usual limit of 1024 descriptors
_REPORT = 5.0  # s between two lines about what was sent
_STOP = 2.0  # s; the simulator ends within 1 s


def register(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action."""
    simulate = actions.add_parser("simulate", help="play devices that connect to a listener")
    simulate.add_argument("--host", default="127.0.0.1")
    simulate.add_argument("--port", type=port, required=True)
    simulate.add_argument(
        "--devices", type=_count, help="how many (default 1; with --auth all of the file)"
    )
    simulate.add_argument(
        "--rate", type=positive, default=1 / CYCLE, help="cycles a second (default 0.245)"
    )
    simulate.add_argument("--profile", choices=("mlx90640", "centi27"), default="mlx90640")
    simulate.add_argument("--scenario", default="idle", help="fire, idle or replay:FILE")
    simulate.add_argument("--seconds", type=positive, help="end after this time (default: never)")
    simulate.add_argument(
        "--half-duplex", action="store_true", help="what is sent during a frame spoils it"
    )
    simulate.add_argument("--auth", action="store_true", help="devices that prove who they are")
    simulate.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="their keys, one enrolment text a line; follows when keys are rotated"
        " (default: the devices are enrolled in the data folder)",
    )
    simulate.add_argument(
        "--firmware",
        type=_version,
        default="1.0.0",
        metavar="VERSION",
        help="what they say they run (default 1.0.0); they take updates; with --auth only",
    )
    simulate.add_argument("--tls", action="store_true", help="encrypt")
    simulate.add_argument("--fingerprint", help="SHA-256 of the listener's certificate")
    simulate.add_argument("--ca", type=Path, metavar="FILE", help="who signed that certificate")
    simulate.add_argument("--certificate", type=Path, metavar="FILE", help="for mutual TLS")
    simulate.add_argument("--certificate-key", type=Path, metavar="FILE", help="for mutual TLS")
    simulate.set_defaults(run=_simulate)


def _simulate(args: argparse.Namespace) -> int:
    try:
        devices = _devices(args)
        simulator = DeviceSimulator(
            args.host, args.port, devices, SystemClock(), encryption=_encryption(args)
        )
    except (ConfigError, SourceError, EnrolmentRefused, AlreadyRunning) as error:
        print(f"embereye: {error}", file=sys.stderr)
        for problem in getattr(error, "problems", ()):
            print(f"  {problem}", file=sys.stderr)
        return Exit.USAGE
    stop = Event()
    hosted = PlainThreads().start("simulator", lambda: simulator.run(stop))
    left = args.seconds if args.seconds else math.inf
    print(f"{len(devices)} devices send to {args.host} port {args.port}; Ctrl+C ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        while left > 0 and not hosted.join(min(left, _REPORT)):
            left -= _REPORT
            print(_progress(simulator, authenticated=args.auth))
    stop.set()
    hosted.join(_STOP)
    return Exit.OK


def _progress(simulator: DeviceSimulator, *, authenticated: bool) -> str:
    text = f"{simulator.sent} packets sent, {len(simulator.commands)} commands received"
    return f"{text}, {simulator.waiting} packets not stored yet" if authenticated else text


def _devices(args: argparse.Namespace) -> list[SimulatedDevice]:
    if args.keys is not None and not args.auth:
        raise ConfigError("The keys of --keys are for devices that prove themselves: add --auth.")
    play = partial(
        SimulatedDevice,
        profile=args.profile,
        scenario=args.scenario,
        rate=args.rate,
        half_duplex=args.half_duplex,
    )
    names = [f"sim{n:03d}" for n in range(1, (args.devices or 1) + 1)]
    if not args.auth:
        return [play(name, seed=n) for n, name in enumerate(names, 1)]
    keys = SimulatedKeys(args.keys or _enrolled(args, names))
    wanted = args.devices or len(keys.keys)
    if wanted > min(len(keys.keys), _MOST_DEVICES):
        raise ConfigError(
            f"{args.keys} has keys of {len(keys.keys)} devices; at most {_MOST_DEVICES} can be"
            " played. Give a smaller number of devices or enrol more."
        )
    return [
        play(
            ident,
            seed=n,
            key=key,
            firmware=args.firmware,
            on_memory=partial(keys.keep, ident),
            on_command=FirmwareReceiver(args.firmware).on_command,
        )
        for n, (ident, key) in enumerate(list(keys.keys.items())[:wanted], 1)
    ]


def _enrolled(args: argparse.Namespace, names: list[str]) -> Path:
    folder = data_folder(args)
    folder.mkdir(parents=True, exist_ok=True)
    return enrol_simulated(folder, open_secrets(folder), SystemClock(), names)


def _encryption(args: argparse.Namespace) -> Encryption | None:
    given = (args.fingerprint, args.ca, args.certificate, args.certificate_key)
    if not args.tls:
        if any(given):
            raise ConfigError("A fingerprint, an authority or a certificate needs --tls as well.")
        return None
    if (args.certificate is None) != (args.certificate_key is None):
        raise ConfigError("Give --certificate and --certificate-key together.")
    own = args.certificate and tls.ClientFiles(args.certificate, args.certificate_key)
    return Encryption(
        tls.client_context(args.ca, args.fingerprint, own or None), args.fingerprint or ""
    )


def _version(text: str) -> str:
    if version_of(text) is None:
        raise argparse.ArgumentTypeError("use up to four numbers with dots, such as 1.4.0")
    return text


def _count(text: str) -> int:
    return whole(text, _MOST_DEVICES, f"a number between 1 and {_MOST_DEVICES}")
