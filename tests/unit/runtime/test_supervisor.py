"""The supervisor: restart with back-off, give notice, stop in reverse."""

from threading import Event

from fakes import FakeClock

from embereye.model.messages import WorkerFailed
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


def test_four_crashes_are_not_told(clock: FakeClock, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    _, told = _crash(clock, 4, monkeypatch)
    assert told == []


def test_stop_all_stops_in_reverse_order(clock: FakeClock) -> None:
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
