"""The capture worker: what it reports, how it comes back, how it stops."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from camera_parts import ScriptedSource, picture
from fakes import FakeClock

from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture import CaptureWorker, Outlet
from embereye.ingest.picture import Deadlines, Picture
from embereye.ingest.views import Views
from embereye.model.camera import CameraState
from embereye.model.errors import CameraRefused, CameraUnreachable, CameraUnsupported
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import CaptureChanged
from embereye.runtime.clock import Clock, SystemClock
from embereye.runtime.mailbox import Full, Mailbox

_ONE = CameraId("one")
_GONE = CameraUnreachable("It does not answer. Check it.")
_STATES = CameraState


class _Rig:
    """A worker with a scripted source and everything around it."""

    def __init__(
        self,
        source: ScriptedSource,
        pause: float = 0.0,
        grace: float = 4.0,
        clock: Clock | None = None,
    ) -> None:
        self.source = source
        self.views = Views()
        self.views.demand([ViewDemand(_ONE, ((32, 24),))])
        self.box: Mailbox[object] = Mailbox(1000, Full.REFUSE)
        self.pauses: list[tuple[int, bool]] = []
        self._pause = pause
        self.seen: list[CaptureChanged] = []
        outlet = Outlet(self.views.add(_ONE, Detecting()), self.box.put)
        clock = clock or SystemClock()
        self.worker = CaptureWorker(self._open, outlet, clock, self._back_off, grace)
        self.stop = threading.Event()
        self.failure: BaseException | None = None

    def _open(self, wait: Callable[[float], object]) -> ScriptedSource:
        self.source.wait = wait
        return self.source

    def _back_off(self, failures: int, outage: float, refused: bool) -> float:
        self.pauses.append((failures, refused))
        return self._pause

    def next(self) -> CaptureChanged:
        """The next message; they come within milliseconds."""
        if not self.seen:
            self.seen = [m for m in self.box.take_all(5.0) if isinstance(m, CaptureChanged)]
        assert self.seen, "nothing was reported"
        return self.seen.pop(0)

    def states(self, count: int) -> list[CameraState]:
        return [self.next().state for _ in range(count)]

    def run(self) -> None:
        try:
            self.worker.run(self.stop)
        except ZeroDivisionError as bug:
            self.failure = bug


@contextmanager
def _running(rig: _Rig) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=rig.run)
    thread.start()
    try:
        yield thread
    finally:
        rig.stop.set()
        thread.join(5)


def test_a_camera_connects_and_goes_live() -> None:
    rig = _Rig(ScriptedSource([picture(0.0)]))
    with _running(rig):
        assert rig.states(2) == [_STATES.CONNECTING, _STATES.LIVE]
    assert rig.views.newest(_ONE, 32, 24) is not None
    assert rig.source.closed == 1


def test_only_the_first_failure_and_the_recovery_are_reported() -> None:
    opens = [*[_GONE] * 20, None]
    rig = _Rig(ScriptedSource([picture(0.0)], opens))
    with _running(rig):
        assert rig.states(3) == [_STATES.CONNECTING, _STATES.NO_SIGNAL, _STATES.LIVE]
    assert [failures for failures, _ in rig.pauses] == list(range(1, 21))


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (CameraRefused("Enter it again."), _STATES.WRONG_PASSWORD),
        (CameraUnsupported("Use H.264."), _STATES.UNSUPPORTED),
        (_GONE, _STATES.NO_SIGNAL),
    ],
)
def test_each_failure_has_its_state_and_says_what_to_do(
    error: Exception, state: CameraState
) -> None:
    rig = _Rig(ScriptedSource([], [error]), pause=60.0)
    with _running(rig):
        assert rig.next().state is _STATES.CONNECTING
        message = rig.next()
    assert (message.state, message.detail) == (state, str(error))
    assert rig.pauses == [(1, state is _STATES.WRONG_PASSWORD)]


def test_a_picture_after_an_outage_counts_from_one_again() -> None:
    rig = _Rig(ScriptedSource([picture(0.0), _GONE, picture(1.0), _GONE, picture(2.0)]))
    with _running(rig):
        live, gone = _STATES.LIVE, _STATES.NO_SIGNAL
        assert rig.states(6) == [_STATES.CONNECTING, live, gone, live, gone, live]
    assert [failures for failures, _ in rig.pauses] == [1, 1]
    assert rig.worker.counters.reconnects == 2
    assert rig.worker.counters.decoded == 3


def test_only_wrong_passwords_bring_an_account_nearer_to_its_lock() -> None:
    refusal = CameraRefused("Enter it again.")
    opens = [_GONE, _GONE, refusal, _GONE, refusal, None]
    rig = _Rig(ScriptedSource([picture(0.0), refusal, picture(1.0)], opens))
    with _running(rig):
        rig.states(8)
    expected = [(1, False), (2, False), (1, True), (3, False), (2, True), (1, True)]
    assert rig.pauses == expected


class _Hanging(ScriptedSource):
    """Every attempt to open it takes four seconds."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__([], [_GONE] * 100)
        self._clock = clock

    def open(self) -> None:
        self._clock.advance(4.0)
        super().open()


