"""What a PTZ camera can do, checked, and the requests that make it move. Pure."""

from dataclasses import dataclass

from embereye.ingest.onvif_soap import Part
from embereye.ingest.onvif_xml import Node, as_number

_SPACES = "http://www.onvif.org/ver10/tptz/"  # ONVIF PTZ Specification, section 5.7
_FOV = f"{_SPACES}PanTiltSpaces/TranslationSpaceFov"
_MOST_PRESETS = 512  # the most that cameras offer is 300
_WIDEST = 1e6  # sane limit of a range that a camera declares


@dataclass(frozen=True, slots=True)
class Span:
    """A range that the camera declares, from `low` to `high`."""

    low: float
    high: float

    def of(self, share: float) -> float:
        """−1…1 (clamped) on this range; 0 stays 0, so that nothing moves where nothing shall."""
        share = min(1.0, max(-1.0, share))
        return share * self.high if share >= 0 else -share * self.low

    def within(self, share: float) -> float:
        """0…1 (clamped) on this range, for positions of the zoom."""
        return self.low + min(1.0, max(0.0, share)) * (self.high - self.low)

    def at(self, share: float) -> float:
        """−1…1 (clamped) on this range from end to end, for positions of pan and tilt."""
        return self.within((share + 1) / 2)


@dataclass(frozen=True, slots=True)
class Space:
    """One way to say how far or how fast. `y` is None for the zoom."""

    uri: str
    x: Span
    y: Span | None = None


@dataclass(frozen=True, slots=True)
class PtzAbilities:
    """What may be offered to the operator; None: not offered.

    Attributes:
        velocity, zoom_velocity: For moving while a button is held.
        step, zoom_step: Relative moves over a share of the whole range.
        position, zoom_position: Absolute moves.
        centring: Relative moves over a share of the visible picture: click-to-centre.
        presets: How many presets it can keep, 0 when none.
        home: Whether it has a home position.
    """

    velocity: Space | None = None
    zoom_velocity: Space | None = None
    step: Space | None = None
    zoom_step: Space | None = None
    position: Space | None = None
    zoom_position: Space | None = None
    centring: Space | None = None
    presets: int = 0
    home: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """A kept position."""

    token: str
    name: str


def abilities_of(node: Node) -> PtzAbilities:
    """The PTZNode of GetNodeResponse."""
    spaces = node.find("SupportedPTZSpaces") or Node("none")
    relative = _spaces(spaces, "RelativePanTiltTranslationSpace", flat=True)
    return PtzAbilities(
        velocity=_first(_spaces(spaces, "ContinuousPanTiltVelocitySpace", flat=True)),
        zoom_velocity=_first(_spaces(spaces, "ContinuousZoomVelocitySpace")),
        step=_first([space for space in relative if space.uri != _FOV]),
        zoom_step=_first(_spaces(spaces, "RelativeZoomTranslationSpace")),
        position=_first(_spaces(spaces, "AbsolutePanTiltPositionSpace", flat=True)),
        zoom_position=_first(_spaces(spaces, "AbsoluteZoomPositionSpace")),
        centring=_first([space for space in relative if space.uri == _FOV]),
        presets=node.whole("MaximumNumberOfPresets", most=65_535),
        home=node.raw("HomeSupported") in ("true", "1"),
    )


def presets_of(answer: Node) -> tuple[Preset, ...]:
    """GetPresetsResponse."""
    found = {node.token: node.words("Name") for node in answer.all("Preset") if node.token}
    return tuple(Preset(token, name) for token, name in list(found.items())[:_MOST_PRESETS])


def pan_tilt(space: Space, x: float, y: float) -> Part:
    """Values of `space` as an element."""
    return Part("PanTilt", "", (("x", _text(x)), ("y", _text(y)), ("space", space.uri)), True)


def zoom(space: Space, x: float) -> Part:
    """A value of `space` as an element."""
    return Part("Zoom", "", (("x", _text(x)), ("space", space.uri)), True)


def duration(seconds: float) -> str:
    """As XML Schema writes it: "PT1.5S"."""
    return f"PT{seconds:.3f}".rstrip("0").rstrip(".") + "S"


def _spaces(node: Node, name: str, flat: bool = False) -> list[Space]:
    return [space for one in node.all(name)[:16] if (space := _space(one, flat)) is not None]


def _space(node: Node, flat: bool) -> Space | None:
    uri = node.words("URI")
    x = _span(node.find("XRange"))
    y = _span(node.find("YRange")) if flat else None
    if not uri.startswith("http") or x is None or (flat and y is None):
        return None
    return Space(uri, x, y)


def _span(node: Node | None) -> Span | None:
    low, high = (as_number(node.raw(name)) if node else None for name in ("Min", "Max"))
    if low is None or high is None or not -_WIDEST <= low < high <= _WIDEST:
        return None
    return Span(low, high)


def _first(spaces: list[Space]) -> Space | None:
    """Generic spaces, which every camera has, before those in degrees or metres per second."""
    return min(spaces, key=lambda space: "Generic" not in space.uri, default=None)


def _text(value: float) -> str:
    return f"{value:.5f}".rstrip("0").rstrip(".")
