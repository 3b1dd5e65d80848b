"""Spoiled pictures are told, each as what it is and in time; good ones never are."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_parts import (
    DEMO,
    SPOILED_AT,
    Change,
    Player,
    black,
    blurred,
    covered,
    dazzled,
    infrared,
    lit,
    looks,
    noise,
    person,
    turned,
)

from embereye.model.camera import Doubt
from embereye.model.frame import Pixels
from embereye.model.stamp import Stamp

_CLIPS = sorted(path.name for path in DEMO.glob("*.mp4"))
_SCENES = ("boiler_house_2_fire.mp4", "loading_dock_a_forklift_beacon.mp4")
_LONG = 120.0  # s


@pytest.mark.parametrize("clip", _CLIPS)
def test_a_working_camera_is_never_doubted(clip: str) -> None:
    player = Player(looks(DEMO / clip))
    player.play(_LONG)
    assert player.begun == {}
    assert player.watch.signs.changed is None


def test_recordings_of_real_places_and_fires_are_never_doubted(shared_data: Path) -> None:
    paths = sorted((shared_data / "media" / "video").iterdir())
    assert len(paths) >= 20
    for path in paths:
        player = Player(looks(path))
        player.watch.connected(live=False)
        player.play(_LONG)
        assert player.begun == {}, path.name
        assert player.watch.signs.changed is None, path.name  # nor is the end of the file told


@pytest.mark.parametrize("scene", _SCENES)
@pytest.mark.parametrize(
    ("change", "doubt", "within"),
    [
        (turned(across=0.05), Doubt.MOVED, 25.0),
        (turned(across=0.3), Doubt.MOVED, 90.0),
        (turned(degrees=5.0), Doubt.MOVED, 25.0),
        (turned(zoom=1.15), Doubt.MOVED, 25.0),
        (blurred(4.0), Doubt.BLURRED, 45.0),
        (blurred(10.0), Doubt.BLURRED, 45.0),
        (covered, Doubt.COVERED, 30.0),
        (dazzled, Doubt.COVERED, 30.0),
        (black, Doubt.BLACK, 15.0),
    ],
    ids=["shift", "far", "turn", "zoom", "blur", "more-blur", "cover", "dazzle", "black"],
)
def test_a_spoiled_picture_is_told_as_what_it_is(
    scene: str, change: Change, doubt: Doubt, within: float
) -> None:
    player = Player(looks(DEMO / scene))
    player.play(SPOILED_AT)
    assert player.watch.signs.known
    player.play(within, change)
    assert player.begun.keys() == {doubt}


@pytest.mark.parametrize("scene", _SCENES)
def test_a_repeated_picture_is_frozen_after_ten_seconds_and_not_before(scene: str) -> None:
    player = Player(looks(DEMO / scene))
    player.play(SPOILED_AT)
    player.play(9.0, hold=True)
    assert player.doubts() == ()
    player.play(2.0, hold=True)
    assert player.doubts() == (Doubt.FROZEN,)
    player.play(5.0)
    assert player.doubts() == ()


@pytest.mark.parametrize("clip", _CLIPS)
@pytest.mark.parametrize(
    "change",
    [infrared, lit(0.25), lit(1.5, 30.0), turned(across=0.0015)],
    ids=["infra-red", "dark", "bright", "tremble"],
)
def test_light_and_trembling_are_no_fault(clip: str, change: Change) -> None:
    player = Player(looks(DEMO / clip))
    player.play(40.0)
    assert player.watch.signs.known
    player.play(45.0, change)
    player.play(45.0)
    assert player.begun == {}


@pytest.mark.parametrize("scene", _SCENES)
def test_dusk_noise_and_wind_are_no_fault(scene: str) -> None:
    player = Player(looks(DEMO / scene))
    player.play(40.0)
    random = np.random.default_rng(5)
    for index in range(600):  # two minutes, five times as fast as a tropical dusk
        dimmed = lit(1.0 - 0.85 * index / 600)(looks(DEMO / scene)[index % 120])
        player.show(np.asarray(cv2.add(dimmed, noise(0, dimmed)), dtype=np.uint8))
    for index in range(200):  # a mast that trembles by 2 px of 640
        tremble = turned(across=float(random.normal(0, 0.003)))
        player.show(tremble(looks(DEMO / scene)[index % 120]))
    assert player.watch.signs.known
    assert player.begun == {}


@pytest.mark.parametrize("scene", _SCENES)
def test_a_person_who_stands_before_the_camera_is_no_fault(scene: str) -> None:
    player = Player(looks(DEMO / scene))
    player.play(SPOILED_AT)
    player.play(60.0, person)
    player.play(20.0)
    assert player.begun == {}


def test_a_switch_of_lights_is_told_as_a_changed_scene_and_settles() -> None:
    player = Player(looks(DEMO / _SCENES[0]))
    player.play(SPOILED_AT)
    player.play(10.0, lit(0.25))
    signs = player.watch.signs
    assert signs.changed is not None
    assert signs.changed.mono == pytest.approx(1000 + SPOILED_AT + 3.0, abs=0.5)
    assert signs.settling == pytest.approx(1000 + SPOILED_AT + 3.0, abs=0.5)
    assert signs.doubts == ()


def test_a_fire_ball_never_makes_movement_count_less() -> None:
    player = Player(looks(DEMO / _SCENES[0]))
    player.play(10.0)
    fire = np.zeros((360, 640, 3), dtype=np.uint8)
    fire[:] = (20, 120, 250)
    for _ in range(5):
        player.show(fire)
    assert player.watch.signs.settling == 0.0


def test_smoke_that_fills_the_picture_may_be_doubted_only_beside_its_own_words() -> None:
    player = Player(looks(DEMO / _SCENES[1]))
    player.play(SPOILED_AT)
    player.play(60.0, lambda picture: lit(0.04, 110.0)(picture))
    assert player.begun.keys() <= {Doubt.COVERED, Doubt.BLURRED}


@pytest.mark.parametrize(
    ("change", "release"), [(covered, 12.0), (black, 12.0), (turned(across=0.05), 20.0)]
)
def test_a_doubt_ends_soon_after_its_cause(change: Change, release: float) -> None:
    player = Player(looks(DEMO / _SCENES[0]))
    player.play(SPOILED_AT)
    player.play(40.0, change)
    assert player.doubts() != ()
    player.play(release)
    assert player.doubts() == ()


def test_the_view_of_a_turned_camera_is_accepted_after_a_quarter_of_an_hour() -> None:
    player = Player(looks(DEMO / _SCENES[0]))
    player.play(40.0)
    player.play(600.0, turned(across=0.05))
    assert player.doubts() == (Doubt.MOVED,)
    player.play(340.0, turned(across=0.05))
    assert player.doubts() == ()


def test_a_camera_turned_while_it_was_gone_is_noticed_after_it_is_back() -> None:
    player = Player(looks(DEMO / _SCENES[0]))
    player.play(40.0)
    player.watch.connected(live=True)
    player.time += 300.0
    player.play(30.0, turned(degrees=5.0))
    assert player.begun.keys() == {Doubt.MOVED}


def test_a_scene_without_noise_is_never_called_frozen() -> None:
    still = looks(DEMO / _SCENES[0])[0]
    player = Player((still,))
    player.play(_LONG)
    assert player.begun == {}


def test_a_picture_that_is_coded_anew_at_each_key_frame_is_frozen_too() -> None:
    player = Player(looks(DEMO / "gate_night_rain_headlights.mp4"))
    player.play(SPOILED_AT)
    still = looks(DEMO / "gate_night_rain_headlights.mp4")[0]
    codings = [_coded(still, quality) for quality in (92, 94, 94, 94, 94)]
    for index in range(125):
        player.show(codings[index % 5])
    assert player.doubts() == (Doubt.FROZEN,)
    player.play(5.0)
    assert player.doubts() == ()


def _coded(picture: Pixels, quality: int) -> Pixels:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def test_leaves_that_come_to_rest_are_not_a_frozen_picture() -> None:
    still = looks(DEMO / _SCENES[0])[0]
    pictures = []
    for shift in range(7):
        moving = still.copy()
        moving[:90] = np.roll(still[:90], 9 * shift, axis=1)  # a quarter of the picture
        pictures.append(moving)
    player = Player(tuple(pictures))
    player.play(SPOILED_AT)
    player.play(60.0, hold=True)
    assert Doubt.FROZEN not in player.begun


def test_a_drawn_clock_does_not_hide_a_frozen_picture() -> None:
    player = Player(looks(DEMO / _SCENES[0]))
    player.play(SPOILED_AT)
    still = looks(DEMO / _SCENES[0])[0]
    for second in range(60):
        player.show(_with_clock(still, second))
    assert Doubt.FROZEN in player.begun


def _with_clock(picture: Pixels, number: int) -> Pixels:
    shown = picture.copy()
    cv2.putText(shown, f"{number:04d}", (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255,) * 3)
    return shown


def test_another_size_in_mid_stream_is_told_and_learned_anew() -> None:
    player = Player(looks(DEMO / _SCENES[0]))
    player.watch.resized(640, 360, Stamp(999.0, 0.0))
    player.play(40.0)
    at = Stamp(1040.0, 40.0)
    player.watch.resized(1280, 720, at)
    assert player.watch.signs.resized == at
    assert not player.watch.signs.known
    player.play(60.0, turned(across=0.05))
    assert player.begun == {}


def test_a_picture_too_small_to_judge_is_left_alone() -> None:
    player = Player((np.full((40, 60, 3), 90, dtype=np.uint8),))
    player.play(20.0)
    assert player.watch.signs.at is None


def test_a_picture_that_keeps_changing_is_told_once_it_has_done_so_for_minutes() -> None:
    """An infra-red filter that goes to and fro each 20 s."""
    player = Player(looks(DEMO / _SCENES[0]))
    player.play(20.0)
    for _ in range(5):
        player.play(20.0, infrared)
        player.play(20.0)
    assert player.begun == {}
    player.play(20.0, infrared)
    player.play(20.0)
    player.play(20.0, infrared)
    assert player.begun.keys() == {Doubt.RESTLESS}
