"""Only the camera on the wall is moved, never its neighbour."""

import pytest

from embereye.config.schema import Camera
from embereye.ingest.onvif_address import StreamAddress
from embereye.ingest.onvif_facts import Stream
from embereye.model.errors import CameraUnsupported
from embereye.services.ptz_stream import stream_to_move


def _stream(token: str, path: str, optics: str = "lens0", ptz: str = "ptz0") -> Stream:
    address = StreamAddress(f"rtsp://10.1.2.3{path}")
    return Stream(token, token, optics, "h264", 640, 360, 15.0, 0, ptz, address)


def _camera(source: str, **fields: str) -> Camera:
    return Camera(id="c", name="C", source=source, **fields)  # type: ignore[arg-type]


_RECORDER = (
    _stream("one", "/ch/1", "lens1", "ptz1"),
    _stream("two", "/ch/2", "lens2", "ptz2"),
    _stream("three", "/ch/3", "lens3", ""),
)


def test_of_a_recorder_the_channel_of_the_source_moves() -> None:
    assert stream_to_move(_RECORDER, _camera("rtsp://10.1.2.3/ch/2")).token == "two"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("rtsp://10.1.2.3/ch/3", "does not offer"),  # its neighbours would move
        ("rtsp://10.1.2.3/other", "does not name"),
    ],
)
def test_of_a_recorder_no_neighbour_moves(source: str, text: str) -> None:
    with pytest.raises(CameraUnsupported, match=text):
        stream_to_move(_RECORDER, _camera(source))


def test_a_camera_with_one_lens_moves_whatever_its_stream_is_called() -> None:
    streams = (_stream("main", "/main"), _stream("sub", "/sub"))
    assert stream_to_move(streams, _camera("rtsp://10.1.2.3/live")).token == "main"


def test_behind_another_port_another_camera_may_answer() -> None:
    streams = (_stream("main", "/main"),)
    with pytest.raises(CameraUnsupported, match="does not name"):
        stream_to_move(streams, _camera("rtsp://10.1.2.3:8555/main"))
    said = _camera("rtsp://10.1.2.3:8555/main", onvif="10.1.2.3:8080")
    assert stream_to_move(streams, said).token == "main"


def test_parameters_that_the_camera_adds_do_not_matter() -> None:
    streams = (
        _stream("one", "/av?channel=1&unicast=true", "lens1", "ptz1"),
        _stream("two", "/av?channel=2&unicast=true", "lens2", "ptz2"),
    )
    assert stream_to_move(streams, _camera("rtsp://10.1.2.3/av?channel=2")).token == "two"


def test_the_sub_stream_tells_the_camera_too() -> None:
    camera = _camera("rtsp://10.1.2.3/x", sub_source="rtsp://10.1.2.3/ch/1")
    assert stream_to_move(_RECORDER, camera).token == "one"


def test_the_stream_that_can_move_stands_for_one_of_the_same_lens_that_cannot() -> None:
    streams = (_stream("main", "/main", ptz=""), _stream("sub", "/sub"))
    assert stream_to_move(streams, _camera("rtsp://10.1.2.3/main")).token == "sub"


def test_without_anything_that_moves_it_says_so() -> None:
    with pytest.raises(CameraUnsupported, match="does not offer PTZ"):
        stream_to_move((_stream("main", "/main", ptz=""),), _camera("rtsp://10.1.2.3/main"))
