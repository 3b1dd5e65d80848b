"""What a WHEP server answers is checked before anything acts on it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.url import Url, beside
from embereye.ingest.whep_answer import LARGEST, check
from embereye.model.errors import CameraUnsupported

_HEAD = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
_VIDEO = ["m=video 9 UDP/TLS/RTP/SAVPF 97 96", "a=rtpmap:97 rtx/90000", "a=rtpmap:96 H264/90000"]
_NEAR = "a=candidate:1 1 udp 1 10.0.0.5 5000 typ host"


def _body(*lines: str) -> bytes:
    return "\r\n".join([*_HEAD, *lines, ""]).encode()


def _kept(*candidates: str, peer: str = "10.0.0.5") -> list[str]:
    text = check(_body(*_VIDEO, _NEAR, *candidates), "media:80", peer).text
    return [line for line in text.split("\r\n") if "candidate" in line][1:]


def test_a_good_answer_is_kept_as_it_is() -> None:
    body = _body("m=video 9 UDP/TLS/RTP/SAVPF 97", "a=rtpmap:97 VP8/90000", _NEAR, "a=sendonly")
    checked = check(body, "media:80", "10.0.0.5")
    assert checked.text.encode() == body
    assert checked.codec == "vp8"


@pytest.mark.parametrize("fmtp", [(), ("a=fmtp:96 profile-level-id=640029;packetization-mode=0",)])
def test_every_profile_of_h264_is_taken(fmtp: tuple[str, ...]) -> None:
    lines = check(_body(*_VIDEO, *fmtp, _NEAR), "media:80", "10.0.0.5").text.split("\r\n")
    (line,) = [line for line in lines if line.startswith("a=fmtp:")]
    assert line.startswith("a=fmtp:96 ")
    assert line.endswith("profile-level-id=42e01f")


@pytest.mark.parametrize(
    "candidate",
    [
        "1 1 udp 1 camera.local 5000 typ host",
        "1 1 udp 1 evil.example 5000 typ host",
        "1 1 tcp 1 10.0.0.5 5000 typ host",
        "1 1 udp 1 127.0.0.1 5000 typ host",
        "1 1 udp 1 ::1 5000 typ host",
        "1 1 udp 1 224.0.0.251 5353 typ host",
        "1 1 udp 1 ff02::fb 5353 typ host",
        "1 1 udp 1 0.0.0.0 5000 typ host",
        "1 1 udp 1 10.0.0.5 0 typ host",
        "1 1 udp 1 2130706433 5000 typ host",
        "1 1 udp 1 10.0.0.5 5000",
        "",
    ],
)
def test_addresses_that_nobody_should_be_sent_to_are_left_out(candidate: str) -> None:
    assert _kept(f"a=candidate:{candidate}") == []


def test_a_server_on_this_machine_may_name_this_machine() -> None:
    own = "a=candidate:1 1 udp 1 127.0.0.1 5000 typ host"
    assert _kept(own, peer="127.0.0.1") == [own]


def test_only_the_first_sixteen_addresses_are_tried() -> None:
    many = [f"a=candidate:1 1 udp 1 10.0.1.{n} 5000 typ host" for n in range(40)]
    assert len(_kept(*many)) == 15


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "does not answer with a session description"),
        (b"<html>", "does not answer with a session description"),
        (b"v=0\r\n\xff", "does not answer with a session description"),
        (b"v=0\r\n" + b"a=x\r\n" * LARGEST, "does not answer with a session description"),
        (_body(), "no video"),
        (_body("m=audio 9 UDP/TLS/RTP/SAVPF 0"), "no video"),
        (_body("m=video 0 UDP/TLS/RTP/SAVPF 96"), "no video"),
        (_body(*_VIDEO, _NEAR, "a=inactive"), "no video"),
        (_body(*_VIDEO, _NEAR, "a=recvonly"), "no video"),
        (_body("m=video 9 X 96", "a=rtpmap:96 AV1/90000", _NEAR), "H.264 or VP8"),
        (_body("m=video 9 X 96", _NEAR), "H.264 or VP8"),
        (_body(*_VIDEO), "names no address"),
        (_body(*_VIDEO, _NEAR, *["m=audio 9 X 0"] * 20), "no video"),
    ],
)
def test_what_is_no_usable_answer_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(CameraUnsupported, match=words):
        check(body, "media:80", "10.0.0.5")


_LINES = st.sampled_from([*_VIDEO, _NEAR, "a=", "m=", "m=video", "a=rtpmap:", "a=candidate:"])


@settings(deadline=None)
@given(st.lists(_LINES | st.text(max_size=40), max_size=30), st.binary(max_size=60))
def test_no_answer_breaks_the_check(lines: list[str], tail: bytes) -> None:
    try:
        checked = check(_body(*lines) + tail, "media:80", "10.0.0.5")
    except CameraUnsupported:
        return
    assert "m=video" in checked.text
    assert checked.codec in ("h264", "vp8")


_ASKED = Url("http", "media", 8889, "/cam/whep")


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/session/1", "/session/1"),
        ("1?key=2", "/cam/1?key=2"),
        ("http://media:8889/session/1", "/session/1"),
        ("http://MEDIA:8889/session/1", "/session/1"),
    ],
)
def test_a_place_on_the_same_server_is_taken(location: str, target: str) -> None:
    assert beside(_ASKED, location) == Url("http", "media", 8889, target)


@pytest.mark.parametrize(
    "location",
    [
        "http://other:8889/a", "http://media/a", "https://media:8889/a", "//other/a", "file:///a",
        "http://bob:x@media:8889/a", "http://media:x/a", "http://[::1/a", "/a b", "/ü", "gopher:a",
    ],
)  # fmt: skip
def test_no_other_server_is_ever_told_the_login(location: str) -> None:
    assert beside(_ASKED, location) is None
