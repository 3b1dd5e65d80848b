"""Addresses that a camera names, kept on the camera's own host."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from embereye.ingest.source import Kind, parse, redact
from embereye.ingest.url import Login, Url, split
from embereye.model.errors import SourceError

SERVICE_PATH = "/onvif/device_service"  # ONVIF Core Specification, section 5.1.1


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """Where a stream or picture is.

    Attributes:
        text: Normal form without credentials, always on the camera's own host; "" when unusable.
        elsewhere: The other host that the camera named instead of itself; "" when it named itself.
            It is never connected to: cameras behind a router name an address that only they know,
            and hostile ones the address of somebody else.
        problem: Why it is unusable, in words; "" when it is usable.
    """

    text: str = ""
    elsewhere: str = ""
    problem: str = ""


def entered(text: str) -> tuple[Url, Login | None]:
    """The device service of what a person entered: a host, host:port or an address.

    Raises:
        SourceError: with what to write instead.
    """
    text = text.strip(" ")
    url, login = split(text if "://" in text else f"http://{text}", login_known=True)
    if url.scheme not in ("http", "https"):
        url = Url("http", url.host, 80, SERVICE_PATH)  # rtsp://camera/live: the same camera
    return (replace(url, target=SERVICE_PATH) if url.target == "/" else url), login


def service_url(device: Url, told: str, hosts: Iterable[str]) -> Url:
    """Where to send requests for a service that the camera placed at `told`.

    Always on the host that was entered. The port is the named one only where the camera names its
    own host; behind a router both differ. An unusable address means the device service.
    """
    try:
        url, _ = split(told.strip(), login_known=True)
    except SourceError:
        return device
    if url.scheme not in ("http", "https"):
        return device
    if url.scheme == device.scheme and (url.host == device.host or url.host in hosts):
        return replace(device, port=url.port, target=url.target)
    return replace(device, target=url.target)


def stream_address(device: Url, told: str, hosts: Iterable[str]) -> StreamAddress:
    """The checked form of a stream's or snapshot's address.

    Args:
        hosts: Other names of the camera: the numeric address it answers from.
    """
    try:
        source, _ = parse(told, login_known=True)
    except SourceError as refusal:
        return StreamAddress(problem=redact(str(refusal)))
    url = source.url
    if url is None or source.kind not in (Kind.RTSP, Kind.HTTP):
        return StreamAddress(problem="The camera names something that is no network address.")
    own = url.host == device.host or url.host in hosts
    elsewhere = "" if own else url.place
    return StreamAddress(replace(url, host=device.host).text(), elsewhere)
