"""Privacy masks raise no doubts, and hide none: the rest of the picture is judged by itself."""

import numpy as np
import pytest
from fakes import FakeClock
from picture_parts import (
    DEMO,
    SPOILED_AT,
    Change,
    Player,
    black,
    blurred,
    covered,
    infrared,
    lit,
    looks,
    turned,
)

from embereye.ingest.camera_view import Detecting
from embereye.ingest.delivery import Delivery
from embereye.ingest.picture_seen import seen
from embereye.ingest.privacy import MaskedPicture, Masks
from embereye.ingest.usb import BgrPicture
from embereye.ingest.views import Views
from embereye.model.camera import CaptureCounters, Doubt
from embereye.model.frame import Pixels
from embereye.model.ids import CameraId

_CLIPS = sorted(path.name for path in DEMO.glob("*.mp4"))
_SCENE = "boiler_house_2_fire.mp4"
_SIDE = Masks([((0.0, 0.0), (0.4, 0.0), (0.4, 1.0), (0.0, 1.0))])  # 40 % of the picture
_BLOB = Masks([((0.1, 0.1), (0.8, 0.15), (0.7, 0.75), (0.3, 0.8), (0.05, 0.5))])  # 41 %
_TWO = Masks(
    [
        ((0.0, 0.0), (0.5, 0.0), (0.45, 0.45), (0.0, 0.5)),
        ((0.6, 0.6), (1.0, 0.55), (1.0, 1.0), (0.55, 1.0)),
    ]
)
_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class _Camera:
    """A clip under masks."""

    def __init__(self, clip: str, masks: Masks) -> None:
        self.player = Player(looks(DEMO / clip))
        self.player.watch.mask(masks)
        self._masks = masks

    def play(self, seconds: float, change: Change = lambda picture: picture) -> None:
        def shown(picture: Pixels) -> Pixels:
            size = picture.shape[1], picture.shape[0]
            return self._masks.cover(change(picture).copy(), size)

        self.player.play(seconds, shown)


@pytest.mark.parametrize("clip", _CLIPS)
def test_a_mask_over_forty_percent_raises_no_doubt(clip: str) -> None:
    camera = _Camera(clip, _SIDE)
    camera.play(45.0)
    assert camera.player.watch.signs.known
    camera.play(15.0, infrared)
    camera.play(15.0, lit(0.25))
    camera.play(15.0)
    assert camera.player.begun == {}


@pytest.mark.parametrize("masks", [_SIDE, _BLOB, _TWO], ids=["side", "blob", "two"])
@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (turned(degrees=5.0), Doubt.MOVED),
        (turned(zoom=1.15), Doubt.MOVED),
        (blurred(4.0), Doubt.BLURRED),
        (covered, Doubt.COVERED),
        (black, Doubt.BLACK),
    ],
    ids=["turn", "zoom", "blur", "cover", "black"],
)
def test_what_spoils_a_picture_is_told_beside_a_mask(
    masks: Masks, change: Change, doubt: Doubt
) -> None:
    camera = _Camera(_SCENE, masks)
    camera.play(SPOILED_AT)
    assert camera.player.watch.signs.known
    camera.play(60.0, change)
    assert camera.player.begun.keys() == {doubt}


def test_a_picture_that_stands_still_is_told_beside_a_mask_over_most_of_it() -> None:
    masks = Masks([((0.0, 0.0), (0.75, 0.0), (0.75, 1.0), (0.0, 1.0))])
    camera = _Camera(_SCENE, masks)
    camera.play(SPOILED_AT)
    still = looks(DEMO / _SCENE)[0]
    for _ in range(60):
        camera.player.show(masks.cover(still.copy(), (640, 360)))
    assert camera.player.begun.keys() == {Doubt.FROZEN}


@pytest.mark.parametrize(("masks", "doubted"), [([_WHOLE], False), ([], True)])
def test_a_picture_that_is_masked_altogether_is_never_doubted(
    clock: FakeClock, masks: list[tuple[tuple[float, float], ...]], doubted: bool
) -> None:
    one = CameraId("one")
    views = Views()
    delivery = Delivery(views.add(one, Detecting(5.0, 320, True)), clock, CaptureCounters())
    delivery.connected(0.2, live=True)
    nothing = np.zeros((240, 320, 3), np.uint8)
    for number in range(150):
        picture = BgrPicture(nothing, number / 5)
        delivery.deliver(MaskedPicture(picture, Masks(masks)) if masks else picture)
        clock.advance(0.2)
    assert (Doubt.BLACK in delivery.counters.picture.doubts) is doubted


def test_other_masks_are_learned_anew_and_the_same_ones_are_not() -> None:
    camera = _Camera(_SCENE, _SIDE)
    camera.play(45.0)
    camera.player.watch.mask(Masks([((0.0, 0.0), (0.4, 0.0), (0.4, 1.0), (0.0, 1.0))]))
    assert camera.player.watch._view.known
    camera.player.watch.mask(_TWO)
    assert not camera.player.watch._view.known
    camera.player.watch.mask(None)
    assert camera.player.watch._part(looks(DEMO / _SCENE)[0]) is None


def test_the_view_is_known_by_points_away_from_masks() -> None:
    camera = _Camera(_SCENE, _BLOB)
    camera.play(45.0)
    view = camera.player.watch._view
    assert view._seen is not None
    for x, y in view._points[:, 0].astype(int):
        assert view._seen[max(0, y - 6) : y + 7, max(0, x - 6) : x + 7].min() == 255


def test_what_is_seen_keeps_away_from_masks() -> None:
    found = seen(_SIDE.visible(640, 480, (640, 480)))
    assert found is not None
    assert found.grey[:, : 128 + 6].max() == 0  # 0.4 of 320 px, and what is compared with it
    assert found.half[:, : 64 + 8].max() == 0
    assert found.grey[:, 128 + 16 :].min() == 255
    assert found.half[:, 64 + 16 :].min() == 255
    assert found.parts.shape == (15, 20)
    assert found.parts[:, 9:].all()
    assert not found.parts[:, :8].any()
    assert seen(np.full((40, 60), 255, np.uint8)) is None
