"""An engine on a clock that tests move, with a store whose disk they control."""

from collections import deque

import pytest
from fakes import FakeClock, MemoryOverlays

from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged, RequestRefused, ResetAsked
from embereye.runtime.engine import Engine
from embereye.services.alarms import Alarms


class FakeStore(MemoryOverlays):
    """Keeps alarms like a disk: `commit()` writes what waits, `fast` does it at once."""

    def __init__(self, alarms=(), fast=True, overlays=()):
        super().__init__(overlays)
        self.rows = {alarm.id: alarm for alarm in alarms}
        self.actions = []
        self.fast = fast
        self._waiting = deque()

    def load_open(self) -> tuple[Alarm, ...]:
        return tuple(a for a in self.rows.values() if a.state.value != "normal")

    def next_id(self) -> AlarmId:
        waiting = [alarm.id for alarm, action, _ in self._waiting if action is not None]
        return AlarmId(max([0, *self.rows, *waiting]) + 1)

    def save(self, alarm, action, done):
        self._waiting.append((alarm, action, done))
        if self.fast:
            self.commit()

    def next_overlay(self) -> int:
        waiting = [record.number for record, action, _ in self._waiting if action is None]
        return max([super().next_overlay() - 1, *waiting]) + 1

    def save_overlay(self, record, done):
        self._waiting.append((record, None, done))
        if self.fast:
            self.commit()

    def commit(self, error=None, most=None):
        """Write what waits, or the oldest `most` of it."""
        left = len(self._waiting) - most if most is not None else 0
        while len(self._waiting) > left:
            alarm, action, done = self._waiting.popleft()
            if action is None:
                if error is None:
                    super().save_overlay(alarm, lambda _: None)
            elif error is None:
                before = self.rows.get(alarm.id)
                assert before is None or alarm.revision > before.revision, "a disk keeps the newer"
                self.rows[alarm.id] = alarm
                self.actions.append(action)
            done(error)


class Desk:
    """Alarms as the rules and an operator meet them."""

    def __init__(self, store=None, clock=None, **settings):
        self.clock = clock or FakeClock()
        self.engine = Engine(self.clock, on_bug=self._fail)
        self.store = store or FakeStore()
        self.published = []
        self.alarms = Alarms(self.engine, self.published.append, self.store, **settings)

    def report(self, cause=Cause.ACTIVE, priority=Priority.EMERGENCY, **changes):
        values = {
            "key": AlarmKey(PlaceId("boiler"), AlarmKind.FIRE),
            "reasons": ("flame digital",),
            "origin": self.clock.now(),
            "place_name": "Boiler house",
            "cameras": ("c1",),
        }
        self.alarms.report(Report(cause=cause, priority=priority, **{**values, **changes}))
        self.step()

    def step(self, seconds=0.0):
        """Move the clock; what was posted meanwhile is handled after it."""
        self.clock.advance(seconds)
        self.engine.step()
        self.engine.step()

    def acknowledge(self, alarm=1):
        self._ask(AcknowledgeAsked(AlarmId(alarm), "anna"))

    def reset(self, alarm=1):
        self._ask(ResetAsked(AlarmId(alarm), "anna"))

    def ask(self, message):
        self._ask(message)

    @property
    def only(self) -> Alarm:
        (alarm,) = self.alarms.current.alarms
        return alarm

    @property
    def changes(self) -> list[AlarmChanged]:
        return [m for m in self.published if isinstance(m, AlarmChanged)]

    @property
    def announced(self) -> list[Alarm]:
        return [change.alarm for change in self.changes if change.announced]

    @property
    def refusals(self) -> list[str]:
        return [m.text for m in self.published if isinstance(m, RequestRefused)]

    def restarted(self, down=5.0, jump=0.0, same_boot=False) -> "Desk":
        """The same disk after a kill and a new start, `down` s later.

        On other monotonic seconds, unless the machine itself was not started anew. `jump`: by how
        many seconds the wall clock was set meanwhile.
        """
        now = self.clock.now()
        mono = now.mono + down if same_boot else 10.0
        later = FakeClock(mono, now.utc + down + jump, self.clock.boot() if same_boot else "")
        overlays = self.store.overlays.values()
        return Desk(FakeStore(self.store.rows.values(), overlays=overlays), later)

    def _ask(self, message):
        self.engine.post(message)
        self.step()

    def _fail(self, text):
        raise AssertionError(text)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def slow_desk() -> Desk:
    """The disk commits only when the test says so."""
    return Desk(FakeStore(fast=False))


@pytest.fixture
def make_desk():
    return Desk
