"""What may be a camera: 0 bypasses in more than 200 hostile cases (R22)."""

import itertools
import sys
from pathlib import Path

import pytest
from hostile_sources import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.source import Kind, Login, parse, redact, same
from embereye.model.errors import SourceError


def test_there_are_enough_hostile_cases() -> None:
    assert len(set(HOSTILE)) >= 400


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_source_is_refused_with_advice(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    with pytest.raises(SourceError) as refusal:
        parse(text, [tmp_path])
    assert str(refusal.value).endswith(".")
    for secret in ("p/w", "p?w", "p#w", "abc"):
        assert secret not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("rtsp://Cam.Example:554/Live/1", "rtsp://cam.example/Live/1"),
        ("RTSP://10.1.2.3", "rtsp://10.1.2.3/"),
        ("rtsp://10.1.2.3:8554/a?b=1&c=2", "rtsp://10.1.2.3:8554/a?b=1&c=2"),
        ("rtsps://cam:322/a", "rtsps://cam/a"),
        ("http://cam:80/video.mjpg", "http://cam/video.mjpg"),
        ("https://[2001:DB8::1]:443/x", "https://[2001:db8::1]/x"),
        ("rtsp://cam_1/%7euser/a%2fb", "rtsp://cam_1/%7Euser/a%2Fb"),
        ("rtsp://cam?channel=1", "rtsp://cam/?channel=1"),
        ("WHEP://Media:80/cam/whep", "whep://media/cam/whep"),
        ("wheps://media:443/cam/whep", "wheps://media/cam/whep"),
        ("whep://[::1]:8889/cam", "whep://[::1]:8889/cam"),
        ("rtsp://cam/?compass=3&bypass=1", "rtsp://cam/?compass=3&bypass=1"),
        ("rtsp://cam/?user=a&password=", "rtsp://cam/?user=a&password="),
        ("  rtsp://cam/a ", "rtsp://cam/a"),
    ],
)
def test_an_address_gets_its_normal_form(text: str, normal: str) -> None:
    assert parse(text)[0].text == normal


@pytest.mark.parametrize("text", ["0", "00", "000", " 0 "])
def test_numbers_of_a_usb_camera_are_equal(text: str) -> None:
    assert parse(text)[0] == parse("0")[0]
    assert parse(text)[0].kind is Kind.USB


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a name of Linux")
def test_the_device_file_is_the_same_usb_camera() -> None:
    assert same("/dev/video0", "00")
    assert same("/dev/video07", "7")
    assert not same("/dev/video1", "0")


def test_credentials_are_split_off_and_decoded() -> None:
    source, login = parse("rtsp://bob:p%40ss%3A%2F%25@cam/a")
    assert login == Login("bob", "p@ss:/%")
    assert source.text == "rtsp://cam/a"
    assert "p@ss" not in repr(login)


def test_credentials_come_back_encoded_for_the_decoder() -> None:
    source, login = parse("rtsp://b%3Ab:p%40%2F@cam/a")
    assert source.url is not None
    assert source.url.text(login) == "rtsp://b%3Ab:p%40%2F@cam/a"


def test_hidden_credentials_are_accepted_only_where_a_login_is_stored() -> None:
    source, login = parse("rtsp://***@cam/a", login_known=True)
    assert (source.text, login) == ("rtsp://cam/a", None)
    with pytest.raises(SourceError, match="Enter it again"):
        parse("rtsp://***@cam/a")


def test_equal_addresses_mean_the_same_camera() -> None:
    assert same("rtsp://CAM:554/a", "rtsp://bob:secret@cam/a")
    assert not same("rtsp://cam/a", "rtsp://cam/A")
    assert not same("nonsense", "nonsense")


def test_a_file_inside_an_allowed_folder_is_accepted(tmp_path: Path) -> None:
    clip = tmp_path / "yard" / "a clip;rm -rf.mp4"
    clip.parent.mkdir()
    clip.write_bytes(b"x")
    source, _ = parse(str(clip), [tmp_path])
    assert (source.kind, source.text) == (Kind.FILE, str(clip.resolve()))
    assert parse("yard/a clip;rm -rf.mp4", [tmp_path])[0] == source


def _escapes(root: Path) -> list[str]:
    inside, outside = root / "media", root / "secret"
    for folder in (inside, outside, root / "media-more"):
        folder.mkdir()
        (folder / "x.mp4").write_bytes(b"x")
    (inside / "link.mp4").symlink_to(outside / "x.mp4")
    (inside / "folder").symlink_to(outside)
    (inside / "loop.mp4").symlink_to(inside / "loop.mp4")
    (inside / "text.txt").write_text("x")
    (inside / "list.m3u8").write_text("x")
    (inside / "dir.mp4").mkdir()
    ups = ["../" * n + "secret/x.mp4" for n in range(1, 6)]
    names = ["link.mp4", "folder/x.mp4", "loop.mp4", "text.txt", "list.m3u8", "dir.mp4", "none.mp4"]
    names += [
        "../media-more/x.mp4",
        "../secret/x.mp4",
        "./../secret/x.mp4",
        "",
        ".",
        "..",
        "x.mp4/",
    ]
    absolute = [str(inside / name) for name in itertools.chain(names[:-1], ups)]
    return [*names[:-1], *ups, *absolute, str(outside / "x.mp4"), "/etc/passwd", "/proc/self/mem"]


def test_no_path_leaves_the_allowed_folders(tmp_path: Path) -> None:
    for text in _escapes(tmp_path):
        with pytest.raises(SourceError):
            parse(text, [tmp_path / "media"])


def test_files_are_refused_while_no_folder_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    with pytest.raises(SourceError, match="media_folders"):
        parse(str(tmp_path / "a.mp4"))


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://bob:canary@cam/a",
        "rtsp://bob:can@ary@cam/canary@x",
        "cannot open rtsp://bob:canary@cam/a now",
        "rtsp://bob:p/canary@cam/a",
        "rtsp://bob:p#canary@cam",
        "http://cam/a?password=canary&b=1",
        "rtsp://cam/user=x&pwd=canary&channel=1",
        "bad://bob:canary@",
    ],
)
def test_redaction_hides_credentials_also_of_wrong_addresses(text: str) -> None:
    assert "canary" not in redact(text)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for candidate in (text, f"rtsp://{text}", f"rtsp://cam/{text}", f"rtsp://{text}@cam"):
        try:
            source, _ = parse(candidate)
        except SourceError:
            continue
        assert source.kind is Kind.USB or source.url is not None
        assert source.text.isprintable()
        assert source.text.isascii()


@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
)
def test_any_login_survives_the_way_through_the_address(secret: str) -> None:
    source, _ = parse("rtsp://cam/a")
    assert source.url is not None
    login = Login(secret, secret)
    assert parse(source.url.text(login))[1] == login
