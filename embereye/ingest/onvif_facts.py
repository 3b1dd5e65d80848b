"""What ONVIF cameras say of themselves, checked. Pure."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from embereye.ingest.onvif_address import StreamAddress
from embereye.ingest.onvif_xml import Node

_MOST_PROFILES = 128  # recorders show one set for each of up to 64 channels
_LARGEST = 16_384  # pixels a side; beyond H.265 level 6.2
_FASTEST = 1000.0  # pictures/s
_CODECS = {"H264": "h264", "H265": "hevc", "JPEG": "mjpeg", "MPEG4": "mpeg4", "MPV4-ES": "mpeg4"}
_CODEC = re.compile(r"[A-Za-z0-9.-]{1,20}\Z")


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made the camera; each text printable, at most 120 characters, "" when not told."""

    name: str
    model: str
    firmware: str
    serial: str
    hardware: str


@dataclass(frozen=True, slots=True)
class CameraTime:
    """How the camera's clock stands.

    Attributes:
        offset: Seconds that it is ahead of ours; None when it tells no usable time.
        accuracy: Seconds by which `offset` may be wrong: half the round trip and the camera's
            resolution of 1 s.
        ntp: Whether it is set by NTP.
        zone: POSIX time zone as it says.
    """

    offset: float | None
    accuracy: float
    ntp: bool
    zone: str


@dataclass(frozen=True, slots=True)
class Stream:
    """One media profile.

    Attributes:
        token: Names it in further requests.
        optics: Token of the picture source: streams of one lens have the same.
        codec: As FFmpeg names it (h264, hevc, mjpeg, mpeg4), else as the camera does; "" unknown.
        width, height: Pixels; 0 when not told.
        fps: Pictures a second, 0 when not told.
        kbps: Limit of the bit rate in kbit/s, 0 when not told.
        ptz: Token of its PTZ configuration; "" when it cannot be moved.
    """

    token: str
    name: str
    optics: str
    codec: str
    width: int
    height: int
    fps: float
    kbps: int
    ptz: str = ""
    address: StreamAddress = field(default_factory=StreamAddress)
    snapshot: StreamAddress | None = None


def maker_of(answer: Node) -> Maker:
    """GetDeviceInformationResponse."""
    return Maker(
        answer.words("Manufacturer"),
        answer.words("Model"),
        answer.words("FirmwareVersion"),
        answer.words("SerialNumber"),
        answer.words("HardwareId"),
    )


def time_of(answer: Node, before: float, after: float) -> CameraTime:
    """GetSystemDateAndTimeResponse, from asking `before` to `after` (our UTC)."""
    system = answer.find("SystemDateAndTime") or answer
    utc = _utc(system.find("UTCDateTime"))
    middle, half = (before + after) / 2, abs(after - before) / 2
    return CameraTime(
        # The camera cuts off fractions, so on average it means half a second later.
        offset=None if utc is None else utc + 0.5 - middle,
        accuracy=half + 0.5,
        ntp=system.raw("DateTimeType") == "NTP",
        zone=system.words("TimeZone", "TZ"),
    )


def services_of(answer: Node) -> dict[str, str]:
    """Addresses by name space, unchecked; of GetServices or, in old cameras, GetCapabilities."""
    found = {node.raw("Namespace"): node.raw("XAddr") for node in answer.all("Service")}
    for name, space in (("Media", "ver10/media"), ("PTZ", "ver20/ptz")):
        if told := answer.raw("Capabilities", name, "XAddr"):
            found.setdefault(f"http://www.onvif.org/{space}/wsdl", told)
    return {space: told for space, told in found.items() if space and told}


def streams_of(answer: Node) -> tuple[Stream, ...]:
    """GetProfilesResponse of Media or Media2, without addresses; only those with a picture."""
    found: dict[str, Stream] = {}
    for profile in answer.all("Profiles")[:_MOST_PROFILES]:
        parts = profile.find("Configurations") or profile  # Media2 has one level more
        video = parts.find("VideoEncoder") or parts.find("VideoEncoderConfiguration")
        if profile.token and video is not None:
            found.setdefault(profile.token, _stream(profile, parts, video))
    return tuple(sorted(found.values(), key=_rank))


def by_optics(streams: tuple[Stream, ...]) -> tuple[tuple[Stream, ...], ...]:
    """The streams of each lens, the largest first: main stream, then sub streams."""
    optics = dict.fromkeys(stream.optics for stream in streams)
    return tuple(tuple(s for s in streams if s.optics == one) for one in optics)


def _stream(profile: Node, parts: Node, video: Node) -> Stream:
    optics = parts.find("VideoSource") or parts.find("VideoSourceConfiguration")
    ptz = parts.find("PTZ") or parts.find("PTZConfiguration")
    told = video.raw("Encoding")
    codec = _CODECS.get(told.upper(), told.lower() if _CODEC.match(told) else "")
    return Stream(
        token=profile.token,
        name=profile.words("Name"),
        optics=optics.words("SourceToken") if optics is not None else "",
        codec=codec,
        width=video.whole("Resolution", "Width", most=_LARGEST),
        height=video.whole("Resolution", "Height", most=_LARGEST),
        fps=_fps(video),
        kbps=video.whole("RateControl", "BitrateLimit"),
        ptz=ptz.token if ptz is not None else "",
    )


def _fps(video: Node) -> float:
    """Media has whole numbers and an interval (2: every second picture), Media2 fractions."""
    rate = video.number("RateControl", "FrameRateLimit") or 0.0
    interval = video.whole("RateControl", "EncodingInterval") or 1
    return round(rate / interval, 3) if 0 < rate <= _FASTEST else 0.0


def _rank(stream: Stream) -> tuple[int, float, int]:
    return -stream.width * stream.height, -stream.fps, -stream.kbps


def _utc(node: Node | None) -> float | None:
    if node is None:
        return None
    parts = [node.number("Date", name) for name in ("Year", "Month", "Day")]
    parts += [node.number("Time", name) for name in ("Hour", "Minute", "Second")]
    if any(part is None or part != int(part) or not 0 <= part <= 9999 for part in parts):
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    try:
        # A leap second is told as 60 (xs:int 0 to 61 in onvif.xsd).
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    return at.timestamp()
