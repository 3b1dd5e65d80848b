"""One place on the wall with what it shows at present."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF

from embereye.model.camera import CameraStatus
from embereye.model.ids import CameraId
from embereye.ui import freshness
from embereye.ui.grid import Cell
from embereye.ui.overlay import ThermalLayer
from embereye.ui.picture import Picture
from embereye.ui.scenes import Scenes
from embereye.ui.theme import Look, Tokens, tile_look
from embereye.ui.tile_scene import Overlay, Scene
from embereye.ui.viewport import WHOLE
from embereye.ui.zone_draft import Drawn


@dataclass(frozen=True, slots=True)
class Facts:
    """What the snapshots say about one tile; looked up again only when they changed."""

    camera: CameraStatus | None
    alarm: Look | None
    flashing: bool
    layer: ThermalLayer | None
    limit_colour: str
    zones: tuple[Drawn, ...]
    overlays: frozenset[Overlay]


def facts_of(scenes: Scenes, camera: CameraId, colours: Tokens) -> Facts:
    """What the snapshots say about the tile of `camera`."""
    alarm = scenes.alarm(camera)
    return Facts(
        camera=scenes.camera(camera),
        alarm=None if alarm is None else tile_look(colours, alarm),
        flashing=alarm is not None and alarm.calling,
        layer=scenes.layer(camera),
        limit_colour=scenes.limit_colour(camera),
        zones=scenes.zones(camera),
        overlays=scenes.overlays(camera),
    )


@dataclass(frozen=True, slots=True)
class Switched:
    """What the operator, and the flash, make of one tile at the moment.

    Attributes:
        lit: The bright half of the flash, or nothing flashes.
        boxes, thermal: Whether the wall shows them.
        chosen: It is selected.
        steered: The keys move its camera.
    """

    lit: bool
    boxes: bool
    thermal: bool
    chosen: bool
    steered: bool


class Slot:
    """One cell with what it shows.

    Attributes:
        view: What is shown of the picture.
        size: Pixels that capture is asked for; more than `area` has while zoomed.
    """

    __slots__ = (
        "area",
        "buttons",
        "camera",
        "facts",
        "fresh",
        "logical",
        "look",
        "picture",
        "size",
        "view",
    )

    def __init__(self, cell: Cell, camera: CameraId, picture: Picture | None, ratio: float) -> None:
        self.camera = camera
        self.area = QRect(cell.x, cell.y, cell.width, cell.height)
        # Device pixels for painting; logical ones, rounded outwards, for Qt's updates.
        self.logical = QRectF(
            cell.x / ratio, cell.y / ratio, cell.width / ratio, cell.height / ratio
        ).toAlignedRect()
        self.size = (cell.width, cell.height)
        self.view = WHOLE
        self.picture = picture
        self.fresh = False
        self.facts: Facts | None = None
        self.look: freshness.Look | None = None
        self.buttons: list[tuple[QRect, freshness.Remedy]] = []


def scene_of(
    slot: Slot, facts: Facts, scenes: Scenes, switched: Switched, mono: float
) -> Scene | None:
    """What is painted of a slot at monotonic second `mono`; None of a camera that is gone."""
    if facts.camera is None or slot.look is None:
        return None
    return Scene(
        area=slot.area,
        camera=facts.camera,
        look=slot.look,
        picture=slot.picture,
        alarm=facts.alarm,
        lit=switched.lit,
        warmth=None if facts.layer is None else facts.layer.warmth(mono),
        limit_colour=facts.limit_colour,
        boxes=scenes.boxes(slot.camera, mono) if switched.boxes else None,
        followed=scenes.followed(slot.camera, mono),
        zones=facts.zones,
        overlays=facts.overlays if switched.boxes else frozenset(),
        thermal=facts.layer if switched.thermal else None,
        chosen=switched.chosen,
        view=slot.view,
        steered=switched.steered,
    )
