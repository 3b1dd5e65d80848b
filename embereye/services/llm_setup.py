"""From the settings to the language model: its address is checked here."""

from dataclasses import dataclass, field

from embereye.config.incident_options import LanguageModel
from embereye.ingest.url import Url, split
from embereye.model.errors import ConfigError, SourceError
from embereye.runtime.http_service import Endpoint
from embereye.services.remote_setup import is_safe

KEY = "language-model/incidents"  # name of its API key in the secret store
_COMPLETION = "/completion"
_READABLE = (
    "Facts of incidents and the API key travel readable for everybody on the way (plain http to "
    "another machine). Use https, or a network of their own."
)


@dataclass(frozen=True, slots=True)
class LlmSetup:
    """What the worker needs; replaced as a whole.

    Attributes:
        endpoint: Without its key; None where it is off, or cannot be used as set up.
        problem: Why it cannot be used as set up, and what to do; empty otherwise.
        warning: What is unwise about it; empty for nothing.
    """

    section: LanguageModel = field(default_factory=LanguageModel)
    endpoint: Endpoint | None = None
    problem: str = ""
    warning: str = ""

    @property
    def wanted(self) -> bool:
        """Whether summaries are wanted at all."""
        return bool(self.section.url.strip())


def llm_setup(section: LanguageModel) -> LlmSetup:
    """The worker's part of the settings; a wrong address is told, not raised."""
    if not section.url.strip():
        return LlmSetup(section)
    try:
        url = _url(section.url.strip())
    except ConfigError as error:
        return LlmSetup(section, problem=str(error))
    safe = is_safe(url)
    if section.require_https and not safe:
        text = (
            "Plain http to another machine is refused here. Enter an https address of the language "
            "model, or switch off incidents.language_model.require_https."
        )
        return LlmSetup(section, problem=text)
    warning = "" if safe else _READABLE
    return LlmSetup(section, _endpoint(url, section.connect_timeout), warning=warning)


def _endpoint(url: Url, connect: float) -> Endpoint:
    base = url.target.rstrip("/").removesuffix(_COMPLETION).rstrip("/")
    return Endpoint(url.scheme == "https", url.host, url.port, url.place, base, connect)


def _url(text: str) -> Url:
    if text.partition("://")[0].lower() not in ("http", "https"):
        raise ConfigError(
            "The address of the language model must start with http:// or https://, such as "
            "http://127.0.0.1:8091."
        )
    try:
        url, login = split(text, login_known=False)
    except SourceError as error:
        raise ConfigError(f"The address of the language model is wrong. {error}") from None
    if login is not None or "?" in url.target:
        raise ConfigError(
            "The address of the language model has no user name, password or question mark. Keep "
            "its API key in the secret store instead."
        )
    return url
