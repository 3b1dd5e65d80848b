"""HTTP cameras that mean no good: an error in time, bounded memory, no picture that is none."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import pytest
from camera_parts import RtspServer, hostile_camera
from certificates import device_certificate

from embereye.ingest.mjpeg import HttpSource, MjpegSource
from embereye.ingest.picture import Deadlines
from embereye.ingest.source import parse
from embereye.model.errors import EmberEyeError
from embereye.runtime.clock import SystemClock

pytestmark = pytest.mark.paced  # real time: deadlines in seconds

_WAIT = 1.0  # s; both deadlines
_PAUSE = threading.Event()
_AT_ONCE = ["drip", "headers", "noend", "length", "empty", "nothing", "garbage"]
_LATER = [f"good-{fault}" for fault in (*_AT_ONCE[:-2], "bomb", "garbage")]
_KINDS = {"libav": HttpSource, "own": MjpegSource}
_CASES = [(path, kind) for path in (*_AT_ONCE, *_LATER) for kind in _KINDS]
# s: opening one way, then the other, and two read deadlines without a picture. What libav reads
# and cannot decode is left after 3 s.
_LONGEST = 2 * _WAIT + 2 * _WAIT + 3.0
_MOST_MEMORY = 250.0  # MB; libav doubles a buffer of 80 MB once; ours hold 16 each


@dataclass(frozen=True, slots=True)
class _Result:
    """How a camera ended, after so many pictures and seconds."""

    error: str
    pictures: int
    sizes: frozenset[tuple[int, int]]
    seconds: float


@pytest.fixture(scope="module")
def camera() -> Iterator[RtspServer]:
    with hostile_camera() as running:
        yield running


@pytest.fixture(scope="module")
def secure_camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspServer]:
    files = device_certificate(tmp_path_factory.mktemp("certificate"))
    with hostile_camera(files.certificate, files.key) as running:
        yield running


@pytest.fixture(scope="module")
def results(camera: RtspServer) -> dict[tuple[str, str], _Result]:
    """All cameras at once."""
    with ThreadPoolExecutor(len(_CASES)) as pool:
        waiting = {case: pool.submit(_outcome, camera.port, *case) for case in _CASES}
        return {case: future.result() for case, future in waiting.items()}


def _outcome(port: int, path: str, kind: str, scheme: str = "http", least: float = 0.0) -> _Result:
    """Read until it fails, or for 10 s; at least `least` s where it does not fail."""
    clock, error, pictures, sizes = SystemClock(), "", 0, set()
    source, _ = parse(f"{scheme}://127.0.0.1:{port}/{path}")
    reader = _KINDS[kind](source, lambda: None, clock, Deadlines(_WAIT, _WAIT), _PAUSE.wait)
    begin = clock.mono()
    try:
        reader.open()
        while clock.mono() - begin < (least or 10.0):
            picture = reader.read(0.5)
            if picture is not None:
                pictures += 1
                sizes.add((picture.width, picture.height))
    except EmberEyeError as refusal:
        error = str(refusal)
    finally:
        reader.close()
    return _Result(error, pictures, frozenset(sizes), clock.mono() - begin)


@pytest.mark.parametrize(("path", "kind"), _CASES)
def test_it_ends_in_time_and_says_why(
    results: dict[tuple[str, str], _Result], path: str, kind: str
) -> None:
    result = results[path, kind]
    assert result.error.endswith(".")
    assert result.seconds <= _LONGEST
    most = 11 if path.startswith("good-") else 1  # what libav makes of the last, half one
    assert result.pictures <= most


def test_all_of_them_together_take_little_memory(camera: RtspServer) -> None:
    process, done, peak = psutil.Process(), threading.Event(), [0.0]

    def watch() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss / 1e6)

    before = process.memory_info().rss / 1e6
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for path in ("good-length", "length"):
            for kind in _KINDS:
                _outcome(camera.port, path, kind)
    finally:
        done.set()
        watcher.join()
    assert peak[0] - before <= _MOST_MEMORY


@pytest.mark.parametrize("kind", _KINDS)
def test_another_size_in_mid_stream_is_shown(camera: RtspServer, kind: str) -> None:
    result = _outcome(camera.port, "sizes", kind, least=4.0)
    assert result.error == ""
    assert result.sizes == {(160, 120), (320, 240), (64, 48)}


@pytest.mark.parametrize("kind", _KINDS)
def test_a_camera_that_signs_its_certificate_itself_is_read(
    secure_camera: RtspServer, kind: str
) -> None:
    result = _outcome(secure_camera.port, "good", kind, "https", least=1.5)
    assert result.error == ""
    assert result.pictures >= 10


def test_a_dripping_answer_is_cut_over_tls_too(secure_camera: RtspServer) -> None:
    result = _outcome(secure_camera.port, "drip", "own", "https")
    assert "does not answer" in result.error
    assert result.seconds <= 2 * _WAIT
