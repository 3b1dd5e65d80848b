"""`embereye check`: whether the language model answers, where one is set up."""

from dataclasses import replace
from pathlib import Path

from embereye.config.schema import Settings
from embereye.config.secrets import open_secrets
from embereye.links.llm import ask_llm_health
from embereye.model.errors import ConfigError
from embereye.runtime.clock import Clock
from embereye.runtime.http_exchange import Allowance
from embereye.services.llm_setup import KEY, llm_setup
from embereye.services.self_test import Check


def llm_checks(folder: Path, settings: Settings, clock: Clock) -> list[Check]:
    """One that asks its health; none where no address is entered. The console runs without it."""
    if not settings.incidents.language_model.url.strip():
        return []
    return [Check("language model", lambda: _asked(folder, settings, clock), optional=True)]


def _asked(folder: Path, settings: Settings, clock: Clock) -> str:
    setup = llm_setup(settings.incidents.language_model)
    if setup.endpoint is None:
        raise ConfigError(setup.problem)
    endpoint = replace(setup.endpoint, key=open_secrets(folder).read(KEY) or "")
    end = clock.mono() + setup.section.health_timeout
    ask_llm_health(endpoint, Allowance(clock, end, lambda: False))
    return f"{endpoint.place} answers. {setup.warning}".strip()
