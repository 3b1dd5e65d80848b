"""The settings store: atomic, revisioned, with comments kept."""

import stat
from pathlib import Path

import pytest

from embereye.config.load import Layers
from embereye.config.schema import Camera, Settings, Wall
from embereye.config.store import SettingsStore
from embereye.model.errors import ConfigError


def _store(tmp_path: Path, text: str = "") -> SettingsStore:
    path = tmp_path / "settings.toml"
    if text:
        path.write_text(text, encoding="utf-8")
    return SettingsStore(Layers(path, environment={}))


def test_a_saved_change_is_in_force_told_and_read_back(tmp_path: Path) -> None:
    store = _store(tmp_path)
    told: list[tuple[Settings, Settings]] = []
    store.on_change(lambda old, new: told.append((old, new)))
    store.save({"wall": Wall(layout=3)}, base_revision=0)
    assert store.current.wall.layout == 3
    assert [(o.wall.layout, n.wall.layout) for o, n in told] == [(0, 3)]
    assert _store(tmp_path).current == store.current


def test_lists_of_models_survive(tmp_path: Path) -> None:
    store = _store(tmp_path)
    cameras = (Camera(id="a", name="Ä", source="0"), Camera(id="b", name="B", source="rtsp://h/1"))
    store.save({"cameras": cameras}, base_revision=0)
    assert _store(tmp_path).current.cameras == cameras


def test_a_stale_base_revision_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.save({"operator": "first"}, base_revision=0)
    with pytest.raises(ConfigError, match="somebody else"):
        store.save({"operator": "second"}, base_revision=0)
    assert store.current.operator == "first"


def test_a_wrong_change_is_refused_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    store = _store(tmp_path, 'operator = "me"  # the night shift\n')
    before = (tmp_path / "settings.toml").read_bytes()
    with pytest.raises(ConfigError):
        store.save({"operator": ""}, base_revision=0)
    assert (tmp_path / "settings.toml").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["settings.toml"]


def test_comments_of_the_administrator_survive(tmp_path: Path) -> None:
    store = _store(tmp_path, "[sensors]\nport = 9002  # as the firewall allows\n")
    store.save({"operator": "me"}, base_revision=0)
    assert "# as the firewall allows" in (tmp_path / "settings.toml").read_text()


def test_a_locked_field_cannot_be_saved(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('locked = ["wall.layout"]\n[wall]\nlayout = 2')
    layers = Layers(tmp_path / "settings.toml", tmp_path / "policy.toml", environment={})
    store = SettingsStore(layers)
    with pytest.raises(ConfigError, match="administrator's policy"):
        store.save({"wall": Wall(layout=3)}, base_revision=0)


def test_the_file_is_private(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.save({"operator": "me"}, base_revision=0)
    assert stat.S_IMODE((tmp_path / "settings.toml").stat().st_mode) == 0o600


def test_a_reload_with_an_error_keeps_the_settings_in_force(tmp_path: Path) -> None:
    store = _store(tmp_path, 'operator = "me"\n')
    (tmp_path / "settings.toml").write_text("operator = 1\n")
    with pytest.raises(ConfigError):
        store.reload()
    assert store.current.operator == "me"