def test_an_attempt_that_hung_has_waited_already(clock: FakeClock) -> None:
    rig = _Rig(_Hanging(clock), pause=4.0, clock=clock)
    begin = time.monotonic()
    with _running(rig):
        rig.states(2)
        _until(lambda: rig.source.opened >= 2)
    assert time.monotonic() - begin < 2.0  # and not 4


def test_a_retry_ends_the_pause_at_once() -> None:
    rig = _Rig(ScriptedSource([picture(0.0)], [_GONE]), pause=3600.0)
    with _running(rig):
        assert rig.states(2) == [_STATES.CONNECTING, _STATES.NO_SIGNAL]
        rig.worker.retry()
        assert rig.states(2) == [_STATES.CONNECTING, _STATES.LIVE]


def test_a_retry_of_a_live_camera_changes_nothing() -> None:
    rig = _Rig(ScriptedSource([picture(0.0)]))
    with _running(rig):
        rig.states(2)
        rig.worker.retry()
        assert rig.box.take_all(0.1) == []
    assert rig.source.opened == 1


def _stopping(rig: _Rig) -> float:
    """Seconds that a stop takes."""
    with _running(rig) as thread:
        rig.states(2)
        begin = time.monotonic()
        rig.stop.set()
        thread.join(5)
        return time.monotonic() - begin


def test_a_stop_ends_a_pause_within_a_second() -> None:
    assert _stopping(_Rig(ScriptedSource([], [_GONE]), pause=3600.0)) < 1.0


def test_a_stop_ends_reading_within_a_second() -> None:
    assert _stopping(_Rig(ScriptedSource([picture(0.0)]))) < 1.0


def test_a_stop_leaves_a_blocked_call_behind_within_a_second() -> None:
    release = threading.Event()

    def block() -> None:
        release.wait(10)

    rig = _Rig(ScriptedSource([picture(0.0), block, picture(1.0)]))
    assert _stopping(rig) < 1.0
    assert rig.worker.stuck == 1
    decoded = rig.worker.counters.decoded
    release.set()
    _until(lambda: rig.worker.stuck == 0)
    assert rig.worker.counters.decoded == decoded  # what came later was thrown away
    assert rig.source.closed == 1  # and the camera was let go


def test_after_leave_nothing_is_delivered_or_reported_any_more() -> None:
    release, reading = threading.Event(), threading.Event()

    def block() -> Picture:
        reading.set()
        release.wait(10)
        return picture(1.0)

    rig = _Rig(ScriptedSource([picture(0.0), block, _GONE]))
    with _running(rig):
        rig.states(2)
        reading.wait(5)
        rig.worker.leave()
        release.set()
    assert rig.worker.counters.decoded == 1
    assert rig.box.take_all(0.0) == []


def test_a_hung_call_is_replaced_by_a_new_connection() -> None:
    release = threading.Event()

    def block() -> None:
        release.wait(10)

    rig = _Rig(ScriptedSource([picture(0.0), block, picture(1.0)]), grace=-0.9)  # 0.1 s in all
    try:
        with _running(rig):
            live = _STATES.LIVE
            assert rig.states(4) == [_STATES.CONNECTING, live, _STATES.NO_SIGNAL, live]
    finally:
        release.set()
    assert rig.source.opened >= 2


def test_a_bug_reaches_the_host_so_that_it_can_restart_the_worker() -> None:
    def bug() -> None:
        raise ZeroDivisionError

    rig = _Rig(ScriptedSource([bug]))
    with _running(rig) as thread:
        thread.join(5)
    assert isinstance(rig.failure, ZeroDivisionError)
    assert rig.source.closed == 1


def test_a_thousand_reconnects_leave_no_thread_behind() -> None:
    rig = _Rig(ScriptedSource([picture(0.0)], [_GONE] * 1000))
    before = threading.active_count()
    with _running(rig):
        rig.states(3)
        assert threading.active_count() <= before + 2
    assert rig.worker.counters.reconnects == 1000


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_source_with_pictures_now_and_then_is_live_as_soon_as_it_is_open() -> None:
    source = ScriptedSource([])
    source.deadlines = Deadlines(1.0, 1.0, math.inf)
    rig = _Rig(source)
    with _running(rig):
        assert rig.states(2) == [_STATES.CONNECTING, _STATES.LIVE]
