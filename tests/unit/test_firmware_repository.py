"""What makers publish with tools/firmware_repository.py is what a console takes."""

import stat
import time
from pathlib import Path

import pytest
from fakes import FakeClock
from firmware_parts import tool

from embereye.ingest.firmware import FirmwareLibrary
from embereye.model.errors import FirmwareError

Out = pytest.CaptureFixture[str]


class _Office:
    """A maker's folders, and a console."""

    def __init__(self, folder: Path) -> None:
        self.repository, self.keys = folder / "stick", folder / "keys"
        self.image = folder / "build.bin"
        self.image.write_bytes(b"\x7fELF" * 100)
        self.library = FirmwareLibrary(folder / "firmware", FakeClock(utc=time.time()))

    def run(self, command: str, *words: object) -> int:
        given = [command, self.repository]
        if command != "list":
            given.append(self.keys)
        return int(tool.main([str(word) for word in (*given, *words)]))

    def versions(self) -> list[str]:
        return [image.version for image in self.library.take(self.repository)]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Office:
    monkeypatch.setenv(tool.PASSPHRASE, "correct horse")
    made = _Office(tmp_path)
    assert made.run("init") == 0
    made.library.trust(made.repository / "metadata" / "root.json")
    return made


def test_an_image_that_was_added_is_taken_by_a_console(office: _Office) -> None:
    assert office.run("add", office.image, "1.4.0") == 0
    assert office.versions() == ["1.4.0"]
    assert office.library.read("1.4.0") == office.image.read_bytes()


def test_the_next_release_is_taken_and_the_one_before_refused(office: _Office) -> None:
    office.run("add", office.image, "1.4.0")
    old = (office.repository / "metadata" / "timestamp.json").read_bytes()
    office.run("add", office.image, "1.5.0")
    assert office.versions() == ["1.4.0", "1.5.0"]
    assert office.run("remove", "1.4.0") == 0
    assert office.versions() == ["1.5.0"]
    (office.repository / "metadata" / "timestamp.json").write_bytes(old)
    with pytest.raises(FirmwareError, match="older than what was seen"):
        office.versions()


def test_refreshing_makes_an_expired_repository_good_again(office: _Office) -> None:
    office.run("add", office.image, "1.4.0", "--days", "-1")
    with pytest.raises(FirmwareError, match="expired"):
        office.versions()
    assert office.run("refresh") == 0
    assert office.versions() == ["1.4.0"]


def test_a_version_never_changes(office: _Office, capsys: Out) -> None:
    office.run("add", office.image, "1.4.0")
    office.image.write_bytes(b"other")
    assert office.run("add", office.image, "1.4") == 2
    assert "there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [(("nothing",), "is no version"), (("1.2.3.4.5",), "is no version")],
)
def test_what_is_no_version_is_refused(
    office: _Office, capsys: Out, words: tuple[str, ...], said: str
) -> None:
    assert office.run("add", office.image, *words) == 2
    assert said in capsys.readouterr().err


def test_the_keys_are_encrypted_and_private(
    office: _Office, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    paths = list(office.keys.iterdir())
    assert sorted(path.stem for path in paths) == sorted(tool.ROLES)
    assert all(b"ENCRYPTED" in path.read_bytes() for path in paths)
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    monkeypatch.setenv(tool.PASSPHRASE, "wrong")
    assert office.run("add", office.image, "1.4.0") == 2
    shown = capsys.readouterr()
    assert "passphrase of targets.pem is wrong" in shown.err
    assert "wrong" not in shown.err.replace("is wrong", "")


def test_releases_need_no_root_key(office: _Office) -> None:
    (office.keys / "root.pem").unlink()
    assert office.run("add", office.image, "1.4.0") == 0
    assert office.versions() == ["1.4.0"]


def test_keys_that_are_not_encrypted_come_with_a_warning(tmp_path: Path, capsys: Out) -> None:
    office = _Office(tmp_path)
    assert office.run("init", "--plain") == 0
    assert "not encrypted" in capsys.readouterr().err
    assert office.run("add", office.image, "1.0.0") == 0


def test_keys_are_never_overwritten(office: _Office, capsys: Out) -> None:
    before = (office.keys / "root.pem").read_bytes()
    assert office.run("init") == 2
    assert (office.keys / "root.pem").read_bytes() == before
    assert "already" in capsys.readouterr().err
