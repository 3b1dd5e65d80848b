"""`embereye vision`: the detectors over images and clips."""

import argparse
import sys
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from threading import Event
from typing import Any

from embereye.cli import evaluate
from embereye.cli.output import Exit, print_json, print_table
from embereye.cli.paths import data_folder, layers
from embereye.config.load import load
from embereye.config.secrets import open_secrets
from embereye.model.errors import SourceError
from embereye.runtime.clock import SystemClock
from embereye.runtime.metrics import percentile
from embereye.services.model_choice import camera_looks
from embereye.services.remote_files import RemoteFiles
from embereye.services.remote_setup import KEY
from embereye.services.vision_files import (
    EACH_PICTURE,
    Consult,
    FileDetection,
    FileVerdict,
    files_in,
    is_clip,
)
from embereye.vision.looks import BUILT_IN
from embereye.vision.pool_child import PoolOptions
from embereye.vision.registry import active_model

_NO_MODEL = "none"


def register(commands: Any) -> None:
    """Add the group to the command line."""
    vision = commands.add_parser("vision", help="detectors over images and clips")
    actions = vision.add_subparsers(title="actions", metavar="ACTION", required=True)
    detect = actions.add_parser("detect", help="run the detectors over images, clips or folders")
    detect.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="image, clip or folder")
    detect.add_argument(
        "--model",
        default=BUILT_IN,
        help="models beside the heuristic: built-in (the default), name of an imported one, path, "
        "remote; several with a comma between; none: the heuristic alone",
    )
    detect.add_argument(
        "--every",
        type=_period,
        default=1.0,
        metavar="S",
        help="seconds between two verdicts shown of a clip (default 1; 0: every one)",
    )
    detect.add_argument("--json", action="store_true", help="one JSON document")
    detect.set_defaults(run=_detect)
    evaluate.register(actions)


def _detect(args: argparse.Namespace) -> int:
    try:
        files = files_in(args.paths)
    except SourceError as error:
        print(f"embereye: {error}", file=sys.stderr)
        return Exit.USAGE
    verdicts: list[FileVerdict] = []
    failed = 0
    with ExitStack() as open_ways:
        way_of = cache(lambda clip: open_ways.enter_context(_way(args, clip=clip)))
        for path in files:
            try:
                verdicts.extend(way_of(is_clip(path)).judge(path, args.every))
            except SourceError as error:
                failed += 1
                print(f"embereye: {error}", file=sys.stderr)
        name = way_of(is_clip(files[0])).name
    _report(name, verdicts, as_json=args.json)
    return Exit.USAGE if failed else Exit.OK


def _way(args: argparse.Namespace, *, clip: bool) -> FileDetection:
    """Clips are weighed over time as on the console, pictures each for itself."""
    named = "" if args.model == _NO_MODEL else args.model
    imported = partial(active_model, data_folder(args) / "models")
    options = PoolOptions() if clip else EACH_PICTURE
    return FileDetection(named, SystemClock(), imported, options, consult=_consulting(args))


def _consulting(args: argparse.Namespace) -> Consult | None:
    """What asks the detector on another machine, where it is named."""
    if not camera_looks(args.model, lambda _name: None).remote:
        return None
    section = load(layers(args)).settings.detection.remote
    key = open_secrets(data_folder(args)).read(KEY) or ""
    return RemoteFiles(section, key, SystemClock(), Event()).consulted


def _report(name: str, verdicts: list[FileVerdict], *, as_json: bool) -> None:
    spent = [verdict.result.seconds * 1000 for verdict in verdicts]
    if as_json:
        latency = {"p50": _rounded(spent, 50), "p95": _rounded(spent, 95)}
        items = [_item(verdict) for verdict in verdicts]
        print_json({"model": name, "items": items, "latency_ms": latency})
        return
    headings = ("file", "frame", "time s", "fire", "smoke", "seen")
    rows = [
        (
            str(verdict.path),
            verdict.frame,
            round(verdict.time, 2),
            f"{verdict.result.fire:.2f}",
            f"{verdict.result.smoke:.2f}",
            ", ".join(f"{d.label} {d.confidence:.2f}" for d in verdict.result.detections),
        )
        for verdict in verdicts
    ]
    print_table(headings, rows)


def _item(verdict: FileVerdict) -> dict[str, Any]:
    return {
        "path": str(verdict.path),
        "frame": verdict.frame,
        "time": round(verdict.time, 3),
        "detections": [
            {
                "label": seen.label,
                "confidence": round(seen.confidence, 4),
                "box": [round(side, 1) for side in (seen.x, seen.y, seen.width, seen.height)],
            }
            for seen in verdict.result.detections
        ],
        "fire": round(verdict.result.fire, 4),
        "smoke": round(verdict.result.smoke, 4),
    }


def _rounded(values: list[float], percent: float) -> float | None:
    value = percentile(values, percent)
    return None if value is None else round(value, 3)


def _period(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds") from None
    if not 0 <= value <= 3600:
        raise argparse.ArgumentTypeError("the period must lie between 0 and 3600 s")
    return value
