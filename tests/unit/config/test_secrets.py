"""Secrets: encrypted, private, clear when damaged."""

import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import keyring
import keyring.backend
import pytest

from embereye.config.secrets import FileSecrets, RingSecrets
from embereye.model.errors import ConfigError


def test_a_secret_is_read_back_by_another_store(tmp_path: Path) -> None:
    FileSecrets(tmp_path).write("camera/a", "pässword")
    assert FileSecrets(tmp_path).read("camera/a") == "pässword"
    assert FileSecrets(tmp_path).read("camera/b") is None


def test_nothing_on_disk_shows_the_secret(tmp_path: Path) -> None:
    FileSecrets(tmp_path).write("camera/a", "canary-7391")
    assert not any(b"canary-7391" in file.read_bytes() for file in tmp_path.iterdir())


def test_key_and_secrets_are_private(tmp_path: Path) -> None:
    FileSecrets(tmp_path).write("camera/a", "x")
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    assert modes == {"secret.key": 0o600, "secrets.bin": 0o600}


def test_a_removed_secret_is_gone(tmp_path: Path) -> None:
    store = FileSecrets(tmp_path)
    store.write("camera/a", "x")
    store.remove("camera/a")
    store.remove("camera/a")
    assert FileSecrets(tmp_path).read("camera/a") is None


@pytest.mark.parametrize(
    ("name", "advice"), [("secrets.bin", "restore"), ("secret.key", "damaged")]
)
def test_damage_gives_advice(tmp_path: Path, name: str, advice: str) -> None:
    FileSecrets(tmp_path).write("camera/a", "x")
    (tmp_path / name).write_bytes(b"garbage")
    with pytest.raises(ConfigError, match=advice):
        FileSecrets(tmp_path).read("camera/a")


class Ring(keyring.backend.KeyringBackend):
    """A key ring that answers once somebody has unlocked it."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}
        self.unlocked = Event()

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._wait()
        self.kept.pop(username, None)

    def _wait(self) -> None:
        self.unlocked.wait(10.0)


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    made = Ring()
    keyring.set_keyring(made)
    yield made
    made.unlocked.set()
    keyring.set_keyring(before)


def test_a_ring_that_answers_keeps_the_secret_and_the_file_does_not(
    ring: Ring, tmp_path: Path
) -> None:
    ring.unlocked.set()
    store = RingSecrets(FileSecrets(tmp_path), "here")
    store.write("camera/a", "x")
    assert (store.read("camera/a"), FileSecrets(tmp_path).read("camera/a")) == ("x", None)
    store.remove("camera/a")
    assert store.read("camera/a") is None


def test_a_ring_that_is_unlocked_late_is_used_from_then_on(ring: Ring, tmp_path: Path) -> None:
    ring.kept["here/camera/a"] = "x"
    store = RingSecrets(FileSecrets(tmp_path), "here", deadline=0.05)
    assert store.read("camera/a") is None
    hanging = store._hanging
    assert hanging is not None
    ring.unlocked.set()
    hanging.join(5.0)
    assert store.read("camera/a") == "x"


def test_what_the_ring_could_not_take_is_newer_than_what_it_holds(
    ring: Ring, tmp_path: Path
) -> None:
    ring.kept["here/camera/a"] = "old"
    store = RingSecrets(FileSecrets(tmp_path), "here", deadline=0.05)
    store.write("camera/a", "new")
    ring.unlocked.set()
    ring.kept["here/camera/a"] = "old"
    assert RingSecrets(FileSecrets(tmp_path), "here").read("camera/a") == "new"
