"""HTTP cameras with the faults of real ones."""

import threading
from collections.abc import Iterator

import pytest
from camera_parts import RtspServer, mjpeg_server, sloppy_camera
from hypothesis import given, settings
from hypothesis import strategies as st
from upload_parts import jpeg

from embereye.ingest.jpeg_stream import JpegStream
from embereye.ingest.mjpeg import HttpSource, MjpegSource
from embereye.ingest.picture import Deadlines, Picture
from embereye.ingest.source import Login, parse
from embereye.model.errors import CameraRefused, CameraUnreachable, EmberEyeError
from embereye.runtime.clock import SystemClock

_PICTURES = [jpeg(number, 64, 48) for number in range(4)]
_PAUSE = threading.Event()


@pytest.fixture(scope="module")
def camera() -> Iterator[RtspServer]:
    with sloppy_camera() as camera:
        yield camera


def _source(
    camera: RtspServer, path: str, login: Login | None = None, wait: float = 3.0
) -> HttpSource:
    source, _ = parse(f"http://127.0.0.1:{camera.port}/{path}")
    return HttpSource(source, lambda: login, SystemClock(), Deadlines(wait, wait), _PAUSE.wait)


def _read(source: HttpSource, count: int) -> list[Picture]:
    found: list[Picture] = []
    end = SystemClock().mono() + 8.0
    while len(found) < count and SystemClock().mono() < end:
        picture = source.read(0.5)
        if picture is not None:
            found.append(picture)
    return found


_FAULTS = [
    "none", "nolength", "nodashes", "notype", "noheaders", "shortlength", "longlength", "jpg",
    "raw", "garbage", "single",
]  # fmt: skip


@pytest.mark.parametrize("fault", _FAULTS)
def test_sloppy_streams_are_read(camera: RtspServer, fault: str) -> None:
    source = _source(camera, fault)
    try:
        source.open()
        try:
            pictures = _read(source, 5)
        except EmberEyeError:  # libav showed one picture and gave up; now it is known
            source.close()
            source.open()
            pictures = _read(source, 5)
        assert [(picture.width, picture.height) for picture in pictures] == [(160, 120)] * 5
        media = [picture.media for picture in pictures]
        assert media == sorted(media)
        assert source.arrived >= 5
    finally:
        source.close()


def test_single_pictures_are_asked_for_five_times_a_second(camera: RtspServer) -> None:
    source = _source(camera, "single")
    source.open()
    assert len(_read(source, 3)) == 3
    begin = SystemClock().mono()
    assert len(_read(source, 5)) == 5
    assert 0.7 < SystemClock().mono() - begin < 3.0
    assert source.interval == 0.2
    source.close()


def test_what_worked_is_tried_first_the_next_time(camera: RtspServer) -> None:
    source = _source(camera, "nodashes")
    for _ in range(2):
        source.open()
        assert len(_read(source, 2)) == 2
        source.close()
    assert isinstance(source._used, MjpegSource)


def test_single_pictures_with_a_password(camera: RtspServer) -> None:
    source = _source(camera, "auth", Login("viewer", "secret 1"))
    source.open()
    assert len(_read(source, 3)) == 3
    source.close()


@pytest.mark.parametrize(
    ("path", "login", "error"),
    [
        ("auth", None, CameraRefused),
        ("auth", Login("viewer", "wrong"), CameraRefused),
        ("endless", None, EmberEyeError),
        ("away", None, EmberEyeError),
    ],
)
def test_what_is_no_camera_is_refused_with_advice(
    camera: RtspServer, path: str, login: Login | None, error: type[EmberEyeError]
) -> None:
    source = _source(camera, path, login, wait=1.0)
    with pytest.raises(error) as refusal:
        source.open()
    source.close()
    assert str(refusal.value).endswith(".")
    assert "wrong" not in str(refusal.value)


def test_a_stream_that_breaks_off_is_said(camera: RtspServer) -> None:
    source = _source(camera, "once")
    source.open()
    with pytest.raises(CameraUnreachable, match="ended the connection"):
        _read(source, 3)
    source.close()


def test_a_good_stream_is_left_to_libav() -> None:
    with mjpeg_server() as http:
        source = _source(http, "live")
        source.open()
        assert len(_read(source, 5)) == 5
        assert not isinstance(source._used, MjpegSource)
        source.close()


def test_nobody_there_is_said() -> None:
    source, _ = parse("http://127.0.0.1:9/x")
    camera = HttpSource(source, lambda: None, SystemClock(), Deadlines(1.0, 1.0), _PAUSE.wait)
    with pytest.raises(CameraUnreachable):
        camera.open()
    camera.close()


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 3)), max_size=6),
    st.lists(st.integers(1, 4000), min_size=1, max_size=20),
)
def test_pictures_are_found_whatever_stands_between_them(
    parts: list[tuple[bytes, int]], sizes: list[int]
) -> None:
    # What may itself begin a picture is left out here; the next test has it.
    clean = [(between.replace(b"\xff", b"\xfe"), which) for between, which in parts]
    stream = b"".join(between + _PICTURES[which] for between, which in clean)
    parser, found = JpegStream(), []
    at = 0
    while at < len(stream):
        size = sizes[len(found) % len(sizes)]
        found += parser.feed(stream[at : at + size])
        at += size
    assert found == [_PICTURES[which] for _, which in clean]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([b"\xff\xd8\xff", b"\xff\xd9"]))))
def test_any_bytes_are_survived_and_a_picture_after_them_found(portions: list[bytes]) -> None:
    parser = JpegStream()
    for portion in portions:
        for picture in parser.feed(portion):
            assert picture.startswith(b"\xff\xd8")
    # A false length may swallow up to 64 KiB of what follows; then it is right again.
    late = [found for _ in range(60) for found in parser.feed(_PICTURES[0])]
    assert _PICTURES[0] in late


def test_begins_without_an_end_cost_no_memory_and_no_stack() -> None:
    parser = JpegStream()
    for _ in range(20):
        assert parser.feed(b"\xff\xd8\xff\xd8" * 50_000) == []
    assert parser.dropped > 100_000
    assert len(parser._bytes) < 10


def test_a_picture_that_does_not_decode_is_no_sign_of_life() -> None:
    source, _ = parse("http://127.0.0.1:9/yard")
    mjpeg = MjpegSource(source, lambda: None, SystemClock(), Deadlines(), _PAUSE.wait)
    mjpeg._single = True
    mjpeg._ready.extend([_PICTURES[0], b"\xff\xd8 no picture \xff\xd9", _PICTURES[1]])
    shown = [mjpeg.read(0.0) is not None for _ in range(3)]
    assert (shown, mjpeg.arrived) == ([True, False, True], 2)


def test_a_picture_without_end_is_dropped() -> None:
    parser = JpegStream()
    begin = _PICTURES[0][:-2]
    parser.feed(begin)
    for _ in range(20):
        parser.feed(bytes(1 << 20))
    assert parser.dropped == 1
    assert parser.feed(_PICTURES[1]) == [_PICTURES[1]]
