"""`embereye cameras snapshot`: one picture of a camera as a file."""

import argparse
import getpass
from pathlib import Path
from threading import Event

from embereye.cli.output import Exit, print_json
from embereye.cli.paths import data_folder, layers
from embereye.config.load import load
from embereye.config.secrets import open_secrets
from embereye.ingest.opener import opener_of
from embereye.ingest.upload_setup import upload_folder
from embereye.model.camera_messages import SnapshotSaved
from embereye.model.errors import EmberEyeError, SourceError, StorageError
from embereye.runtime.clock import SystemClock
from embereye.services.camera_configuration import camera_of
from embereye.services.configuration import secret_name
from embereye.services.safe_file import write_whole
from embereye.services.snapshot import encoded, facts, file_name
from embereye.services.snapshot_access import note, snapshot_from


def register(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action to the command group."""
    action = actions.add_parser(
        "snapshot", help="save one picture of a camera, with its privacy masks"
    )
    action.add_argument("id", metavar="ID", help="id of the camera in the settings")
    action.add_argument(
        "--out", type=Path, help="new .png or .jpg file, or a folder (default: this folder)"
    )
    action.add_argument("--json", action="store_true")
    action.set_defaults(run=_save)


def _save(args: argparse.Namespace) -> int:
    folder, clock = data_folder(args), SystemClock()
    settings = load(layers(args)).settings
    camera = camera_of(settings, args.id)
    secrets = open_secrets(folder)
    media = [Path(name) for name in settings.media_folders]
    if upload_folder(camera) is not None:
        raise SourceError(f"{camera.name} is an upload folder: take the picture from there.")
    _, opener = opener_of(camera, media, lambda name: secrets.read(secret_name(name)), clock)
    snapshot = snapshot_from(camera, opener(Event().wait), clock)
    out: Path = (args.out or Path()).expanduser().resolve()
    path = out / file_name(snapshot) if out.is_dir() else out
    write_whole(path, encoded(snapshot, path.suffix))
    saved = SnapshotSaved(snapshot.camera, snapshot.utc, str(path), getpass.getuser())
    try:
        note(folder, clock, saved)
    except EmberEyeError as error:
        raise StorageError(f"{path} was saved, but not noted in the audit: {error}") from None
    if args.json:
        print_json({"file": str(path), **facts(snapshot)})
    else:
        print(path)
    return Exit.OK
