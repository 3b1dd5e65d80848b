"""WebRTC streams, from a real server in another process; and servers that are none."""

import json
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from threading import enumerate as threads
from time import monotonic

import av
import pytest
from camera_parts import RtspServer, whep_server
from certificates import device_certificate
from fakes import FakeClock
from hosting import hosted
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture import CaptureWorker, Outlet
from embereye.ingest.opener import opener_of
from embereye.ingest.picture import Deadlines, Picture
from embereye.ingest.source import Kind, Login, parse
from embereye.ingest.views import Views
from embereye.ingest.whep import WhepSource
from embereye.model.camera import CameraState
from embereye.model.errors import (
    CameraRefused,
    CameraUnreachable,
    CameraUnsupported,
    EmberEyeError,
)
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import CaptureChanged
from embereye.runtime.clock import SystemClock
from embereye.runtime.mailbox import Full, Mailbox

pytest.importorskip("aiortc", reason="aiortc is not installed (extra webrtc)")
from aioice.ice import get_host_addresses

from embereye.ingest.whep_session import WhepSession

if not get_host_addresses(use_ipv4=True, use_ipv6=True):
    pytest.skip("WebRTC needs a network interface beside loopback", allow_module_level=True)


@pytest.fixture(scope="module")
def server() -> Iterator[RtspServer]:
    with whep_server() as running:
        yield running


@contextmanager
def _source(
    server: RtspServer, path: str, login: Login | None = None, deadlines: Deadlines | None = None
) -> Iterator[WhepSource]:
    checked, _ = parse(f"whep://127.0.0.1:{server.port}/{path}")
    deadlines = deadlines or Deadlines(5.0, 4.0)
    source = WhepSource(checked, lambda: login, SystemClock(), deadlines)
    try:
        yield source
    finally:
        source.close()


def _pictures(source: WhepSource, count: int) -> list[Picture]:
    found: list[Picture] = []
    end = monotonic() + 20
    while len(found) < count:
        assert monotonic() < end, "no pictures"
        picture = source.read(0.5)
        if picture is not None:
            found.append(picture)
    return found


def _watched(server: RtspServer) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/watched", timeout=5) as answer:
        return int(json.load(answer)["watched"])


@pytest.mark.parametrize(("path", "codec"), [("live", "h264"), ("vp8", "vp8")])
def test_pictures_come_in_right_colours_and_order(
    server: RtspServer, path: str, codec: str
) -> None:
    with _source(server, path) as source:
        source.open()
        pictures = _pictures(source, 5)
        assert (source.live, source.decoder, source.streams) == (True, codec, (f"video {codec}",))
        assert source.arrived >= 5
        assert source.received > 500
    assert [(p.width, p.height) for p in pictures] == [(320, 240)] * 5
    times = [picture.media for picture in pictures]
    assert times == sorted(set(times))
    assert times[-1] - times[0] >= 3.9 / 15  # a busy machine leaves some out
    for blue, green, red in (pictures[-1].bgr(320, 240)[200, 160],):
        assert (int(blue), int(green), int(red)) == pytest.approx((0, 90, 0), abs=12)


@pytest.mark.parametrize(
    ("path", "login"), [("secret", Login("bob", "canary")), ("token", Login("Bearer", "canary"))]
)
def test_a_login_or_a_token_opens_a_protected_stream(
    server: RtspServer, path: str, login: Login
) -> None:
    with _source(server, path, login) as source:
        source.open()
        assert _pictures(source, 1)
    with _source(server, path) as source, pytest.raises(CameraRefused, match="Enter it; for a"):
        source.open()
    wrong = Login(login.user, "wrong")
    with _source(server, path, wrong) as source, pytest.raises(CameraRefused) as refusal:
        source.open()
    assert "rejects" in str(refusal.value)
    assert "wrong" not in repr(refusal.value)


def test_a_token_that_could_forge_headers_is_never_sent(server: RtspServer) -> None:
    login = Login("bearer", "canary\r\nX-Other: 1")
    with _source(server, "token", login) as source, pytest.raises(CameraRefused, match="blanks"):
        source.open()


