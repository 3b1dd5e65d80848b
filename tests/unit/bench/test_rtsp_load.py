"""The load server of the benches: real clients, growing times, no waiting for anybody."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import av
import pytest

from embereye.bench.clips import Recipe, make_clip
from embereye.bench.rtp import stream_of
from embereye.bench.rtsp_load import Mount, RtspLoad
from embereye.bench.rtsp_sender import Pacer, Sender, Sent

_RATE = 50  # pictures/s: a second of real time shows a whole round of the clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    return make_clip(folder / "clip.mp4", Recipe(160, 120, _RATE, bits=100_000, seconds=1))


@pytest.fixture
def load(clip: Path) -> Iterator[RtspLoad]:
    server = RtspLoad([Mount("one", clip), Mount("two", clip)])
    yield server
    server.close()


def _pictures(url: str, count: int) -> list[float]:
    """Presentation times (s) of the first `count` decoded pictures."""
    times: list[float] = []
    options = {"rtsp_transport": "tcp"}
    with av.open(url, format="rtsp", options=options, timeout=(5.0, 5.0)) as container:
        for frame in container.decode(video=0):
            # libav gives the first one no time, as of cameras that send no RTP-Info
            times.append(0.0 if frame.time is None else float(frame.time))
            if len(times) == count:
                break
    return times


@pytest.mark.paced
def test_times_grow_evenly_over_the_end_of_the_clip(load: RtspLoad) -> None:
    times = _pictures(load.url("one"), 2 * _RATE + 20)
    gaps = [after - before for before, after in pairwise(times)]
    assert all(gap == pytest.approx(1 / _RATE, abs=0.001) for gap in gaps)


@pytest.mark.paced
def test_two_clients_of_one_mount_have_their_own_streams(load: RtspLoad) -> None:
    found: list[list[float]] = []
    threads = [
        Thread(target=lambda: found.append(_pictures(load.url("two"), 30))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [len(times) for times in found] == [30, 30]
    assert load.figures().mounts["two"].sent >= 60
    assert load.figures().mounts["one"].sent == 0


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_decoder_finds_nothing_wrong_with_the_packets(codec: str, tmp_path: Path) -> None:
    recipe = Recipe(320, 240, 25, codec, bits=2_000_000, seconds=2)  # type: ignore[arg-type]
    clip = make_clip(tmp_path / "clip.mp4", recipe)
    stream = stream_of(clip)
    assert len(stream.pictures) == recipe.pictures
    assert max(len(picture.headers) for picture in stream.pictures) > 3  # fragments
    server = RtspLoad([Mount("one", clip)])
    try:
        with av.open(server.url("one"), format="rtsp", timeout=(5.0, 5.0)) as container:
            frames = [frame for frame, _ in zip(container.decode(video=0), range(20), strict=False)]
    finally:
        server.close()
    assert [frame.is_corrupt for frame in frames] == [False] * 20


def _stuck(port: int, name: str) -> socket.socket:
    """A client that asks for a picture and then reads nothing."""
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.connect(("127.0.0.1", port))
    url = f"rtsp://127.0.0.1:{port}/{name}"
    for number, (method, more) in enumerate(
        [("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"), ("PLAY", "")], 1
    ):
        stuck.sendall(f"{method} {url} RTSP/1.0\r\nCSeq: {number}\r\n{more}\r\n".encode())
    return stuck


@pytest.mark.paced
def test_a_client_that_reads_nothing_loses_pictures_and_holds_up_nobody(tmp_path: Path) -> None:
    recipe = Recipe(320, 240, _RATE, "h264", bits=6_000_000, seconds=1)
    large = make_clip(tmp_path / "large.mp4", recipe)
    load = RtspLoad([Mount("stuck", large), Mount("well", large)])
    stuck = _stuck(load.port, "stuck")
    try:
        times = _pictures(load.url("well"), 3 * _RATE)
        figures = load.figures()
    finally:
        stuck.close()
        load.close()
    assert figures.mounts["stuck"].dropped > 10
    assert figures.mounts["well"].dropped == 0
    assert times[-1] == pytest.approx((3 * _RATE - 1) / _RATE, abs=0.1)


@pytest.mark.paced
def test_a_client_that_leaves_is_forgotten(load: RtspLoad) -> None:
    _pictures(load.url("one"), 3)
    pause = Event()
    while load.figures().mounts["one"].clients:
        pause.wait(0.01)  # ends by the test's own deadline at the latest
    before = load.figures().mounts["one"].sent
    pause.wait(5 / _RATE)
    assert load.figures().mounts["one"].sent == before


@pytest.mark.parametrize(
    ("request_text", "answer"),
    [
        ("DESCRIBE rtsp://x/nobody RTSP/1.0\r\nCSeq: 7\r\n\r\n", "404"),
        ("SETUP rtsp://x/one RTSP/1.0\r\nCSeq: 7\r\nTransport: RTP/AVP;unicast\r\n\r\n", "461"),
        ("GET_PARAMETER rtsp://x/one RTSP/1.0\r\nCSeq: 7\r\nContent-Length: 3\r\n\r\nabc", "200"),
    ],
)
def test_requests_are_answered(load: RtspLoad, request_text: str, answer: str) -> None:
    with socket.create_connection(("127.0.0.1", load.port), 5) as connection:
        connection.sendall(b"$\x01\x00\x04rtcp" + request_text.encode())
        lines = connection.recv(4096).decode().split("\r\n")
    assert lines[0].split(" ")[1] == answer
    assert lines[1] == "CSeq: 7"


class _Wire:
    """Takes everything; `waiting` is what the network did not take."""

    def __init__(self) -> None:
        self.waiting = 0
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.waiting


@pytest.fixture
def sender(clip: Path) -> tuple[Sender, _Wire, Sent]:
    wire, sent = _Wire(), Sent()
    return Sender(stream_of(clip), wire, sent, 1, 0.0), wire, sent


def _play(sender: Sender, pictures: int) -> None:
    for _ in range(pictures):
        sender.send(sender.due)


def test_after_a_loss_nothing_is_sent_before_the_next_key_frame(
    sender: tuple[Sender, _Wire, Sent],
) -> None:
    one, wire, sent = sender
    _play(one, 10)
    wire.waiting = 1 << 20
    _play(one, 1)
    wire.waiting = 0
    _play(one, _RATE)
    assert sent.dropped == _RATE - 10  # up to the round's only key frame
    assert sent.sent == 10 + 11


def test_numbers_show_what_was_left_out_and_times_do_not_stop(
    sender: tuple[Sender, _Wire, Sent],
) -> None:
    one, wire, _ = sender
    _play(one, 1)
    wire.waiting = 1 << 20
    _play(one, _RATE - 1)
    wire.waiting = 0
    _play(one, 1)
    first, second = (_header(data) for data in wire.written)
    assert second[0] > first[0] + _RATE - 1
    assert second[1] - first[1] == 90_000  # a second later


def test_a_server_that_is_late_says_so_and_does_not_race(
    sender: tuple[Sender, _Wire, Sent],
) -> None:
    one, _, sent = sender
    _play(one, 1)
    one.send(one.due + 5.0)
    assert (sent.late, sent.latest) == (1, pytest.approx(5.0))
    assert one.due == pytest.approx(5.0, abs=0.1)
    anew = one.due
    _play(one, 2)
    assert one.due == pytest.approx(anew + 2 / _RATE, abs=1e-6)
    assert sent.late == 1


def test_clients_send_in_different_moments(clip: Path) -> None:
    stream = stream_of(clip)
    phases = sorted(Sender(stream, _Wire(), Sent(), n, 0.0).due * _RATE for n in range(100))
    gaps = [after - before for before, after in pairwise(phases)]
    assert max(gaps) < 0.03  # of an interval; evenly would be 0.01
    assert phases[0] < 0.03
    assert 0.97 < phases[-1] < 1


def test_a_client_that_is_removed_gets_nothing_more(clip: Path) -> None:
    async def run(body: Callable[[Pacer, _Wire], None]) -> int:
        pacer, wire = Pacer(asyncio.get_running_loop()), _Wire()
        now = asyncio.get_running_loop().time()
        pacer.add(1, Sender(stream_of(clip), wire, Sent(), 1, now))
        body(pacer, wire)
        await asyncio.sleep(3 / _RATE)
        return len(wire.written)

    assert asyncio.run(run(lambda pacer, _: pacer.remove(1))) == 0
    assert asyncio.run(run(lambda pacer, _: None)) > 0


def test_a_clip_of_another_codec_is_refused(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.avi", Recipe(64, 48, 5, "mjpeg", seconds=1))
    with pytest.raises(ValueError, match="mjpeg"):
        stream_of(clip)


def _header(data: bytes) -> tuple[int, int]:
    """Sequence number and time stamp of the first packet."""
    return int.from_bytes(data[6:8]), int.from_bytes(data[8:12])
