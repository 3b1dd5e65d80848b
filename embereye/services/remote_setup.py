"""From the settings to the detector on another machine: its address is checked here."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from embereye.config.vision_options import RemoteDetector
from embereye.ingest.url import Url, split
from embereye.model.errors import ConfigError, SourceError
from embereye.model.ids import CameraId
from embereye.runtime.http_service import Endpoint

KEY = "detector/remote"  # name of its API key in the secret store
SLOW_HOST = {"connect_timeout": 30.0, "health_timeout": 15.0, "read_timeout": 180.0}
_DETECT = "/detect"


@dataclass(frozen=True, slots=True)
class RemoteSetup:
    """What the worker needs; replaced as a whole.

    Attributes:
        section: The settings, as they are written.
        endpoint: Without its key; None where it is off, or cannot be used as set up.
        problem: Why it cannot be used as set up, and what to do; empty otherwise.
        warning: What is unwise about it; empty for nothing.
        cameras: Those that name it.
    """

    section: RemoteDetector = field(default_factory=RemoteDetector)
    endpoint: Endpoint | None = None
    problem: str = ""
    warning: str = ""
    cameras: frozenset[CameraId] = frozenset()


def remote_setup(section: RemoteDetector, cameras: Iterable[CameraId]) -> RemoteSetup:
    """The worker's part of the settings; a wrong address is told, not raised."""
    if not section.enabled:
        return RemoteSetup(section)
    named = frozenset(cameras)
    try:
        endpoint = endpoint_of(section)
    except ConfigError as error:
        return RemoteSetup(section, problem=str(error), cameras=named)
    return RemoteSetup(section, endpoint, warning=warning_of(section), cameras=named)


def endpoint_of(section: RemoteDetector) -> Endpoint:
    """Where the detector is, without its key.

    Raises:
        ConfigError: The address cannot be used, or policy refuses it; with what to write instead,
            never with a password.
    """
    url = _url(section.url)
    if section.require_https and not is_safe(url):
        raise ConfigError(
            "Plain http to another machine is refused here. Enter an https address of the remote "
            "detector, or switch off detection.remote.require_https."
        )
    base = url.target.rstrip("/").removesuffix(_DETECT)
    secure = url.scheme == "https"
    return Endpoint(
        secure, url.host, url.port, url.place, base.rstrip("/"), section.connect_timeout
    )


def warning_of(section: RemoteDetector) -> str:
    """What is unwise about the address; empty for nothing. ConfigError as above."""
    if is_safe(_url(section.url)):
        return ""
    return (
        "Pictures and the API key travel readable for everybody on the way (plain http to another "
        "machine). Use https, or a network of their own."
    )


def is_safe(url: Url) -> bool:
    """Whether nobody on the way can read along."""
    if url.scheme == "https" or url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return False


def _url(text: str) -> Url:
    scheme = text.strip().partition("://")[0].lower()
    if scheme not in ("http", "https"):
        raise ConfigError(
            "The address of the remote detector must start with http:// or https://, such as "
            "http://10.1.2.3:8090."
        )
    try:
        url, login = split(text.strip(), login_known=False)
    except SourceError as error:
        raise ConfigError(f"The address of the remote detector is wrong. {error}") from None
    if login is not None:
        raise ConfigError(
            "Write no user name or password into the address of the remote detector. Enter its "
            "API key instead."
        )
    if "?" in url.target:
        raise ConfigError(
            "The address of the remote detector ends before the question mark. A key is entered "
            "as the API key."
        )
    return url
