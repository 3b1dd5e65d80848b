"""`embereye config check` says what is unwise about notices."""

import json

import pytest

from embereye.cli.main import run_command_line

_FILE = """
[[notifications.emails]]
id = "guard"
name = "Guard"
host = "mail.example"
sender = "console@example.com"
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_recipients_that_are_missing_are_told(tmp_path, capsys, form):
    (tmp_path / "settings.toml").write_text(_FILE)
    options = ["--json"] if form == "json" else []
    code = run_command_line(["config", "check", "--data-dir", str(tmp_path), *options])
    said = capsys.readouterr().out
    assert code == 0
    assert "guard: It has no recipients" in said
    if form == "json":
        assert json.loads(said)["ok"] is True
