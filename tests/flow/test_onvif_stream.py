"""From a camera's ONVIF address to its picture."""

from pathlib import Path
from threading import Event

from camera_parts import make_clip, rtsp_server
from onvif_parts import LOGIN, simulator

from embereye.config.schema import Camera
from embereye.ingest.opener import opener_of
from embereye.ingest.picture import Picture
from embereye.runtime.clock import SystemClock


def test_the_address_that_onvif_gives_shows_a_picture(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", seconds=1.0)
    login = {"user": LOGIN.user, "password": "canary"}
    with (
        rtsp_server(clip, auth="digest", **login) as video,
        simulator("--auth", "token", "--stream", video.url("a", "x:y@"), login=LOGIN) as camera,
    ):
        stream = camera.camera(LOGIN).survey().streams[0]
        row = Camera(id="c", name="c", source=stream.address.text, user=LOGIN.user)
        _, opener = opener_of(row, (), lambda _: "canary", SystemClock())
        source = opener(Event().wait)
        source.open()
        try:
            picture: Picture | None = None
            while picture is None:
                picture = source.read(5.0)
            assert (picture.width, picture.height) == (320, 240)
        finally:
            source.close()
