"""Sections of the settings with other values, and the secrets that belong to them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from embereye.config.load import problems_of
from embereye.config.secrets import SecretStore
from embereye.model.errors import ConfigError
from embereye.runtime.logs import REDACTION

S = TypeVar("S", bound=BaseModel)


def merged(before: BaseModel | None, values: Mapping[str, object]) -> dict[str, Any]:
    """What stands in the settings file, with other values; None: back to the default."""
    tree = {} if before is None else before.model_dump(mode="json", exclude_defaults=True)
    for name, value in values.items():
        if value is None:
            tree.pop(name, None)
        else:
            tree[name] = value
    return tree


def changed_section(before: S, values: Mapping[str, object], wrong: str) -> S:
    """The section with other values; None: back to the default.

    Args:
        wrong: Says of which section a mistake is.

    Raises:
        ConfigError: With one text per wrong field.
    """
    try:
        return type(before).model_validate(merged(before, values))
    except ValidationError as error:
        raise ConfigError(wrong, problems_of(error)) from None


def keep_secret(secrets: SecretStore, name: str, secret: str | None) -> None:
    """Store it from now on; "": remove it; None: leave it as it is."""
    if secret:
        REDACTION.learn(secret)
        secrets.write(name, secret)
    elif secret is not None:
        secrets.remove(name)
