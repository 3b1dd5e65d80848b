"""Which of the streams that a camera names is the one on the wall. Pure."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from embereye.config.schema import Camera
from embereye.ingest.onvif_facts import Stream
from embereye.ingest.source import parse
from embereye.ingest.url import DEFAULT_PORTS, Url, is_url
from embereye.model.errors import CameraUnsupported, SourceError

NO_PTZ = "This camera does not offer PTZ over ONVIF."


def stream_to_move(streams: Sequence[Stream], camera: Camera) -> Stream:
    """The stream whose lens moves when `camera` is to move.

    A recorder names the streams of many cameras, and behind a router another camera may answer
    at port 80 than at the port of the source. So the stream must have the address of the source,
    unless there is one lens only and no doubt about whose it is.

    Raises:
        CameraUnsupported: It does not move, or it is not known which one would.
    """
    if not any(stream.ptz for stream in streams):
        raise CameraUnsupported(NO_PTZ)
    named = next((s for s in streams if _is_source(s, camera)), None)
    if named is None and (len({s.optics for s in streams}) > 1 or not _certain(camera)):
        raise CameraUnsupported(
            "Nothing is moved: the ONVIF service at this host does not name this camera's stream, "
            "so it may belong to another camera. Take the source as “Find cameras” proposes it, or "
            "enter the ONVIF address of this camera."
        )
    optics = streams[0].optics if named is None else named.optics
    movable = [s for s in (named, *streams) if s is not None and s.ptz and s.optics == optics]
    if not movable:
        raise CameraUnsupported(NO_PTZ)
    return movable[0]


def _certain(camera: Camera) -> bool:
    """Whether whoever answers is this camera: it was said so, or nothing is redirected."""
    url = _url(camera.source)
    return bool(camera.onvif) or (url is not None and url.port == DEFAULT_PORTS[url.scheme])


def _is_source(stream: Stream, camera: Camera) -> bool:
    told = _url(stream.address.text)
    own = [_url(text) for text in (camera.source, camera.sub_source)]
    return told is not None and any(_same(told, url, camera) for url in own if url is not None)


def _same(told: Url, own: Url, camera: Camera) -> bool:
    """Cameras add parameters of their own, such as `unicast=true`."""
    if told.port != own.port and not camera.onvif:
        return False
    there, here = urlsplit(told.target), urlsplit(own.target)
    wanted, found = set(parse_qsl(here.query)), set(parse_qsl(there.query))
    return there.path == here.path and wanted <= found


def _url(text: str) -> Url | None:
    try:
        return parse(text, login_known=True)[0].url if is_url(text) else None
    except SourceError:
        return None
