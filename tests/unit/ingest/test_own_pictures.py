"""Sources without a camera: numbered stills and the test card."""

from pathlib import Path

import numpy as np
import pytest
from fakes import FakeClock
from upload_parts import jpeg, png

from embereye.config.schema import Camera
from embereye.ingest.opener import opener_of
from embereye.ingest.picture import Picture, PictureSource
from embereye.ingest.source import Kind, parse
from embereye.ingest.upload_site import UploadSite
from embereye.model.errors import CameraUnreachable, CameraUnsupported, SourceError


def _opened(text: str, clock: FakeClock, folder: Path) -> PictureSource:
    camera = Camera(id="one", name="One", source=text)
    _, build = opener_of(camera, (folder,), lambda _camera: None, clock)
    source = build(clock.advance)
    source.open()
    return source


def _play(source: PictureSource, count: int) -> list[Picture]:
    found: list[Picture] = []
    for _ in range(count * 10):
        picture = source.read(0.5)
        if picture is not None:
            found.append(picture)
        if len(found) == count:
            break
    return found


def test_stills_come_in_the_order_of_their_numbers_for_ever(
    tmp_path: Path, clock: FakeClock
) -> None:
    for number in (1, 2, 10):
        (tmp_path / f"frame{number}.png").write_bytes(png(number, 100 + number * 2, 100))
    (tmp_path / "notes.txt").write_text("no picture")
    source = _opened(f"sequence:{tmp_path}", clock, tmp_path)
    pictures = _play(source, 7)
    assert [picture.width for picture in pictures] == [102, 104, 120, 102, 104, 120, 102]
    media = [picture.media for picture in pictures]
    assert np.allclose(np.diff(media), 0.2)
    source.close()


def test_a_damaged_still_is_passed_over(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "1.jpg").write_bytes(jpeg(1))
    (tmp_path / "2.jpg").write_bytes(jpeg(2)[:5000])
    source = _opened(f"sequence:{tmp_path}", clock, tmp_path)
    begin = clock.mono()
    assert len(_play(source, 5)) == 5
    assert clock.mono() - begin == pytest.approx(1.6)  # its place in time stays empty
    source.close()


def test_a_folder_without_a_whole_still_is_said(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(CameraUnsupported, match="holds no JPEG or PNG"):
        _opened(f"sequence:{tmp_path}", clock, tmp_path)
    (tmp_path / "1.jpg").write_bytes(b"x" * 20_000)
    source = _opened(f"sequence:{tmp_path}", clock, tmp_path)
    with pytest.raises(CameraUnsupported, match="can be decoded"):
        _play(source, 2)
    source.close()


def test_a_folder_that_went_away_is_said(tmp_path: Path, clock: FakeClock) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    camera = Camera(id="one", name="One", source=f"sequence:{folder}")
    _, build = opener_of(camera, (tmp_path,), lambda _camera: None, clock)
    folder.rmdir()
    with pytest.raises(CameraUnreachable, match="cannot be read"):
        build(clock.advance).open()


def test_stills_outside_the_allowed_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "allowed").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "allowed" / "link").symlink_to(tmp_path / "other")
    for text in (str(tmp_path / "other"), "../other", "link"):
        with pytest.raises(SourceError, match="allowed folder"):
            parse(f"sequence:{text}", [tmp_path / "allowed"])
    assert parse("sequence:.", [tmp_path / "allowed"])[0].kind is Kind.SEQUENCE


@pytest.mark.parametrize(
    ("text", "size"), [("testcard:", (1920, 1080)), ("TestCard: 320x240", (320, 240))]
)
def test_the_test_card_has_its_size_and_ten_pictures_a_second(
    tmp_path: Path, clock: FakeClock, text: str, size: tuple[int, int]
) -> None:
    source = _opened(text, clock, tmp_path)
    begin, pictures = clock.mono(), _play(source, 11)
    assert clock.mono() - begin == pytest.approx(1.0)
    assert {(picture.width, picture.height) for picture in pictures} == {size}
    source.close()


def test_the_clock_of_the_test_card_moves(tmp_path: Path, clock: FakeClock) -> None:
    source = _opened("testcard:640x360", clock, tmp_path)
    first, second = (picture.bgr(640, 360) for picture in _play(source, 2))
    assert (first != second).any()
    # The bars stand still: white (75 %) on the left, blue on the right.
    assert first[20, 40].tolist() == second[20, 40].tolist() == [191, 191, 191]
    assert first[20, 600].tolist() == [191, 0, 0]
    source.close()


def test_the_smallest_test_card_can_be_drawn(tmp_path: Path, clock: FakeClock) -> None:
    source = _opened("testcard:64x64", clock, tmp_path)
    assert len(_play(source, 1)) == 1
    source.close()


def test_an_upload_folder_needs_a_root(tmp_path: Path, clock: FakeClock) -> None:
    camera = Camera(id="one", name="One", source="folder:Front Door")
    with pytest.raises(SourceError, match=r"uploads\.root"):
        opener_of(camera, (), lambda _camera: None, clock)
    site = UploadSite(tmp_path / "uploads", tmp_path / "memory")
    (tmp_path / "uploads" / "front_door").mkdir(parents=True)
    source, build = opener_of(camera, (), lambda _camera: None, clock, site)
    assert (source.kind, source.place) == (Kind.FOLDER, "folder front_door")
    opened = build(clock.advance)
    opened.open()
    assert opened.deadlines.occasional
    opened.close()
