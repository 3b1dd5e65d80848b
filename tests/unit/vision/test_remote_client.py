"""Asking a real HTTP server that behaves, and one that does not."""

import ssl
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from certificates import device_certificate
from servers.remote_detector import KEY, RemoteServer

from embereye.runtime.clock import SystemClock
from embereye.runtime.http_exchange import Allowance
from embereye.runtime.http_service import Endpoint
from embereye.vision.remote_client import (
    as_sent,
    ask_batch,
    ask_detect,
    ask_health,
)
from embereye.vision.remote_files import Patience, detect_pictures
from embereye.vision.remote_retry import Failure, RemoteError

CLOCK = SystemClock()
DEADLINE = 1.0


@pytest.fixture
def server() -> Iterator[RemoteServer]:
    with RemoteServer() as server:
        yield server


def _endpoint(server: RemoteServer, key: str = "") -> Endpoint:
    place = f"127.0.0.1:{server.port}"
    return Endpoint(False, "127.0.0.1", server.port, place, "", 1.0, key)


def _allowance(seconds: float = DEADLINE, ended: bool = False) -> Allowance:
    return Allowance(CLOCK, CLOCK.mono() + seconds, lambda: ended)


def _red_part(width: int = 320, height: int = 240) -> np.ndarray:
    pixels = np.full((height, width, 3), 90, np.uint8)
    pixels[height // 2 : height * 3 // 4, width // 4 : width // 2] = (0, 0, 255)
    return pixels


def _asked(server: RemoteServer, **changes: object):
    picture = as_sent(_red_part(), (640, 480))
    return ask_detect(replace(_endpoint(server), **changes), picture, _allowance())


def test_a_picture_is_sent_and_its_boxes_come_back_in_pixels_of_the_source(server):
    (flame,) = _asked(server).detections
    assert (flame.label, flame.confidence) == ("fire", 0.93)
    box = (flame.x, flame.y, flame.width, flame.height)
    assert box == pytest.approx((160, 240, 160, 120), abs=8)  # JPEG moves edges by a few pixels
    assert server.sizes == [(320, 240)]


def test_large_pictures_are_sent_smaller(server):
    picture = as_sent(_red_part(3840, 2160), (3840, 2160))
    (flame,) = ask_detect(_endpoint(server), picture, _allowance(5.0)).detections
    assert server.sizes == [(1920, 1080)]
    assert flame.x == pytest.approx(960, abs=16)


def test_a_path_before_detect_is_kept(server):
    with pytest.raises(RemoteError):
        _asked(server, base="/vision")
    assert server.asked == ["/vision/detect"]


def test_the_key_is_sent_and_never_shown(server):
    server.mode = "wrong key"
    assert _asked(server, key=KEY).detections
    assert server.keys == [KEY]
    assert KEY not in repr(_endpoint(server, KEY))


def test_a_wrong_key_is_told_without_it(server):
    server.mode = "wrong key"
    with pytest.raises(RemoteError, match="rejects the API key") as error:
        _asked(server, key="guessed-42")
    assert "guessed-42" not in str(error.value)


@pytest.mark.parametrize("key", ["two words", "a\r\nX-Evil: 1", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_not_sent(server, key):
    with pytest.raises(RemoteError, match="Enter it again"):
        _asked(server, key=key)
    assert server.asked == []


@pytest.mark.parametrize(
    ("mode", "failure"),
    [
        ("400", Failure.BAD_PICTURE),
        ("413", Failure.TOO_LARGE),
        ("401", Failure.REFUSED),
        ("403", Failure.REFUSED),
        ("404", Failure.REFUSED),
        ("429", Failure.REFUSED),
        ("redirect", Failure.REFUSED),
        ("500", Failure.SERVER),
        ("502", Failure.SERVER),
        ("503", Failure.NOT_LOADED),
        ("204", Failure.BAD_ANSWER),
        ("text", Failure.BAD_ANSWER),
        ("nan", Failure.BAD_ANSWER),
        ("million", Failure.BAD_ANSWER),
        ("outside", Failure.BAD_ANSWER),
        ("long", Failure.BAD_ANSWER),
        ("endless", Failure.BAD_ANSWER),
        ("headers", Failure.BAD_ANSWER),
        ("banner", Failure.BAD_ANSWER),
        ("half", Failure.BAD_ANSWER),
        ("short", Failure.BAD_ANSWER),
        ("bomb", Failure.BAD_ANSWER),
        ("chunks", Failure.BAD_ANSWER),
        ("reset", Failure.UNREACHABLE),
    ],
)
def test_each_misbehaviour_has_a_name_and_ends_in_time(server, mode, failure):
    server.mode = mode
    began = time.monotonic()
    with pytest.raises(RemoteError) as error:
        _asked(server)
    assert error.value.failure is failure
    assert time.monotonic() - began < DEADLINE + 1.0
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("mode", ["drip", "hang"])
def test_the_deadline_is_kept_against_a_server_that_drips_or_hangs(server, mode):
    server.mode = mode
    began = time.monotonic()
    picture = as_sent(_red_part(), (640, 480))
    with pytest.raises(RemoteError) as error:
        ask_detect(_endpoint(server), picture, _allowance(0.3))
    assert error.value.failure is Failure.TIMED_OUT
    assert time.monotonic() - began < 1.3


def test_nobody_there_is_told(server):
    server.close()
    with pytest.raises(RemoteError, match="cannot be reached") as error:
        _asked(server)
    assert error.value.failure is Failure.UNREACHABLE


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path):
    files = device_certificate(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    with RemoteServer(tls=context) as server:
        with pytest.raises(RemoteError, match="does not trust"):
            _asked(server, secure=True)
        assert server.asked == []


def test_a_redirection_is_not_followed(server):
    with RemoteServer() as other:
        server.mode = "redirect"
        with pytest.raises(RemoteError, match="elsewhere"):
            _asked(server)
        assert other.asked == []


def test_packed_answers_are_refused_unread(server):
    server.mode = "bomb"
    with pytest.raises(RemoteError, match="packs its answers"):
        _asked(server)


def test_health_is_asked(server):
    server.mode = "degraded"
    health = ask_health(_endpoint(server), _allowance())
    assert (health.degraded, health.model_loaded, health.device) == (True, True, "test bench")


def test_a_batch_comes_back_in_order(server):
    grey = np.full((48, 64, 3), 90, np.uint8)
    pictures = [as_sent(grey, (64, 48)), as_sent(_red_part(), (320, 240))]
    answers = ask_batch(_endpoint(server), pictures, _allowance())
    assert [len(answer.detections) for answer in answers] == [0, 1]


def _patience(waits: list[float], stop: bool = False) -> Patience:
    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return stop

    return Patience(CLOCK, 10.0, wait, lambda: False)


def test_many_files_go_in_portions(server):
    pictures = [as_sent(_red_part(32, 24), (32, 24)) for _ in range(19)]
    answers = detect_pictures(_endpoint(server), pictures, _patience([]))
    assert len(answers) == 19
    assert server.asked == ["/detect/batch"] * 3


def test_files_are_tried_three_times(server):
    server.mode = "500"
    waits: list[float] = []
    with pytest.raises(RemoteError):
        detect_pictures(_endpoint(server), [as_sent(_red_part(), (1, 1))], _patience(waits))
    assert len(server.asked) == 3
    assert waits == [2.0, 4.0]


def test_files_that_are_refused_are_tried_once(server):
    server.mode = "400"
    with pytest.raises(RemoteError):
        detect_pictures(_endpoint(server), [as_sent(_red_part(), (1, 1))], _patience([]))
    assert len(server.asked) == 1


def test_waiting_for_another_try_ends_when_somebody_wants_it(server):
    server.mode = "500"
    with pytest.raises(RemoteError):
        detect_pictures(_endpoint(server), [as_sent(_red_part(), (1, 1))], _patience([], True))
    assert len(server.asked) == 1
