"""Changes of the language model that sums incidents up."""

from collections.abc import Callable, Mapping

from embereye.config.incident_options import LanguageModel
from embereye.config.secrets import SecretStore
from embereye.config.store import SettingsStore
from embereye.model.errors import ConfigError
from embereye.model.incident_messages import EditLanguageModelAsked
from embereye.model.role import Operation
from embereye.services.access import Access
from embereye.services.device_configuration import Audit
from embereye.services.llm_setup import KEY, llm_setup
from embereye.services.section_change import changed_section, keep_secret

SUBJECT = "settings:language model"  # how a refusal names it


class LlmConfiguration:
    """Saves what was asked, whole or not at all. The thread of `Configuration`.

    The key goes to the secret store only; the audit says that there is another one.
    """

    def __init__(
        self, store: SettingsStore, secrets: SecretStore, access: Access, audit: Audit
    ) -> None:
        self._store, self._secrets = store, secrets
        self._access, self._audit = access, audit

    @property
    def doers(self) -> dict[type, Callable[..., None]]:
        """What handles which request."""
        return {EditLanguageModelAsked: self._edit}

    def _edit(self, asked: EditLanguageModelAsked) -> None:
        if refusal := self._access.refusal(asked.actor, Operation.EDIT_SUMMARIES):
            raise ConfigError(refusal)
        settings = self._store.current
        section = changed_model(settings.incidents.language_model, asked.values)
        keep_secret(self._secrets, KEY, asked.key)
        incidents = settings.incidents.model_copy(update={"language_model": section})
        self._store.save({"incidents": incidents}, settings.revision)
        names = [*sorted(asked.values), *(["API key"] if asked.key is not None else [])]
        self._audit("language model", asked.actor, f"settings changed: {', '.join(names)}")


def changed_model(before: LanguageModel, values: Mapping[str, object]) -> LanguageModel:
    """The section with other values, its address checked; an empty one switches it off.

    Raises:
        ConfigError: With one text per wrong field.
    """
    section = changed_section(before, values, "the language model is wrong")
    if problem := llm_setup(section).problem:
        raise ConfigError("", (f"url: {problem}",))
    return section
