"""ONVIF cameras, against a simulator that checks logins."""

import logging
import time
from pathlib import Path

import pytest
from certificates import device_certificate
from onvif_parts import LOGIN, Simulator, simulator

from embereye.ingest.onvif_camera import OnvifCamera
from embereye.ingest.onvif_facts import by_optics
from embereye.ingest.source import Login
from embereye.model.errors import (
    CameraRefused,
    CameraUnreachable,
    CameraUnsupported,
    EmberEyeError,
    SourceError,
)
from embereye.runtime.clock import SystemClock

_WRONG = Login("bob", "wrong-canary")


def _asked(camera: Simulator, name: str) -> int:
    return int(camera.tell("state")["requests"].count(name))


def test_a_survey_tells_maker_clock_and_streams_by_size() -> None:
    with simulator("--auth", "token", "--offset", "-90", login=LOGIN) as camera:
        survey = camera.camera(LOGIN).survey()
    assert (survey.maker.name, survey.maker.model) == ("Ember Works", "Sim <1>")
    assert survey.time.offset == pytest.approx(-90, abs=0.5 + survey.time.accuracy)
    assert survey.time.ntp
    (streams,) = by_optics(survey.streams)
    facts = [(one.token, one.codec, one.width, one.height, one.fps, one.kbps) for one in streams]
    assert facts == [
        ("main", "h264", 1920, 1080, 25.0, 2048),
        ("sub", "h264", 640, 360, 15.0, 2048),
        ("jpeg", "mjpeg", 320, 240, 5.0, 2048),
    ]
    assert streams[0].address.text == "rtsp://127.0.0.1/live/main?a=1&b=2"
    assert streams[0].snapshot is not None
    assert streams[0].snapshot.text == "http://127.0.0.1/snap/main.jpg"
    assert streams[1].snapshot is None


def test_media2_tells_of_h265() -> None:
    with simulator("--media2") as camera:
        assert camera.camera().streams()[0].codec == "hevc"


def test_old_cameras_without_get_services_are_understood() -> None:
    with simulator("--old") as camera:
        assert len(camera.camera().streams()) == 3
        assert _asked(camera, "GetCapabilities") == 1


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_http_digest_is_answered_and_kept(algorithm: str) -> None:
    with simulator("--auth", "digest", "--algorithm", algorithm, login=LOGIN) as camera:
        assert len(camera.camera(LOGIN).streams()) == 3
        assert camera.tell("state")["refused"] == 1  # the first request learned the challenge


@pytest.mark.parametrize("auth", ["token", "digest"])
def test_a_wrong_password_is_refused_and_not_tried_again(auth: str) -> None:
    with simulator("--auth", auth, login=LOGIN) as camera:
        client = camera.camera(_WRONG)
        with pytest.raises(CameraRefused, match="rejects the user name or password"):
            client.survey()
        tries = camera.tell("state")["refused"]
        with pytest.raises(CameraRefused, match="rejects"):
            client.streams()
        assert camera.tell("state")["refused"] == tries
        assert tries <= 3


def test_a_camera_with_a_login_asks_for_one() -> None:
    with simulator("--auth", "token", login=LOGIN) as camera:
        assert camera.camera().time().offset is not None
        with pytest.raises(CameraRefused, match="asks for a user name"):
            camera.camera().maker()


def test_a_login_that_is_asked_for_late_is_asked_for() -> None:
    """Some cameras list their profiles to anybody, and keep the addresses."""
    with simulator("--auth", "addresses", login=LOGIN) as camera:
        with pytest.raises(CameraRefused, match="asks for a user name"):
            camera.camera().survey()
        with pytest.raises(CameraRefused, match="Check the password"):
            camera.camera(_WRONG).survey()
        assert camera.camera(LOGIN).survey().streams[0].address.text


def test_cameras_that_keep_even_their_clock_are_understood() -> None:
    with simulator("--auth", "all", login=LOGIN) as camera:
        survey = camera.camera(LOGIN).survey()
    assert survey.time.offset == pytest.approx(0, abs=2.0)


def test_a_clock_that_is_set_later_does_not_lock_us_out() -> None:
    with simulator("--auth", "token", login=LOGIN) as camera:
        client = camera.camera(LOGIN)
        client.maker()
        camera.tell("offset 7200")
        assert client.maker().name == "Ember Works"


def test_a_password_is_never_sent_in_the_open() -> None:
    with (
        simulator("--auth", "basic", login=LOGIN) as camera,
        pytest.raises(CameraUnsupported, match="in the open"),
    ):
        camera.camera(LOGIN).maker()


