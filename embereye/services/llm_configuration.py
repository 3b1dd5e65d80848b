"""Changes of the language model that sums incidents up."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from embereye.config.incident_options import LanguageModel
from embereye.config.load import problems_of
from embereye.config.secrets import SecretStore
from embereye.config.store import SettingsStore
from embereye.model.errors import ConfigError
from embereye.model.incident_messages import EditLanguageModelAsked
from embereye.model.role import Operation
from embereye.runtime.logs import REDACTION
from embereye.services.access import Access
from embereye.services.device_configuration import Audit
from embereye.services.llm_setup import KEY, llm_setup

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
        if asked.key is not None:
            self._keep(asked.key)
        incidents = settings.incidents.model_copy(update={"language_model": section})
        self._store.save({"incidents": incidents}, settings.revision)
        names = [*sorted(asked.values), *(["API key"] if asked.key is not None else [])]
        self._audit("language model", asked.actor, f"settings changed: {', '.join(names)}")

    def _keep(self, key: str) -> None:
        if key:
            REDACTION.learn(key)
            self._secrets.write(KEY, key)
        else:
            self._secrets.remove(KEY)


def changed_model(before: LanguageModel, values: Mapping[str, object]) -> LanguageModel:
    """The section with other values, its address checked; an empty one switches it off.

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
        section = LanguageModel.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("the language model is wrong", problems_of(error)) from None
    if problem := llm_setup(section).problem:
        raise ConfigError("", (f"url: {problem}",))
    return section
