"""What every command shares: places, output that cannot be written, exit codes."""

import os
import subprocess
import sys

import pytest

from embereye.cli.main import run_command_line


@pytest.mark.parametrize(
    ("target", "code", "told"), [("/dev/full", 1, "disk is full"), (None, 0, "")]
)
def test_output_that_cannot_be_written_is_told_and_no_success(
    target, code, told, monkeypatch, capsys
):
    # The document is smaller than the buffer: without a flush the loss would stay unseen.
    if target is not None and not os.path.exists(target):
        pytest.skip("this system has no device that is always full")
    reader, writer = os.pipe()
    os.close(reader)
    with open(target or writer, "w", encoding="utf-8") as output:
        monkeypatch.setattr(sys, "stdout", output)
        assert run_command_line(["config", "defaults"]) == code
    if target is not None:
        os.close(writer)
    problem = capsys.readouterr().err
    assert told in problem
    assert "Traceback" not in problem


@pytest.mark.parametrize("after", [False, True])
def test_the_data_folder_may_stand_before_and_after_the_command(after, tmp_path, capsys):
    place, command = ["--data-dir", str(tmp_path)], ["list", "alarms"]
    assert run_command_line([*command, *place] if after else [*place, *command]) == 6
    assert str(tmp_path) in capsys.readouterr().err


def test_a_demo_on_a_file_is_an_unusable_data_folder_and_no_crash(tmp_path, capsys):
    place = tmp_path / "file"
    place.touch()
    command = ["demo", "--headless", "--seconds", "1", "--data-dir", str(place)]
    assert run_command_line(command) == 6
    assert "cannot use the data folder" in capsys.readouterr().err


def test_a_named_settings_file_that_is_missing_is_refused(tmp_path, capsys):
    missing = tmp_path / "typo.toml"
    assert run_command_line(["config", "check", "--config", str(missing)]) == 3
    assert str(missing) in capsys.readouterr().err


@pytest.mark.parametrize("command", [["list", "cameras"], ["config", "show"]])
def test_a_password_in_the_settings_file_is_never_printed(command, tmp_path, capsys):
    (tmp_path / "settings.toml").write_text(
        '[[cameras]]\nid = "a"\nname = "A"\nsource = "rtsp://joe:canary-5521@10.0.0.5/s"\n'
    )
    assert run_command_line([*command, "--data-dir", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "10.0.0.5" in printed
    assert "canary-5521" not in printed


@pytest.mark.skipif(sys.platform != "linux", reason="X exists on Linux only")
@pytest.mark.parametrize("display", ["", ":4321"])
def test_a_display_that_does_not_answer_is_told_and_no_abort(display, tmp_path):
    environment = {**os.environ, "DISPLAY": display, "WAYLAND_DISPLAY": ""}
    environment.pop("QT_QPA_PLATFORM", None)
    command = [sys.executable, "-m", "embereye", "--data-dir", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "--headless" in done.stderr


def test_a_recorded_session_that_cannot_be_played_ends_the_demo_in_words(tmp_path, capsys):
    session = tmp_path / "session.txt"
    session.write_bytes(bytes(range(256)))
    command = ["demo", "--headless", "--seconds", "1", "--device-session", str(session)]
    assert run_command_line(command) != 0
    assert "holds no thermal frame or sensor packet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["demo", "--seconds", "abc"], "use 1 second to 30 days"),
        (["--layout", "big"], "use 1 to 10"),
    ],
)
def test_a_number_that_is_none_is_told_in_words(command, told, capsys):
    with pytest.raises(SystemExit):
        run_command_line(command)
    assert told in capsys.readouterr().err
