"""Options of incidents, and of the language model that may sum them up."""

from typing import Annotated

from pydantic import Field, model_validator

from embereye.config.options import Section, option

_Label = Annotated[str, Field(min_length=1, max_length=60)]


class LanguageModel(Section):
    """A language model (llama.cpp server) that sums incidents up; alarms never wait for it."""

    url: str = option(
        "", "Its address, such as http://127.0.0.1:8091; empty: none. No key or password in it",
        max_length=500,
    )  # fmt: skip
    require_https: bool = option(False, "Refuse plain http to other machines")
    connect_timeout: float = option(10.0, "Longest wait for a connection", unit="s", ge=1, le=60)
    health_timeout: float = option(5.0, "Longest wait for its health", unit="s", ge=1, le=30)
    read_timeout: float = option(120.0, "Longest wait for a summary", unit="s", ge=30, le=600)
    longest_answer: int = option(
        1024, "An answer longer than this is a failure", unit="token", ge=128, le=8192
    )


class Incidents(Section):
    """How alarms and detections of one place become incidents."""

    window: float = option(
        90.0, "What follows the last event within this belongs to it", unit="s", ge=1, le=3600
    )
    idle: float = option(
        30.0, "Quiet for this long: detections alone become an incident, and it is summed up",
        unit="s", ge=1, le=3600,
    )  # fmt: skip
    types: tuple[_Label, ...] = option(
        ("fire", "smoke", "person"),
        "What is seen and makes an incident, also without an alarm; empty: alarms alone",
        max_length=50,
    )
    fast_confidence: float = option(
        0.90, "Seen with at least this confidence: the incident opens at once", ge=0.5, le=1.0
    )
    low_most: int = option(29, "Highest score of the level low", ge=1, le=97)
    medium_most: int = option(59, "Highest score of the level medium", ge=2, le=98)
    high_most: int = option(84, "Highest score of the level high; above it critical", ge=3, le=99)
    language_model: LanguageModel = option(LanguageModel(), "Summaries by a language model")

    @model_validator(mode="after")
    def _ascending(self) -> "Incidents":
        if not self.low_most < self.medium_most < self.high_most:
            raise ValueError("the levels must ascend: low_most < medium_most < high_most")
        return self
