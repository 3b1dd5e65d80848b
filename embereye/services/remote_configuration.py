"""Changes of the detector on another machine that people ask for."""

from collections.abc import Callable, Mapping

from embereye.config.secrets import SecretStore
from embereye.config.store import SettingsStore
from embereye.config.vision_options import RemoteDetector
from embereye.model.errors import ConfigError
from embereye.model.remote import EditRemoteDetectorAsked
from embereye.services.device_configuration import Audit
from embereye.services.remote_setup import KEY, endpoint_of
from embereye.services.section_change import changed_section, keep_secret

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
        keep_secret(self._secrets, KEY, asked.key)
        detection = settings.detection.model_copy(update={"remote": section})
        self._store.save({"detection": detection}, settings.revision)
        names = [*sorted(asked.values), *(["API key"] if asked.key is not None else [])]
        self._audit("remote detector", asked.actor, f"settings changed: {', '.join(names)}")


def changed_remote(before: RemoteDetector, values: Mapping[str, object]) -> RemoteDetector:
    """The section with other values, its address checked.

    Raises:
        ConfigError: With one text per wrong field.
    """
    section = changed_section(before, values, "the remote detector is wrong")
    try:
        endpoint_of(section)
    except ConfigError as error:
        raise ConfigError("", (f"url: {error}",)) from None
    return section