def test_services_elsewhere_are_asked_for_at_the_camera_itself() -> None:
    with simulator("--told", "192.0.2.99", "--told-port", "8080") as camera:
        streams = camera.camera().streams(8.0)
    assert streams[0].address.text == "rtsp://127.0.0.1/live/main?a=1&b=2"
    assert streams[0].address.elsewhere == "192.0.2.99:554"
    assert streams[0].snapshot is not None
    assert streams[0].snapshot.elsewhere == "192.0.2.99:80"


@pytest.mark.parametrize(
    ("told", "text", "problem"),
    [
        ("rtsp://admin:canary@127.0.0.1/x", "rtsp://127.0.0.1/x", ""),
        ("rtsp://127.0.0.1/user=a_password=canary_1", "", "cannot be kept secret"),
        ("file:///etc/passwd", "", "must start with"),
        ("concat:/etc/passwd", "", "must start with"),
        ("0", "", "no network address"),
        ("rtsp://2130706433/x", "", "four numbers"),
        ("rtsp://127.0.0.1/a b", "", "percent-encoded"),
    ],
)
def test_hostile_stream_addresses_are_refused(told: str, text: str, problem: str) -> None:
    with simulator("--stream", told) as camera:
        address = camera.camera().streams()[0].address
    assert address.text == text
    assert problem in address.problem
    assert "canary" not in repr(address)


_BROKEN = {
    "bomb": CameraUnsupported,
    "external": CameraUnsupported,
    "junk": CameraUnsupported,
    "empty": CameraUnsupported,
    "deep": CameraUnsupported,
    "many": CameraUnsupported,
    "other": CameraUnsupported,
    "encoding": CameraUnsupported,
    "redirect": CameraUnsupported,
    "missing": CameraUnsupported,
    "broken": CameraUnsupported,
    "huge": CameraUnsupported,
    "noise": CameraUnsupported,
    "lie": CameraUnsupported,
    "drip": CameraUnsupported,
    "headers": CameraUnsupported,
    "busy": CameraUnreachable,
    "silent": CameraUnreachable,
}


def test_every_misbehaviour_ends_in_time_and_in_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with simulator("--auth", "token", login=LOGIN) as camera:
        for fault, kind in _BROKEN.items():
            camera.tell(fault)
            begin = time.monotonic()
            with pytest.raises(kind) as caught:
                camera.camera(LOGIN).survey(1.5)
            assert isinstance(caught.value, kind), fault
            assert time.monotonic() - begin < 4.0, fault
            assert LOGIN.password not in repr(caught.value)
        camera.tell("ok")
        assert camera.camera(LOGIN).maker().name == "Ember Works"
    assert LOGIN.password not in caplog.text


def test_an_endless_head_is_cut_off_by_its_size() -> None:
    with simulator() as camera:
        camera.tell("continue")
        with pytest.raises(CameraUnsupported, match="more than a camera may"):
            camera.camera().survey(60.0)


def test_cameras_are_asked_over_tls(tmp_path: Path) -> None:
    files = device_certificate(tmp_path)
    pem = tmp_path / "both.pem"
    pem.write_bytes(files.certificate.read_bytes() + files.key.read_bytes())
    with simulator("--auth", "digest", "--certificate", str(pem), login=LOGIN) as camera:
        client = OnvifCamera(f"https://{camera.address}", LOGIN, SystemClock())
        assert client.survey().streams[0].token == "main"
        with pytest.raises((CameraUnsupported, CameraUnreachable)):
            camera.camera(LOGIN).maker(3.0)  # in the open


def test_cancelling_ends_it_soon() -> None:
    with simulator() as camera:
        camera.tell("silent")
        begin = time.monotonic()
        client = OnvifCamera(
            camera.address, None, SystemClock(), lambda: time.monotonic() - begin > 0.3
        )
        with pytest.raises(CameraUnreachable):
            client.survey(20.0)
        assert time.monotonic() - begin < 3.0


def test_nobody_there_is_said_in_words() -> None:
    with pytest.raises(CameraUnreachable, match="cannot be reached"):
        OnvifCamera("127.0.0.1:9", None, SystemClock()).maker()


@pytest.mark.parametrize(
    "address",
    ["", "file:///x", "http://0x7f.1/", "a b", "http://u:canary@", "cam:99999", "http://h/#x"],
)
def test_hostile_addresses_are_refused(address: str) -> None:
    with pytest.raises(SourceError) as caught:
        OnvifCamera(address, None, SystemClock())
    assert "canary" not in str(caught.value)


def test_a_stream_address_may_stand_for_the_camera() -> None:
    """The camera dialog has the RTSP address before anybody knows of ONVIF."""
    try:
        OnvifCamera("rtsp://127.0.0.1:8554/live", None, SystemClock()).time(1.0)
    except EmberEyeError as refusal:
        assert "127.0.0.1:80" in str(refusal)  # noqa: PT017 - port 80 may be in use here
