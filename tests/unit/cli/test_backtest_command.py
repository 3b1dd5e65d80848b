"""`embereye backtest`: the table and the document, and files that cannot be used."""

import json

import pytest
import tomlkit
from fakes import FakeClock
from replay_parts import SETTINGS, Life, LiveSite

from embereye.cli.main import run_command_line
from embereye.cli.output import Exit
from embereye.model.alarm import AlarmKind
from embereye.services.input_codec import settings_text

_SPAN = ("--since", "2023-11-14T22:13:00", "--until", "2023-11-14T22:16:00")
_LIMITS = """
[[devices]]
id = "hot"
name = "x"
[devices.limits]
thermal_fire = 300.0
thermal_high = 290.0
"""


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lived")
    (folder / "settings.toml").write_text(_toml(), encoding="utf-8")
    site = LiveSite(folder, SETTINGS, FakeClock())
    life = Life(site, 3)
    life.begin("hot", 20.0)
    life.live(120.0)
    site.stop()
    return folder, len(site.announced)


def _toml() -> str:
    return tomlkit.dumps(_without_none(json.loads(settings_text(SETTINGS))))


def _without_none(tree):
    """TOML knows no null."""
    if isinstance(tree, dict):
        return {name: _without_none(value) for name, value in tree.items() if value is not None}
    return [_without_none(value) for value in tree] if isinstance(tree, list) else tree


def run(folder, capsys, *words):
    code = run_command_line(["backtest", "--data-dir", str(folder), *words])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_document_says_that_history_was_repeated(lived, capsys):
    folder, announced = lived
    code, out, _ = run(folder, capsys, *_SPAN, "--json")
    document = json.loads(out)
    assert code == Exit.OK
    assert document["against"] == "history"
    assert document["equal"] is True
    assert document["counts"]["same"] == announced == len(document["rows"]) > 0
    assert document["hours_per_second"] > 0
    assert [gap["text"] for gap in document["gaps"]]


def test_the_table_names_alarms_counts_and_rate(lived, capsys):
    code, out, _ = run(lived[0], capsys, *_SPAN)
    assert code == Exit.OK
    assert "Boiler house" in out
    assert "2023-11-14 22:1" in out
    assert "0 on one only" in out
    assert "h of record a second" in out


def test_only_what_a_rule_raised_is_called_a_rule(lived, capsys):
    _, out, _ = run(lived[0], capsys, *_SPAN)
    assert "device fault pf" in out
    assert "rule warm" in out
    assert "rule pf" not in out


def test_other_limits_are_shown_beside_the_present_ones(lived, capsys, tmp_path):
    file = tmp_path / "tried.toml"
    file.write_text(_LIMITS, encoding="utf-8")
    _, out, _ = run(lived[0], capsys, *_SPAN, "--rules", str(file), "--json")
    document = json.loads(out)
    assert document["against"] == "present rules"
    changed = [row for row in document["rows"] if row["present"] != row["tried"]]
    hot = [
        row
        for row in changed
        if "thermal max" in " ".join((row["present"] or row["tried"])["reasons"])
    ]
    assert hot, "limits of 300 °C must show"
    assert {row["present"]["place"] for row in hot if row["present"]} == {"boiler"}


def test_rules_of_the_file_take_the_place_of_the_present_ones(lived, capsys, tmp_path):
    file = tmp_path / "none.toml"
    file.write_text("rules = []\n", encoding="utf-8")
    _, out, _ = run(lived[0], capsys, *_SPAN, "--rules", str(file), "--json")
    rows = json.loads(out)["rows"]
    of_rules = [r for r in rows if (r["present"] or r["tried"])["kind"] == AlarmKind.RULE.value]
    assert {row["outcome"] for row in of_rules} == {"only present"}
    assert {row["outcome"] for row in rows if row not in of_rules} == {"same"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"rules = [[[", "tried.toml"),
        (b"\xff\xfe\x00garbage", "tried.toml"),
        (b'[[rules]]\nid = "x"\nname = "X"\ngroups = []\n', "rules"),
        (b'[[devices]]\nid = "gone"\nname = "Gone"\n', "gone"),
        (b"version = 999\n", "newer program"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(lived, capsys, tmp_path, text, told):
    file = tmp_path / "tried.toml"
    file.write_bytes(text)
    code, out, err = run(lived[0], capsys, *_SPAN, "--rules", str(file))
    assert (code, out) == (Exit.CONFIG, "")
    assert told in err
    assert "Traceback" not in err


def test_a_file_that_is_not_there_is_told(lived, capsys, tmp_path):
    code, _, err = run(lived[0], capsys, *_SPAN, "--rules", str(tmp_path / "no.toml"))
    assert code == Exit.CONFIG
    assert "There is no file" in err


def test_a_folder_without_a_record_is_told(capsys, tmp_path):
    code, _, err = run(tmp_path, capsys, "--since", "1h")
    assert code == Exit.DATABASE
    assert "telemetry.db" in err


def test_the_end_lies_behind_the_beginning(lived, capsys):
    with pytest.raises(SystemExit) as ended:
        run(lived[0], capsys, "--since", "1h", "--until", "2h")
    assert ended.value.code == Exit.USAGE
