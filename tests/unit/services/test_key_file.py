"""Files of enrolment texts: all good or nothing, wrong lines named."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest import enrolment_text
from embereye.model.errors import EnrolmentRefused
from embereye.services.key_file import key_texts, read_keys

_ONE = enrolment_text.write("one", "k1", bytes(range(1, 33)))
_TWO = enrolment_text.write("two", "k1", bytes(range(32)))


def _file(folder: Path, text: str) -> Path:
    path = folder / "keys.txt"
    path.write_text(text, "utf-8")
    return path


def test_comments_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    path = _file(tmp_path, f"\ufeff# delivery 7\r\n\n  {_ONE}  \r\n# end\n{_TWO}\n")
    assert key_texts(path) == (_ONE, _TWO)


def test_each_wrong_line_is_named_by_its_number_without_its_key(tmp_path: Path) -> None:
    wrong = _TWO[:-1] + ("0" if _TWO[-1] != "0" else "1")
    path = _file(tmp_path, f"# x\n{_ONE}\n{wrong}\nrubbish\n{_ONE}\n")
    with pytest.raises(EnrolmentRefused) as caught:
        key_texts(path)
    assert [p.partition(":")[0] for p in caught.value.problems] == ["Line 3", "Line 4", "Line 5"]
    assert bytes(range(32)).hex() not in str(caught.value.problems)


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_a_file_without_keys_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(EnrolmentRefused, match="no enrolment text"):
        key_texts(_file(tmp_path, text))


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EnrolmentRefused, match="cannot be read"):
        key_texts(tmp_path / "missing")
    with pytest.raises(EnrolmentRefused, match="cannot be read"):
        key_texts(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EnrolmentRefused, match="no text file"):
        key_texts(tmp_path / "binary")


def test_an_endless_file_is_refused() -> None:
    with pytest.raises(EnrolmentRefused, match="larger"):
        key_texts(Path("/dev/zero"))


@settings(deadline=None)
@given(st.lists(st.text(max_size=120), max_size=5))
def test_any_text_gives_keys_or_a_refusal(lines: list[str]) -> None:
    try:
        keys = read_keys(tuple(enumerate(lines, 1)))
    except EnrolmentRefused:
        return
    assert len(keys) == len(lines)
