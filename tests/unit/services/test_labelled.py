"""Manifests of labelled pictures and clips, also hostile ones."""

import contextlib
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.box_accuracy import Area
from embereye.services.labelled import Choice, Labelled, ManifestError, Span, read_manifest

HEAD = "path,kind,set,group,fire,smoke,boxes,events\n"
GOOD = 'a.jpg,image,one,g1,1,-1,"[[""fire"", 0.5, 0.5, 0.2, 0.4]]",\n'


def _written(folder: Path, text: str) -> Path:
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_is_read_as_described(tmp_path: Path):
    clip = 'b.mp4,video,two,g2,0,1,,"[[""smoke"", 0.5, 2]]"\n'
    path = _written(tmp_path, HEAD + GOOD + clip)

    (image,) = read_manifest(path, Choice())
    (video,) = read_manifest(path, Choice(kind="video"))

    area = image.boxes[0][1] if image.boxes else None
    assert area == Area(
        pytest.approx(0.4), pytest.approx(0.3), pytest.approx(0.6), pytest.approx(0.7)
    )
    assert (image.fire, image.smoke, image.events) == (True, None, ())
    assert video == Labelled(
        tmp_path.resolve() / "b.mp4", "video", "two", "g2", False, True, None,
        (Span("smoke", 0.5, 2.0),),
    )  # fmt: skip


def test_no_boxes_and_unknown_boxes_differ(tmp_path: Path):
    rows = "a.jpg,image,one,g,0,0,[],\nb.jpg,image,one,g,0,0,,\n"
    nothing, unknown = read_manifest(_written(tmp_path, HEAD + rows), Choice())
    assert nothing.boxes == ()
    assert unknown.boxes is None


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (Choice(), "abc"),
        (Choice(sets=frozenset({"one"})), "ab"),
        (Choice(groups=frozenset({"g2", "g3"})), "bc"),
        (Choice(without=frozenset({"g2"})), "ac"),
        (Choice(without=frozenset({"one"})), "c"),
    ],
)
def test_sets_and_groups_choose(tmp_path: Path, choice: Choice, names: str):
    rows = "a.jpg,image,one,g1,1,0\nb.jpg,image,one,g2,1,0\nc.jpg,image,two,g3,1,0\n"
    path = _written(tmp_path, "path,kind,set,group,fire,smoke\n" + rows)
    assert "".join(row.path.stem for row in read_manifest(path, choice)) == names


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("../a.jpg,image,s,g,1,0,,", "leaves the folder"),
        ("/etc/passwd,image,s,g,1,0,,", "leaves the folder"),
        ("link/a.jpg,image,s,g,1,0,,", "leaves the folder"),
        (",image,s,g,1,0,,", "leaves the folder"),
        ("a.jpg,picture,s,g,1,0,,", "kind “picture”"),
        ("a.jpg,image,s,g,yes,0,,", "fire is “yes”"),
        ("a.jpg,image,s,g,1,nan,,", "smoke is “nan”"),
        ("a.jpg,image,s,g,1,0,{},", "boxes is no JSON list"),
        ("a.jpg,image,s,g,1,0,[[,", "boxes is no JSON list"),
        ("a.jpg,image,s,g,1,0," + "[" * 100_000 + ",", "boxes is no JSON list"),
        ('a.jpg,image,s,g,1,0,"[[""fire"",NaN,0.5,0.1,0.1]]",', "not finite"),
        ('a.jpg,image,s,g,1,0,"[[""fire"",1e999,0.5,0.1,0.1]]",', "not finite"),
        (f'a.jpg,image,s,g,1,0,"[[""fire"",1{"0" * 400},0.5,0.1,0.1]]",', "too large"),
        ('a.jpg,image,s,g,1,0,"[[""fire"",0.5,0.5,0.1]]",', "no list of a class"),
        ('a.jpg,image,s,g,1,0,"[[""fire"",true,0.5,0.1,0.1]]",', "else than numbers"),
        ('a.jpg,image,s,g,1,0,"[[""fire"",0.9,0.5,0.4,0.1]]",', "outside the picture"),
        ('a.jpg,image,s,g,1,0,"[[""fire"",0.5,0.5,-0.4,0.1]]",', "outside the picture"),
        ('a.mp4,video,s,g,1,0,,"[[""fire"",3,2]]"', "ends before"),
        ('a.mp4,video,s,g,1,0,,"[[3,3,2]]"', "no list of a class"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, said: str):
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    path = _written(inside, HEAD + GOOD + row + "\n")
    with pytest.raises(ManifestError, match=r"wrong rows \(1\)") as raised:
        read_manifest(path, Choice())
    (problem,) = raised.value.problems
    assert problem.startswith("row 3: ")
    assert said in problem


def test_cells_that_are_left_out_are_not_labelled(tmp_path: Path):
    (row,) = read_manifest(_written(tmp_path, HEAD + "a.jpg,image\n"), Choice())
    assert (row.fire, row.smoke, row.boxes) == (None, None, None)


def test_many_wrong_rows_do_not_flood(tmp_path: Path):
    path = _written(tmp_path, HEAD + "a.jpg,image,s,g,2,0,,\n" * 500)
    with pytest.raises(ManifestError) as raised:
        read_manifest(path, Choice())
    assert len(raised.value.problems) == 21
    assert raised.value.problems[-1] == "and 480 more"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"path,kind,set,group,fire\n", "no column smoke"),
        (b"", "no column path"),
        (b"\xff\xfe\x00", "no CSV file"),
        (b"path,kind,set,group,fire,smoke\n" + b'"' + b"x" * 200_000, "no CSV file"),
        (HEAD.encode(), "No image"),
    ],
)
def test_what_is_no_manifest_is_said(tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "m.csv"
    path.write_bytes(content)
    with pytest.raises(ManifestError, match=said):
        read_manifest(path, Choice())


def test_a_manifest_that_is_not_there(tmp_path: Path):
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(tmp_path / "absent.csv", Choice())


def test_an_unknown_set_names_those_that_exist(tmp_path: Path):
    with pytest.raises(ManifestError, match="Its sets are: one"):
        read_manifest(_written(tmp_path, HEAD + GOOD), Choice(sets=frozenset({"on"})))


def test_a_manifest_without_files_of_the_wanted_kind_says_so(tmp_path: Path):
    with pytest.raises(ManifestError, match="It names no video"):
        read_manifest(_written(tmp_path, HEAD + GOOD), Choice(kind="video"))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.text(max_size=12), min_size=8, max_size=8), min_size=1, max_size=4))
def test_any_cells_give_rows_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, rows):
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    path = tmp_path_factory.mktemp("m") / "m.csv"
    path.write_bytes((HEAD + buffer.getvalue()).encode("utf-8", "surrogatepass"))
    with contextlib.suppress(ManifestError):
        assert read_manifest(path, Choice())
