"""Where the data folder and the settings lie."""

import argparse
import os
import sys
from pathlib import Path

import platformdirs

from embereye.config.load import Layers
from embereye.model.errors import ConfigError


def data_folder(args: argparse.Namespace) -> Path:
    """--data-dir, else EMBEREYE_DATA_DIR, else the platform's folder; never the install folder."""
    given = args.data_dir or os.environ.get("EMBEREYE_DATA_DIR")
    if given:
        return Path(given).expanduser().resolve()
    return Path(platformdirs.user_data_dir("EmberEye", appauthor=False))


def layers(args: argparse.Namespace) -> Layers:
    """The settings files of this call; ConfigError when the named one is not there."""
    user = data_folder(args) / "settings.toml"
    if args.config:
        user = args.config.expanduser().resolve()
        if not user.exists():
            # A mistyped name must not become a console that watches nothing.
            raise ConfigError(f"there is no settings file {user}: correct the name after --config")
    return Layers(user=user, policy=_policy())


def _policy() -> Path:
    """What an administrator installs for all users of this machine."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "EmberEye" / "policy.toml"
    return Path("/etc/embereye/policy.toml")
