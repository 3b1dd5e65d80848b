"""Finds ONVIF cameras in the local networks with WS-Discovery."""

import contextlib
import ipaddress
import selectors
import socket
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

import psutil

from embereye.ingest.onvif_address import SERVICE_PATH
from embereye.ingest.onvif_xml import Node, parse, readable
from embereye.ingest.url import Url, split
from embereye.model.errors import CameraUnreachable, CameraUnsupported, SourceError
from embereye.runtime.clock import Clock

# Source: WS-Discovery (2005-04), section 2.4: group and port
_GROUP = ("239.255.255.250", 3702)
_REPEAT = 0.5  # s; UDP loses packets, SOAP-over-UDP sends each up to four times
_SENDINGS = 3
_SLICE = 0.1  # s between two looks at `cancelled`
_DATAGRAM = 65_535  # bytes
_MOST_ANSWERS = 20_000  # datagrams looked at; a network of 1,000 cameras answers 6,000 times
_MOST_FOUND = 2_000
_LONGEST = 60.0  # s
SEARCH_SECONDS = 4.0  # cameras answer within 0.5 s after one of three questions in the first second
_TYPES = ("dn:NetworkVideoTransmitter", "tds:Device")  # some cameras answer to one of them only
_NETWORKS = (
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
)
_SCOPE = "onvif://www.onvif.org/"


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """One camera that answered; each text printable, at most 120 characters, "" when not told.

    Attributes:
        address: Of the device service, always on `host`: what `OnvifCamera` takes.
        host: The address that the answer came from.
        id: What it calls itself, the same after a change of its address.
        elsewhere: Another host that it named; "" when it named itself.
    """

    address: str
    host: str
    id: str
    name: str
    hardware: str
    location: str
    elsewhere: str = ""


def local_addresses() -> tuple[str, ...]:
    """IPv4 addresses of the networks this machine is in; never loopback."""
    running = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = {
        one.address
        for name, addresses in psutil.net_if_addrs().items()
        for one in addresses
        if name in running and one.family == socket.AF_INET
    }
    return tuple(sorted(one for one in found if not ipaddress.ip_address(one).is_loopback))


def discover(
    clock: Clock,
    seconds: float = SEARCH_SECONDS,
    interfaces: Iterable[str] = (),
    cancelled: Callable[[], bool] = lambda: False,
    on_found: Callable[[FoundCamera], None] | None = None,
    target: tuple[str, int] = _GROUP,
) -> tuple[FoundCamera, ...]:
    """The cameras that answer within `seconds` (at most 60), by address. Blocking.

    Args:
        interfaces: Own IPv4 addresses to ask from; none: those of `local_addresses`.
        cancelled: Asked ten times a second; True ends it with what was found so far.
        on_found: Called with each camera at once, and again when more is learned about it.
        target: Group or single camera that is asked.

    Raises:
        CameraUnreachable: there is no network to ask in, or no such interface.
    """
    with contextlib.ExitStack() as stack:
        ears = stack.enter_context(selectors.DefaultSelector())
        for address in tuple(interfaces) or local_addresses():
            if (one := _socket(address)) is not None:
                ears.register(stack.enter_context(one), selectors.EVENT_READ)
        if not ears.get_map():
            raise CameraUnreachable("No network to search in. Connect this computer to one.")
        search = _Search(on_found or (lambda _: None))
        begin, sent = clock.mono(), 0
        end = begin + min(_LONGEST, seconds)
        while (now := clock.mono()) < end and not cancelled() and search.looked < _MOST_ANSWERS:
            if sent < _SENDINGS and now >= begin + sent * _REPEAT:
                _send(ears, search.probes(), target)
                sent += 1
            search.take(_arrived(ears, min(_SLICE, end - now)))
        return search.found()


