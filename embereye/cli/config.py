"""`embereye config`: what is in force, is it right, what could be set."""

import argparse
from typing import Any

from embereye.cli.output import Exit, print_json, print_table
from embereye.cli.paths import data_folder, layers
from embereye.config.describe import default_file, reference
from embereye.config.load import load
from embereye.config.secrets import open_secrets
from embereye.ingest.source import redact
from embereye.model.vision_models import ModelTable
from embereye.rules.calendar import local_moment
from embereye.runtime.clock import SystemClock
from embereye.services.model_choice import built_in_record
from embereye.services.model_labels import labels_of
from embereye.services.notify_check import notice_warnings
from embereye.services.rule_check import problems


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command group."""
    group = commands.add_parser("config", help="settings: show, check, defaults, docs")
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="effective settings and where each value comes from")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=_show)
    check = actions.add_parser("check", help="validate; one message per wrong field")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_check)
    actions.add_parser("defaults", help="the commented default file").set_defaults(run=_defaults)
    actions.add_parser("docs", help="the reference page (Markdown)").set_defaults(run=_docs)


def _show(args: argparse.Namespace) -> int:
    loaded = load(layers(args))
    rows = []
    for name, value in _flat(loaded.settings.model_dump(mode="json")):
        shown = redact(value) if isinstance(value, str) else value
        rows.append((name, shown, loaded.origins.get(_origin_name(name), "default")))
    if args.json:
        print_json({name: {"value": value, "origin": origin} for name, value, origin in rows})
    else:
        print(f"data folder: {data_folder(args)}")
        print_table(("option", "value", "origin"), rows)
    return Exit.OK


def _check(args: argparse.Namespace) -> int:
    settings = load(layers(args)).settings
    today = local_moment(SystemClock().now().utc).day
    labels = labels_of(settings, ModelTable(built_in=built_in_record()))
    warnings = [problem.sentence for problem in problems(settings, labels, today)]
    warnings += notice_warnings(settings, open_secrets(data_folder(args)).read)
    if args.json:
        print_json({"ok": True, "warnings": warnings})
        return Exit.OK
    for warning in warnings:
        print(f"warning: {warning}")
    print(f"{layers(args).user}: the settings are right")
    return Exit.OK


def _defaults(args: argparse.Namespace) -> int:
    print(default_file(), end="")
    return Exit.OK


def _docs(args: argparse.Namespace) -> int:
    print(reference(), end="")
    return Exit.OK


def _flat(tree: Any, prefix: str = "") -> list[tuple[str, Any]]:
    if isinstance(tree, dict):
        return [row for key, value in tree.items() for row in _flat(value, f"{prefix}.{key}")]
    if isinstance(tree, list) and any(isinstance(item, dict) for item in tree):
        return [row for i, item in enumerate(tree) for row in _flat(item, f"{prefix}.{i}")]
    return [(prefix.lstrip("."), tree)]


def _origin_name(name: str) -> str:
    """Lists come from one layer as a whole: "cameras.0.name" has the origin of "cameras"."""
    head, _, rest = name.partition(".")
    return head if rest[:1].isdigit() else name
