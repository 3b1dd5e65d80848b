"""What every option is made of: type, unit, range, default and help."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from embereye.model.ids import is_id


def option(
    default: Any, help_text: str, *, unit: str = "", restart: bool = False, **limits: Any
) -> Any:
    """One option. `restart` marks what applies only after a restart of the program."""
    extra: dict[str, JsonValue] = {"unit": unit, "restart": restart}
    return Field(default, description=help_text, json_schema_extra=extra, **limits)


def checked_id(text: str) -> str:
    """`text` when it may be used as an id; ValueError otherwise."""
    if not is_id(text):
        raise ValueError("use 1–64 of A–Z a–z 0–9 . _ - and start with a letter or digit")
    return text


def checked_reference(text: str) -> str:
    """An id, or empty for none."""
    return text if text == "" else checked_id(text)


Id = Annotated[str, Field(min_length=1, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class Section(BaseModel):
    """A frozen part of the settings; unknown fields are refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