def test_closing_tells_the_server_and_leaves_nothing_behind(server: RtspServer) -> None:
    before = {thread.name for thread in threads()}
    with _source(server, "live") as source:
        source.open()
        _pictures(source, 1)
        begin = monotonic()
        source.close()
        assert monotonic() - begin < 1.0
        with pytest.raises(CameraUnreachable, match="not connected"):
            source.read(0.1)
    assert _watched(server) == 0
    assert {thread.name for thread in threads()} <= before


def test_a_source_can_be_opened_again_and_counts_on(server: RtspServer) -> None:
    with _source(server, "live") as source:
        source.open()
        _pictures(source, 2)
        arrived, received = source.arrived, source.received
        source.close()
        source.open()
        _pictures(source, 1)
        assert source.arrived > arrived
        assert source.received > received


@pytest.mark.paced
def test_a_read_without_pictures_returns_soon(server: RtspServer) -> None:
    with _source(server, "freezes") as source:
        source.open()
        _pictures(source, 10)
        begin, waits = monotonic(), []
        while monotonic() - begin < 2.0:
            at = monotonic()
            source.read(0.5)
            waits.append(monotonic() - at)
        assert max(waits) < 0.5  # 0.1 s and a busy machine


@pytest.mark.parametrize(
    ("path", "words"), [("stops", "ended the stream"), ("freezes", "No video comes from")]
)
def test_a_stream_that_ends_is_unreachable(server: RtspServer, path: str, words: str) -> None:
    with _source(server, path, deadlines=Deadlines(5.0, 1.0)) as source:
        source.open()
        with pytest.raises(CameraUnreachable, match=words):
            _pictures(source, 1000)


def test_a_server_that_is_killed_is_noticed_within_the_deadline() -> None:
    with whep_server() as killed, _source(killed, "live", deadlines=Deadlines(5.0, 1.0)) as source:
        source.open()
        _pictures(source, 3)
        killed.kill()
        begin = monotonic()
        with pytest.raises(CameraUnreachable):
            _pictures(source, 1000)
        assert monotonic() - begin < 4.0


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("gone", CameraUnreachable, "no stream at this path"),
        ("error", CameraUnreachable, r"an error \(500\)"),
        ("method", CameraUnsupported, "does not speak WHEP"),
        ("page", CameraUnsupported, "something that is not a stream"),
        ("huge", CameraUnsupported, "session description"),
        ("elsewhere", CameraUnsupported, "Enter that address instead"),
        ("novideo", CameraUnsupported, "offers no video"),
        ("junk", CameraUnsupported, "cannot be used"),
        ("named", CameraUnsupported, "names no address"),
        ("silent", CameraUnreachable, "does not answer"),
        ("drip", EmberEyeError, "does not end its answer"),
        ("unreachable", CameraUnreachable, "No video connection comes about"),
    ],
)
def test_a_server_that_is_none_says_what_to_do(
    server: RtspServer, path: str, error: type[EmberEyeError], words: str
) -> None:
    deadlines = Deadlines(1.0, 1.0)
    with _source(server, path, deadlines=deadlines) as source:
        begin = monotonic()
        with pytest.raises(error, match=words):
            source.open()
        assert monotonic() - begin < 5.0


def test_video_of_another_than_the_one_who_answered_is_refused(server: RtspServer) -> None:
    with _source(server, "forged") as source, pytest.raises(CameraUnreachable, match="failed"):
        source.open()


def test_a_profile_that_was_not_offered_is_decoded_all_the_same(server: RtspServer) -> None:
    with _source(server, "high") as source:
        source.open()
        assert _pictures(source, 2)


def test_a_server_with_a_certificate_of_its_own_is_asked_by_tls(tmp_path: Path) -> None:
    files = device_certificate(tmp_path)
    with whep_server(files.certificate, files.key) as tls:
        checked, login = parse(f"wheps://bearer:canary@127.0.0.1:{tls.port}/token")
        source = WhepSource(checked, lambda: login, SystemClock(), Deadlines(5.0, 4.0))
        source.open()
        try:
            assert _pictures(source, 1)
        finally:
            source.close()


