"""The engine: order, timers, bugs, back-pressure."""

import threading

from fakes import FakeClock

from embereye.runtime.engine import Engine


class _Note(str):
    __slots__ = ()


def test_messages_are_handled_in_order(clock: FakeClock) -> None:
    engine = Engine(clock)
    seen: list[str] = []
    engine.on(_Note, seen.append)
    engine.post(_Note("a"))
    engine.post_many([_Note("b"), _Note("c")])
    engine.step()
    assert seen == ["a", "b", "c"]


def test_a_handler_that_raises_does_not_stop_the_next(clock: FakeClock) -> None:
    bugs: list[str] = []
    seen: list[str] = []
    engine = Engine(clock, on_bug=bugs.append)

    def broken(_message: _Note) -> None:
        raise ValueError("bug")

    engine.on(_Note, broken)
    engine.on(_Note, seen.append)
    engine.post(_Note("fire"))
    engine.step()
    assert seen == ["fire"]
    assert bugs == ["handling _Note"]


def test_a_report_of_a_bug_that_fails_in_turn_does_not_go_round(clock: FakeClock) -> None:
    engine = Engine(clock, on_bug=lambda doing: engine.post(_Note(doing)))

    def broken(_message: _Note) -> None:
        raise ValueError("bug")

    engine.on(_Note, broken)
    engine.post(_Note("fire"))
    for _ in range(10):
        engine.step()
    assert engine.handled == 2


def test_what_is_handed_on_is_handled_before_what_waits(clock: FakeClock) -> None:
    engine = Engine(clock)
    seen: list[str] = []
    engine.on(_Note, lambda note: engine.hand_on(str(note)))
    engine.on(str, seen.append)
    engine.post_many([_Note("a"), "b"])
    engine.step()
    assert seen == ["a", "b"]


def test_a_timer_runs_once_when_due_and_not_after_cancel(clock: FakeClock) -> None:
    engine = Engine(clock)
    ran: list[str] = []
    engine.call_later(1.0, lambda: ran.append("kept"))
    engine.call_later(1.0, lambda: ran.append("cancelled")).cancel()
    engine.step()
    assert ran == []
    clock.advance(1.0)
    engine.step()
    engine.step()
    assert ran == ["kept"]


def test_a_periodic_timer_skips_missed_turns(clock: FakeClock) -> None:
    engine = Engine(clock)
    ran: list[float] = []
    engine.every(1.0, lambda: ran.append(clock.mono()))
    clock.advance(10.5)
    engine.step()
    assert len(ran) <= 2
    clock.advance(1.0)
    engine.step()
    assert len(ran) <= 3


def test_after_step_runs_once_for_many_messages(clock: FakeClock) -> None:
    engine = Engine(clock)
    published: list[int] = []
    engine.on(_Note, lambda _m: None)
    engine.after_step(lambda: published.append(1))
    engine.post_many([_Note("x")] * 50)
    engine.step()
    assert published == [1]


def test_a_wake_up_ends_the_wait_of_the_running_engine(clock: FakeClock) -> None:
    engine = Engine(clock)
    handled = threading.Event()
    engine.on(_Note, lambda _m: handled.set())
    stop = threading.Event()
    thread = threading.Thread(target=engine.run, args=(stop,))
    thread.start()
    engine.post(_Note("fire"))
    assert handled.wait(5.0)
    stop.set()
    engine.mailbox.wake()
    thread.join(5.0)
    assert not thread.is_alive()


def test_messages_posted_before_the_stop_are_still_handled(clock: FakeClock) -> None:
    engine = Engine(clock)
    seen: list[str] = []
    engine.on(_Note, seen.append)
    stop = threading.Event()
    stop.set()
    engine.post_many([_Note("before")] * 5000)  # more than one slice
    engine.post(_Note("last"))
    engine.run(stop)
    assert seen[-1] == "last"
