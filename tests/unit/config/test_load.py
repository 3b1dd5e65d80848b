"""Settings: layers, origins, one message per wrong field."""

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embereye.config.load import Layers, check, load
from embereye.config.schema import Settings
from embereye.model.errors import ConfigError


def _layers(tmp_path: Path, user: str = "", policy: str = "", **kwargs: object) -> Layers:
    (tmp_path / "settings.toml").write_text(user, encoding="utf-8")
    (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
    return Layers(
        tmp_path / "settings.toml",
        tmp_path / "policy.toml",
        **{"environment": {}, **kwargs},  # type: ignore[arg-type]
    )


def test_no_file_at_all_gives_the_defaults(tmp_path: Path) -> None:
    assert load(Layers(tmp_path / "none.toml", environment={})).settings == Settings()


def test_a_stronger_layer_wins_and_is_named(tmp_path: Path) -> None:
    layers = _layers(
        tmp_path,
        user="[sensors]\nport = 9002\n[wall]\nlayout = 3\n[sound]\nvolume = 0.5",
        policy="[sensors]\nport = 9001\n",
        environment={"EMBEREYE_WALL__LAYOUT": "4", "EMBEREYE_SHARED": "/nowhere"},
        command_line={"sound.volume": 0.7},
    )
    loaded = load(layers)
    assert loaded.settings.sensors.port == 9002
    assert loaded.settings.wall.layout == 4
    assert loaded.settings.sound.volume == 0.7
    assert loaded.origins == {
        "sensors.port": "file",
        "wall.layout": "environment",
        "sound.volume": "command line",
    }


def test_what_the_policy_locks_wins_over_everything(tmp_path: Path) -> None:
    layers = _layers(
        tmp_path,
        user="[sensors]\nport = 9002",
        policy='locked = ["sensors.port"]\n[sensors]\nport = 9001',
        command_line={"sensors.port": 9003},
    )
    loaded = load(layers)
    assert loaded.settings.sensors.port == 9001
    assert loaded.origins["sensors.port"] == "policy (locked)"


_ZONE = '[[cameras]]\nid="a"\nname="A"\nsource="0"\n[[cameras.zones]]\nid="z"\nname="Z"\npoints = '


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[sensors]\nprot = 1", "sensors.prot (from file): there is no such option"),
        ("[sensors]\nport = 70000", "sensors.port (from file): input should be less than or equal"),
        ("[wall]\nlayout = 'x'", "wall.layout (from file): input should be a valid integer"),
        ('[[cameras]]\nid="a"\nname="A"', "cameras.0.source: is required"),
        ('[[cameras]]\nid="CON"\nname="A"\nsource="0"', "cameras.0.id: use 1–64"),
        ('[[cameras]]\nid="a"\nname="A"\nsource="0"\nplace="../x"', "cameras.0.place: use 1–64"),
        (
            _ZONE + "[[0, 0], [1, 1]]",
            "cameras.0.zones.0.points: has 2 right entries and needs at least 3",
        ),
        (
            _ZONE + "[[0, 0], [1, 0], [1, 1]]\nschedule.start = '25:00'",
            "cameras.0.zones.0.schedule.start: write hours and minutes, such as 20:00",
        ),
        ("operator = 'system'", "operator (from file): this is what the program calls itself"),
        ('[[devices]]\nid="a"\nname="A"\ncamera="no such"', "devices.0.camera: use 1–64"),
    ],
)
def test_each_wrong_field_is_named_with_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(_layers(tmp_path, text))
    assert any(problem.startswith(message) for problem in caught.value.problems)


def test_all_wrong_fields_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(_layers(tmp_path, "x = 1\n[sensors]\nport = -1\nfoo = 2"))
    assert len(caught.value.problems) == 3


def test_a_password_in_the_wrong_field_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(_layers(tmp_path, "[sensors]\nport = 'hunter2-canary'"))
    assert "hunter2-canary" not in str(caught.value) + " ".join(caught.value.problems)


def test_two_cameras_with_one_id_are_refused() -> None:
    camera = {"id": "a", "name": "A", "source": "0"}
    with pytest.raises(ConfigError) as caught:
        check({"cameras": [camera, camera]})
    assert "the id a is used twice" in caught.value.problems[0]


def test_settings_of_a_newer_program_are_refused_with_advice() -> None:
    with pytest.raises(ConfigError, match="start the newer program"):
        check({"version": 99})


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[[[", b"a = 1\na = 2", b"x" * 9_000_000])
def test_an_unreadable_file_gives_a_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"settings\.toml"):
        load(Layers(tmp_path / "settings.toml", environment={}))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_content_crashes_the_loader(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.toml").write_bytes(content)
    with contextlib.suppress(ConfigError):
        assert load(Layers(tmp_path / "settings.toml", environment={})).settings


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_the_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.toml")
    with pytest.raises(ConfigError, match="not a file"):
        load(Layers(tmp_path / "settings.toml", environment={}))


def test_a_table_in_place_of_a_list_is_told_how_to_write_it(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[cameras]\nid = "x"\n')
    with pytest.raises(ConfigError) as caught:
        load(Layers(tmp_path / "settings.toml", environment={}))
    assert "[[cameras]]" in caught.value.problems[0]
