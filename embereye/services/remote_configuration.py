"""Changes of the detector on another machine that people ask for."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from embereye.config.load import problems_of
from embereye.config.secrets import SecretStore
from embereye.config.store import SettingsStore
from embereye.config.vision_options import RemoteDetector
from embereye.model.errors import ConfigError
from embereye.model.remote import EditRemoteDetectorAsked
from embereye.runtime.logs import REDACTION
from embereye.services.device_configuration import Audit
from embereye.services.remote_setup import KEY, endpoint_of

SUBJECT = "settings:remote detector"  # how a refusal names it


class RemoteConfiguration:
    """Saves what was asked, whole or not at all. The thread of `Configuration`.

    The key goes to the secret store only; the audit says that there is another one.
    """

    def __init__(self, store: SettingsStore, secrets: SecretStore, audit: Audit) -> None:
        self._store, self._secrets, self._audit = store, secrets, audit

    @property
    def doers(self) -> dict[type, Callable[..., None]]:
        """What handles which request."""
        return {EditRemoteDetectorAsked: self._edit}

    def _edit(self, asked: EditRemoteDetectorAsked) -> None:
        settings = self._store.current
        section = changed_remote(settings.detection.remote, asked.values)
        if asked.key is not None:
            self._keep(asked.key)
        detection = settings.detection.model_copy(update={"remote": section})
        self._store.save({"detection": detection}, settings.revision)
        names = [*sorted(asked.values), *(["API key"] if asked.key is not None else [])]
        self._audit("remote detector", asked.actor, f"settings changed: {', '.join(names)}")

    def _keep(self, key: str) -> None:
        if key:
            REDACTION.learn(key)
            self._secrets.write(KEY, key)
        else:
            self._secrets.remove(KEY)


def changed_remote(before: RemoteDetector, values: Mapping[str, object]) -> RemoteDetector:
    """The section with other values, its address checked.

    Raises:
        ConfigError: With one text per wrong field.
    """
    tree = before.model_dump(mode="json", exclude_defaults=True)
    for name, value in values.items():
        if value is None:
            tree.pop(name, None)
        else:
            tree[name] = value
    try:
        section = RemoteDetector.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("the remote detector is wrong", problems_of(error)) from None
    try:
        endpoint_of(section)
    except ConfigError as error:
        raise ConfigError("", (f"url: {error}",)) from None
    return section
