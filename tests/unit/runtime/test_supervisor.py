"""The supervisor: restart with back-off, give notice, stop all."""

from threading import Event, Semaphore

import pytest
from fakes import FakeClock

from embereye.model.messages import WorkerFailed
from embereye.runtime.clock import SystemClock
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import Hosted, PlainThreads


class _Waits:
    def __init__(self) -> None:
        self.running = Event()

    def run(self, stop: Event) -> None:
        self.running.set()
        stop.wait(10.0)


class _Recorder:
    """Hosts nothing: runs the body at once, so that crashes happen on the test's clock."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def start(self, name: str, body) -> Hosted:  # type: ignore[no-untyped-def]
        body()
        return self

    def join(self, timeout: float) -> bool:
        return True


class _ScriptedStop(Event):
    """Records the pauses instead of waiting."""

    def __init__(self, clock: FakeClock, rounds: int) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self._clock = clock
        self._rounds = rounds

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        self._clock.advance(timeout or 0.0)
        if len(self.pauses) >= self._rounds:
            self.set()
        return self.is_set()


class _Crashes:
    def run(self, stop: Event) -> None:
        raise RuntimeError("bug")


def _crash(clock: FakeClock, rounds: int, monkeypatch) -> tuple[list[float], list[WorkerFailed]]:  # type: ignore[no-untyped-def]
    stop = _ScriptedStop(clock, rounds)
    monkeypatch.setattr("embereye.runtime.supervisor.Event", lambda: stop)
    told: list[WorkerFailed] = []
    Supervisor(_Recorder(), clock, told.append).start("camera x", _Crashes())  # type: ignore[arg-type]
    return stop.pauses, told


def test_crashes_are_followed_by_growing_pauses(clock: FakeClock, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    pauses, _ = _crash(clock, 8, monkeypatch)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_five_crashes_in_a_minute_are_told_once(clock: FakeClock, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    _, told = _crash(clock, 7, monkeypatch)
    assert [t.recovered for t in told] == [False, True]
    assert "camera x failed 5 times" in told[0].text


class _Recovers:
    """Crashes five times, then works for `seconds` while somebody looks."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        self.supervisor: Supervisor | None = None
        self._clock, self._seconds, self._runs = clock, seconds, 0

    def run(self, stop: Event) -> None:
        self._runs += 1
        if self._runs <= 5:
            raise RuntimeError("bug")
        self._clock.advance(self._seconds)
        assert self.supervisor is not None
        self.supervisor.look()
        stop.set()


@pytest.mark.parametrize(("seconds", "told"), [(59.0, [False]), (61.0, [False, True])])
def test_a_failed_worker_is_well_again_after_a_minute_at_work(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, seconds: float, told: list[bool]
) -> None:
    stop = _ScriptedStop(clock, 100)
    monkeypatch.setattr("embereye.runtime.supervisor.Event", lambda: stop)
    heard: list[WorkerFailed] = []
    worker = _Recovers(clock, seconds)
    worker.supervisor = Supervisor(_Recorder(), clock, heard.append)  # type: ignore[arg-type]
    worker.supervisor.start("camera x", worker)
    # At its stop a worker that still counts as failed is told as recovered as well.
    assert [message.recovered for message in heard][: len(told)] == told
    assert [m.text for m in heard if m.recovered] == [
        "camera x works again" if True in told else "camera x was stopped"
    ]


def test_stop_all_tells_every_worker_before_it_waits_for_one(clock: FakeClock) -> None:
    class LastFirst:
        """Ends only when the other one was told to stop, too."""

        def __init__(self) -> None:
            self.stops: list[Event] = []
            self.running = Semaphore(0)

        def run(self, stop: Event) -> None:
            self.stops.append(stop)
            self.running.release()
            for _ in range(100):
                if len(self.stops) == 2 and all(s.wait(0.1) for s in self.stops):
                    return

    supervisor = Supervisor(PlainThreads(), SystemClock(), lambda _m: None)
    worker = LastFirst()
    for name in ("first", "second"):
        supervisor.start(name, worker)
        assert worker.running.acquire(timeout=5.0)
    assert supervisor.stop_all(2.0) == []


def test_four_crashes_are_not_told(clock: FakeClock, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    _, told = _crash(clock, 4, monkeypatch)
    assert told == []


def test_stop_all_stops_every_worker(clock: FakeClock) -> None:
    supervisor = Supervisor(PlainThreads(), clock, lambda _m: None)
    workers = {name: _Waits() for name in ("first", "second")}
    for name, worker in workers.items():
        supervisor.start(name, worker)
    assert all(w.running.wait(5.0) for w in workers.values())
    assert supervisor.stop_all() == []
    assert supervisor.stop("first")


def test_a_dismissed_worker_frees_its_name_at_once_and_is_joined_at_the_end(
    clock: FakeClock,
) -> None:
    supervisor = Supervisor(PlainThreads(), clock, lambda _m: None)
    first, second = _Waits(), _Waits()
    supervisor.start("camera", first)
    assert first.running.wait(5.0)
    supervisor.dismiss("camera")
    supervisor.start("camera", second)
    assert second.running.wait(5.0)
    assert supervisor.stop_all() == []
