"""Changes of settings that people ask for on the screen."""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

from embereye.config.schema import Camera, Settings
from embereye.config.secrets import SecretStore
from embereye.config.store import SettingsChanged, SettingsStore
from embereye.ingest.source import parse, redact
from embereye.model.camera_messages import AddCameraAsked
from embereye.model.errors import ConfigError, EmberEyeError
from embereye.model.incident_messages import EditLanguageModelAsked
from embereye.model.messages import (
    CameraPasswordAsked,
    CameraSourceAsked,
    EnableCameraAsked,
    RequestRefused,
    RetryCameraAsked,
)
from embereye.model.notice import EditTargetAsked, RemoveTargetAsked
from embereye.model.remote import EditRemoteDetectorAsked
from embereye.model.role import Operation
from embereye.model.rule_messages import RuleRequest, subject_of
from embereye.model.vision_models import EditDetectionAsked
from embereye.runtime.logs import REDACTION
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.access import Access
from embereye.services.camera_configuration import CameraConfiguration, camera_of, changed_camera
from embereye.services.detection_configuration import SUBJECT as DETECTION
from embereye.services.detection_configuration import DetectionConfiguration
from embereye.services.device_configuration import Audit, DeviceConfiguration
from embereye.services.llm_configuration import SUBJECT as LANGUAGE_MODEL
from embereye.services.llm_configuration import LlmConfiguration
from embereye.services.notify_configuration import SUBJECT as NOTIFICATIONS
from embereye.services.notify_configuration import NotifyConfiguration
from embereye.services.remote_configuration import SUBJECT as REMOTE
from embereye.services.remote_configuration import RemoteConfiguration
from embereye.services.rule_configuration import RuleConfiguration

_log = logging.getLogger(__name__)

_WAITING = 100  # requests; people make them, one at a time


