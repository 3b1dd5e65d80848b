"""Documents generated from the schema."""

import tomllib
from pathlib import Path

from embereye.config.describe import default_file, options, reference
from embereye.config.load import check

_PAGE = Path(__file__).resolve().parents[3] / "docs" / "config.md"


def test_the_reference_page_matches_the_schema() -> None:
    assert _PAGE.read_text(encoding="utf-8") == reference(), (
        "run: embereye config docs > docs/config.md"
    )


def test_the_example_in_the_readme_is_valid() -> None:
    text = (_PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    assert len(check(tomllib.loads(example)).cameras) == 1


def test_every_option_has_a_help_text() -> None:
    assert [option.name for option in options() if not option.help] == []


def test_the_default_file_is_valid_and_stays_valid_with_values_uncommented() -> None:
    text = default_file()
    assert tomllib.loads(text) == {}
    section = text[text.index("# [sensors]") : text.index("# [[sensors.serial]]")]
    lines = [
        line[2:]
        for line in section.splitlines()
        if line.startswith(("# [", "# ")) and ("=" in line or line.startswith("# ["))
    ]
    check(tomllib.loads("\n".join(lines)))


def test_lists_are_written_with_what_they_hold() -> None:
    assert '# types = ["fire", "smoke", "person"]' in default_file()
