"""Cameras in the network, and what a login finds in one of them."""

import re
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from threading import Event

from embereye.config.schema import Camera
from embereye.ingest.onvif_camera import OnvifCamera
from embereye.ingest.onvif_discovery import SEARCH_SECONDS, FoundCamera, discover
from embereye.ingest.onvif_facts import Stream
from embereye.ingest.source import Login, parse
from embereye.model.errors import SourceError
from embereye.runtime.clock import Clock

_FOREIGN = re.compile(r"[^a-z0-9]+")
_ID_MAX = 40  # characters that are proposed
_READABLE = ("h264", "hevc", "mjpeg", "mpeg4", "")
_LEAST_SUB = 180  # pixels; a tile of 6 × 6 on a full-HD screen
_MOST_SUB = 0.75  # of the main stream's height; a larger one saves nothing


@dataclass(frozen=True, slots=True)
class CameraDraft:
    """A camera that is proposed.

    Attributes:
        values: What a form shows of it; the source bears no login.
        login: Goes with that source; not in `repr`.
    """

    values: dict[str, object]
    login: Login | None = field(default=None, repr=False)

    def completed(self, values: dict[str, object]) -> dict[str, object]:
        """`values` of a form, with the login where the source is still the proposed one."""
        source = values.get("source")
        if self.login is None or source != self.values.get("source"):
            return values
        url = parse(str(source), ())[0].url
        return values if url is None else {**values, "source": url.text(self.login)}


class CameraFinder:
    """One search, and questions to single cameras. Its methods block unless they say otherwise."""

    def __init__(
        self, clock: Clock, interfaces: Iterable[str] = (), target: tuple[str, int] | None = None
    ) -> None:
        """`interfaces`, `target`: as `ingest.onvif_discovery.discover` takes them."""
        self._clock = clock
        self._interfaces = tuple(interfaces)
        self._target = {} if target is None else {"target": target}
        self._stop = Event()
        self._fresh: deque[FoundCamera] = deque()

    def search(self) -> tuple[FoundCamera, ...]:
        """All cameras that answer within 4 s; CameraUnreachable where there is no network."""
        return discover(
            self._clock,
            SEARCH_SECONDS,
            self._interfaces,
            self._stop.is_set,
            self._fresh.append,
            **self._target,
        )

    def fresh(self) -> list[FoundCamera]:
        """What was found since the last call, while `search` runs. Any one thread; never blocks."""
        return [self._fresh.popleft() for _ in range(len(self._fresh))]

    def streams(self, address: str, login: Login | None) -> tuple[Stream, ...]:
        """The streams of one camera, the largest first; SourceError says what to do."""
        camera = OnvifCamera(address, login, self._clock, self._stop.is_set)
        return camera.streams()

    def cancel(self) -> None:
        """End what runs. Any thread; never blocks."""
        self._stop.set()


def draft(
    name: str,
    stream: Stream,
    login: Login | None,
    taken: Collection[str],
    onvif: str = "",
    streams: Iterable[Stream] = (),
) -> CameraDraft:
    """The camera that `stream` makes; its id is none of `taken`.

    `onvif`: where it was asked. `streams`: all of that camera, one of which may be the sub stream.
    """
    host = stream.address.text.partition("://")[2].partition("/")[0]
    named = name or host
    stem = _FOREIGN.sub("-", named.lower()).strip("-")[:_ID_MAX].strip("-") or "camera"
    free = (one for n in range(1, len(taken) + 2) if (one := f"{stem}-{n}") not in taken)
    camera_id = stem if stem not in taken else next(free)
    values: dict[str, object] = {"id": camera_id, "name": named, "source": stream.address.text}
    if onvif:
        values["onvif"] = onvif
    sub = sub_stream(stream, streams)
    if sub is not None:
        values["sub_source"] = sub.address.text
    return CameraDraft(values, login)


def sub_stream(main: Stream, streams: Iterable[Stream]) -> Stream | None:
    """The smallest stream of the same lens that still serves a small tile and detection."""
    smaller = [
        stream
        for stream in streams
        if stream.optics == main.optics
        and stream.codec in _READABLE
        and _LEAST_SUB <= stream.height <= main.height * _MOST_SUB
    ]
    return min(smaller, key=lambda stream: stream.height, default=None)


def hosts(cameras: Iterable[Camera]) -> dict[str, str]:
    """Which camera is at which host: host → name."""
    found: dict[str, str] = {}
    for camera in cameras:
        try:
            source, _ = parse(camera.source, (), login_known=True)
        except SourceError:  # a file of a folder that is not named here
            continue
        if source.url is not None:
            found.setdefault(source.url.host, camera.name)
    return found
