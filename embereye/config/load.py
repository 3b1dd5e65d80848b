"""Reads settings in layers and says in words what is wrong with each field."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from embereye.config.schema import SCHEMA_VERSION, Settings
from embereye.model.errors import ConfigError

DEMO_SETTINGS = "demo-settings.toml"  # a demonstration's own, so that real ones stay untouched

_LARGEST = 8 * 2**20  # bytes; 2,000 devices with all limits written out are 2 MiB
_ENV = "EMBEREYE_"  # EMBEREYE_SENSORS__PORT=9002 sets sensors.port

_LENGTHS = {  # of lists, which Pydantic calls tuples, "after validation"
    "too_short": "has {actual_length} right entries and needs at least {min_length}",
    "too_long": "has more than {max_length} entries",
}

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and where each value came from.

    Attributes:
        origins: Dotted field name → "file", "policy", "policy (locked)", "environment", "command
            line"; fields not named have their default.
        user: The user's own layer, as saved again.
    """

    settings: Settings
    origins: Mapping[str, str]
    user: Tree


@dataclass(frozen=True, slots=True)
class Layers:
    """Where settings come from, weakest first.

    Attributes:
        policy: Installed by an administrator; its `locked = ["sensors.port", …]` win over all.
        user: The settings file.
        environment: Variables; only `EMBEREYE_SECTION__FIELD` ones are read.
        command_line: Dotted names to values.
    """

    user: Path
    policy: Path | None = None
    environment: Mapping[str, str] | None = None
    command_line: Mapping[str, Any] | None = None


def load(layers: Layers) -> Loaded:
    """Read and check all layers; raises ConfigError with one message per wrong field."""
    policy = _read(layers.policy) if layers.policy and layers.policy.exists() else {}
    locked = policy.pop("locked", [])
    if not isinstance(locked, list) or not all(isinstance(name, str) for name in locked):
        raise ConfigError(f"{layers.policy}: 'locked' must be a list of dotted field names")
    user = _read(layers.user) if layers.user.exists() else {}
    merged: Tree = {}
    origins: dict[str, str] = {}
    stages = [("policy", policy), ("file", user), ("environment", _from_environment(layers))]
    stages.append(("command line", _nested(layers.command_line or {})))
    for origin, tree in stages:
        _overlay(merged, tree, origin, origins, "")
    for name in locked:
        _lock(merged, policy, name, origins)
    return Loaded(check(merged, origins), origins, user)


def check(tree: Tree, origins: Mapping[str, str] | None = None) -> Settings:
    """Validate a whole tree; raises ConfigError with one message per wrong field."""
    version = tree.get("version", SCHEMA_VERSION)
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise ConfigError(
            f"the settings have form {version}, this program knows up to {SCHEMA_VERSION}: "
            "start the newer program, or restore the settings file from before its update"
        )
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        problems = problems_of(error, origins)
        count = "one field" if len(problems) == 1 else f"{len(problems)} fields"
        raise ConfigError(f"the settings are wrong in {count}", problems) from None


def problems_of(
    error: ValidationError, origins: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """One text per wrong field; `origins` says where each came from."""
    return tuple(_in_words(item, origins or {}) for item in error.errors())


def _read(path: Path) -> Tree:
    try:
        if not (path.is_file() or path.is_dir()):  # a pipe or a device would never end
            raise ConfigError(f"{path} is not a file")
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path} is larger than {_LARGEST // 2**20} MiB: not a settings file")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not a text file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply to be a settings file") from None


def _from_environment(layers: Layers) -> Tree:
    variables = os.environ if layers.environment is None else layers.environment
    found: dict[str, Any] = {}
    for name, text in variables.items():
        # Names without "__" are top-level fields; those of other uses are not settings.
        dotted = name.removeprefix(_ENV).lower().replace("__", ".")
        if name.startswith(_ENV) and dotted.split(".")[0] in Settings.model_fields:
            found[dotted] = _scalar(text)
    return _nested(found)


def _scalar(text: str) -> Any:
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text


def _nested(flat: Mapping[str, Any]) -> Tree:
    tree: Tree = {}
    for dotted, value in flat.items():
        *path, last = dotted.split(".")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value
    return tree


def _overlay(into: Tree, tree: Tree, origin: str, origins: dict[str, str], prefix: str) -> None:
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            node = into.get(key)
            into[key] = node if isinstance(node, dict) else {}
            _overlay(into[key], value, origin, origins, f"{name}.")
        else:
            into[key] = value
            origins[name] = origin


def _lock(merged: Tree, policy: Tree, name: str, origins: dict[str, str]) -> None:
    node: Any = policy
    for part in name.split("."):
        if not isinstance(node, dict) or part not in node:
            raise ConfigError(f"the policy locks '{name}' but gives it no value")
        node = node[part]
    _overlay(merged, _nested({name: node}), "policy (locked)", origins, "")


def _in_words(item: Any, origins: Mapping[str, str]) -> str:
    where = ".".join(str(part) for part in item["loc"]) or "settings"
    origin = origins.get(where)
    place = f" (from {origin})" if origin else ""
    if item["type"] == "extra_forbidden":
        return f"{where}{place}: there is no such option; correct the name or remove the line"
    if item["type"] == "missing":
        return f"{where}{place}: is required"
    if item["type"] == "tuple_type":
        return f"{where}{place}: write a list, or one [[{where}]] before each entry"
    if item["type"] in _LENGTHS:
        return f"{where}{place}: {_LENGTHS[item['type']].format(**item['ctx'])}"
    text = str(item["msg"]).removeprefix("Value error, ")
    # The value itself may be a secret that was put into the wrong field.
    shown = item.get("input")
    given = f", not {shown!r}" if isinstance(shown, int | float | bool) else ""
    return f"{where}{place}: {text[:1].lower()}{text[1:]}{given}"