_SENSELESS = [
    "a=mid:", "a=mid:0", "a=mid:\u2028", "a=group:BUNDLE", "a=ice-ufrag:x", "a=ice-pwd:y",
    "a=fingerprint:", "a=fingerprint:sha-1 00", "a=setup:active", "a=setup:x", "a=ssrc-group:",
    "a=rtcp-fb:96 nack", "a=rtcp-fb:x", "a=ssrc:x y", "a=ssrc:1 cname:a", "a=extmap:1 x", "c=IN",
    "a=extmap:x", "a=msid:", "c=IN IP4 x", "a=rtcp:9", "a=rtcp:x", "a=sctpmap:x", "a=fmtp:96",
    "a=ssrc-group:FID 1", "a=rtpmap:96 H264", "m=application", "m=audio 9 UDP/TLS/RTP/SAVPF 0",
    "a=candidate:1 x udp 1 10.0.0.5 9 typ host",
]  # fmt: skip


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from(_SENSELESS), max_size=12))
def test_a_senseless_answer_ends_in_words(lines: list[str]) -> None:
    session = WhepSession()
    good = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "m=video 9 UDP/TLS/RTP/SAVPF 96"]
    mapped = ["a=rtpmap:96 H264/90000", "a=candidate:1 1 udp 1 10.255.255.1 9 typ host"]
    try:
        session.offer(5.0)
        with pytest.raises((CameraUnreachable, CameraUnsupported)):
            session.connect("\r\n".join([*good, *mapped, *lines, ""]), 0.05)
    finally:
        session.close()


def test_a_backlog_ends_in_a_new_connection() -> None:
    """Pictures that come ever later, as when the machine decodes slower than they are sent."""

    class Late:
        """A session whose pictures are 1 s of the stream and 2 s of the clock apart."""

        arrived = received = 0

        def newest(self, timeout: float) -> av.VideoFrame:
            clock.advance(2.0)
            self.arrived += 1
            frame = av.VideoFrame(320, 240, "yuv420p")
            frame.pts, frame.time_base = self.arrived * 90_000, Fraction(1, 90_000)
            return frame

        def close(self) -> None:
            return

    clock = FakeClock()
    source = WhepSource(parse("whep://media/x")[0], lambda: None, clock, Deadlines())
    source._session = Late()  # type: ignore[assignment]
    assert all(source.read(0.5) for _ in range(4))
    with pytest.raises(CameraUnreachable, match="faster than it can be decoded"):
        source.read(0.5)
    source.close()


def test_a_camera_comes_back_after_its_stream_ended_and_stops_at_once(server: RtspServer) -> None:
    views = Views()
    views.demand([ViewDemand(CameraId("one"), ((64, 48),))])
    box: Mailbox[object] = Mailbox(100, Full.REFUSE)
    made: list[WhepSource] = []

    def build(wait: Callable[[float], object]) -> WhepSource:
        checked, _ = parse(f"whep://127.0.0.1:{server.port}/stops")
        made.append(WhepSource(checked, lambda: None, SystemClock(), Deadlines(5.0, 4.0)))
        return made[-1]

    outlet = Outlet(views.add(CameraId("one"), Detecting()), box.put)
    worker = CaptureWorker(build, outlet, SystemClock(), lambda *_: 0.0)
    states: list[CameraState] = []
    with hosted(worker.run, wait=1.0):
        while states.count(CameraState.LIVE) < 2:
            came = box.take_all(10.0)
            states += [message.state for message in came if isinstance(message, CaptureChanged)]
    wanted = [CameraState.CONNECTING, CameraState.LIVE, CameraState.NO_SIGNAL, CameraState.LIVE]
    assert states == wanted
    assert worker.stuck == 0


def test_nobody_there_is_unreachable() -> None:
    checked, _ = parse("whep://127.0.0.1:9/live")
    source = WhepSource(checked, lambda: None, SystemClock(), Deadlines(1.0, 1.0))
    with pytest.raises(CameraUnreachable, match="cannot be reached"):
        source.open()
    source.close()


def test_without_aiortc_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "embereye.ingest.whep_session", None)
    checked, _ = parse("whep://127.0.0.1:9/live")
    source = WhepSource(checked, lambda: None, SystemClock(), Deadlines(1.0, 1.0))
    with pytest.raises(CameraUnsupported, match="webrtc extra"):
        source.open()
    source.close()


def test_settings_make_such_a_camera(server: RtspServer) -> None:
    camera = Camera(id="one", name="Gate", source=f"whep://127.0.0.1:{server.port}/live")
    source, build = opener_of(camera, (), lambda _camera: None, SystemClock())
    assert source.kind is Kind.WHEP
    opened = build(lambda _s: None)
    opened.open()
    opened.close()
