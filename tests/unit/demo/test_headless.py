"""What the demonstration without a window writes down."""

from dataclasses import replace
from threading import Event
from types import SimpleNamespace

from consoles import FakeConsole, alarm
from fakes import FakeClock

from embereye.demo.headless import Audience
from embereye.model.messages import AlarmChanged
from embereye.runtime.bus import Bus


class _StoppingClock(FakeClock):
    """A second later at each look."""

    def mono(self) -> float:
        return self.advance(1.0).mono


def test_an_escalation_is_no_further_alarm() -> None:
    clock = _StoppingClock()
    program = SimpleNamespace(bus=Bus(), desk=FakeConsole(clock))
    audience = Audience(SimpleNamespace(program=program), clock)  # type: ignore[arg-type]
    first, at = alarm(1, clock), clock.now()
    program.bus.publish(AlarmChanged(first, True, at, at))
    program.bus.publish(AlarmChanged(replace(first, escalation=1), True, None, at))
    program.bus.publish(AlarmChanged(alarm(2, clock), False, at, at))
    audience.watch(3.0, Event())
    assert [one.alarm for one in audience.announced] == [first]
