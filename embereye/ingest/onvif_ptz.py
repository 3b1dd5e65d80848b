"""Moves one camera: while a button is held, by steps, to presets, to where somebody clicked."""

from collections.abc import Callable

from embereye.ingest.onvif_ptz_facts import (
    Preset,
    PtzAbilities,
    Space,
    duration,
    pan_tilt,
    presets_of,
    zoom,
)
from embereye.ingest.onvif_soap import Part
from embereye.ingest.onvif_xml import Node, readable
from embereye.model.errors import CameraUnsupported

_SHORTEST, _LONGEST = 0.1, 10.0  # s that one order to move may last
_NAME = 64  # characters of a preset's name (Name in onvif.xsd)

Ask = Callable[[Part], Node]


class Ptz:
    """One camera that can be moved. Blocking, for one worker thread; each call ends within 3 s.

    Every method raises CameraUnreachable, CameraRefused or CameraUnsupported (also when the camera
    does not offer it) with a text for the operator. Shares beyond their range are clamped.

    Attributes:
        abilities: What the screen may offer.
    """

    def __init__(self, ask: Ask, profile: str, abilities: PtzAbilities) -> None:
        self.abilities = abilities
        self._ask = ask
        self._profile = Part("ProfileToken", profile)

    def move(self, pan: float, tilt: float, zoom_in: float, seconds: float) -> None:
        """Move with shares −1…1 of the highest speed (right, up, in) until `stop`.

        The camera stops by itself after `seconds` (0.1–10), so that a lost `stop` does no harm:
        give 1 s and call again every 0.5 s while the button is held.
        """
        able = self.abilities
        vector = self._vector((able.velocity, pan, tilt), (able.zoom_velocity, zoom_in))
        span = duration(min(_LONGEST, max(_SHORTEST, seconds)))
        self._send("ContinuousMove", Part("Velocity", vector), Part("Timeout", span))

    def stop(self) -> None:
        """End every movement."""
        self._send("Stop", Part("PanTilt", "true"), Part("Zoom", "true"))

    def step(self, pan: float, tilt: float, zoom_in: float) -> None:
        """Move by shares −1…1 of the whole range."""
        able = self.abilities
        vector = self._vector((able.step, pan, tilt), (able.zoom_step, zoom_in))
        self._send("RelativeMove", Part("Translation", vector))

    def go(self, pan: float, tilt: float, zoomed: float | None = None) -> None:
        """Go to a position: −1…1 of the range of pan and tilt, 0 (wide) to 1 (tele)."""
        space, zooms = self.abilities.position, self.abilities.zoom_position
        if space is None or space.y is None or (zoomed is not None and zooms is None):
            raise CameraUnsupported("This camera does not move to given positions.")
        vector = [pan_tilt(space, space.x.at(pan), space.y.at(tilt))]
        if zoomed is not None and zooms is not None:
            vector.append(zoom(zooms, zooms.x.within(zoomed)))
        self._send("AbsoluteMove", Part("Position", tuple(vector)))

    def centre(self, x: float, y: float) -> None:
        """Bring a point of the picture to its centre. `x`, `y`: 0…1 from the upper left corner."""
        space = self.abilities.centring
        if space is None:
            raise CameraUnsupported("This camera does not centre on a click. Use the arrows.")
        vector = self._vector((space, 2 * x - 1, 1 - 2 * y), (None, 0.0))
        self._send("RelativeMove", Part("Translation", vector))

    def home(self) -> None:
        """Go to the home position."""
        self._send("GotoHomePosition")

    def presets(self) -> tuple[Preset, ...]:
        """The kept positions in the camera's order, at most 512."""
        return presets_of(self._send("GetPresets"))

    def go_preset(self, token: str) -> None:
        """Go to a kept position."""
        self._send("GotoPreset", Part("PresetToken", token))

    def keep_preset(self, name: str, token: str = "") -> str:
        """Keep the present position, in place of `token` if given; its token."""
        parts = [Part("PresetName", readable(name)[:_NAME])]
        parts += [Part("PresetToken", token)] if token else []
        kept = self._send("SetPreset", *parts).words("PresetToken")
        if not kept:
            raise CameraUnsupported("The camera did not say under which token it keeps the preset.")
        return kept

    def remove_preset(self, token: str) -> None:
        """Forget a kept position."""
        self._send("RemovePreset", Part("PresetToken", token))

    def _send(self, name: str, *parts: Part) -> Node:
        return self._ask(Part(name, (self._profile, *parts)))

    def _vector(
        self, turning: tuple[Space | None, float, float], zooming: tuple[Space | None, float]
    ) -> tuple[Part, ...]:
        """Only what is asked for: some cameras refuse a zoom of 0."""
        space, x, y = turning
        zooms, depth = zooming
        if (space is None or space.y is None) and (x or y):
            raise CameraUnsupported("This camera does not turn like this.")
        if zooms is None and depth:
            raise CameraUnsupported("This camera does not zoom like this.")
        found: list[Part] = []
        if space is not None and space.y is not None and (x or y or not depth):
            found.append(pan_tilt(space, space.x.of(x), space.y.of(y)))
        if zooms is not None and depth:
            found.append(zoom(zooms, zooms.x.of(depth)))
        return tuple(found)
