"""Flames, smoke and steam as a flow window that stands upright in the scene."""

from dataclasses import dataclass

import cv2
import numpy as np

from demo_clips.fluid import Flow, FlowSettings
from demo_clips.materials import Colour
from demo_clips.noise import CLOUDY, F32, PATCHY, f32
from demo_clips.shapes import Point, column
from demo_clips.stage import Stage

_SHEETS = 3  # independent flow windows behind one another give a fire its body
_STEPS = 3  # flow steps a frame: 45 a second keep the gas within a few cells a step

# Linear radiance of burning soot by heat: dark red rim, orange body, yellow to white core. The
# ratios follow black bodies of 1100, 1500 and 1900 K as an sRGB camera sees them.
_RAMP_HEAT = (0.0, 0.08, 0.18, 0.34, 0.58, 0.88, 1.2)
_RAMP = (
    (0, 0, 0),
    (0.04, 0.006, 0),
    (0.55, 0.11, 0.01),
    (2.2, 0.62, 0.06),
    (4.6, 1.9, 0.26),
    (7.5, 4.2, 1.0),
    (9, 6.5, 2.6),
)


@dataclass(frozen=True, slots=True)
class PlumeLook:
    """Where a plume stands and how it looks.

    Attributes:
        base: Lower middle of the flow window, m.
        smoke: Albedo of the smoke, linear.
        thickness: Optical depth of smoke at density 1.
        flame: Brightness of flames; 0 for steam.
    """

    base: Point
    smoke: Colour
    thickness: float
    flame: float = 1.0


class Plume:
    """A burning or steaming source. Frame order matters; not thread-safe."""

    def __init__(self, look: PlumeLook, settings: FlowSettings, seed: int) -> None:
        self._look = look
        self._size = (settings.width, settings.height)
        self.flows = [Flow(settings, seed + 10 * i) for i in range(_SHEETS)]
        self._rng = np.random.default_rng(seed + 1)
        self._drift = 0.0
        self.power = 0.0  # mean heat of the window scaled to about 0…1; drives the light it casts

    def advance(
        self, fps: float, width: float, *, strength: float = 1.0, lift: float = 0.05
    ) -> None:
        """Move on by one frame with a source `width` m wide."""
        for i, flow in enumerate(self.flows):
            side = (i - 1) * 0.22 * width
            for _ in range(_STEPS):
                flow.step(1 / fps / _STEPS, self._tongues(flow, side, 0.75 * width, strength, lift))
        cell = self._size[0] / self.flows[0].heat.shape[1]
        hot = sum(float(np.clip(flow.heat - 0.3, 0, None).sum()) for flow in self.flows)
        self.power = hot * cell**2 / _SHEETS

    def draw(self, picture: F32, stage: Stage, ambient: Colour, firelight: float) -> F32:
        """`picture` (height, width, 3) with the plume before or behind the still things."""
        self._drift += 0.045
        layer = np.zeros((*self.flows[0].heat.shape, 4), np.float32)
        for flow in self.flows:
            own = self._sheet(flow, ambient, firelight)
            layer[..., :3] = layer[..., :3] * (1 - own[..., 3:]) + own[..., :3]
            layer[..., 3:] = layer[..., 3:] * (1 - own[..., 3:]) + own[..., 3:]
        return self._placed(layer, picture, stage)

    def _sheet(self, flow: Flow, ambient: Colour, firelight: float) -> F32:
        look = self._look
        rows = np.linspace(1.0, 0.0, flow.heat.shape[0], dtype=np.float32)[:, None, None]
        ground = np.clip(rows[..., 0] / 0.12, 0.0, 1.0)  # smoke has no straight lower edge
        cover = 1 - np.exp(-look.thickness / _SHEETS * flow.smoke * ground)
        warm = np.array([1.0, 0.36, 0.07], np.float32) * firelight * np.exp(-2.6 * rows)
        shade = (0.55 + 0.45 * np.exp(-1.2 * flow.smoke))[..., None]
        layer = np.empty((*flow.heat.shape, 4), np.float32)
        albedo = np.asarray(look.smoke, np.float32)
        layer[..., :3] = (
            cover[..., None] * albedo * (np.asarray(ambient, np.float32) + warm) * shade
        )
        layer[..., 3] = cover
        if look.flame > 0:
            flame = _burning(self._ragged(flow.heat)) * (look.flame * 0.6)
            layer[..., :3] += flame
            layer[..., 3] = np.maximum(layer[..., 3], np.clip(flame[..., 0] * 0.22, 0, 0.6))
        return layer

    def _tongues(self, flow: Flow, side: float, width: float, strength: float, lift: float) -> F32:
        source = np.zeros_like(flow.heat)
        if width <= 0:
            return source
        for _ in range(max(2, int(width / 0.14))):
            at = side + float(self._rng.uniform(-0.42, 0.42)) * width
            wide = float(self._rng.uniform(0.10, 0.30)) * max(0.2, min(width, 0.9))
            hot = float(self._rng.uniform(0.75, 1.25)) * strength
            source = np.maximum(source, hot * flow.disc(at, lift + 0.04, wide, 0.10 + 0.12 * wide))
        return source

    def _ragged(self, heat: F32) -> F32:
        """Heat with rising fine structure: sheets and holes that the grid is too coarse for."""
        rows, columns = heat.shape
        side = max(rows, columns)
        fine = cv2.resize(PATCHY, (side, side), interpolation=cv2.INTER_LINEAR)
        fine = np.roll(fine, -int(self._drift * side * 0.9), axis=0)[:rows, :columns]
        wide = np.roll(CLOUDY, -int(self._drift * 300), axis=0)[:256, :256]
        wide = f32(cv2.resize(wide, (columns, rows), interpolation=cv2.INTER_LINEAR))
        eaten = heat - 0.24 * (1 - np.clip(heat, 0, 1)) * (fine + 0.6 * wide - 0.2)
        return np.clip(eaten, 0, None)

    def _placed(self, layer: F32, picture: F32, stage: Stage) -> F32:
        right = stage.camera.right()
        base, half = column(self._look.base), self._size[0] / 2
        up = column((0.0, self._size[1], 0.0))
        corners = np.concatenate(
            (
                base - right * half + up,
                base + right * half + up,
                base + right * half,
                base - right * half,
            ),
            axis=1,
        )
        x, y, _ = stage.camera.project(corners)
        rows, columns = layer.shape[:2]
        source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
        matrix = cv2.getPerspectiveTransform(source, np.stack((x, y), axis=1).astype(np.float32))
        size = (stage.camera.width, stage.camera.height)
        flat = cv2.warpPerspective(layer, matrix, size, flags=cv2.INTER_LINEAR)
        away = float(np.linalg.norm(base - column(stage.camera.at)))
        before = np.clip((stage.distance - away) / 0.3 + 1.0, 0.0, 1.0)[..., None]
        flat *= before
        return picture * (1 - flat[..., 3:]) + flat[..., :3]


def _burning(heat: F32) -> F32:
    ramp = np.asarray(_RAMP, np.float32)
    return np.stack([np.interp(heat, _RAMP_HEAT, ramp[:, i]) for i in range(3)], axis=-1).astype(
        np.float32
    )
