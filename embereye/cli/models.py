"""`embereye models`: detection models that were imported."""

import argparse
import getpass
from pathlib import Path
from typing import Any

from embereye.cli.output import Exit, print_json, print_table
from embereye.cli.paths import data_folder, layers
from embereye.config.load import load
from embereye.config.schema import Settings
from embereye.model.vision_models import ImportedModel
from embereye.runtime.clock import SystemClock
from embereye.services import model_access
from embereye.services.model_choice import built_in_record
from embereye.services.model_list import advice
from embereye.services.model_use import users_of
from embereye.vision.families import Family
from embereye.vision.registry import ModelLibrary


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the group to the command line."""
    group = commands.add_parser("models", help="detection models: import, list, change, remove")
    actions = group.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="show the models and who uses them")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    take = actions.add_parser("import", help="try a model in a confined process and keep it")
    take.add_argument("path", type=Path, metavar="FILE", help=".onnx, or .zip with its manifest")
    take.add_argument("--name", help="what settings call it (default: from the file's name)")
    take.add_argument("--licence", default="", help="of the weights, where no manifest says it")
    take.add_argument(
        "--family",
        default="",
        choices=[str(family) for family in Family],
        help="layout of its outputs, where it cannot be told",
    )
    take.add_argument(
        "--keep-active", action="store_true", help="go on with the version that is in use"
    )
    take.set_defaults(run=_import)
    for name, run, text in (
        ("activate", _activate, "use another version, also an older one"),
        ("remove", _remove, "remove a version that no camera uses"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("name", metavar="NAME")
        action.add_argument("version", metavar="VERSION")
        action.set_defaults(run=run)


def _list(args: argparse.Namespace) -> int:
    settings = load(layers(args)).settings
    shipped = built_in_record()
    kept = ModelLibrary(data_folder(args) / model_access.FOLDER).models()
    found = [*([shipped] if shipped else []), *kept]
    if args.json:
        print_json({"models": [_document(model, settings) for model in found]})
    elif found:
        headings = ("model", "version", "family", "licence", "MiB", "ms", "used by", "")
        print_table(headings, [_row(model, settings) for model in found])
    else:
        print("There are no models: the rules of thumb look at the pictures alone.")
    return Exit.OK


def _import(args: argparse.Namespace) -> int:
    answer = _ask(
        args,
        {
            "do": "import",
            "path": str(args.path.absolute()),
            "name": args.name or model_access.name_for(args.path.name),
            "licence": args.licence,
            "family": args.family,
            "activate": not args.keep_active,
        },
    )
    print(f"{answer['model']} passed its trial run and was imported. Name it in detection.model,")
    print("or in the models of single cameras, to have it look at pictures.")
    for model in ModelLibrary(data_folder(args) / model_access.FOLDER).models():
        if f"{model.name} {model.version}" == answer["model"] and (remark := advice(model)):
            print(remark)
    return Exit.OK


def _activate(args: argparse.Namespace) -> int:
    _ask(args, {"do": "activate", "name": args.name, "version": args.version})
    print(f"{args.name} {args.version} is in use from now on.")
    return Exit.OK


def _remove(args: argparse.Namespace) -> int:
    _ask(args, {"do": "remove", "name": args.name, "version": args.version})
    print(f"{args.name} {args.version} was removed.")
    return Exit.OK


def _ask(args: argparse.Namespace, asked: dict[str, Any]) -> dict[str, Any]:
    named = {**asked, "actor": getpass.getuser()}
    return model_access.ask(
        data_folder(args), SystemClock(), lambda: load(layers(args)).settings, named
    )


def _row(model: ImportedModel, settings: Settings) -> tuple[object, ...]:
    p95 = f"{1000 * model.trial.p95:.0f}" if model.trial.p95 else ""
    users = len(users_of(settings, model.name)) if model.active else 0
    active = "in use" if users else "active"
    state = model.problem or (active if model.active else "older version")
    size = f"{model.size / 2**20:.1f}"
    return (model.name, model.version, model.family, model.licence, size, p95, users, state)


def _document(model: ImportedModel, settings: Settings) -> dict[str, Any]:
    trial = model.trial
    return {
        "name": model.name,
        "version": model.version,
        "title": model.title,
        "active": model.active,
        "problem": model.problem or None,
        "family": model.family,
        "labels": list(trial.labels),
        "licence": model.licence,
        "sha256": model.sha256,
        "bytes": model.size,
        "imported_by": model.imported_by,
        "imported_utc": model.imported_utc or None,
        "latency_ms": {"p50": 1000 * trial.p50, "p95": 1000 * trial.p95} if trial.p95 else None,
        "memory_bytes": trial.memory or None,
        "provider": trial.provider or None,
        "cameras": list(users_of(settings, model.name)) if model.active else [],
    }
