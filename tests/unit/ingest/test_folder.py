"""Upload folders as cameras."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from camera_parts import make_clip
from fakes import FakeClock
from upload_parts import UploadRig, jpeg, png

from embereye.ingest.picture import Decode
from embereye.ingest.upload_file import Refusal
from embereye.model.errors import CameraUnreachable
from embereye.runtime.clock import SystemClock


@pytest.fixture
def clock() -> FakeClock:
    """At the machine's own wall time, since files carry it."""
    return FakeClock(utc=SystemClock().now().utc)


@pytest.fixture
def rig(tmp_path: Path, clock: FakeClock) -> Iterator[UploadRig]:
    rig = UploadRig(tmp_path, clock)
    rig.source.open()
    yield rig
    rig.source.close()


def test_a_picture_is_shown_once_when_its_file_is_complete(rig: UploadRig) -> None:
    (rig.folder / "a.jpg").write_bytes(jpeg(1))
    assert rig.read(2.0) == []
    (picture,) = rig.read(10.0)
    assert (picture.width, picture.height) == (320, 240)
    assert picture.bgr(320, 240).shape == (240, 320, 3)
    assert rig.taken() == ["a.jpg"]


def test_a_foscam_tree_is_read_to_its_leaves(rig: UploadRig) -> None:
    leaf = rig.folder / "FoscamCamera_ R2_00626E4E5F5F" / "snap record"
    leaf.mkdir(parents=True)
    (leaf / "MDAlarm_20240308-142501.jpg").write_bytes(jpeg(1))
    (leaf / "HMDAlarm_20240308-142502.png").write_bytes(png(2))
    assert len(rig.read(10.0)) == 2
    assert rig.source.counts.taken == 2


def test_a_clip_is_played_through_once_with_its_own_time_line(rig: UploadRig) -> None:
    make_clip(rig.folder / "MDalarm_20240308_142501.mkv", seconds=2.0, rate=15)
    pictures = rig.read(10.0)
    assert len(pictures) == 30
    steps = np.diff([picture.media for picture in pictures])
    assert np.allclose(steps, 1 / 15, atol=0.002)
    assert rig.taken() == ["MDalarm_20240308_142501.mkv"]


def test_a_clip_that_nobody_looks_at_is_not_called_damaged(rig: UploadRig) -> None:
    rig.source.decode = Decode.NOTHING
    make_clip(rig.folder / "a.mkv", seconds=2.0, rate=15)
    assert len(rig.read(10.0)) == 2  # key frames
    assert rig.taken() == ["a.mkv"]


def test_the_time_line_never_falls_and_uploads_stand_apart(rig: UploadRig) -> None:
    make_clip(rig.folder / "a.mp4", seconds=1.0, rate=10)
    (rig.folder / "b.jpg").write_bytes(jpeg(1))
    (rig.folder / "c.jpg").write_bytes(jpeg(2))
    media = [picture.media for picture in rig.read(10.0)]
    gaps = np.diff(media)
    assert len(media) == 12
    assert (gaps > 0).all()
    assert sum(gaps >= 5.0) == 2