class _Search:
    """Collects answers."""

    def __init__(self, on_found: Callable[[FoundCamera], None]) -> None:
        self.looked = 0
        self._on_found = on_found
        self._found: dict[str, FoundCamera] = {}
        # The same in each sending, so that a camera that heard it already stays quiet.
        self._asked = {str(uuid.uuid4()): kind for kind in _TYPES}

    def probes(self) -> list[bytes]:
        return [probe(identity, kind) for identity, kind in self._asked.items()]

    def take(self, datagrams: Iterable[tuple[bytes, str]]) -> None:
        for content, host in datagrams:
            self.looked += 1
            for camera in cameras_of(content, host, self._asked):
                self._note(camera)

    def found(self) -> tuple[FoundCamera, ...]:
        return tuple(sorted(self._found.values(), key=lambda one: _order(one.host)))

    def _note(self, camera: FoundCamera) -> None:
        """One entry for each address: it is what can be connected to."""
        known = self._found.get(camera.address)
        if known == camera or (known is None and len(self._found) >= _MOST_FOUND):
            return
        if known is not None and known.name:
            return
        self._found[camera.address] = camera
        self._on_found(camera)


def probe(identity: str, kind: str) -> bytes:
    """A Probe message. Source: WS-Discovery (2005-04), section 5.2."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        f' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" {_NETWORKS}><s:Header>'
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
        f"<a:MessageID>uuid:{identity}</a:MessageID>"
        "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"
        f"<s:Body><d:Probe><d:Types>{kind}</d:Types></d:Probe></s:Body></s:Envelope>"
    ).encode()


def cameras_of(content: bytes, host: str, asked: Iterable[str]) -> list[FoundCamera]:
    """The cameras in one datagram from `host`; none when it is no answer to one of `asked`."""
    try:
        root = parse(content)
    except CameraUnsupported:
        return []
    related = root.raw("Header", "RelatesTo")[:200].lower()
    if not any(identity in related for identity in asked):
        return []
    matches = root.find("Body", "ProbeMatches")
    return [_camera(match, host) for match in matches.all("ProbeMatch")[:8]] if matches else []


def _camera(match: Node, host: str) -> FoundCamera:
    told = [url for text in match.raw("XAddrs").split()[:16] if (url := _http(text)) is not None]
    own = [url for url in told if url.host == host]
    best = (own or told or [Url("http", host, 80, SERVICE_PATH)])[0]
    # A named port is believed only of its own address: behind a router it is another one.
    port = best.port if own or not told else 443 if best.scheme == "https" else 80
    scopes = match.raw("Scopes").split()[:200]
    return FoundCamera(
        address=replace(best, host=host, port=port).text(),
        host=host,
        id=match.words("EndpointReference", "Address"),
        name=_scope(scopes, "name"),
        hardware=_scope(scopes, "hardware"),
        location=_scope(scopes, "location"),
        elsewhere="" if own or not told else best.host,
    )


def _http(text: str) -> Url | None:
    try:
        url, _ = split(text, login_known=True)
    except SourceError:
        return None
    return url if url.scheme in ("http", "https") else None


def _scope(scopes: Iterable[str], kind: str) -> str:
    """The value of scopes such as "onvif://www.onvif.org/name/Yard%20North"."""
    start = f"{_SCOPE}{kind}/"
    values = (readable(unquote(one[len(start) :])) for one in scopes if one.startswith(start))
    return readable(", ".join(value for value in values if value))


def _socket(address: str) -> socket.socket | None:
    """Bound to one interface; None where it is gone or cannot send to a group."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        one.setblocking(False)
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)  # this network only
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        one.bind((address, 0))
    except OSError:
        one.close()
        return None
    return one


def _send(ears: selectors.BaseSelector, probes: Iterable[bytes], target: tuple[str, int]) -> None:
    sockets = [key.fileobj for key in ears.get_map().values()]
    for content in probes:
        for one in sockets:
            assert isinstance(one, socket.socket)
            with contextlib.suppress(OSError):  # that network is down for the moment
                one.sendto(content, target)


def _arrived(ears: selectors.BaseSelector, seconds: float) -> Iterator[tuple[bytes, str]]:
    for key, _ in ears.select(seconds):
        assert isinstance(key.fileobj, socket.socket)
        with contextlib.suppress(OSError):  # also what ICMP says on Windows
            content, sender = key.fileobj.recvfrom(_DATAGRAM)
            yield content, str(sender[0])


def _order(host: str) -> int:
    return int(ipaddress.ip_address(host))
