"""Changes of the cameras on the wall that people ask for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from embereye.config.load import problems_of
from embereye.config.schema import Camera, Settings
from embereye.config.store import SettingsStore
from embereye.ingest.source import Login, Source, parse
from embereye.model.camera_messages import (
    AddCameraAsked,
    EditCameraAsked,
    ImportCamerasAsked,
    MoveCameraAsked,
    RemoveCameraAsked,
)
from embereye.model.errors import ConfigError, EmberEyeError, SourceError
from embereye.services.section_change import merged

Values = Mapping[str, object]
Audit = Callable[[str, str, str], None]

_SHOWN = 20  # problems of one import; the rest is counted


@dataclass(frozen=True, slots=True)
class ChangedCamera:
    """A camera to be saved, and the login that its source was written with."""

    camera: Camera
    login: Login | None


class CameraConfiguration:
    """Saves what was asked, whole or not at all. The thread of `Configuration`.

    Each handler raises EmberEyeError when the request cannot be fulfilled; a ConfigError holds one
    text per wrong field. No password ever reaches the settings file or the audit.

    Args:
        keep: Puts a password into the secret store: camera id, password.
        forget: Takes it out again: camera id.
        audit: Notes who changed which camera and how: subject, actor, text.
    """

    def __init__(
        self,
        store: SettingsStore,
        keep: Callable[[str, str], None],
        forget: Callable[[str], None],
        audit: Audit,
    ) -> None:
        self._store = store
        self._keep = keep
        self._forget = forget
        self._audit = audit

    @property
    def doers(self) -> dict[type, Callable[..., None]]:
        """What handles which request."""
        return {
            AddCameraAsked: self._add,
            EditCameraAsked: self._edit,
            RemoveCameraAsked: self._remove,
            MoveCameraAsked: self._move,
            ImportCamerasAsked: self._import,
        }

    def _add(self, asked: AddCameraAsked) -> None:
        settings = self._store.current
        row = changed_camera(settings, None, asked.values)
        if any(c.id == row.camera.id for c in settings.cameras):
            raise ConfigError("", (f"id: the camera {row.camera.id} is there already",))
        self._save(settings, [*settings.cameras, row.camera], [row])
        self._audit(row.camera.id, asked.actor, f"camera added: {row.camera.source}")

    def _edit(self, asked: EditCameraAsked) -> None:
        settings = self._store.current
        before = camera_of(settings, asked.camera)
        if asked.values.get("id", before.id) != before.id:
            raise ConfigError("", ("id: cannot be changed; add another camera instead",))
        row = changed_camera(settings, before, asked.values)
        cameras = [row.camera if c.id == before.id else c for c in settings.cameras]
        self._save(settings, cameras, [row])
        names = ", ".join(sorted(asked.values))
        self._audit(before.id, asked.actor, f"camera changed: {names}")

    def _remove(self, asked: RemoveCameraAsked) -> None:
        settings = self._store.current
        gone = camera_of(settings, asked.camera)
        self._save(settings, [c for c in settings.cameras if c.id != gone.id], [])
        self._forget(gone.id)  # another camera may get this id
        self._audit(gone.id, asked.actor, "camera removed")

    def _move(self, asked: MoveCameraAsked) -> None:
        settings = self._store.current
        moved = camera_of(settings, asked.camera)
        others = [c for c in settings.cameras if c.id != moved.id]
        others.insert(max(0, asked.to), moved)
        self._save(settings, others, [])

    def _import(self, asked: ImportCamerasAsked) -> None:
        """Add and change many at once; nothing is changed when one row is wrong."""
        settings = self._store.current
        cameras = {camera.id: camera for camera in settings.cameras}
        problems: list[str] = []
        rows: list[ChangedCamera] = []
        for number, values in enumerate(asked.rows, 1):
            try:
                row = changed_camera(settings, cameras.get(str(values.get("id", ""))), values)
                if any(row.camera.id == done.camera.id for done in rows):
                    raise ConfigError("", (f"id: {row.camera.id} is there twice",))
            except ConfigError as error:
                texts = error.problems or (str(error),)
                problems += [f"row {number}: {text}" for text in texts]
            else:
                cameras[row.camera.id] = row.camera
                rows.append(row)
        if problems:
            more = len(problems) - _SHOWN
            rest = (f"and {more} more problems",) if more > 0 else ()
            raise ConfigError("the import is wrong", (*problems[:_SHOWN], *rest))
        self._save(settings, cameras.values(), rows)
        for row in rows:
            self._audit(row.camera.id, asked.actor, "camera imported")

    def _save(
        self, settings: Settings, cameras: Iterable[Camera], rows: Iterable[ChangedCamera]
    ) -> None:
        known = {camera.id for camera in settings.cameras}
        for row in rows:
            # Of a new camera an empty password is one too.
            if row.login is not None and (row.login.password or row.camera.id not in known):
                self._keep(row.camera.id, row.login.password)
        self._store.save({"cameras": tuple(cameras)}, settings.revision)


def changed_camera(settings: Settings, before: Camera | None, values: Values) -> ChangedCamera:
    """A camera with other values, its sources checked and without credentials.

    Raises:
        ConfigError: With one text per wrong field.
    """
    tree = merged(before, values)
    login: Login | None = None
    for name in ("sub_source", "source"):  # the login of the main stream counts
        text = tree.get(name)
        if name in values and isinstance(text, str) and (text or name == "source"):
            source, found = _checked(settings, name, text, before)
            tree[name] = source.written
            login = found or login
    if login is not None and login.user:
        tree["user"] = login.user
    try:
        return ChangedCamera(Camera.model_validate(tree), login)
    except ValidationError as error:
        raise ConfigError("the camera is wrong", problems_of(error)) from None


def twins(cameras: Iterable[Camera]) -> dict[str, str]:
    """Cameras with the source of an earlier one: id → id of the first; allowed, rarely meant."""
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for camera in cameras:
        other = first.setdefault(camera.source, camera.id)
        if other != camera.id:
            found[camera.id] = other
    return found


def _checked(
    settings: Settings, name: str, text: str, before: Camera | None
) -> tuple[Source, Login | None]:
    folders = [Path(folder) for folder in settings.media_folders]
    known = before is not None and bool(before.user)
    try:
        return parse(text, folders, login_known=known)
    except SourceError as error:
        raise ConfigError("", (f"{name}: {error}",)) from None


def camera_of(settings: Settings, wanted: str) -> Camera:
    """The camera with the id `wanted`; EmberEyeError when it is gone."""
    for camera in settings.cameras:
        if camera.id == wanted:
            return camera
    raise EmberEyeError(f"there is no camera {wanted} any more")
