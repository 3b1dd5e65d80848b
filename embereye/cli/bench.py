"""`embereye bench`: measure this machine against the targets."""

import argparse
import importlib
import json
from pathlib import Path
from typing import Any

from embereye.bench.report import Report
from embereye.cli.output import Exit, print_json, print_table
from embereye.model.errors import EmberEyeError
from embereye.runtime.clock import SystemClock

_PROFILES = (
    "radiometry", "sensors", "rules", "alarm", "storage", "wall", "vision", "capture", "ui",
)  # fmt: skip
_SCALES = ("p0", "p1", "p2", "p3", "p4", "p5")  # not in `all`: each takes the whole machine
_SECONDS = 10.0


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("bench", help="benchmarks, with targets")
    parser.add_argument("profile", choices=(*_PROFILES, *_SCALES, "link", "all"))
    parser.add_argument("--seconds", type=_seconds, default=_SECONDS, help="length of each part")
    parser.add_argument("--devices", type=_count, default=1, help="link: half-duplex devices")
    parser.add_argument("--cycles", type=_count, default=10, help="link: cycles of 4.085 s")
    parser.add_argument("--pace", type=_pace, default=1.0, help="link: 0.1 is ten times as fast")
    parser.add_argument("--part", default="", help="p0 … p5: only this part, such as tiles100")
    parser.add_argument("--model", type=Path, help="vision: an ONNX file; default: the built-in")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path, help="write the report to this file as well")
    parser.add_argument("--compare", type=Path, help="an earlier report: print the difference")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    earlier = _read(args.compare) if args.compare else None
    profiles = _PROFILES if args.profile == "all" else (args.profile,)
    documents = [_measure(profile, args) for profile in profiles]
    document: Any = (
        documents[0] if len(documents) == 1 else {"profile": "all", "reports": documents}
    )
    if args.out:
        _write(args.out, document)
    if args.json:
        print_json(document)
    elif earlier is not None:
        _print_difference(earlier, documents)
    return Exit.OK


def _measure(profile: str, args: argparse.Namespace) -> dict[str, Any]:
    report = _run_profile(profile, args)
    if not args.json:
        _print(report)
    return report.to_json(SystemClock())


def _run_profile(profile: str, args: argparse.Namespace) -> Report:
    name = "scale" if profile in _SCALES else profile
    module = importlib.import_module(f"embereye.bench.{name}")
    arguments: tuple[Any, ...] = (args.seconds,)
    if profile == "link":  # its length is a number of cycles in real time, so it is not in `all`
        arguments = (module.Plan(args.devices, args.cycles, args.pace),)
    elif profile == "vision":
        arguments = (args.seconds, args.model)
    elif name == "scale":
        arguments = (profile, args.seconds, args.part)
    report: Report = module.run(*arguments)
    return report


def _print(report: Report) -> None:
    words = {True: "ok", False: "MISSED", None: ""}
    print(f"{report.profile}:")
    rows = [(n, m.value, m.unit, m.target, words[m.ok]) for n, m in report.metrics.items()]
    print_table(("metric", "value", "unit", "target", ""), rows)
    for note in report.notes:
        print(f"  {note}")


def _print_difference(earlier: dict[str, Any], documents: list[dict[str, Any]]) -> None:
    before = {r["profile"]: r["metrics"] for r in earlier.get("reports", [earlier])}
    rows = []
    for document in documents:
        for name, metric in document["metrics"].items():
            old = before.get(document["profile"], {}).get(name)
            if old and old["value"]:
                ratio = metric["value"] / old["value"]
                rows.append((name, old["value"], metric["value"], metric["unit"], f"× {ratio:.2f}"))
    print_table(("metric", "then", "now", "unit", ""), rows)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        reports = found.get("reports", [found])
        if not all(isinstance(report["metrics"], dict) and report["profile"] for report in reports):
            raise KeyError
    except OSError as error:
        raise EmberEyeError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EmberEyeError(f"{path} is not a report of `embereye bench --out`") from None
    return dict(found)


def _write(path: Path, document: Any) -> None:
    try:
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise EmberEyeError(f"cannot write {path}: {error.strerror}") from None


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError("use a whole number from 1 to 100000")
    return int(text)


def _pace(text: str) -> float:
    value = float(text)
    if not 0.02 <= value <= 10.0:
        raise argparse.ArgumentTypeError("use 0.02 to 10")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 1.0 <= value <= 86_400.0:
        raise argparse.ArgumentTypeError("use 1 to 86400 seconds")
    return value
