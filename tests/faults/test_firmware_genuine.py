"""R24: tampered, rolled back, frozen or foreign firmware is never accepted."""

import json
import shutil
import time
from pathlib import Path

import pytest
from fakes import FakeClock
from firmware_parts import Maker
from tuf.api.metadata import Metadata, Root

from embereye.ingest.firmware import FirmwareLibrary
from embereye.model.errors import FirmwareError


@pytest.fixture
def clock() -> FakeClock:
    # The TUF library reads the computer's clock for expiry; the metadata are made around it.
    return FakeClock(utc=time.time())


@pytest.fixture
def maker(clock: FakeClock) -> Maker:
    maker = Maker(clock.now().utc)
    maker.images["1.4.0"] = b"image one" * 1000
    return maker


@pytest.fixture
def library(tmp_path: Path, clock: FakeClock, maker: Maker) -> FirmwareLibrary:
    """A console that trusts `maker` and has its first repository."""
    library = FirmwareLibrary(tmp_path / "data" / "firmware", clock)
    first = maker.publish(tmp_path / "first")
    library.trust(first / "metadata" / "root.json")
    library.take(first)
    return library


def test_a_genuine_repository_is_taken(library: FirmwareLibrary, maker: Maker) -> None:
    assert [image.version for image in library.images()] == ["1.4.0"]
    assert library.read("1.4.0") == maker.images["1.4.0"]


def test_a_newer_repository_replaces_it(
    library: FirmwareLibrary, maker: Maker, tmp_path: Path
) -> None:
    maker.images["1.10.0"] = b"image two"
    library.take(maker.publish(tmp_path / "second"))
    assert [image.version for image in library.images()] == ["1.4.0", "1.10.0"]


def test_a_repository_is_refused_before_its_maker_is_believed(
    tmp_path: Path, clock: FakeClock, maker: Maker
) -> None:
    library = FirmwareLibrary(tmp_path / "new", clock)
    with pytest.raises(FirmwareError, match="No maker is believed"):
        library.take(maker.publish(tmp_path / "first"))


def test_another_maker_is_not_believed_by_the_way(
    library: FirmwareLibrary, clock: FakeClock, tmp_path: Path
) -> None:
    other = Maker(clock.now().utc).publish(tmp_path / "other")
    with pytest.raises(FirmwareError, match="believed already"):
        library.trust(other / "metadata" / "root.json")


def _tamper_image(folder: Path) -> None:
    (path,) = (folder / "targets").iterdir()
    path.write_bytes(path.read_bytes()[:-1] + b"X")


def _tamper_metadata(folder: Path) -> None:
    path = folder / "metadata" / "2.targets.json"
    made = json.loads(path.read_text())
    next(iter(made["signed"]["targets"].values()))["length"] -= 1
    path.write_text(json.dumps(made))


def _remove_snapshot(folder: Path) -> None:
    (folder / "metadata" / "2.snapshot.json").unlink()


def _garbage(folder: Path) -> None:
    (folder / "metadata" / "timestamp.json").write_bytes(b"\x00{" * 500)


@pytest.mark.parametrize("damage", [_tamper_image, _tamper_metadata, _remove_snapshot, _garbage])
def test_a_damaged_repository_is_refused_and_the_old_one_stays(
    library: FirmwareLibrary, maker: Maker, tmp_path: Path, damage: object
) -> None:
    folder = maker.publish(tmp_path / "second")
    damage(folder)  # type: ignore[operator]
    with pytest.raises(FirmwareError, match=r"refused.*Nothing was taken"):
        library.take(folder)
    assert library.read("1.4.0") == maker.images["1.4.0"]


def test_an_old_copy_of_the_repository_is_refused(
    library: FirmwareLibrary, maker: Maker, tmp_path: Path
) -> None:
    maker.images = {"1.5.0": b"newer"}
    library.take(maker.publish(tmp_path / "second"))
    with pytest.raises(FirmwareError, match="older than what was seen"):
        library.take(tmp_path / "first")
    assert [image.version for image in library.images()] == ["1.5.0"]


def test_a_frozen_repository_is_refused(
    library: FirmwareLibrary, maker: Maker, tmp_path: Path
) -> None:
    with pytest.raises(FirmwareError, match="expired"):
        library.take(maker.publish(tmp_path / "frozen", days=-1))


def test_a_repository_signed_with_other_keys_is_refused(
    library: FirmwareLibrary, clock: FakeClock, tmp_path: Path
) -> None:
    other = Maker(clock.now().utc)
    other.images["9.9.9"] = b"evil"
    other.version = 5
    with pytest.raises(FirmwareError, match="not signed by the maker"):
        library.take(other.publish(tmp_path / "other"))
    assert [image.version for image in library.images()] == ["1.4.0"]


def test_an_image_changed_on_the_disk_is_not_used(library: FirmwareLibrary, tmp_path: Path) -> None:
    (path,) = (tmp_path / "data" / "firmware" / "images").iterdir()
    path.write_bytes(b"evil")
    with pytest.raises(FirmwareError, match="changed on the disk"):
        library.read("1.4.0")


def test_a_version_whose_word_expired_is_not_rolled_out(
    library: FirmwareLibrary, clock: FakeClock
) -> None:
    clock.advance(31 * 86_400)
    with pytest.raises(FirmwareError, match="expired"):
        library.read("1.4.0")


def test_a_link_out_of_the_repository_is_not_followed(
    library: FirmwareLibrary, maker: Maker, tmp_path: Path
) -> None:
    folder = maker.publish(tmp_path / "second")
    outside = tmp_path / "outside.json"
    shutil.copy(folder / "metadata" / "timestamp.json", outside)
    (folder / "metadata" / "timestamp.json").unlink()
    (folder / "metadata" / "timestamp.json").symlink_to(outside)
    with pytest.raises(FirmwareError, match="refused"):
        library.take(folder)


def test_a_root_that_the_old_root_signed_is_followed_and_another_is_not(
    library: FirmwareLibrary, maker: Maker, tmp_path: Path
) -> None:
    """Keys are replaced by their maker, never by who merely has the stick."""
    other = Maker(maker.now.timestamp())
    other.images = {"2.0.0": b"signed with new keys"}
    other.version = maker.version
    folder = other.publish(tmp_path / "replaced")
    path = folder / "metadata" / "1.root.json"
    root = Metadata[Root].from_file(str(path))
    root.signed.version = 2
    root.sign(other.signers["root"])
    root.to_file(str(folder / "metadata" / "2.root.json"))
    with pytest.raises(FirmwareError, match="not signed by the maker"):
        library.take(folder)
    root.sign(maker.signers["root"], append=True)
    root.to_file(str(folder / "metadata" / "2.root.json"))
    assert [image.version for image in library.take(folder)] == ["2.0.0"]


def test_without_the_checks_the_same_files_would_be_taken(
    library: FirmwareLibrary, maker: Maker, tmp_path: Path
) -> None:
    """Negative control: the damage above is real, only the signature tells."""
    folder = maker.publish(tmp_path / "second")
    _tamper_metadata(folder)
    made = json.loads((folder / "metadata" / "2.targets.json").read_text())
    assert next(iter(made["signed"]["targets"].values()))["custom"] == {"version": "1.4.0"}