class Configuration:
    """Turns requests into saved settings. Runs in its own thread: disks and key rings are slow.

    The engine forwards requests with `ask`; `SettingsChanged` comes back to it by `post`,
    refusals are published. Passwords go to the secret store only.
    """

    def __init__(
        self,
        store: SettingsStore,
        secrets: SecretStore,
        post: Callable[[object], None],
        publish: Callable[[object], None],
        audit: Audit | None = None,
    ) -> None:
        """`audit` notes who changed which device and how: subject, actor, text."""
        self._store = store
        self._secrets = secrets
        self._post = post
        self._publish = publish
        self._asked: Mailbox[object] = Mailbox(_WAITING, Full.REFUSE)
        audit, self._access = audit or _no_audit, Access(lambda: store.current)
        plain: dict[type, Callable[..., None]] = {
            **DeviceConfiguration(store, audit).doers,
            **CameraConfiguration(store, self._keep, self._forget, audit).doers,
            **DetectionConfiguration(store, audit).doers,
            **RemoteConfiguration(store, secrets, audit).doers,
            CameraPasswordAsked: self._password,
            CameraSourceAsked: self._source,
            EnableCameraAsked: self._enable,
        }
        self._plain = frozenset(plain)
        self._doers: dict[type, Callable[..., None]] = {
            **plain,  # the others ask for permissions of their own
            **NotifyConfiguration(store, secrets, self._access, audit).doers,
            **LlmConfiguration(store, secrets, self._access, audit).doers,
            **RuleConfiguration(store, self._access, audit).doers,
        }
        store.on_change(lambda old, new: post(SettingsChanged(old, new)))

    @property
    def requests(self) -> tuple[type, ...]:
        """The request types that `ask` takes."""
        return tuple(self._doers)

    def ask(self, request: object) -> None:
        """Queue a request; any thread."""
        if not self._asked.put(request):
            self._refuse(request, "too many changes are waiting: try again in a moment")

    def run(self, stop: Event) -> None:
        """Work off requests until stopped."""
        self._hide_passwords()
        while not stop.is_set():
            for request in self._asked.take_all(0.25):
                try:
                    self._check(request)
                    self._doers[type(request)](request)
                except ConfigError as error:
                    for problem in error.problems or (str(error),):
                        self._refuse(request, problem)
                except EmberEyeError as error:
                    self._refuse(request, str(error))
            if self._store.edited:
                self._reload()

    def _check(self, request: object) -> None:
        if type(request) in self._plain:
            actor = getattr(request, "actor", "")
            if refusal := self._access.refusal(actor, Operation.EDIT_SETTINGS):
                raise ConfigError(refusal)

    def _reload(self) -> None:
        """Put an edited settings file in force; a wrong one changes nothing and is told once."""
        try:
            self._store.reload()
        except ConfigError as error:
            text = " ".join((f"The settings file was not taken: {error}.", *error.problems))
            _log.error("%s", text)
            self._publish(RequestRefused(text, ""))
        else:
            self._hide_passwords()

    def _hide_passwords(self) -> None:
        """Move passwords that somebody wrote into the settings file to the secret store."""
        for camera in self._store.current.cameras:
            written = {"source": camera.source, "sub_source": camera.sub_source}
            shown = {name: text for name, text in written.items() if redact(text) != text}
            if not shown:
                continue
            try:
                row = changed_camera(self._store.current, camera, shown)
                if row.login is not None:
                    self._keep(camera.id, row.login.password)
                self._save_camera(self._store.current, row.camera)
                _log.info("the password of camera %s went to the secret store", camera.id)
            except EmberEyeError as error:
                self._refuse(camera, f"Take the password of {camera.name} out of the file: {error}")

    def _refuse(self, request: object, text: str) -> None:
        _log.warning("%s refused: %s", type(request).__name__, text)
        self._publish(RequestRefused(text, getattr(request, "actor", ""), _subject(request)))

    def _password(self, asked: CameraPasswordAsked) -> None:
        settings = self._store.current
        camera = camera_of(settings, asked.camera)
        self._keep(asked.camera, asked.password)
        if camera.user == asked.user:
            # Nothing changes in the file, but the camera must try the new password now.
            self._post(RetryCameraAsked(asked.camera, asked.actor))
        self._save_camera(settings, camera.model_copy(update={"user": asked.user}))

    def _source(self, asked: CameraSourceAsked) -> None:
        settings = self._store.current
        camera = camera_of(settings, asked.camera)
        folders = [Path(folder) for folder in settings.media_folders]
        source, login = parse(asked.source, folders, login_known=bool(camera.user))
        changes = {"source": source.written}
        if login is not None:
            self._keep(asked.camera, login.password)
            changes["user"] = login.user
        self._save_camera(settings, camera.model_copy(update=changes))

    def _enable(self, asked: EnableCameraAsked) -> None:
        settings = self._store.current
        camera = camera_of(settings, asked.camera)
        self._save_camera(settings, camera.model_copy(update={"enabled": asked.enabled}))

    def _forget(self, camera: str) -> None:
        self._secrets.remove(secret_name(camera))

    def _keep(self, camera: str, password: str) -> None:
        REDACTION.learn(password)
        self._secrets.write(secret_name(camera), password)

    def _save_camera(self, settings: Settings, camera: Camera) -> None:
        cameras = tuple(camera if c.id == camera.id else c for c in settings.cameras)
        self._save(settings, {"cameras": cameras})

    def _save(self, settings: Settings, changes: dict[str, object]) -> None:
        self._store.save(changes, settings.revision)


def _no_audit(*_: str) -> None:
    """Nobody keeps an audit."""


def _subject(request: object) -> str:
    """The device or camera whose settings a request is about, as refusals name it."""
    if isinstance(request, EditRemoteDetectorAsked):
        return REMOTE
    if isinstance(request, EditDetectionAsked):
        return DETECTION
    if isinstance(request, EditLanguageModelAsked):
        return LANGUAGE_MODEL
    if isinstance(request, EditTargetAsked | RemoveTargetAsked):
        return f"{NOTIFICATIONS}:{request.target}"
    if isinstance(request, RuleRequest):
        return subject_of(request)
    named = getattr(request, "values", {}).get("id", "")
    if isinstance(request, AddCameraAsked):
        return f"camera:{named}"
    if camera := getattr(request, "camera", ""):
        return f"camera:{camera}"
    device = getattr(request, "device", "") or named
    return f"settings:{device}" if device else ""


def secret_name(camera: str) -> str:
    """Where a camera's password lies in the secret store."""
    return f"camera/{camera}"