def test_a_file_written_slowly_is_taken_once_and_whole(rig: UploadRig) -> None:
    content = jpeg(1)
    path = rig.folder / "slow.jpg"
    for part in range(8):
        path.write_bytes(content[: len(content) * (part + 1) // 8])
        assert rig.read(1.0) == []
    assert len(rig.read(5.0)) == 1
    assert rig.source.counts.refused == {}


def test_a_file_written_under_another_name_is_taken_after_its_renaming(rig: UploadRig) -> None:
    (rig.folder / "a.jpg.part").write_bytes(jpeg(1))
    assert rig.read(5.0) == []
    (rig.folder / "a.jpg.part").rename(rig.folder / "a.jpg")
    assert len(rig.read(5.0)) == 1
    (rig.folder / "a.jpg").rename(rig.folder / "b.jpg")
    assert rig.read(5.0) == []
    assert rig.source.counts.duplicates == 1


def test_a_half_written_picture_is_refused_and_taken_when_it_is_whole(rig: UploadRig) -> None:
    content = jpeg(1)
    (rig.folder / "a.jpg").write_bytes(content[: len(content) // 2])
    assert rig.read(6.0) == []
    assert rig.source.counts.refused == {Refusal.DAMAGED: 1}
    assert "a.jpg" in rig.source.counts.last_refused
    (rig.folder / "a.jpg").write_bytes(content)
    assert len(rig.read(6.0)) == 1


def test_the_same_content_is_taken_once_within_its_time(rig: UploadRig) -> None:
    (rig.folder / "a.jpg").write_bytes(jpeg(1))
    assert len(rig.read(6.0)) == 1
    (rig.folder / "b.jpg").write_bytes(jpeg(1))
    assert rig.read(6.0) == []
    assert rig.source.counts.duplicates == 1
    rig.wait(300.0)
    (rig.folder / "c.jpg").write_bytes(jpeg(1))
    assert len(rig.read(6.0)) == 1


def test_a_file_overwritten_with_another_picture_is_taken_again(rig: UploadRig) -> None:
    (rig.folder / "snapshot.jpg").write_bytes(jpeg(1))
    assert len(rig.read(6.0)) == 1
    (rig.folder / "snapshot.jpg").write_bytes(jpeg(2))
    assert len(rig.read(6.0)) == 1


def test_nothing_is_taken_twice_over_a_restart(rig: UploadRig) -> None:
    (rig.folder / "a.jpg").write_bytes(jpeg(1))
    assert len(rig.read(6.0)) == 1
    rig.source.close()
    (rig.folder / "b.jpg").write_bytes(jpeg(2))  # while the program was off
    rig.restarted().open()
    assert len(rig.read(6.0)) == 1
    assert rig.taken() == ["a.jpg", "b.jpg"]


def test_an_upload_that_was_not_finished_is_taken_again(rig: UploadRig) -> None:
    make_clip(rig.folder / "a.mp4", seconds=2.0, rate=15)
    assert len(rig.read(10.0, until=10)) == 10
    rig.source.close()
    rig.restarted().open()
    assert len(rig.read(10.0)) == 30


def test_a_connection_that_is_opened_again_goes_on_with_the_upload(rig: UploadRig) -> None:
    make_clip(rig.folder / "a.mp4", seconds=2.0, rate=15)
    assert len(rig.read(10.0, until=10)) == 10
    rig.source.close()
    rig.source.open()
    assert len(rig.read(10.0)) == 30
    assert rig.taken() == ["a.mp4"]


def test_what_lay_there_before_is_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    rig = UploadRig(tmp_path, clock)
    (rig.folder / "old.jpg").write_bytes(jpeg(1))
    rig.wait(301.0)
    rig.source.open()
    assert rig.read(6.0) == []


def test_files_are_never_changed_or_removed(rig: UploadRig) -> None:
    (rig.folder / "good.jpg").write_bytes(jpeg(1))
    (rig.folder / "bad.jpg").write_bytes(b"\xff\xd8\xff" * 5000)
    (rig.folder / "empty.mp4").write_bytes(b"")
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in rig.folder.iterdir()}
    rig.read(10.0)
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in rig.folder.iterdir()} == before


def test_another_cameras_uploads_are_not_taken(rig: UploadRig) -> None:
    (rig.root / "back_door").mkdir()
    (rig.root / "back_door" / "a.jpg").write_bytes(jpeg(1))
    (rig.root / "stray.jpg").write_bytes(jpeg(2))
    assert rig.read(6.0) == []


def test_two_spellings_of_a_folder_are_one_camera(rig: UploadRig) -> None:
    (rig.root / "front-door").mkdir()
    (rig.root / "front-door" / "a.jpg").write_bytes(jpeg(1))
    assert len(rig.read(6.0)) == 1


def test_nothing_follows_before_detection_took_the_picture(
    tmp_path: Path, clock: FakeClock
) -> None:
    examined = [False]
    rig = UploadRig(tmp_path, clock, examined=lambda _camera: examined[0])
    rig.source.open()
    for number in range(3):
        (rig.folder / f"{number}.jpg").write_bytes(jpeg(number))
    assert len(rig.read(7.0)) == 1
    examined[0] = True
    assert len(rig.read(5.0)) == 2
    assert rig.source.counts.unexamined == 0


def test_a_detector_that_does_not_run_holds_nothing_up_for_ever(
    tmp_path: Path, clock: FakeClock
) -> None:
    rig = UploadRig(tmp_path, clock, examined=lambda _camera: False)
    rig.source.open()
    for number in range(20):
        (rig.folder / f"{number}.jpg").write_bytes(jpeg(number))
    assert len(rig.read(30.0)) == 20
    assert rig.source.counts.unexamined >= 19


def test_detection_is_asked_to_hurry_while_an_upload_is_shown(
    tmp_path: Path, clock: FakeClock
) -> None:
    hurried: list[str] = []
    rig = UploadRig(tmp_path, clock, hurry=hurried.append)
    rig.source.open()
    (rig.folder / "a.jpg").write_bytes(jpeg(1))
    rig.read(6.0)
    assert hurried == ["gate"]


def test_a_root_that_is_missing_is_said_with_advice(tmp_path: Path, clock: FakeClock) -> None:
    rig = UploadRig(tmp_path, clock)
    shutil.rmtree(rig.root)
    with pytest.raises(CameraUnreachable, match=r"does not exist .* uploads\.root"):
        rig.source.open()


def test_a_folder_that_is_missing_is_said_and_found_later(tmp_path: Path, clock: FakeClock) -> None:
    rig = UploadRig(tmp_path, clock)
    rig.folder.rmdir()
    with pytest.raises(CameraUnreachable, match="There is no folder front_door"):
        rig.source.open()
    rig.folder.mkdir()
    rig.source.open()
    assert rig.read(1.0) == []


def test_a_drive_that_goes_away_is_said_and_nothing_is_taken_twice(rig: UploadRig) -> None:
    (rig.folder / "a.jpg").write_bytes(jpeg(1))
    assert len(rig.read(6.0)) == 1
    rig.root.rename(rig.root.with_name("unplugged"))
    with pytest.raises(CameraUnreachable):
        rig.read(5.0)
    rig.source.close()
    rig.root.with_name("unplugged").rename(rig.root)
    (rig.folder / "b.jpg").write_bytes(jpeg(2))
    rig.wait(1000.0)  # the digest of the first one is forgotten by now
    rig.source.open()
    assert len(rig.read(6.0)) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(rig: UploadRig) -> None:
    (rig.folder / "a.jpg").write_bytes(jpeg(1))
    (rig.folder / "a.jpg").chmod(0)
    assert rig.read(6.0) == []
    assert rig.source.counts.refused == {Refusal.UNREADABLE: 1}


def test_a_clip_that_breaks_off_is_shown_up_to_there(rig: UploadRig, tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "whole.mkv", seconds=4.0).read_bytes()
    (rig.folder / "cut.mkv").write_bytes(whole[: len(whole) * 2 // 3])
    assert 10 < len(rig.read(10.0)) < 60
    assert rig.source.counts.taken == 1
