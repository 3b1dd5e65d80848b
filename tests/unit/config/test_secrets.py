"""Secrets: encrypted, private, clear when damaged."""

import stat
from pathlib import Path

import pytest

from embereye.config.secrets import FileSecrets
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
