"""`embereye vision evaluate`: how right the detectors are on labelled pictures and clips."""

import argparse
import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from embereye.bench.lookalikes import lookalikes
from embereye.bench.onsets import onsets
from embereye.bench.shipped import shipped
from embereye.cli import evaluation_tables as tables
from embereye.cli.arguments import positive, whole
from embereye.cli.output import Exit, print_json
from embereye.cli.paths import data_folder
from embereye.model.errors import SourceError
from embereye.rules.clip_accuracy import ONSET
from embereye.rules.risk_limits import RiskLimits
from embereye.runtime.clock import SystemClock
from embereye.services import evaluation
from embereye.services.evaluation_clips import ClipReport, Plan, footage_of, play
from embereye.services.labelled import Choice, Labelled, ManifestError, read_manifest
from embereye.services.model_bench import chain_of, model_of
from embereye.services.model_choice import built_in_model
from embereye.services.model_use import BUILT_IN
from embereye.services.trial import Chain
from embereye.vision.registry import active_model

_EVEN = 0.5  # threshold on pictures: a calibrated score above it is more likely true than not


def register(actions: Any) -> None:
    """Add the action to `embereye vision`."""
    parser = actions.add_parser("evaluate", help="accuracy on labelled pictures or clips")
    parser.add_argument("manifest", nargs="?", type=Path, metavar="MANIFEST", help="CSV file")
    parser.add_argument(
        "--model", help="built-in, name of an imported one, path, or none (default: built-in)"
    )
    for name, words in (
        ("--sets", "only these sets"),
        ("--groups", "only these groups"),
        ("--exclude", "without these sets or groups"),
    ):
        parser.add_argument(name, type=_names, default=frozenset(), metavar="A,B", help=words)
    parser.add_argument("--kind", choices=("image", "video"), default="image")
    parser.add_argument(
        "--keep-repeats", action="store_true", help="count near-duplicates of pictures as well"
    )
    parser.add_argument("--threshold", type=_score, help="score that counts, 0.3 to 0.99 for clips")
    parser.add_argument(
        "--minutes", type=positive, default=10.0, help="of each clip without fire (default 10)"
    )
    parser.add_argument(
        "--trials", type=_trials, default=5, help="views of each clip with fire (default 5)"
    )
    parser.add_argument("--seed", type=_seed, default=1, help="of crops and exposures (default 1)")
    parser.add_argument(
        "--lookalikes",
        action="store_true",
        help="also clips and scenes of our own, with and without fire",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write that document there")
    parser.set_defaults(run=_evaluate)


def _evaluate(args: argparse.Namespace) -> int:
    if args.manifest is None and not args.lookalikes:
        _tell("give a MANIFEST, or --lookalikes.")
        return Exit.USAGE
    problems: list[str] = []
    try:
        rows = _rows(args)
        if args.kind == "video" or args.manifest is None:
            document = _clips(args, rows, problems)
        else:
            document = _pictures(args, rows, problems)
        document["problems"] = problems
        if args.out:
            _write(args.out, document)
    except (ManifestError, SourceError) as error:
        _tell("\n  ".join((str(error), *getattr(error, "problems", ()))))
        return Exit.USAGE
    if args.json:
        print_json(document)
    else:
        tables.show(document)
    for problem in problems:
        _tell(problem)
    return Exit.USAGE if problems else Exit.OK


def _rows(args: argparse.Namespace) -> list[Labelled]:
    if args.manifest is None:
        return []
    choice = Choice(args.kind, args.sets, args.groups, args.exclude)
    return read_manifest(args.manifest, choice)


def _pictures(
    args: argparse.Namespace, rows: list[Labelled], problems: list[str]
) -> dict[str, Any]:
    detector = model_of(_model(args), partial(active_model, data_folder(args) / "models"))
    threshold = _EVEN if args.threshold is None else args.threshold
    judged = evaluation.judge(rows, detector, SystemClock(), problems.append)
    if not judged:
        raise SourceError("None of the pictures can be read.")
    kept = judged if args.keep_repeats else evaluation.without_repeats(judged)
    return tables.picture_document(detector.name, threshold, judged, kept)


def _clips(args: argparse.Namespace, rows: list[Labelled], problems: list[str]) -> dict[str, Any]:
    limits = RiskLimits()
    if args.threshold is not None:
        limits = replace(limits, vision_fire=args.threshold, vision_smoke=args.threshold)
    detector = chain_of(_model(args), partial(active_model, data_folder(args) / "models"))
    chain, plan = Chain(detector, limits), Plan(args.minutes, args.trials, args.seed)
    reports: dict[str, tuple[ClipReport, float | None]] = {}
    if rows:
        reports["clips"] = (play(chain, footage_of(rows, problems.append), plan, _progress), None)
    if args.lookalikes:
        ours = footage_of(shipped(), problems.append)
        reports["shipped"] = (play(chain, ours, plan, _progress), None)
        reports["lookalikes"] = (play(chain, lookalikes(), plan, _progress), None)
        reports["onsets"] = (play(chain, onsets(), plan, _progress), ONSET)
    return tables.clip_document(detector.name, limits, plan, reports)


def _model(args: argparse.Namespace) -> str:
    if args.model is None:
        return BUILT_IN if built_in_model() else ""
    return "" if args.model == "none" else str(args.model)


def _write(path: Path, document: dict[str, Any]) -> None:
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}.") from None


def _progress(name: str) -> None:
    _tell(name)


def _tell(text: str) -> None:
    print(f"embereye: {text}", file=sys.stderr)


def _names(text: str) -> frozenset[str]:
    return frozenset(name for part in text.split(",") if (name := part.strip()))


def _score(text: str) -> float:
    value = positive(text)
    if value >= 1:
        raise argparse.ArgumentTypeError("give a score between 0 and 1")
    return value


def _trials(text: str) -> int:
    return whole(text, 1000, "a number of trials from 1 to 1000")


def _seed(text: str) -> int:
    return whole(text, 10**6, "a whole number from 1 to a million")
